/* SPDX-License-Identifier: MIT */
/* curtctl sequence: lists the sequences of ids, divides them, and moves one on. */
#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"
#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/table.h"
#include "link/code.h"

enum {
    SKIP_DEFAULT = 1000 * 1000, /* ids */
    CELL_MAX = 32,
};

static uint64_t free_ids(const struct sequence_row *row)
{
    return row->limit_id > row->next_id ? row->limit_id - row->next_id : 0;
}

/* --- list --- */

static struct slice id_text(uint64_t id, struct arena *arena)
{
    struct buf text = buf_in(arena, CELL_MAX);
    buf_add_uint(&text, id);
    return buf_slice(&text);
}

static void print_json(const struct sequence_row *row)
{
    const struct json_member members[] = {
        json_member_text("name", row->name),
        json_member_number("next_id", (int64_t)row->next_id),
        json_member_number("limit_id", (int64_t)row->limit_id),
        json_member_number("left", (int64_t)free_ids(row)),
        json_member_number("block_size", (int64_t)row->block_size),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

static void add_row(struct table *table, const struct sequence_row *row, bool is_used,
                    struct arena *arena)
{
    struct table_row *cells = table_add(table, arena);
    if (!cells)
        return;
    cells->cells[0] = row->name;
    cells->cells[1] = id_text(row->next_id, arena);
    cells->cells[2] = id_text(row->limit_id, arena);
    cells->cells[3] = id_text(free_ids(row), arena);
    cells->cells[4] = id_text(row->block_size, arena);
    cells->cells[5] = is_used ? SLICE("yes") : SLICE("");
}

enum cli_status command_sequence_list(const struct invocation *invocation,
                                      struct cli_context *context)
{
    struct error err = { "" };
    struct sequence_list list;
    struct table table = {
        .titles = { "NAME", "NEXT", "LIMIT", "LEFT", "BLOCK", "USED" },
        .n_columns = 6,
    };
    enum db_result result = db_sequence_list(context->app.db, context->arena, &list, &err);
    for (size_t i = 0; i < list.n && result == DB_OK; i++) {
        const struct sequence_row *row = &list.rows[i];
        if (invocation->json)
            print_json(row);
        else
            add_row(&table, row, slice_eq(row->name, slice_of(invocation->config->links.sequence)),
                    context->arena);
    }
    if (result == DB_OK && !invocation->json)
        table_print(&table, context->arena);
    return cli_db_status(result, &err);
}

/* --- split and give --- */

/* Only the database that takes ids of a sequence knows which are free: where regions are replicated
 * to one another, its row may be old elsewhere. */
static bool is_own(const struct invocation *invocation, const char *name)
{
    if (slice_eq(slice_of(name), slice_of(invocation->config->links.sequence)))
        return true;
    return cli_complain("the ids of \"%s\" are taken elsewhere: run this where links.sequence is "
                        "\"%s\"; here it is \"%s\"",
                        name, name, invocation->config->links.sequence);
}

static enum cli_status run_move(struct cli_context *context, const struct sequence_move *move)
{
    struct error err = { "" };
    enum db_result result = db_sequence_move(context->app.db, move, &err);
    if (result == DB_TAKEN || result == DB_STALE)
        return cli_fail(CLI_FAILED, "%s", err.text);
    return cli_db_status(result, &err);
}

/* The middle of the free ids whose codes are as long as that of the next id. */
static uint64_t middle(const struct config *config, const struct sequence_row *row)
{
    uint64_t end = code_next_length(config->links.code_length, row->next_id);
    if (end > row->limit_id)
        end = row->limit_id;
    return row->next_id + (end - row->next_id + 1) / 2;
}

enum cli_status command_sequence_split(const struct invocation *invocation,
                                       struct cli_context *context)
{
    const char *to = invocation->operands[1];
    struct sequence_move move = { .from = invocation->operands[0], .to = to, .adds = true };
    struct sequence_row row;
    struct error err = { "" };
    if (!is_own(invocation, move.from) || !cli_option_number(invocation, "at", INT64_MAX, &move.at))
        return CLI_USAGE;
    if (!*to || slice_of(to).len > SEQUENCE_NAME_MAX)
        return cli_fail(CLI_USAGE, "the name of a sequence has 1 to %d bytes", SEQUENCE_NAME_MAX);
    enum db_result result = db_sequence_find(context->app.db, move.from, &row, &err);
    if (result != DB_OK)
        return cli_db_status(result, &err);
    if (move.at == 0)
        move.at = middle(invocation->config, &row);
    return run_move(context, &move);
}

enum cli_status command_sequence_give(const struct invocation *invocation,
                                      struct cli_context *context)
{
    struct sequence_move move = {
        .from = invocation->operands[0],
        .to = invocation->operands[1],
        .drops_rest = cli_option(invocation, "drop-rest") != NULL,
    };
    if (!is_own(invocation, move.from) || !cli_option_number(invocation, "at", INT64_MAX, &move.at))
        return CLI_USAGE;
    if (move.at == 0)
        return cli_fail(CLI_USAGE, "sequence give: --at ID says from which id on");
    return run_move(context, &move);
}

/* --- skip --- */

enum cli_status command_sequence_skip(const struct invocation *invocation,
                                      struct cli_context *context)
{
    struct sequence_skip skip = {
        .name = invocation->config->links.sequence,
        .by = SKIP_DEFAULT,
        .at_least = app_ids_end(invocation->config),
    };
    uint64_t next = 0;
    struct error err = { "" };
    if (!cli_option_number(invocation, "by", INT64_MAX, &skip.by))
        return CLI_USAGE;
    enum db_result result = db_sequence_skip(context->app.db, &skip, &next, &err);
    if (result == DB_OK && invocation->json)
        printf("{\"name\": \"%s\", \"next_id\": %" PRIu64 "}\n", skip.name, next);
    else if (result == DB_OK)
        printf("%s\t%" PRIu64 "\n", skip.name, next);
    return cli_db_status(result, &err);
}
