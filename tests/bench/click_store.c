/* SPDX-License-Identifier: MIT */
/* How fast the database takes clicks, and how much room they need, on a private MariaDB of its own.
 *
 *     click_store flush CLICKS [LINKS [DAYS]]   clicks/s, bytes, and how long the most popular link
 *                                               takes to be read (of 100,000 links, in 90 days)
 *     click_store read CLICKS                   the same of one link with so many clicks in 90 days
 *     click_store fold CLICKS [LINKS [DAYS]]    folds half of the days, and then a quarter to
 * months
 *
 * prints JSON. The bytes of a long time need no long run: the rows of one day depend on that day's
 * clicks alone, so 1/30 of the clicks in 1/30 of the days take 1/30 of the bytes.
 *
 * `flush` fails when it is slower than 20,000 clicks/s or a batch takes longer than the two seconds
 * that it is the clicks of; `read` when the median is 50 ms or more. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "db/db.h"
#include "db/migrate.h"
#include "service/stats_text.h"
#include "support/link_crowd.h"
#include "support/mariadb_server.h"

enum {
    LINKS = 100000,
    DAYS = 90,
    FIRST_DAY = 20000,
    BATCH = 40000, /* two seconds at 20,000 clicks/s */
    RATE = 20000,
    BATCH_MS = 2000,
    READ_MS = 50,
    HOSTS = 2000, /* of referrers */
    COUNTRIES = 60,
    RUNS = 51,
    COMPACT_ROWS = 500,
    BATCHES_MAX = 1 << 16,
    CODE_ROOM = 64,
};

