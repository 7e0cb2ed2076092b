/* SPDX-License-Identifier: MIT */
/* curtctl link history: lists who changed the destination of a link. */
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/link_code.h"
#include "cli/table.h"
#include "cli/users.h"
#include "os/clock.h"
#include "service/history.h"

/* What stands in a table for whoever has changed the link. */
static struct slice author_text(const struct destination_change *change)
{
    return change->user.len ? change->user : SLICE("(command line)");
}

static void history_print_json(const struct destination_change *change, struct arena *arena)
{
    const struct json_member members[] = {
        json_member_text("changed_at", cli_time_copy(change->changed_at, arena)),
        json_member_text("user", change->user),
        json_member_number("key_id", change->key_id),
        json_member_text("old_url", change->old_url),
        json_member_text("new_url", change->new_url),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

/* Prints one page; the next page is another table. */
static void history_print(const struct invocation *invocation, const struct history_page *page,
                          struct arena *arena)
{
    struct table table = { .titles = { "CHANGED", "USER", "FROM", "TO" }, .n_columns = 4 };
    for (size_t i = 0; i < page->n; i++) {
        const struct destination_change *change = &page->changes[i];
        struct table_row *row = invocation->json ? NULL : table_add(&table, arena);
        if (invocation->json)
            history_print_json(change, arena);
        if (!row)
            continue;
        row->cells[0] = cli_time_copy(change->changed_at, arena);
        row->cells[1] = author_text(change);
        row->cells[2] = change->old_url;
        row->cells[3] = change->new_url;
    }
    if (!invocation->json)
        table_print(&table, arena);
}

enum cli_status command_link_history(const struct invocation *invocation,
                                     struct cli_context *context)
{
    struct error err = { "" };
    struct history_query query = { .limit = DB_HISTORY_MAX };
    struct history_page page = { .more = true };
    enum outcome outcome = OUTCOME_OK;
    if (!cli_read_code(invocation->config, &invocation->operands[0]))
        return CLI_MISSING;
    while (page.more && outcome == OUTCOME_OK) {
        arena_reset(context->arena);
        const struct manage_request request = cli_link_request(context, invocation->operands[0]);
        outcome = history_list(context->app.db, &request, &query, &page, &err);
        if (outcome == OUTCOME_OK)
            history_print(invocation, &page, context->arena);
        if (page.n)
            query.below_version = page.changes[page.n - 1].version;
    }
    return cli_link_status(outcome, invocation->operands[0], &err);
}
