/* SPDX-License-Identifier: MIT */
/* curtctl flush: flushes the pending clicks of this host to the database. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/identity.h"
#include "cli/json.h"
#include "os/clock.h"
#include "os/monotonic.h"
#include "service/flush.h"

enum {
    BUSY_PAUSE_MS = 50,
    BUSY_TRIES = 400, /* attempts while a worker flushes, which may take long */
};

static void flush_print(const struct invocation *invocation, const struct flush_total *total,
                        uint64_t pending)
{
    if (!invocation->json) {
        printf("clicks\t%" PRIu64 "\nbots\t%" PRIu64 "\ndropped\t%" PRIu64 "\npending\t%" PRIu64
               "\n",
               total->clicks, total->bots, total->dropped, pending);
        return;
    }
    const struct json_member members[] = {
        json_member_number("clicks", (int64_t)total->clicks),
        json_member_number("bots", (int64_t)total->bots),
        json_member_number("dropped", (int64_t)total->dropped),
        json_member_number("pending", (int64_t)pending),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

/* Flushes until nothing is pending; waits while a worker flushes. */
static enum db_result flush_all(struct flusher *flusher, struct flush_total *total,
                                struct error *err)
{
    enum db_result result = DB_OK;
    unsigned tries = 0;
    do {
        result = flush_step(flusher, clock_now(), total, err);
        if (total->busy)
            monotonic_sleep_ms(BUSY_PAUSE_MS);
    } while (result == DB_OK && (total->more || (total->busy && ++tries < BUSY_TRIES)));
    if (result == DB_OK && total->busy) {
        error_set(err, "another process has been flushing the clicks of this host for too long");
        return DB_UNAVAILABLE;
    }
    return result;
}

static enum cli_status flush_ring(const struct invocation *invocation, struct flusher *flusher)
{
    struct error err = { "" };
    struct flush_total total = { 0 };
    enum db_result result = flush_all(flusher, &total, &err);
    flush_print(invocation, &total, flush_pending(flusher));
    if (total.damaged)
        cli_complain("the click ring is damaged: %u of its lanes claimed more clicks than they "
                     "have room for; they were emptied, and the clicks in them are lost",
                     total.damaged);
    return cli_db_status(result, &err);
}

enum cli_status command_flush(const struct invocation *invocation, struct cli_context *context)
{
    struct error err;
    struct flusher flusher = {
        .db = context->app.db,
        .ring = app_ring_find(invocation->config, &err),
        .spill_dir = invocation->config->spool.path,
        .arena = context->arena,
    };
    enum cli_status status = CLI_FAILED;
    if (!flusher.ring && err.text[0]) {
        cli_complain("%s", err.text);
    } else {
        identity_mind_ring(flusher.ring);
        status = flush_ring(invocation, &flusher);
    }
    click_ring_close(&flusher.ring);
    return status;
}
