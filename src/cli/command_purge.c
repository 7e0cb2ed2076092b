/* SPDX-License-Identifier: MIT */
/* curtctl purge: deletes links that expired long ago, in small batches. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "db/db.h"
#include "os/clock.h"
#include "os/monotonic.h"
#include "service/purge.h"

enum {
    SHARE_DEFAULT = 50, /* percent of the time */
};

static void purge_print(const struct invocation *invocation, const struct purge_total *total)
{
    if (!invocation->json) {
        printf("links\t%" PRIu64 "\nidempotency keys\t%" PRIu64 "\n", total->links,
               total->idempotency_keys);
        return;
    }
    const struct json_member members[] = {
        json_member_number("links", (int64_t)total->links),
        json_member_number("idempotency_keys", (int64_t)total->idempotency_keys),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

static enum db_result purge_all(struct db *db, int64_t purge_after_s, unsigned share,
                                struct purge_total *total, struct error *err)
{
    struct progress progress = progress_start("links deleted", 0, monotonic_us());
    enum db_result result = DB_OK;
    while (total->more) {
        int64_t begin_us = monotonic_us();
        result = purge_step(db, purge_after_s, clock_now(), total, err);
        int64_t now_us = monotonic_us();
        progress_step(&progress, total->links, now_us);
        if (total->more)
            monotonic_sleep_ms(purge_pause_ms((now_us - begin_us) / 1000, share));
    }
    progress_end(&progress);
    return result;
}

enum cli_status command_purge(const struct invocation *invocation)
{
    const char *share_text = NULL;
    const struct cli_option known[] = { { .name = "share", .text = &share_text } };
    uint64_t share = SHARE_DEFAULT;
    int first;
    if (!cli_take_options(invocation, known, 1, &first) ||
        !cli_count_operands(invocation, first, 0, 0))
        return cli_usage(invocation);
    if (share_text && !cli_read_number("share", share_text, 100, &share))
        return CLI_USAGE;
    struct purge_total total = { .more = true };
    struct error err = { "out of memory" };
    struct db *db = db_open(&invocation->config->mysql);
    enum db_result result = DB_FAILED;
    if (db)
        result =
            purge_all(db, invocation->config->links.purge_after_s, (unsigned)share, &total, &err);
    purge_print(invocation, &total);
    db_close(&db);
    return cli_db_status(result, &err);
}
