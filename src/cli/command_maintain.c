/* SPDX-License-Identifier: MIT */
/* curtctl maintain: runs all maintenance tasks once, for hosts where each process serves one
 * request (plain CGI). */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "runtime/log.h"
#include "upkeep/upkeep.h"

static void maintain_print(const struct invocation *invocation, const struct tasks_done *done)
{
    if (!invocation->json) {
        printf("clicks\t%" PRIu64 "\nlinks created\t%" PRIu64 "\nlinks purged\t%" PRIu64 "\n",
               done->clicks, done->created, done->links);
        return;
    }
    const struct json_member members[] = {
        json_member_number("clicks", (int64_t)done->clicks),
        json_member_number("links_created", (int64_t)done->created),
        json_member_number("links_purged", (int64_t)done->links),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

static enum cli_status maintain_run(const struct invocation *invocation, struct log *log)
{
    struct tasks_done done;
    struct error err = { "" };
    enum upkeep_result result = upkeep_all(invocation->config, log, &done, &err);
    if (result == UPKEEP_FAILED)
        return cli_fail(CLI_FAILED, "%s", err.text);
    maintain_print(invocation, &done);
    if (result != UPKEEP_INCOMPLETE)
        return CLI_OK; /* nothing was done for UPKEEP_BUSY, which is no error */
    return cli_fail(CLI_UNAVAILABLE, "some tasks failed: see the log lines above");
}

enum cli_status command_maintain(const struct invocation *invocation, struct cli_context *context)
{
    struct error err = { "" };
    enum db_result answers = db_ping(context->app.db, &err); /* its errors, before a task starts */
    if (answers != DB_OK)
        return cli_db_status(answers, &err);
    /* only warnings and errors, since cron mails all output */
    struct log_options options = invocation->config->log;
    options.target = LOG_STDERR;
    options.level = LOG_LEVEL_WARN;
    struct log *log = log_open(&options, "curtctl");
    enum cli_status status = log ? maintain_run(invocation, log) : CLI_FAILED;
    if (!log)
        cli_complain("out of memory");
    log_close(&log);
    return status;
}
