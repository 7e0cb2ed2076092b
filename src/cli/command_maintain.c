/* SPDX-License-Identifier: MIT */
/* curtctl maintain: runs all maintenance tasks once, for hosts where each process serves one
 * request (plain CGI). */
#include <inttypes.h>
#include <stdio.h>

#include "cli/json.h"
#include "cli/options.h"
#include "db/db.h"
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

static enum cli_status command_maintain_run(const struct invocation *invocation, struct log *log)
{
    struct tasks_done done;
    struct error err = { "" };
    switch (upkeep_all(invocation->config, log, &done, &err)) {
    case UPKEEP_DONE:
        maintain_print(invocation, &done);
        return CLI_OK;
    case UPKEEP_INCOMPLETE:
        maintain_print(invocation, &done);
        cli_complain("some tasks failed: see the log lines above");
        return CLI_UNAVAILABLE;
    case UPKEEP_BUSY:
        maintain_print(invocation, &done); /* nothing was done, which is no error */
        return CLI_OK;
    case UPKEEP_FAILED:
        break;
    }
    cli_complain("%s", err.text);
    return CLI_FAILED;
}

/* Checks the database first, so that its errors are printed before a task starts. */
static enum cli_status maintain_ask_database(const struct invocation *invocation)
{
    struct error err = { "out of memory" };
    struct db *db = db_open(&invocation->config->mysql);
    enum db_result result = db ? db_ping(db, &err) : DB_FAILED;
    db_close(&db);
    return cli_db_status(result, &err);
}

enum cli_status command_maintain(const struct invocation *invocation)
{
    int first;
    if (!cli_take_options(invocation, NULL, 0, &first) ||
        !cli_count_operands(invocation, first, 0, 0))
        return cli_usage(invocation);
    /* only warnings and errors, since cron mails all output */
    struct log_options options = invocation->config->log;
    options.target = LOG_STDERR;
    options.level = LOG_LEVEL_WARN;
    struct log *log = log_open(&options, "curtctl");
    enum cli_status status = log ? maintain_ask_database(invocation) : CLI_FAILED;
    if (log && status == CLI_OK)
        status = command_maintain_run(invocation, log);
    else if (!log)
        cli_complain("out of memory");
    log_close(&log);
    return status;
}
