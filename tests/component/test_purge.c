/* SPDX-License-Identifier: MIT */
/* The calls that a purge makes to the database, and its pauses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/create.h"
#include "service/purge.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define NOW          INT64_C(1800000000)

/* A database that remembers what it was asked. */
struct db {
    struct purge asked;
    struct purge_done done;
    enum db_result result;
};

enum db_result db_purge_batch(struct db *db, const struct purge *purge, struct purge_done *out,
                              struct error *err)
{
    db->asked = *purge;
    *out = db->done;
    error_set(err, "as the test asked");
    return db->result;
}

static void steps(void **state)
{
    (void)state;
    static const struct {
        int line;
        int64_t after_s, now, expired_before;
        enum db_result result;
        bool full, more;
    } rows[] = {
        { __LINE__, 100, NOW, NOW - 100, DB_OK, false, false },
        { __LINE__, 100, NOW, NOW - 100, DB_OK, true, true },
        { __LINE__, 0, NOW, 0, DB_OK, false, false }, /* never */
        { __LINE__, NOW + 1, NOW, 0, DB_OK, false, false },
        { __LINE__, 100, NOW, NOW - 100, DB_UNAVAILABLE, true, false },
        { __LINE__, 100, NOW, NOW - 100, DB_FAILED, true, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct db db = { .done = { 3, 2, 1, 4, .more = rows[i].full }, .result = rows[i].result };
        struct purge_total total = {
            .links = 10, .idempotency_keys = 20, .sessions = 30, .changes = 40
        };
        const struct purge_rules rules = { rows[i].after_s, 3600, rows[i].after_s,
                                           rows[i].after_s };
        struct error err;
        enum db_result result = purge_step(&db, &rules, rows[i].now, &total, &err);
        if (result != rows[i].result || total.more != rows[i].more ||
            db.asked.expired_before != rows[i].expired_before ||
            db.asked.sessions_before != rows[i].expired_before ||
            db.asked.changes_before != rows[i].expired_before)
            fail_msg("line %d", rows[i].line);
        assert_int_equal(db.asked.sign_ins_before, rows[i].now);
        assert_int_equal(db.asked.deleted_before, rows[i].now - 3600);
        assert_int_equal(db.asked.idempotency_before, rows[i].now - IDEMPOTENCY_LIFE_S);
        assert_int_equal(db.asked.limit, PURGE_BATCH);
        assert_int_equal(total.links, 13);
        assert_int_equal(total.idempotency_keys, 22);
        assert_int_equal(total.sessions, 31);
        assert_int_equal(total.changes, 44);
    }
}

static void pauses(void **state)
{
    (void)state;
    static const struct {
        int line;
        int64_t took_ms;
        unsigned share;
        int64_t pause_ms;
    } rows[] = {
        { __LINE__, 50, 50, 50 },
        { __LINE__, 50, 10, 450 },
        { __LINE__, 50, 100, 0 },
        { __LINE__, 0, 100, 0 },
        { __LINE__, 0, 10, PURGE_PAUSE_MIN_MS },
        { __LINE__, -1, 10, PURGE_PAUSE_MIN_MS },
        { __LINE__, 1, 50, PURGE_PAUSE_MIN_MS },
        { __LINE__, 3600000, 1, PURGE_PAUSE_MAX_MS },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (purge_pause_ms(rows[i].took_ms, rows[i].share) != rows[i].pause_ms)
            fail_msg("line %d: %ld", rows[i].line,
                     (long)purge_pause_ms(rows[i].took_ms, rows[i].share));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps),
        cmocka_unit_test(pauses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
