/* SPDX-License-Identifier: MIT */
/* curtctl clicks follow: counts clicks from the access logs of [edge], at idle priority. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/end_signal.h"
#include "cli/idle_reader.h"
#include "cli/json.h"
#include "cli/options.h"
#include "upkeep/edge_logs.h"

enum {
    FOLLOW_AT_ONCE = 4,      /* batches between two looks for a signal */
    FOLLOW_FAILED_MS = 5000, /* pause after a failure of the database */
};

static void follow_print(const struct invocation *invocation, const struct follow_total *total)
{
    struct json_member members[FOLLOW_RESULTS + 5];
    size_t n = 0;
    for (unsigned i = 0; i < FOLLOW_RESULTS; i++) {
        uint64_t lines = follow_result_count(&total->lines, (enum follow_result)i);
        members[n++] = json_member_number(follow_result_name(i), (int64_t)lines);
    }
    members[n++] = json_member_number("clicks", (int64_t)total->clicks);
    members[n++] = json_member_number("bots", (int64_t)total->bots);
    members[n++] = json_member_number("dropped", (int64_t)total->dropped);
    members[n++] = json_member_number("bytes", (int64_t)total->bytes);
    members[n++] = json_member_number("bytes_behind", (int64_t)total->behind);
    if (invocation->json) {
        json_print_object(members, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        printf("%s\t%" PRId64 "\n", members[i].name, members[i].number);
}

/* Complains about a file that cannot be read when it is the first one. */
static void complain_of_files(const struct edge_round *round, bool *has_complained)
{
    if (round->n_failed && !*has_complained)
        cli_complain("%s", round->fault.text);
    *has_complained = round->n_failed > 0;
}

static enum cli_status follow_once(const struct invocation *invocation, struct edge_logs *logs)
{
    struct follow_total total = { .files = 0 };
    struct error err = { "" };
    enum db_result result = DB_OK;
    bool has_complained = false;
    while (result == DB_OK && !logs->round.is_over)
        result = edge_logs_step(logs, &total, &err);
    follow_print(invocation, &total);
    complain_of_files(&logs->round, &has_complained);
    return result == DB_OK && has_complained ? CLI_FAILED : cli_db_status(result, &err);
}

/* Until SIGTERM or SIGINT, which ends the process between two batches. */
static enum cli_status follow_on(const struct invocation *invocation, struct edge_logs *logs)
{
    struct follow_total total = { .files = 0 };
    struct error err = { "" };
    bool has_complained = false, was_good = true;
    sigset_t signals;
    int64_t pause_ms = 0;
    end_signal_block(&signals);
    logs->batches_max = FOLLOW_AT_ONCE;
    while (!end_signal_wait(&signals, pause_ms)) {
        total.behind = 0;
        bool is_good = edge_logs_step(logs, &total, &err) == DB_OK;
        if (!is_good && was_good)
            cli_complain("%s", err.text);
        was_good = is_good;
        bool is_over = is_good && logs->round.is_over;
        if (is_over)
            complain_of_files(&logs->round, &has_complained);
        pause_ms = is_over && !logs->round.more ? invocation->config->edge.logs_interval_ms : 0;
        if (!is_good)
            pause_ms = FOLLOW_FAILED_MS;
    }
    follow_print(invocation, &total);
    return CLI_OK;
}

/* Why there is nothing to follow; NULL if there is. */
static const char *what_is_missing(const struct config *config)
{
    if (!config->clicks.enabled)
        return "clicks are not counted (enabled of [clicks])";
    return *config->edge.logs ? NULL : "no access logs are configured (logs of [edge])";
}

enum cli_status command_clicks_follow(const struct invocation *invocation,
                                      struct cli_context *context)
{
    struct error err = { "" };
    const char *missing = what_is_missing(invocation->config);
    if (missing)
        return cli_fail(CLI_CONFIG, "%s", missing);
    struct idle_reader *reader = idle_reader_start(&err);
    if (!reader)
        return cli_fail(CLI_FAILED, "%s", err.text);
    struct edge_logs logs = {
        .config = invocation->config,
        .db = context->app.db,
        .metrics = metrics_open(context->app.segment, &err),
        .arena = context->arena,
        .read = idle_reader_read,
        .read_context = reader,
    };
    enum cli_status status = cli_option(invocation, "once") ? follow_once(invocation, &logs)
                                                            : follow_on(invocation, &logs);
    idle_reader_stop(&reader);
    edge_logs_close(&logs);
    metrics_close(&logs.metrics);
    return status;
}
