/* SPDX-License-Identifier: MIT */
/* Storing clicks under faults: connections cut at every point, many hosts at once, links deleted
 * meanwhile, records that cannot be decoded. Every click counts once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "click/day.h"
#include "db/db.h"
#include "db/migrate.h"
#include "db_faults.h"

enum {
    DAY = 20000,
    LINKS = 40,
    BATCHES = 25,
    EVENTS = 2000,
    HOSTS = 4,
    OWNERS = 3,
};

static struct click_event click(uint64_t link_id, uint32_t day, uint64_t visitor)
{
    return (struct click_event){
        .link_id = link_id,
        .visitor = visitor * 0x9e3779b97f4a7c15u,
        .at = day * CLICK_DAY_SECONDS + (uint32_t)(visitor % CLICK_DAY_SECONDS),
        .country = { 'D', 'E' },
    };
}

/* A batch of a host. */
struct batch {
    unsigned host;
    uint64_t number;
    struct click_event *events;
    size_t n;
};

static enum db_result flush(struct db *db, struct batch batch, struct click_flushed *done)
{
    char source[DB_SOURCE_BYTES + 1];
    snprintf(source, sizeof(source), "host-%011u", batch.host);
    struct arena *arena = arena_new(16 << 20);
    const struct click_flush flush = {
        .source = { source, DB_SOURCE_BYTES },
        .batch = batch.number,
        .positions = SLICE("here"),
        .events = batch.events,
        .n = batch.n,
        .arena = arena,
        .now = 1763000000,
    };
    struct error err = { "" };
    enum db_result result = db_clicks_flush(db, &flush, done, &err);
    if (result != DB_OK && result != DB_STALE)
        fprintf(stderr, "# host %u, batch %llu: %s\n", batch.host, (unsigned long long)batch.number,
                err.text);
    arena_free(&arena);
    return result;
}

static void insert_links(struct faults *f)
{
    for (unsigned id = 1; id <= LINKS; id++) {
        char code[16];
        snprintf(code, sizeof(code), "code%u", id);
        struct link link = sample_link(id, code);
        link.owner_id = id % OWNERS;
        assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
    }
}

/* Roll-ups of links; those of series have other ids. */
#define OF_LINKS "click_rollup WHERE link_id < 1 << 62"

static long sum(struct faults *f, const char *what)
{
    return mariadb_number(&f->server, "SELECT COALESCE(SUM(clicks), 0) FROM %s.%s", f->name, what);
}

static void assert_sums(struct faults *f, long clicks)
{
    static const char *const tables[] = { OF_LINKS, "click_total", "owner_total" };
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        assert_int_equal(sum(f, tables[i]), clicks);
}

/* --- losses --- */

static void flush_one(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    snprintf(code, sizeof(code), "code%u", n);
    struct link link = sample_link(n, code);
    link.owner_id = n;
    assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
    struct click_event events[] = { click(n, DAY, 1), click(n, DAY + 1, 2), click(n, DAY, 3) };
    struct click_flushed done = { 0 };
    assert_int_equal(flush(db, (struct batch){ n, 1, events, 3 }, &done), DB_OK);
    assert_int_equal(done.clicks, 3);
    assert_int_equal(flush(f->db, (struct batch){ n, 1, events, 3 }, &done), DB_STALE);
    struct click_totals totals;
    assert_result(db_clicks_owner(f->db, n, &totals, &err), DB_OK);
    assert_int_equal(totals.clicks, 3);
    assert_int_equal(totals.visitors, 3);
    assert_int_equal(mariadb_number(&f->server,
                                    "SELECT SUM(clicks) FROM %s.click_rollup WHERE link_id = %u",
                                    f->name, n),
                     3);
}

static void test_a_flush_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], flush_one) >= 8);
}

