/* SPDX-License-Identifier: MIT */
/* curtctl user list and user role: lists users and changes their roles. */
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/users.h"
#include "os/clock.h"

enum {
    CELL_MAX = 32,
};

/* --- list --- */

static void user_list_print_json(const struct user_summary *user)
{
    char created_at[RFC3339_SIZE];
    const struct json_member members[] = {
        json_member_text("name", user->user.name),
        json_member_text("role", slice_of(auth_role_name(user->user.role))),
        json_member_number("keys", (int64_t)user->keys),
        json_member_number("links", (int64_t)user->links),
        json_member_number("clicks", (int64_t)user->clicks),
        json_member_text("created_at", cli_time_text(user->user.created_at, created_at)),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

static struct slice user_number_text(uint64_t number, struct arena *arena)
{
    struct buf text = buf_in(arena, CELL_MAX);
    buf_add_uint(&text, number);
    return buf_slice(&text);
}

static void user_list_add_row(struct table *table, const struct user_summary *user,
                              struct arena *arena)
{
    struct table_row *row = table_add(table, arena);
    if (!row)
        return;
    row->cells[0] = user->user.name;
    row->cells[1] = slice_of(auth_role_name(user->user.role));
    row->cells[2] = user_number_text(user->keys, arena);
    row->cells[3] = user_number_text(user->links, arena);
    row->cells[4] = user_number_text(user->clicks, arena);
    row->cells[5] = cli_time_copy(user->user.created_at, arena);
}

/* Prints one page as a table; the next page is another table. */
static void user_list_print_page(const struct invocation *invocation, const struct user_page *page,
                                 struct arena *arena)
{
    struct table table = {
        .titles = { "NAME", "ROLE", "KEYS", "LINKS", "CLICKS", "CREATED" },
        .n_columns = 6,
    };
    for (size_t i = 0; i < page->n; i++) {
        if (invocation->json)
            user_list_print_json(&page->users[i]);
        else
            user_list_add_row(&table, &page->users[i], arena);
    }
    if (!invocation->json)
        table_print(&table, arena);
}

enum cli_status command_user_list(const struct invocation *invocation, struct cli_context *context)
{
    struct user_query query = { .limit = DB_PAGE_MAX, .now = clock_now() };
    struct user_page page = { .more = true };
    struct error err = { "" };
    enum db_result result = DB_OK;
    while (page.more && result == DB_OK) {
        arena_reset(context->arena);
        result = db_user_list(context->app.db, &query, context->arena, &page, &err);
        if (result == DB_OK)
            user_list_print_page(invocation, &page, context->arena);
        if (result == DB_OK && page.n)
            query.after_id = page.users[page.n - 1].user.id;
    }
    return cli_db_status(result, &err);
}

/* --- role --- */

static enum db_result set_role(struct cli_context *context, const char *name, enum user_role role,
                               struct error *err)
{
    struct db *db = context->app.db;
    struct arena *arena = context->arena;
    struct user user;
    enum db_result result = cli_find_user(db, name, arena, &user, err);
    if (result != DB_OK)
        return result;
    result = db_user_set_role(db, user.id, role, err);
    if (result == DB_TAKEN)
        error_set(err,
                  "%s is the last admin: make another one first with curtctl user role NAME admin",
                  name);
    else if (result == DB_MISSING)
        error_set(err, "the user %s has been deleted meanwhile", name);
    else if (result == DB_OK && user.role == ROLE_ADMIN && role == ROLE_USER)
        cli_mind_admins(db, arena);
    return result;
}

enum cli_status command_user_role(const struct invocation *invocation, struct cli_context *context)
{
    const char *name = invocation->operands[0];
    const char *role = invocation->operands[1];
    enum user_role wanted;
    struct error err = { "" };
    if (!cli_parse_role(role, &wanted))
        return cli_fail(CLI_USAGE, "user role: a role is user or admin, not \"%s\"", role);
    enum db_result result = set_role(context, name, wanted, &err);
    cli_forget_keys(invocation->config);
    return cli_db_status(result, &err);
}
