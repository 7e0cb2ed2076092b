/* SPDX-License-Identifier: MIT */
/* curtctl key list and key revoke: lists and revokes API keys. */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/users.h"
#include "os/clock.h"
#include "service/auth.h"
#include "shm/key_cache.h"

enum {
    CELL_MAX = 64,
};

struct listing {
    const struct invocation *invocation;
    struct db *db;
    struct arena *arena;
    uint32_t user_id;
    int64_t now;
    struct table table;
};

static struct slice key_state_of(const struct api_key *key, int64_t now)
{
    if (key->revoked_at)
        return SLICE("revoked");
    return key->expires_at && key->expires_at <= now ? SLICE("expired") : SLICE("valid");
}

static void key_list_print_json(const struct listing *listing, const struct api_key *key)
{
    struct arena *arena = listing->arena;
    const struct json_member members[] = {
        json_member_number("id", key->id),
        json_member_text("user", key->user),
        json_member_text("role", slice_of(auth_role_name(key->role))),
        json_member_text("scope", slice_of(auth_scope_name(key->scope))),
        json_member_text("name", key->name),
        json_member_text("state", key_state_of(key, listing->now)),
        json_member_text("created_at", cli_time_copy(key->created_at, arena)),
        json_member_text("last_used_at", cli_time_copy(key->last_used_at, arena)),
        json_member_text("expires_at", cli_time_copy(key->expires_at, arena)),
        json_member_text("revoked_at", cli_time_copy(key->revoked_at, arena)),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

static void key_list_add_row(struct listing *listing, const struct api_key *key)
{
    struct table_row *row = table_add(&listing->table, listing->arena);
    if (!row)
        return;
    struct buf id = buf_in(listing->arena, CELL_MAX);
    buf_add_uint(&id, key->id);
    row->cells[0] = buf_slice(&id);
    row->cells[1] = key->user;
    row->cells[2] = slice_of(auth_role_name(key->role));
    row->cells[3] = slice_of(auth_scope_name(key->scope));
    row->cells[4] = key->name;
    row->cells[5] = key_state_of(key, listing->now);
    row->cells[6] = cli_time_copy(key->created_at, listing->arena);
    row->cells[7] = cli_time_copy(key->last_used_at, listing->arena);
    row->cells[8] = cli_time_copy(key->expires_at, listing->arena);
    row->cells[9] = cli_time_copy(key->revoked_at, listing->arena);
}

/* Prints one page as a table; the next page is another table. */
static void key_list_print_page(struct listing *listing, const struct key_page *page)
{
    listing->table = (struct table){
        .titles = { "ID", "USER", "ROLE", "SCOPE", "NAME", "STATE", "CREATED", "LAST USED",
                    "EXPIRES", "REVOKED" },
        .n_columns = 10,
    };
    for (size_t i = 0; i < page->n; i++) {
        if (listing->invocation->json)
            key_list_print_json(listing, &page->keys[i]);
        else
            key_list_add_row(listing, &page->keys[i]);
    }
    if (!listing->invocation->json)
        table_print(&listing->table, listing->arena);
}

static enum db_result key_list_list(struct listing *listing, struct error *err)
{
    struct key_query query = { .user_id = listing->user_id, .limit = DB_PAGE_MAX };
    struct key_page page = { .more = true };
    while (page.more) {
        arena_reset(listing->arena);
        enum db_result result = db_key_list(listing->db, &query, listing->arena, &page, err);
        if (result != DB_OK)
            return result;
        key_list_print_page(listing, &page);
        if (page.n)
            query.after_id = page.keys[page.n - 1].id;
    }
    return DB_OK;
}

enum cli_status command_key_list(const struct invocation *invocation, struct cli_context *context)
{
    struct listing listing = {
        .invocation = invocation, .db = context->app.db, .arena = context->arena, .now = clock_now()
    };
    struct user user = { .id = DB_OWNER_ANY };
    struct error err = { "" };
    enum db_result result = cli_option_user(invocation, context, "user", &user, &err);
    listing.user_id = user.id;
    if (result == DB_OK)
        result = key_list_list(&listing, &err);
    return cli_db_status(result, &err);
}

/* Revokes the keys; stops at the first failure other than a missing key. */
static enum db_result revoke(const struct invocation *invocation, struct cli_context *context,
                             struct error *err)
{
    enum db_result worst = DB_OK;
    for (int i = 0; i < invocation->n_operands; i++) {
        uint32_t id;
        cli_parse_key_id(invocation->operands[i], &id);
        enum db_result result = db_key_revoke(context->app.db, id, DB_OWNER_ANY, clock_now(), err);
        key_cache_forget(context->app.segment, id);
        if (result == DB_MISSING)
            error_set(err, "there is no key %s", invocation->operands[i]);
        else if (result != DB_OK)
            return result;
        worst = result == DB_MISSING ? DB_MISSING : worst;
    }
    return worst;
}

enum cli_status command_key_revoke(const struct invocation *invocation, struct cli_context *context)
{
    struct error err = { "" };
    for (int i = 0; i < invocation->n_operands; i++) {
        uint32_t id;
        if (!cli_parse_key_id(invocation->operands[i], &id))
            return CLI_USAGE;
    }
    return cli_db_status(revoke(invocation, context, &err), &err);
}
