/* SPDX-License-Identifier: MIT */
/* How fast the database answers for links, on a private MariaDB of its own.
 *
 *     link_store bulk SECONDS     links/s stored one by one and by the thousand, durable commits
 *     link_store lists LINKS      what lists, searches and totals take among LINKS links
 *     link_store bytes LINKS      bytes a generated link takes, by index
 *     link_store purge LINKS      a purge of a quarter of them, while others are resolved
 *
 * prints JSON. `lists` fails when a median is 20 ms or more. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db/db.h"
#include "db/link_position.h"
#include "db/migrate.h"
#include "support/link_crowd.h"
#include "support/mariadb_server.h"

enum {
    RUNS = 51,
    TURNS = 9,
    PAGE = 20,
    FAR_PAGE = 1000,
    LIMIT_MS = 20,
};

struct bench {
    struct mariadb_server server;
    char name[16];
    struct sql_options options;
    struct db *db;
    struct arena *arena;
};

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void check(enum db_result result, const struct error *err)
{
    if (result == DB_OK)
        return;
    fprintf(stderr, "link_store: %d: %s\n", result, err->text);
    exit(1);
}

static void start(struct bench *bench)
{
    mariadb_start(&bench->server);
    mariadb_run(&bench->server, "SET GLOBAL innodb_buffer_pool_size = 1073741824");
    mariadb_run(&bench->server, "SET GLOBAL innodb_log_file_size = 536870912");
    mariadb_database(&bench->server, bench->name);
    bench->options = mariadb_options(&bench->server, bench->name);
    bench->options.read_timeout_ms = 60000;
    const struct migrate_request request = { .sql = &bench->options, .dir = schema_dir() };
    struct error err = { "" };
    check(migrate_run(&request, &err) == MIGRATE_OK ? DB_OK : DB_FAILED, &err);
    bench->db = db_open(&bench->options);
    bench->arena = arena_new(64 << 20);
}

static void stop(struct bench *bench)
{
    db_close(&bench->db);
    arena_free(&bench->arena);
    mariadb_stop(&bench->server);
}

/* --- storing --- */

/* A generated link and nothing else. */
static struct link plain(uint64_t id, struct arena *arena)
{
    struct link link = crowd_link(id, arena);
    link.n_tags = link.n_aliases = 0;
    link.target.expires_at = 0;
    link.target.max_clicks = link.used = 0;
    return link;
}

static double store_singly(struct bench *bench, double seconds, uint64_t *id)
{
    struct error err = { "" };
    double begin = now_ms();
    uint64_t n = 0;
    while (now_ms() - begin < seconds * 1e3) {
        arena_reset(bench->arena);
        struct link link = plain(++*id, bench->arena);
        check(db_link_insert(bench->db, &link, NULL, &err), &err);
        n++;
    }
    return (double)n / (now_ms() - begin) * 1e3;
}

