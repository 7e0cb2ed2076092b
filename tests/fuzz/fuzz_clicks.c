/* SPDX-License-Identifier: MIT */
/* Runs each step of a flush, and then reads the statistics. */
#include "fuzz_clicks.h"

#include "fuzz.h"

static void ask(struct fuzz_site *site, struct slice target)
{
    const struct fuzz_request request = { .method = SLICE("GET"), .target = target };
    const struct exchange *x = fuzz_site_send(site, &request);
    if (x->response.status != 200)
        fprintf(stderr, "%.*s\n", SLICE_ARG(x->response.body));
    MUST(x->response.status == 200);
}

bool fuzz_flush(struct fuzz_site *site, struct flusher *flusher, unsigned steps,
                struct flush_total *total)
{
    struct error err = { "" };
    enum db_result result;
    flusher->db = fuzz_site_db(site);
    flusher->arena = arena_new(64 << 20);
    MUST(flusher->arena != NULL);
    do {
        MUST(steps-- > 0);
        result = flush_step(flusher, FUZZ_NOW, total, &err);
    } while (result == DB_OK && total->more);
    MUST(result == DB_OK || err.text[0] != '\0');
    arena_free(&flusher->arena);
    ask(site, SLICE("/s/api/v1/urls/spring/stats"));
    ask(site, SLICE("/s/api/v1/urls/summer/stats?from=2027-01-10&to=2027-01-20"));
    return result == DB_OK;
}
