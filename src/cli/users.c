/* SPDX-License-Identifier: MIT */
/* Looks users up, and formats times. */
#include "cli/users.h"

#include <string.h>

#include "cli/options.h"
#include "os/clock.h"
#include "shm/key_cache.h"

enum db_result cli_find_user(struct db *db, const char *name, struct arena *arena, struct user *out,
                             struct error *err)
{
    if (!arena) {
        error_set(err, "out of memory");
        return DB_FAILED;
    }
    enum db_result result = db_user_find(db, slice_of(name), arena, out, err);
    if (result == DB_MISSING)
        error_set(err, "there is no user %s", name);
    return result;
}

enum db_result cli_option_user(const struct invocation *invocation, struct cli_context *context,
                               const char *option, struct user *out, struct error *err)
{
    const char *name = cli_option(invocation, option);
    return name ? cli_find_user(context->app.db, name, context->arena, out, err) : DB_OK;
}

void cli_forget_keys(const struct config *config)
{
    struct segment *segment = app_segment_find(config);
    key_cache_forget_all(segment);
    segment_close(&segment);
}

void cli_mind_admins(struct db *db, struct arena *arena)
{
    struct user_query query = { .limit = DB_PAGE_MAX, .now = clock_now() };
    struct user_page page = { .more = true };
    struct error unheard;
    while (page.more) {
        arena_reset(arena);
        if (db_user_list(db, &query, arena, &page, &unheard) != DB_OK)
            return;
        for (size_t i = 0; i < page.n; i++) {
            if (page.users[i].user.role == ROLE_ADMIN && page.users[i].keys > 0)
                return;
        }
        if (page.n)
            query.after_id = page.users[page.n - 1].user.id;
    }
    cli_complain("no admin has a valid key now: create one with curtctl key create --user NAME");
}

bool cli_parse_role(const char *text, enum user_role *role)
{
    *role = strcmp(text, "admin") == 0 ? ROLE_ADMIN : ROLE_USER;
    return *role == ROLE_ADMIN || strcmp(text, "user") == 0;
}

bool cli_parse_key_id(const char *text, uint32_t *id)
{
    uint64_t number = 0;
    bool is_id = cli_parse_number(text, UINT32_MAX - 1, &number);
    if (!is_id)
        cli_complain("%s is not the id of a key (see curtctl key list)", text);
    *id = (uint32_t)number;
    return is_id;
}

struct slice cli_time_text(int64_t seconds, char scratch[RFC3339_SIZE])
{
    if (seconds == 0)
        return SLICE("");
    rfc3339_format(seconds, scratch);
    return slice_of(scratch);
}

struct slice cli_time_copy(int64_t seconds, struct arena *arena)
{
    char text[RFC3339_SIZE];
    return slice_of(arena_copy(arena, cli_time_text(seconds, text)));
}