/* An answer that is lost may make the report too small. */
static void compact_one(struct faults *f, struct db *db, unsigned n)
{
    char code[24];
    snprintf(code, sizeof(code), "code%u", n);
    struct link link = sample_link(n, code);
    assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
    struct click_event events[] = { click(n, DAY, 1), click(n, DAY + 1, 2), click(n, DAY, 3) };
    struct click_flushed flushed;
    assert_int_equal(flush(f->db, (struct batch){ n, 1, events, 3 }, &flushed), DB_OK);
    const struct click_compact compact = { DAY + 1, DAY + 1, 100 };
    struct click_compact_done done;
    assert_result(db_clicks_compact_batch(db, &compact, &done, &err), DB_OK);
    assert_result(db_clicks_compact_batch(f->db, &compact, &done, &err), DB_OK);
    assert_int_equal(done.compacted + done.merged, 0);
    static const struct {
        const char *where;
        long clicks;
    } rows[] = { { "unit = 0 AND at = 20000", 0 },
                 { "unit = 0 AND at = 20001", 1 },
                 { "unit = 1 AND at = 19997 AND stage = 2", 2 } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_int_equal(mariadb_number(&f->server,
                                        "SELECT COALESCE(SUM(clicks), 0) FROM %s.click_rollup"
                                        " WHERE link_id = %u AND %s",
                                        f->name, n, rows[i].where),
                         rows[i].clicks);
}

static void test_a_fold_survives_a_loss_at_any_point(void **state)
{
    for (size_t i = 0; i < N_TRIALS; i++)
        assert_true(faults_cut_everywhere(*state, faults_trials[i], compact_one) >= 8);
}

/* --- many hosts --- */

/* Flushes; the last process folds what is older than a day while there is something to fold. */
static int flush_or_fold(struct db *db, int who, void *context)
{
    static struct click_event events[EVENTS];
    volatile int *flushing = context;
    struct click_flushed done;
    for (unsigned batch = 1; who < HOSTS && batch <= BATCHES; batch++) {
        for (unsigned i = 0; i < EVENTS; i++)
            events[i] = click(1 + (i * i + batch) % LINKS, DAY - i % 4, i);
        if (flush(db, (struct batch){ (unsigned)who, batch, events, EVENTS }, &done) != DB_OK)
            return 1;
        if (done.clicks != EVENTS || done.dropped != 0)
            return 2;
    }
    if (who < HOSTS)
        __atomic_sub_fetch(flushing, 1, __ATOMIC_RELAXED);
    while (who == HOSTS && *flushing > 0) {
        const struct click_compact compact = { DAY, DAY - 2, 50 };
        struct click_compact_done compacted;
        if (db_clicks_compact_batch(db, &compact, &compacted, NULL) != DB_OK)
            return 3;
    }
    return 0;
}

static void *shared(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void test_hosts_count_everything_together(void **state)
{
    struct faults *f = *state;
    int results[HOSTS + 1];
    int *flushing = shared();
    *flushing = HOSTS;
    insert_links(f);
    faults_in_processes(f, HOSTS + 1, flush_or_fold, flushing, results);
    for (int i = 0; i <= HOSTS; i++)
        assert_int_equal(results[i], 0);
    assert_sums(f, HOSTS * BATCHES * EVENTS);
    const struct click_compact compact = { DAY, DAY - 2, DB_COMPACT_MAX };
    struct click_compact_done done = { .more = true };
    while (done.more)
        assert_result(db_clicks_compact_batch(f->db, &compact, &done, &err), DB_OK);
    assert_sums(f, HOSTS * BATCHES * EVENTS);
    assert_int_equal(sum(f, OF_LINKS " AND unit = 1"), HOSTS * BATCHES * EVENTS / 4);
    assert_int_equal(sum(f, OF_LINKS " AND stage = 1"), HOSTS * BATCHES * EVENTS / 2);
    munmap(flushing, 4096);
}

struct race {
    volatile unsigned batches; /* that are done */
    uint64_t clicks[HOSTS];
    uint64_t dropped[HOSTS];
};

/* Flushes; the last process deletes all links but the first. */
static int flush_or_delete(struct db *db, int who, void *context)
{
    static struct click_event events[EVENTS];
    struct race *race = context;
    for (unsigned batch = 1; who < HOSTS && batch <= BATCHES; batch++) {
        struct click_flushed done;
        for (unsigned i = 0; i < EVENTS; i++)
            events[i] = click(1 + i % LINKS, DAY, i);
        if (flush(db, (struct batch){ (unsigned)who, batch, events, EVENTS }, &done) != DB_OK)
            return 1;
        race->clicks[who] += done.clicks;
        race->dropped[who] += done.dropped;
        __atomic_add_fetch(&race->batches, 1, __ATOMIC_RELAXED);
    }
    for (unsigned id = 2; who == HOSTS && id <= LINKS; id++) {
        struct error err = { "" };
        while (race->batches < id * 2) /* from the first batches to the last ones */
            usleep(1000);
        enum db_result result = db_link_delete(db, id, 0, &err);
        if (result != DB_OK) {
            fprintf(stderr, "# %u: %d %s\n", id, result, err.text);
            return 2;
        }
    }
    return 0;
}

static void test_no_record_outlives_its_link(void **state)
{
    struct faults *f = *state;
    int results[HOSTS + 1];
    struct race *race = shared();
    uint64_t clicks = 0;
    uint64_t dropped = 0;
    insert_links(f);
    faults_in_processes(f, HOSTS + 1, flush_or_delete, race, results);
    for (int i = 0; i <= HOSTS; i++)
        assert_int_equal(results[i], 0);
    for (int i = 0; i < HOSTS; i++) {
        clicks += race->clicks[i];
        dropped += race->dropped[i];
    }
    assert_int_equal(clicks + dropped, HOSTS * BATCHES * EVENTS);
    assert_true(clicks > 0 && dropped > 0);
    assert_int_equal(sum(f, "owner_total"), clicks);
    assert_int_equal(sum(f, "click_total"), HOSTS * BATCHES * EVENTS / LINKS);
    assert_int_equal(sum(f, OF_LINKS), HOSTS * BATCHES * EVENTS / LINKS);
    assert_int_equal(sum(f, "click_total WHERE link_id > 1"), 0);
    assert_int_equal(sum(f, OF_LINKS " AND link_id > 1"), 0);
    munmap(race, 4096);
}

/* --- waiting --- */

static int flush_once(struct db *db, int who, void *context)
{
    struct click_event events[] = { click(1, DAY, 1) };
    struct click_flushed done;
    (void)context;
    return flush(db, (struct batch){ (unsigned)who, 1, events, 1 }, &done);
}

enum {
    HELD_MAX_S = 10,
};

struct hold {
    struct faults *f;
    const char *variable; /* in quotes: what shows that a client waits, */
    long more;            /* when it has risen by this */
};

/* Ends the transaction that the test has begun when the flush of the other process waits for it. */
static int release_or_flush(struct db *db, int who, void *context)
{
    const struct hold *hold = context;
    if (who > 0)
        return flush_once(db, who, NULL);
    long before = mariadb_status(&hold->f->server, hold->variable);
    time_t end = time(NULL) + HELD_MAX_S;
    while (mariadb_status(&hold->f->server, hold->variable) < before + hold->more &&
           time(NULL) < end)
        usleep(10000);
    mariadb_run(&hold->f->server, "COMMIT");
    return time(NULL) < end ? 0 : 1;
}

static void assert_waits(struct faults *f, const char *variable, long more)
{
    struct hold hold = { f, variable, more };
    int results[2];
    faults_in_processes(f, 2, release_or_flush, &hold, results);
    assert_int_equal(results[0], 0);
    assert_int_equal(results[1], DB_OK);
}

/* Asks a good many times. */
static void test_a_flush_waits_for_the_rollup_lock(void **state)
{
    struct faults *f = *state;
    insert_links(f);
    mariadb_run(&f->server, "START TRANSACTION");
    mariadb_number(&f->server, "SELECT id FROM %s.click_gate WHERE id = 1 FOR UPDATE", f->name);
    assert_waits(f, "'Com_stmt_execute'", 100);
    assert_sums(f, 1);
}

/* The records of the link are deleted before the flush makes one, its row is gone afterwards. */
static void test_a_flush_waits_for_a_deletion(void **state)
{
    struct faults *f = *state;
    insert_links(f);
    mariadb_run(&f->server, "START TRANSACTION");
    mariadb_run(&f->server, "DELETE FROM %s.link WHERE id = 1", f->name);
    assert_waits(f, "'Innodb_row_lock_waits'", 1);
    assert_sums(f, 0);
}

/* --- what should not be --- */

static void test_a_record_nobody_can_read_is_begun_anew(void **state)
{
    struct faults *f = *state;
    insert_links(f);
    assert_int_equal(flush_once(f->db, 1, NULL), DB_OK);
    mariadb_run(&f->server, "UPDATE %s.click_rollup SET detail = 'junk', clicks = 41, bots = 5",
                f->name);
    assert_int_equal(flush_once(f->db, 2, NULL), DB_OK);
    const struct click_query query = { .link_id = 1, .end_day = UINT32_MAX };
    struct click_rows rows;
    assert_result(db_clicks_read(f->db, &query, f->arena, &rows, &err), DB_OK);
    assert_int_equal(rows.rows[0].total.clicks, 42);
    assert_int_equal(rows.rows[0].total.bots, 5);
    struct click_day day;
    assert_true(click_day_decode(rows.rows[0].detail, f->arena, &day));
    assert_int_equal(day.total.clicks, 42);
    assert_true(day.compacted);
}

static void test_without_its_gate_nothing_is_counted(void **state)
{
    struct faults *f = *state;
    insert_links(f);
    mariadb_run(&f->server, "DELETE FROM %s.click_gate", f->name);
    assert_int_equal(flush_once(f->db, 1, NULL), DB_FAILED);
    assert_sums(f, 0);
}

enum {
    EXPIRED = 300,
};

/* Links with many records are purged in more batches. */
static void test_a_purge_batch_has_so_many_records(void **state)
{
    struct faults *f = *state;
    for (unsigned id = 1; id <= EXPIRED; id++) {
        char code[16];
        snprintf(code, sizeof(code), "code%u", id);
        struct link link = sample_link(id, code);
        link.target.expires_at = 5;
        assert_result(db_link_insert(f->db, &link, NULL, &err), DB_OK);
    }
    mariadb_run(&f->server, "USE %s", f->name);
    mariadb_sequence(&f->server, EXPIRED * 100);
    mariadb_run(&f->server,
                "INSERT INTO %s.click_rollup SELECT 1 + seq %% %d, 0, seq, 0, 1, 1, 0, 'd'"
                " FROM seq_1_to_%d",
                f->name, EXPIRED, EXPIRED * 100);
    const struct purge purge = { .expired_before = 1000, .limit = 500 };
    struct purge_done done;
    assert_result(db_purge_batch(f->db, &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 200); /* with 20,000 records */
    assert_true(done.more);
    assert_result(db_purge_batch(f->db, &purge, &done, &err), DB_OK);
    assert_int_equal(done.links, 100);
    assert_false(done.more);
    assert_sums(f, 0);
}

static void migrate(struct faults *f)
{
    const struct migrate_request request = { .sql = &f->options, .dir = schema_dir() };
    struct error err = { "" };
    if (migrate_run(&request, &err) != MIGRATE_OK)
        fail_msg("%s", err.text);
}

/* The clicks of a link once stood in its row. */
static void test_clicks_move_out_of_the_link(void **state)
{
    struct faults *f = *state;
    insert_links(f);
    mariadb_run(&f->server,
                "ALTER TABLE %s.link ADD COLUMN clicks BIGINT UNSIGNED NOT NULL"
                " DEFAULT 0",
                f->name);
    mariadb_run(&f->server, "UPDATE %s.link SET clicks = id WHERE id <= 3", f->name);
    for (int i = 0; i < 2; i++) { /* and once more, as after a crash */
        mariadb_run(&f->server, "DELETE FROM %s.migration WHERE number = 3", f->name);
        migrate(f);
        assert_int_equal(mariadb_number(&f->server,
                                        "SELECT COUNT(*) FROM information_schema.columns"
                                        " WHERE table_schema = '%s' AND table_name = 'link'"
                                        " AND column_name = 'clicks'",
                                        f->name),
                         0);
        assert_int_equal(sum(f, "click_total"), 1 + 2 + 3);
    }
    struct link link;
    assert_result(db_link_find_id(f->db, 3, f->arena, &link, &err), DB_OK);
    assert_int_equal(link.clicks, 3);
}

int main(void)
{
    const char *missing = mariadb_missing();
    if (missing) {
        printf("1..0 # SKIP %s\n", missing);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        FAULTS_CASE(test_a_flush_survives_a_loss_at_any_point),
        FAULTS_CASE(test_a_fold_survives_a_loss_at_any_point),
        FAULTS_CASE(test_hosts_count_everything_together),
        FAULTS_CASE(test_no_record_outlives_its_link),
        FAULTS_CASE(test_a_flush_waits_for_the_rollup_lock),
        FAULTS_CASE(test_a_flush_waits_for_a_deletion),
        FAULTS_CASE(test_a_record_nobody_can_read_is_begun_anew),
        FAULTS_CASE(test_without_its_gate_nothing_is_counted),
        FAULTS_CASE(test_a_purge_batch_has_so_many_records),
        FAULTS_CASE(test_clicks_move_out_of_the_link),
    };
    return cmocka_run_group_tests_name("db_clicks", tests, faults_start, faults_stop);
}
