/* SPDX-License-Identifier: MIT */
/* curtctl purge: deletes links that expired long ago, in small batches. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "os/clock.h"
#include "os/monotonic.h"
#include "service/purge.h"

enum {
    SHARE_DEFAULT = 50, /* percent of the time */
};

static void purge_print(const struct invocation *invocation, const struct purge_total *total)
{
    if (!invocation->json) {
        printf("links\t%" PRIu64 "\nidempotency keys\t%" PRIu64 "\nsessions\t%" PRIu64 "\n"
               "changes of destinations\t%" PRIu64 "\n",
               total->links, total->idempotency_keys, total->sessions, total->changes);
        return;
    }
    const struct json_member members[] = {
        json_member_number("links", (int64_t)total->links),
        json_member_number("idempotency_keys", (int64_t)total->idempotency_keys),
        json_member_number("sessions", (int64_t)total->sessions),
        json_member_number("destination_changes", (int64_t)total->changes),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

enum cli_status command_purge(const struct invocation *invocation, struct cli_context *context)
{
    const struct config *config = invocation->config;
    const struct purge_rules rules = {
        .links_s = config->links.purge_after_s,
        .deleted_s = config->links.restore_window_s,
        .sessions_s = config->pages.session_idle_s,
        .changes_s = config->links.history_keep_s,
    };
    struct progress progress = progress_start("links deleted", 0, monotonic_us());
    struct purge_total total = { .more = true };
    struct error err = { "" };
    enum db_result result = DB_OK;
    uint64_t share = SHARE_DEFAULT;
    if (!cli_option_number(invocation, "share", 100, &share))
        return CLI_USAGE;
    while (total.more) {
        int64_t begin_us = monotonic_us();
        result = purge_step(context->app.db, &rules, clock_now(), &total, &err);
        int64_t now_us = monotonic_us();
        progress_step(&progress, total.links, now_us);
        if (total.more)
            monotonic_sleep_ms(purge_pause_ms((now_us - begin_us) / 1000, (unsigned)share));
    }
    progress_end(&progress);
    purge_print(invocation, &total);
    return cli_db_status(result, &err);
}
