/* SPDX-License-Identifier: MIT */
/* Looks users up, and parses times. */
#include "cli/users.h"

#include <string.h>

#include "cli/command.h"
#include "os/clock.h"
#include "shm/key_cache.h"
#include "text/duration.h"
#include "upkeep/app_context.h"

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

struct slice cli_time_text(int64_t seconds, char scratch[RFC3339_SIZE])
{
    if (seconds == 0)
        return SLICE("");
    rfc3339_format(seconds, scratch);
    return slice_of(scratch);
}

bool cli_parse_life(const char *option, const char *text, int64_t *seconds)
{
    int64_t ms;
    *seconds = 0;
    if (strcmp(text, "none") == 0)
        return true;
    if (!duration_parse(slice_of(text), &ms) || ms < 1000 || ms % 1000 != 0) {
        cli_complain("--%s must be a duration like 90s, 24h, 30d or 2w, or none, not \"%s\"",
                     option, text);
        return false;
    }
    *seconds = ms / 1000;
    return true;
}

bool cli_parse_time(const char *option, const char *text, int64_t *seconds)
{
    *seconds = 0;
    if (strcmp(text, "none") == 0)
        return true;
    bool is_time = rfc3339_parse(slice_of(text), seconds);
    if (is_time && *seconds > 0)
        return true;
    cli_complain("--%s %s; it must be a time like 2027-01-01T00:00:00Z, or none", option,
                 is_time ? "is before 1970" : rfc3339_fault(slice_of(text)));
    return false;
}