struct bench {
    struct mariadb_server server;
    char name[16];
    struct sql_options options;
    struct db *db;
    struct arena *arena;
    uint64_t clicks;
    uint64_t links;
    uint64_t days;
    uint64_t random;
    double *popularity; /* of the links, added up */
    double *hosts;
    double *countries;
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
    fprintf(stderr, "click_store: %d: %s\n", result, err->text);
    exit(1);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* --- clicks --- */

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t draw(struct bench *bench)
{
    return mix(bench->random += 0x9e3779b97f4a7c15u);
}

static double draw_part(struct bench *bench)
{
    return (double)(draw(bench) >> 11) / 9007199254740992.0;
}

/* The chances of `n` by Zipf's law, added up. */
static double *zipf(uint64_t n)
{
    double *sums = malloc(n * sizeof(*sums));
    if (!sums)
        exit(1);
    double sum = 0;
    for (uint64_t i = 0; i < n; i++)
        sums[i] = sum += 1.0 / (double)(i + 1);
    return sums;
}

static uint64_t draw_zipf(struct bench *bench, const double *sums, uint64_t n)
{
    double wanted = draw_part(bench) * sums[n - 1];
    uint64_t low = 0;
    for (uint64_t high = n - 1; low < high;) {
        uint64_t middle = (low + high) / 2;
        if (sums[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Popular links are anywhere among the ids. */
static uint64_t link_of_rank(const struct bench *bench, uint64_t rank)
{
    return 1 + (rank * 999983 + 12345) % bench->links;
}

static void add_referrer(struct bench *bench, struct click_event *event)
{
    if (draw(bench) % 10 < 4) /* direct */
        return;
    uint64_t host = draw_zipf(bench, bench->hosts, HOSTS);
    event->referrer_len = (uint8_t)snprintf(event->referrer, sizeof(event->referrer), "%s%u.%s",
                                            host % 3 ? "site" : "the-news-", (unsigned)host,
                                            host % 2 ? "com" : "co.uk");
}

/* A visitor comes back to the same link for every fourth click. */
static uint64_t visitor_of(struct bench *bench, const struct click_event *event)
{
    uint64_t day = event->at / CLICK_DAY_SECONDS;
    uint64_t who = draw(bench) % (4 * bench->clicks / bench->days);
    if (who % 4 == 0)
        who %= 64;
    return mix(event->link_id << 40 ^ day << 32 ^ who) | 1;
}

static void make_click(struct bench *bench, uint64_t link_id, uint64_t number,
                       struct click_event *event)
{
    uint64_t countries = draw_zipf(bench, bench->countries, COUNTRIES);
    uint64_t traits = draw(bench);
    uint64_t seconds = bench->days * CLICK_DAY_SECONDS;
    *event = (struct click_event){
        .link_id = link_id,
        .at = (uint32_t)(FIRST_DAY * (uint64_t)CLICK_DAY_SECONDS +
                         (uint64_t)((double)number / (double)bench->clicks * (double)seconds)),
        .country = { (char)('A' + countries % 26), (char)('A' + countries / 26) },
        .browser = (uint8_t)(traits % 100 < 60 ? BROWSER_CHROME : traits % BROWSER_N),
        .os = (uint8_t)(traits / 128 % OS_N),
        .device = (uint8_t)(1 + traits / 1024 % 2),
    };
    if (traits >> 32 & 7) {
        event->visitor = visitor_of(bench, event);
        add_referrer(bench, event);
    } else {
        event->flags = CLICK_BOT;
    }
}

/* --- the database --- */

static void start(struct bench *bench)
{
    mariadb_start(&bench->server);
    mariadb_run(&bench->server, "SET GLOBAL innodb_buffer_pool_size = 1073741824");
    mariadb_run(&bench->server, "SET GLOBAL innodb_log_file_size = 536870912");
    mariadb_run(&bench->server, "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    mariadb_database(&bench->server, bench->name);
    bench->options = mariadb_options(&bench->server, bench->name);
    bench->options.read_timeout_ms = 60000;
    const struct migrate_request request = { .sql = &bench->options, .dir = schema_dir() };
    struct error err = { "" };
    check(migrate_run(&request, &err) == MIGRATE_OK ? DB_OK : DB_FAILED, &err);
    bench->db = db_open(&bench->options);
    bench->arena = arena_new(256 << 20);
    bench->popularity = zipf(bench->links);
    bench->hosts = zipf(HOSTS);
    bench->countries = zipf(COUNTRIES);
    check(crowd_store(bench->db, 1, bench->links, &err), &err);
}

static void stop(struct bench *bench)
{
    db_close(&bench->db);
    arena_free(&bench->arena);
    free(bench->popularity);
    free(bench->hosts);
    free(bench->countries);
    mariadb_stop(&bench->server);
}

/* Bytes of the files of the tables of clicks. */
static double file_bytes(struct bench *bench)
{
    static const char *const tables[] = { "click_rollup", "click_total", "click_source" };
    double sum = 0;
    mariadb_run(&bench->server, "FLUSH TABLES %s.click_rollup, %s.click_total FOR EXPORT",
                bench->name, bench->name);
    mariadb_run(&bench->server, "UNLOCK TABLES");
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        char path[256];
        struct stat file;
        snprintf(path, sizeof(path), "%s/data/%s/%s.ibd", bench->server.dir, bench->name,
                 tables[i]);
        if (stat(path, &file) == 0)
            sum += (double)file.st_size;
    }
    return sum;
}

static bool print_index(void *context, const struct sql_value *columns, unsigned n)
{
    (void)context;
    (void)n;
    printf(" \"%.*s_mb\": %.*s,", SLICE_ARG(columns[0].bytes), SLICE_ARG(columns[1].bytes));
    return true;
}

static void print_indexes(struct bench *bench)
{
    char query[400];
    int len = snprintf(query, sizeof(query),
                       "SELECT index_name, ROUND(stat_value * @@innodb_page_size / 1000000, 1)"
                       " FROM mysql.innodb_index_stats WHERE database_name = '%s' AND"
                       " table_name = 'click_rollup' AND stat_name = 'size'",
                       bench->name);
    sql_text(bench->server.admin, (struct slice){ query, (size_t)len }, print_index, NULL, NULL);
    printf("\n");
}

static void print_bytes(struct bench *bench)
{
    mariadb_run(&bench->server, "ANALYZE TABLE %s.click_rollup, %s.click_total", bench->name,
                bench->name);
    long rows = mariadb_number(&bench->server, "SELECT COUNT(*) FROM %s.click_rollup", bench->name);
    long detail = mariadb_number(&bench->server, "SELECT SUM(LENGTH(detail)) FROM %s.click_rollup",
                                 bench->name);
    long tables = mariadb_number(&bench->server,
                                 "SELECT SUM(data_length + index_length) FROM"
                                 " information_schema.tables WHERE table_schema = '%s'"
                                 " AND table_name IN ('click_rollup', 'click_total')",
                                 bench->name);
    double files = file_bytes(bench);
    printf(" \"rows\": %ld, \"detail_bytes_per_row\": %.1f, \"table_mb\": %.1f, \"file_mb\": %.1f,"
           " \"file_bytes_per_row\": %.1f, \"file_bytes_per_click\": %.1f,\n",
           rows, (double)detail / (double)rows, (double)tables / 1e6, files / 1e6,
           files / (double)rows, files / (double)bench->clicks);
    print_indexes(bench);
}

/* --- flushing --- */

/* Stores the clicks, of the link `only` or (0) of all; the times of the batches go to `times`.
 * Returns their number. */
static size_t flush_all(struct bench *bench, uint64_t only, double *times)
{
    static struct click_event events[BATCH];
    struct error err = { "" };
    size_t batch = 0;
    for (uint64_t done = 0; done < bench->clicks && batch < BATCHES_MAX;) {
        size_t n = 0;
        for (; n < BATCH && done < bench->clicks; n++, done++) {
            uint64_t rank = draw_zipf(bench, bench->popularity, bench->links);
            make_click(bench, only ? only : link_of_rank(bench, rank), done, &events[n]);
        }
        arena_reset(bench->arena);
        const struct click_flush flush = {
            .source = SLICE("0123456789abcdef"),
            .batch = batch + 1,
            .positions = SLICE("here"),
            .events = events,
            .n = n,
            .arena = bench->arena,
            .now = time(NULL),
        };
        struct click_flushed flushed;
        double begin = now_ms();
        check(db_clicks_flush(bench->db, &flush, &flushed, &err), &err);
        times[batch++] = now_ms() - begin;
    }
    return batch;
}

static double print_batches(const struct bench *bench, double *times, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += times[i];
    qsort(times, n, sizeof(*times), by_size);
    double rate = (double)bench->clicks / sum * 1e3;
    printf("{\"clicks\": %llu, \"links\": %llu, \"days\": %llu, \"clicks_per_s\": %.0f,"
           " \"batch_ms\": {\"median\": %.0f, \"p99\": %.0f, \"max\": %.0f},\n",
           (unsigned long long)bench->clicks, (unsigned long long)bench->links,
           (unsigned long long)bench->days, rate, times[n / 2], times[n * 99 / 100], times[n - 1]);
    return rate;
}

/* --- reading --- */

/* Answers the statistics of a link, all there is of it by day; the clicks it found. */
static uint64_t read_link(struct bench *bench, struct slice code)
{
    struct stats_request request = {
        .link = { .code = code, .caller = { .role = ROLE_ADMIN }, .arena = bench->arena },
        .query = { .range = { .unit = STATS_DAY },
                   .by = STATS_ALL_DIMENSIONS,
                   .top = STATS_TOP_DEFAULT },
    };
    const int64_t from = (int64_t)FIRST_DAY * CLICK_DAY_SECONDS;
    const int64_t to = from + (int64_t)(DAYS - 1) * CLICK_DAY_SECONDS;
    struct statistics statistics;
    struct error err = { "" };
    arena_reset(bench->arena);
    if (!stats_range_set(&request.query.range, from, to, to) ||
        statistics_read(bench->db, &request, &statistics, &err) != OUTCOME_OK ||
        !stats_json(&statistics, bench->arena).len) {
        fprintf(stderr, "click_store: %s\n", err.text);
        exit(1);
    }
    return statistics.total.clicks;
}

static void code_of(struct bench *bench, uint64_t link_id, char out[CODE_ROOM])
{
    struct link link;
    struct error err = { "" };
    arena_reset(bench->arena);
    check(db_link_find_id(bench->db, link_id, bench->arena, &link, &err), &err);
    snprintf(out, CODE_ROOM, "%.*s", SLICE_ARG(link.code));
}

static double print_read(struct bench *bench, uint64_t link_id)
{
    double times[RUNS];
    uint64_t clicks = 0;
    char code[CODE_ROOM];
    code_of(bench, link_id, code);
    for (int i = 0; i < RUNS; i++) {
        double begin = now_ms();
        clicks = read_link(bench, slice_of(code));
        times[i] = now_ms() - begin;
    }
    qsort(times, RUNS, sizeof(*times), by_size);
    long bytes = mariadb_number(&bench->server,
                                "SELECT SUM(LENGTH(detail)) FROM %s.click_rollup WHERE link_id ="
                                " %llu",
                                bench->name, (unsigned long long)link_id);
    printf(" \"hottest\": {\"clicks\": %llu, \"kb\": %.0f, \"read_ms\": {\"median\": %.2f,"
           " \"max\": %.2f}}}\n",
           (unsigned long long)clicks, (double)bytes / 1e3, times[RUNS / 2], times[RUNS - 1]);
    return times[RUNS / 2];
}

/* --- the modes --- */

static double times[BATCHES_MAX];

static int bench_flush(struct bench *bench)
{
    size_t n = flush_all(bench, 0, times);
    double rate = print_batches(bench, times, n);
    print_bytes(bench);
    double read = print_read(bench, link_of_rank(bench, 0));
    return rate >= RATE && times[n - 1] <= BATCH_MS && read < READ_MS ? 0 : 1;
}

static int bench_read(struct bench *bench)
{
    print_batches(bench, times, flush_all(bench, 1, times));
    print_bytes(bench);
    return print_read(bench, 1) < READ_MS ? 0 : 1;
}

static void fold_all(struct bench *bench, uint32_t hourly_before, uint32_t daily_before)
{
    const struct click_compact compact = { hourly_before, daily_before, COMPACT_ROWS };
    struct click_compact_done done = { .more = true };
    struct error err = { "" };
    uint64_t rows = 0;
    size_t n = 0;
    double begin = now_ms();
    while (done.more && n < BATCHES_MAX) {
        double batch = now_ms();
        check(db_clicks_compact_batch(bench->db, &compact, &done, &err), &err);
        times[n++] = now_ms() - batch;
        rows += done.compacted + done.merged;
    }
    double seconds = (now_ms() - begin) / 1e3;
    qsort(times, n, sizeof(*times), by_size);
    printf(" \"fold\": {\"rows\": %llu, \"rows_per_s\": %.0f, \"batch_ms\": {\"median\": %.1f,"
           " \"max\": %.1f}},\n",
           (unsigned long long)rows, (double)rows / seconds, times[n / 2], times[n - 1]);
}

static int bench_fold(struct bench *bench)
{
    print_batches(bench, times, flush_all(bench, 0, times));
    print_bytes(bench);
    fold_all(bench, FIRST_DAY + (uint32_t)(bench->days / 2), 0);
    fold_all(bench, 0, FIRST_DAY + (uint32_t)(bench->days / 4));
    print_bytes(bench);
    print_read(bench, link_of_rank(bench, 0));
    return 0;
}

static uint64_t number(int argc, char **argv, int at, uint64_t otherwise)
{
    return argc > at ? strtoull(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct bench *bench);
        uint64_t links;
    } modes[] = { { "flush", bench_flush, LINKS },
                  { "read", bench_read, 10 },
                  { "fold", bench_fold, LINKS } };
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes) && argc >= 3; i++) {
        struct bench bench = { .clicks = number(argc, argv, 2, 0),
                               .links = number(argc, argv, 3, modes[i].links),
                               .days = number(argc, argv, 4, DAYS) };
        if (strcmp(argv[1], modes[i].name) != 0 || !bench.clicks || !bench.links || !bench.days)
            continue;
        start(&bench);
        int status = modes[i].run(&bench);
        stop(&bench);
        return status;
    }
    fprintf(stderr, "usage: click_store flush|fold CLICKS [LINKS [DAYS]] | read CLICKS\n");
    return 2;
}
