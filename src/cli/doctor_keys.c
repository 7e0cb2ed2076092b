/* SPDX-License-Identifier: MIT */
/* curtctl doctor: counts valid and expired API keys. */
#include "cli/doctor.h"
#include "db/db.h"
#include "os/clock.h"

enum {
    ARENA_MAX = 16 * 1024 * 1024,
};

struct key_counts {
    unsigned long valid;
    unsigned long expired;
    unsigned long revoked;
};

static void doctor_keys_count(struct key_counts *counts, const struct key_page *page, int64_t now)
{
    for (size_t i = 0; i < page->n; i++) {
        const struct api_key *key = &page->keys[i];
        if (key->revoked_at)
            counts->revoked++;
        else if (key->expires_at && key->expires_at <= now)
            counts->expired++;
        else
            counts->valid++;
    }
}

static enum db_result count_all(struct db *db, struct arena *arena, struct key_counts *counts,
                                struct error *err)
{
    struct key_query query = { .user_id = DB_OWNER_ANY, .limit = DB_PAGE_MAX };
    struct key_page page = { .more = true };
    int64_t now = clock_now();
    while (page.more) {
        arena_reset(arena);
        enum db_result result = db_key_list(db, &query, arena, &page, err);
        if (result != DB_OK)
            return result;
        doctor_keys_count(counts, &page, now);
        if (page.n)
            query.after_id = page.keys[page.n - 1].id;
    }
    return DB_OK;
}

void doctor_check_keys(struct doctor *doctor)
{
    static const char what[] = "keys";
    struct key_counts counts = { 0 };
    struct error err = { "out of memory" };
    struct db *db = db_open(&doctor->config->mysql);
    struct arena *arena = arena_new(ARENA_MAX);
    if (!db || !arena || count_all(db, arena, &counts, &err) != DB_OK)
        doctor_wrong(doctor, what, "curtctl db migrate", "%s", err.text);
    else if (counts.valid == 0 && counts.expired > 0)
        doctor_warning(doctor, what, "create one: curtctl key create --user NAME",
                       "none is valid: %lu expired, %lu revoked (curtctl key list)", counts.expired,
                       counts.revoked);
    else
        doctor_ok(doctor, what, "%lu valid, %lu expired, %lu revoked (curtctl key list)",
                  counts.valid, counts.expired, counts.revoked);
    arena_free(&arena);
    db_close(&db);
}
