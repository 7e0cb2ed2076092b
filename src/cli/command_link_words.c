/* SPDX-License-Identifier: MIT */
/* curtctl link words: stores the words of titles that have none, so that searches find them. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "os/monotonic.h"

static void words_print(const struct invocation *invocation, uint64_t titles, uint64_t added)
{
    const struct json_member members[] = {
        json_member_number("titles", (int64_t)titles),
        json_member_number("added", (int64_t)added),
    };
    if (invocation->json)
        json_print_object(members, 2);
    else
        printf("titles\t%" PRIu64 "\nadded\t%" PRIu64 "\n", titles, added);
}

enum cli_status command_link_words(const struct invocation *invocation, struct cli_context *context)
{
    struct progress progress = progress_start("links read", 0, monotonic_us());
    struct title_words_filled some = { .links = 1 };
    struct error err = { "" };
    uint64_t links = 0;
    uint64_t titles = 0;
    uint64_t added = 0;
    enum db_result result = DB_OK;
    while (result == DB_OK && some.links > 0) {
        result = db_title_words_fill(context->app.db, some.last_id, DB_OWNED_MAX, &some, &err);
        links += some.links;
        titles += some.titles;
        added += some.words;
        progress_step(&progress, links, monotonic_us());
    }
    progress_end(&progress);
    words_print(invocation, titles, added);
    return cli_db_status(result, &err);
}
