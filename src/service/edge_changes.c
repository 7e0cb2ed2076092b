/* SPDX-License-Identifier: MIT */
/* Holds changes between the database and a cache in front. */
#include "service/edge_changes.h"

#include <stdlib.h>
#include <string.h>

enum {
    TOLD_TWICE = 2,
    ROOM_MIN = 256,
};

/* --- reading --- */

/* The index of the first change whose id is not below `id`. */
static size_t find(const struct edge_changes *changes, uint64_t id)
{
    size_t low = 0, high = changes->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (changes->waiting[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool grow(struct edge_changes *changes)
{
    size_t room = changes->room ? changes->room * 2 : ROOM_MIN;
    if (changes->n < changes->room)
        return true;
    if (changes->n >= EDGE_WAITING_MAX)
        return false;
    struct edge_waiting *waiting = realloc(changes->waiting, room * sizeof(*waiting));
    if (!waiting)
        return false;
    changes->waiting = waiting;
    changes->room = room;
    return true;
}

/* Holds a change that is not held yet; false when there is no room. */
static bool hold(struct edge_changes *changes, const struct edge_change *change, int64_t now_ms)
{
    size_t at = find(changes, change->id);
    if (change->code.len > CODE_MAX || (at < changes->n && changes->waiting[at].id == change->id))
        return true;
    if (!grow(changes))
        return false;
    memmove(&changes->waiting[at + 1], &changes->waiting[at],
            (changes->n - at) * sizeof(*changes->waiting));
    struct edge_waiting *waiting = &changes->waiting[at];
    *waiting = (struct edge_waiting){ .id = change->id,
                                      .seen_ms = now_ms,
                                      .len = (unsigned char)change->code.len };
    memcpy(waiting->code, change->code.at, change->code.len);
    changes->n++;
    return true;
}

/* Reads the position. One that is beyond all changes is of a table that was replaced since. */
static enum db_result open_changes(struct edge_changes *changes, struct error *err)
{
    uint64_t newest = 0;
    if (changes->is_open)
        return DB_OK;
    enum db_result result = db_edge_position(changes->db, changes->target, &changes->position, err);
    if (result == DB_OK)
        result = db_edge_newest(changes->db, &newest, err);
    if (result != DB_OK)
        return result;
    if (changes->position > newest)
        changes->position = newest;
    changes->stored = changes->position;
    changes->is_open = true;
    return DB_OK;
}

enum db_result edge_changes_read(struct edge_changes *changes, struct arena *arena, int64_t now_ms,
                                 struct error *err)
{
    enum db_result result = open_changes(changes, err);
    bool rereads = now_ms - changes->reread_ms >= EDGE_REREAD_MS;
    uint64_t after = changes->position;
    struct edge_change_page page = { .n = DB_CHANGES_MAX };
    bool has_room = true;
    if (!rereads && changes->n > 0)
        after = changes->waiting[changes->n - 1].id;
    while (result == DB_OK && has_room && page.n == DB_CHANGES_MAX) {
        arena_reset(arena);
        result = db_edge_changes(changes->db, after, arena, &page, err);
        for (size_t i = 0; i < page.n && result == DB_OK && has_room; i++) {
            has_room = hold(changes, &page.at[i], now_ms);
            after = page.at[i].id;
        }
    }
    if (result == DB_OK && rereads)
        changes->reread_ms = now_ms;
    return result;
}

/* --- telling --- */

/* How often the cache has to be told by now. */
static unsigned due_by(const struct edge_changes *changes, const struct edge_waiting *waiting,
                       int64_t now_ms)
{
    bool is_over = now_ms - waiting->seen_ms >= changes->local_ttl_ms + EDGE_AGAIN_MS;
    return is_over ? TOLD_TWICE : 1;
}

bool edge_changes_take(struct edge_changes *changes, int64_t now_ms, struct edge_codes *out)
{
    out->n = 0;
    for (size_t i = 0; i < changes->n && out->n < EDGE_CODES_MAX; i++) {
        struct edge_waiting *waiting = &changes->waiting[i];
        waiting->is_taken = waiting->told < due_by(changes, waiting, now_ms);
        if (waiting->is_taken)
            out->at[out->n++] = (struct slice){ waiting->code, waiting->len };
    }
    return out->n > 0;
}

/* What was told when local_ttl was over already needs not be told again; `now_ms` is from before.
 */
void edge_changes_done(struct edge_changes *changes, bool is_told, int64_t now_ms)
{
    for (size_t i = 0; i < changes->n; i++) {
        struct edge_waiting *waiting = &changes->waiting[i];
        if (waiting->is_taken && is_told)
            waiting->told = (unsigned char)due_by(changes, waiting, now_ms);
        waiting->is_taken = false;
    }
}

/* --- the position --- */

/* Forgets the first changes, as far as they are done and none may appear before them. */
static void forget(struct edge_changes *changes, int64_t now_ms)
{
    size_t done = 0;
    while (done < changes->n && changes->waiting[done].told == TOLD_TWICE &&
           now_ms - changes->waiting[done].seen_ms >= EDGE_LATE_MS)
        changes->position = changes->waiting[done++].id;
    if (done == 0)
        return;
    changes->n -= done;
    memmove(changes->waiting, &changes->waiting[done], changes->n * sizeof(*changes->waiting));
}

enum db_result edge_changes_store(struct edge_changes *changes, int64_t now_ms, struct error *err)
{
    forget(changes, now_ms);
    if (changes->position == changes->stored || now_ms - changes->stored_ms < EDGE_STORE_MS)
        return DB_OK;
    enum db_result result =
        db_edge_position_set(changes->db, changes->target, changes->position, err);
    if (result == DB_OK) {
        changes->stored = changes->position;
        changes->stored_ms = now_ms;
    }
    return result;
}

size_t edge_changes_pending(const struct edge_changes *changes, int64_t now_ms, int64_t *oldest_ms)
{
    size_t pending = 0;
    *oldest_ms = 0;
    for (size_t i = 0; i < changes->n; i++) {
        const struct edge_waiting *waiting = &changes->waiting[i];
        pending += waiting->told == 0;
        if (waiting->told == 0 && now_ms - waiting->seen_ms > *oldest_ms)
            *oldest_ms = now_ms - waiting->seen_ms;
    }
    return pending;
}

bool edge_changes_are_done(const struct edge_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        if (changes->waiting[i].told < TOLD_TWICE)
            return false;
    }
    return true;
}

void edge_changes_close(struct edge_changes *changes)
{
    free(changes->waiting);
    changes->waiting = NULL;
    changes->n = changes->room = 0;
}