static double store_in_bulk(struct bench *bench, double seconds, uint64_t *id)
{
    static struct link links[DB_BULK_MAX];
    static enum db_result results[DB_BULK_MAX];
    struct error err = { "" };
    double begin = now_ms();
    uint64_t n = 0;
    while (now_ms() - begin < seconds * 1e3) {
        arena_reset(bench->arena);
        for (unsigned i = 0; i < DB_BULK_MAX; i++)
            links[i] = plain(++*id, bench->arena);
        check(db_links_insert_many(bench->db, links, DB_BULK_MAX, results, &err), &err);
        n += DB_BULK_MAX;
    }
    return (double)n / (now_ms() - begin) * 1e3;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* In turns, so that both see the same machine. */
static int bench_bulk(struct bench *bench, double seconds)
{
    mariadb_run(&bench->server, "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    uint64_t id = 0;
    double single[TURNS];
    double bulk[TURNS];
    for (int i = 0; i < TURNS; i++) {
        single[i] = store_singly(bench, seconds / TURNS / 2, &id);
        bulk[i] = store_in_bulk(bench, seconds / TURNS / 2, &id);
    }
    qsort(single, TURNS, sizeof(*single), by_size);
    qsort(bulk, TURNS, sizeof(*bulk), by_size);
    printf("{\"single_per_s\": %.0f, \"bulk_per_s\": %.0f, \"ratio\": %.1f}\n", single[TURNS / 2],
           bulk[TURNS / 2], bulk[TURNS / 2] / single[TURNS / 2]);
    return 0;
}

/* --- lists --- */

struct listing {
    const char *name;
    struct link_query query;
    unsigned pages_before; /* of PAGE links */
};

static double report(const char *name, double *times, size_t n_links)
{
    qsort(times, RUNS, sizeof(*times), by_size);
    printf("  {\"what\": \"%s\", \"links\": %zu, \"median_ms\": %.2f, \"max_ms\": %.2f},\n", name,
           n_links, times[RUNS / 2], times[RUNS - 1]);
    fflush(stdout);
    return times[RUNS / 2];
}

/* The position after so many pages, which the caller need not keep: it is made of bytes. */
static struct link_position go_to(struct bench *bench, struct link_query query, unsigned pages)
{
    static char bytes[LINK_POSITION_MAX];
    struct error err = { "" };
    query.limit = PAGE;
    for (unsigned i = 0; i < pages; i++) {
        struct link_page page;
        arena_reset(bench->arena);
        check(db_links_list(bench->db, &query, bench->arena, &page, &err), &err);
        struct slice at = link_position_encode(&page.next, bench->arena);
        memcpy(bytes, at.at, at.len);
        link_position_decode((struct slice){ bytes, at.len }, &query.after);
    }
    return query.after;
}

static double time_listing(struct bench *bench, const struct listing *listing)
{
    struct error err = { "" };
    struct link_query query = listing->query;
    query.now = CROWD_NOW;
    query.after = go_to(bench, query, listing->pages_before);
    query.limit = PAGE;
    double times[RUNS];
    struct link_page page = { 0 };
    for (int i = 0; i < RUNS; i++) {
        arena_reset(bench->arena);
        double begin = now_ms();
        check(db_links_list(bench->db, &query, bench->arena, &page, &err), &err);
        times[i] = now_ms() - begin;
    }
    return report(listing->name, times, page.n);
}

static double time_count(struct bench *bench, const char *name, uint32_t owner_id)
{
    struct error err = { "" };
    double times[RUNS];
    uint64_t n = 0;
    for (int i = 0; i < RUNS; i++) {
        double begin = now_ms();
        check(db_links_count(bench->db, owner_id, &n, &err), &err);
        times[i] = now_ms() - begin;
    }
    return report(name, times, n);
}

static double time_same_url(struct bench *bench)
{
    struct error err = { "" };
    double times[RUNS];
    struct link_page page = { 0 };
    for (int i = 0; i < RUNS; i++) {
        arena_reset(bench->arena);
        struct link link = crowd_link((uint64_t)i * 1009 + 1, bench->arena);
        double begin = now_ms();
        check(db_links_same_url(bench->db,
                                &(struct link_destination){ link.owner_id, link.target.long_url },
                                bench->arena, &page, &err),
              &err);
        times[i] = now_ms() - begin;
    }
    return report("same long URL", times, page.n);
}

#define ANY DB_OWNER_ANY

static const struct listing listings[] = {
    { "first page", { .owner_id = 1 }, 0 },
    { "first page of everybody", { .owner_id = ANY }, 0 },
    { "page 1,000", { .owner_id = 1 }, FAR_PAGE - 1 },
    { "page 1,000 of everybody", { .owner_id = ANY }, FAR_PAGE - 1 },
    { "page 1,000, the oldest first", { .owner_id = 1, .order = LINK_ORDER_OLDEST }, FAR_PAGE - 1 },
    { "a small owner", { .owner_id = 7 }, 0 },
    { "tag", { .owner_id = 1, .tag = { "tag07", 5 } }, 0 },
    { "tag, everybody's", { .owner_id = ANY, .tag = { "tag07", 5 } }, 0 },
    { "tag, page 500", { .owner_id = ANY, .tag = { "tag07", 5 } }, 499 },
    { "alias prefix", { .owner_id = 1, .alias_prefix = { "bk", 2 } }, 0 },
    { "alias prefix, everybody's", { .owner_id = ANY, .alias_prefix = { "dx-1", 4 } }, 0 },
    { "host prefix", { .owner_id = 1, .host_prefix = { "host01", 6 } }, 0 },
    { "host prefix, page 1,000", { .owner_id = 1, .host_prefix = { "host", 4 } }, FAR_PAGE - 1 },
    { "host prefix, everybody's", { .owner_id = ANY, .host_prefix = { "host4321", 8 } }, 0 },
    { "host prefix nobody has", { .owner_id = ANY, .host_prefix = { "zzz", 3 } }, 0 },
    { "alias and host prefix",
      { .owner_id = 1, .alias_prefix = { "ho", 2 }, .host_prefix = { "ho", 2 } },
      0 },
    { "expired", { .owner_id = 1, .states = LINK_STATE_BIT(LINK_EXPIRED) }, 0 },
    { "exhausted", { .owner_id = 1, .states = LINK_STATE_BIT(LINK_EXHAUSTED) }, 0 },
    { "a state nobody has", { .owner_id = 1, .states = LINK_STATE_BIT(LINK_SCHEDULED) }, 0 },
};

static int bench_lists(struct bench *bench, double amount)
{
    uint64_t n = (uint64_t)amount;
    struct error err = { "" };
    double worst = 0;
    double begin = now_ms();
    check(crowd_store(bench->db, 1, n, &err), &err);
    printf("{\"stored\": %llu, \"seconds\": %.0f, \"lists\": [\n", (unsigned long long)n,
           (now_ms() - begin) / 1e3);
    for (size_t i = 0; i < sizeof(listings) / sizeof(*listings); i++) {
        double median = time_listing(bench, &listings[i]);
        worst = median > worst ? median : worst;
    }
    double others[] = { time_count(bench, "total", 1), time_count(bench, "total of all", ANY),
                        time_same_url(bench) };
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        worst = others[i] > worst ? others[i] : worst;
    printf("  {}], \"worst_median_ms\": %.2f}\n", worst);
    return worst < LIMIT_MS ? 0 : 1;
}

/* --- bytes --- */

static bool print_index(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    (void)context;
    printf("  {\"table\": \"%.*s\", \"index\": \"%.*s\", \"bytes_per_link\": %.*s},\n",
           SLICE_ARG(columns[0].bytes), SLICE_ARG(columns[1].bytes), SLICE_ARG(columns[2].bytes));
    return true;
}

static int bench_bytes(struct bench *bench, double amount)
{
    static struct link links[DB_BULK_MAX];
    static enum db_result results[DB_BULK_MAX];
    struct error err = { "" };
    uint64_t id = 0;
    while (id < (uint64_t)amount) {
        arena_reset(bench->arena);
        for (unsigned i = 0; i < DB_BULK_MAX; i++)
            links[i] = plain(++id, bench->arena);
        check(db_links_insert_many(bench->db, links, DB_BULK_MAX, results, &err), &err);
    }
    mariadb_run(&bench->server, "ANALYZE TABLE %s.link, %s.code", bench->name, bench->name);
    char query[512];
    int len =
        snprintf(query, sizeof(query),
                 "SELECT table_name, index_name, ROUND(stat_value * @@innodb_page_size / %llu)"
                 " FROM mysql.innodb_index_stats WHERE database_name = '%s' AND table_name IN"
                 " ('link', 'code') AND stat_name = 'size'",
                 (unsigned long long)id, bench->name);
    printf("{\"stored\": %llu, \"indexes\": [\n", (unsigned long long)id);
    sql_text(bench->server.admin, (struct slice){ query, (size_t)len }, print_index, NULL, &err);
    printf("  {}]}\n");
    return 0;
}

/* --- purging --- */

/* A quarter of the links has expired. */
static void store_expiring(struct bench *bench, uint64_t n)
{
    static struct link links[DB_BULK_MAX];
    static enum db_result results[DB_BULK_MAX];
    struct error err = { "" };
    for (uint64_t id = 0; id < n;) {
        arena_reset(bench->arena);
        for (unsigned i = 0; i < DB_BULK_MAX; i++) {
            links[i] = plain(++id, bench->arena);
            links[i].target.expires_at = id % 4 == 0 ? CROWD_NOW - 1 : 0;
        }
        check(db_links_insert_many(bench->db, links, DB_BULK_MAX, results, &err), &err);
    }
}

/* Resolves unexpired links until the pipe is closed, in a process of its own; says its p99. */
static double resolve_until(struct bench *bench, int stop, uint64_t n)
{
    static double times[1 << 20];
    size_t n_times = 0;
    struct db *db = db_open(&bench->options);
    struct pollfd wait = { .fd = stop, .events = POLLIN };
    struct error err = { "" };
    for (uint64_t id = 1; poll(&wait, 1, 0) == 0 && n_times < sizeof(times) / sizeof(*times);
         id = (id + 1000002) % n) {
        struct target target;
        arena_reset(bench->arena);
        struct link link = crowd_link(id % 4 ? id : id + 1, bench->arena);
        double begin = now_ms();
        check(db_resolve(db, link.code, bench->arena, &target, &err), &err);
        times[n_times++] = now_ms() - begin;
        poll(NULL, 0, 1);
    }
    qsort(times, n_times, sizeof(*times), by_size);
    return n_times > 0 ? times[n_times * 99 / 100] : 0;
}

/* Does `work` while another process resolves; that one's p99 in milliseconds. */
static double p99_during(struct bench *bench, uint64_t n, void (*work)(struct bench *bench))
{
    int stop[2];
    int answer[2];
    double p99 = 0;
    if (pipe(stop) != 0 || pipe(answer) != 0)
        exit(1);
    pid_t pid = fork();
    if (pid == 0) {
        close(stop[1]);
        p99 = resolve_until(bench, stop[0], n);
        _exit(write(answer[1], &p99, sizeof(p99)) == sizeof(p99) ? 0 : 1);
    }
    work(bench);
    close(stop[1]);
    if (read(answer[0], &p99, sizeof(p99)) != sizeof(p99))
        exit(1);
    waitpid(pid, NULL, 0);
    close(stop[0]);
    close(answer[0]);
    close(answer[1]);
    return p99;
}

static void wait_a_moment(struct bench *bench)
{
    (void)bench;
    poll(NULL, 0, 5000);
}

/* Batches of 500 rows with a pause as long as the batch took, as in the maintenance. */
static void purge_all(struct bench *bench)
{
    const struct purge purge = { .expired_before = CROWD_NOW, .limit = 500 };
    struct purge_done done = { .more = true };
    struct error err = { "" };
    while (done.more) {
        double begin = now_ms();
        check(db_purge_batch(bench->db, &purge, &done, &err), &err);
        poll(NULL, 0, (int)(now_ms() - begin) + 1);
    }
}

static int bench_purge(struct bench *bench, double amount)
{
    uint64_t n = (uint64_t)(amount / DB_BULK_MAX) * DB_BULK_MAX;
    store_expiring(bench, n);
    double quiet = p99_during(bench, n, wait_a_moment);
    double begin = now_ms();
    double busy = p99_during(bench, n, purge_all);
    double seconds = (now_ms() - begin) / 1e3;
    uint64_t left = 0;
    struct error err = { "" };
    check(db_links_count(bench->db, DB_OWNER_ANY, &left, &err), &err);
    printf("{\"links\": %llu, \"purged\": %llu, \"left\": %llu, \"seconds\": %.1f,"
           " \"resolve_p99_ms\": {\"quiet\": %.2f, \"during_purge\": %.2f}}\n",
           (unsigned long long)n, (unsigned long long)(n - left),
           (unsigned long long)mariadb_number(&bench->server, "SELECT COUNT(*) FROM %s.link",
                                              bench->name),
           seconds, quiet, busy);
    return left == n - n / 4 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct bench *bench, double amount);
    } modes[] = { { "bulk", bench_bulk },
                  { "lists", bench_lists },
                  { "bytes", bench_bytes },
                  { "purge", bench_purge } };
    double amount = argc == 3 ? strtod(argv[2], NULL) : 0;
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes) && amount > 0; i++) {
        if (strcmp(argv[1], modes[i].name) != 0)
            continue;
        struct bench bench = { 0 };
        start(&bench);
        int status = modes[i].run(&bench, amount);
        stop(&bench);
        return status;
    }
    fprintf(stderr, "usage: link_store bulk SECONDS | lists|bytes|purge LINKS\n");
    return 2;
}
