/* SPDX-License-Identifier: MIT */
/* What it costs to count the lines of an access log: to read, classify and aggregate them, without
 * the database, whose part is a statement for every batch. Lines are as nginx writes them, of 64
 * agents, 16 referrers, 100,000 visitors and as many links as argv[1] says (1,000), the popular
 * ones more often. Prints lines a second of processor time, by step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "click/batch.h"
#include "click/day.h"
#include "service/follow_lines.h"

enum {
    LINES = 500000,
    LINE_ROOM = 512,
    ROUNDS = 5,
    AGENTS = 64,
    REFERRERS = 16,
    VISITORS = 100000,
    AT = 1796058000,
};

/* The only function of the database that reading calls: every code is that of a link. */
enum db_result db_resolve_many(struct db *db, const struct code_list *codes, struct arena *arena,
                               struct target *out, struct error *err)
{
    (void)db, (void)arena, (void)err;
    for (size_t i = 0; i < codes->n; i++)
        out[i] = (struct target){ .link_id = strtoull(codes->at[i].at + 1, NULL, 10) };
    return DB_OK;
}

static double seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* The same numbers in every run: each step is Knuth's MMIX generator. */
static unsigned pick(unsigned n)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(((state >> 32) * (uint64_t)n) >> 32);
}

static size_t write_lines(char *out, unsigned links)
{
    size_t len = 0;
    for (unsigned i = 0; i < LINES; i++) {
        unsigned link = 1 + pick(1 + pick(links)), visitor = pick(VISITORS), agent = pick(AGENTS);
        len += (size_t)snprintf(
            out + len, LINE_ROOM,
            "%u.%03u 10.%u.%u.%u GET \"/c%06u\" 302 HIT \"Mozilla/5.0 (Windows NT 10.0; Win64; "
            "x64) "
            "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%u.0.0.0 Safari/537.36\" "
            "\"https://referrer-%u.example.org/some/path?q=1\" \"-\" \"-\" \"-\" \"-\" \"-\" "
            "%u.%u\n",
            AT + i / 100000, i % 1000, visitor >> 16, visitor >> 8 & 255, visitor & 255, link,
            60 + agent, pick(REFERRERS), i / 100, i % 100);
    }
    return len;
}

/* As the database does with a batch, but for storing the records. */
static uint64_t aggregate(struct click_event *events, size_t n, struct arena *arena)
{
    struct click_group *groups = NULL;
    size_t n_groups = 0;
    uint64_t clicks = 0;
    struct arena *days = arena_new(64 << 20);
    arena_reset(arena);
    if (!days || !click_batch_group(events, n, arena, &groups, &n_groups))
        abort();
    for (size_t i = 0; i < n_groups; i++) {
        struct click_day day;
        arena_reset(days);
        click_day_init(&day, days);
        if (!click_day_add(&day, groups[i].events, groups[i].n))
            abort();
        clicks += day.total.clicks;
    }
    arena_free(&days);
    return clicks;
}

struct run {
    struct follow_lines *lines;
    struct click_event *events;
    double read_s;
    double aggregate_s;
    uint64_t clicks;
};

static void count_all(struct run *run, struct slice log)
{
    struct error err = { "" };
    struct follow_counts counts = { .unknown = 0 };
    while (log.len) {
        struct follow_part part = { .bytes = log, .events = run->events, .max = DB_CLICKS_MAX };
        double from = seconds();
        if (follow_lines_read(run->lines, &part, &counts, &err) != DB_OK || part.used == 0)
            abort();
        double between = seconds();
        run->clicks += aggregate(run->events, part.n, run->lines->arena);
        run->read_s += between - from;
        run->aggregate_s += seconds() - between;
        log = slice_from(log, part.used);
    }
}

int main(int argc, char **argv)
{
    unsigned links = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
    char *text = malloc((size_t)LINES * LINE_ROOM);
    struct error err = { "" };
    struct run run = {
        .lines = calloc(1, sizeof(*run.lines)),
        .events = malloc(DB_CLICKS_MAX * sizeof(*run.events)),
    };
    if (!text || !run.lines || !run.events || links == 0)
        abort();
    run.lines->arena = arena_new(64 << 20);
    run.lines->window_s = 86400;
    run.lines->has_secret = true;
    if (!log_format_compile(&run.lines->format, LOG_NGINX, slice_of(""), &err))
        abort();
    const struct slice log = { text, write_lines(text, links) };
    for (unsigned i = 0; i < ROUNDS; i++)
        count_all(&run, log);
    double lines = (double)LINES * ROUNDS;
    printf("lines\t%.0f\nbytes a line\t%.0f\nclicks\t%llu\n", lines, (double)log.len / LINES,
           (unsigned long long)run.clicks);
    printf("read and classified a second\t%.0f\naggregated a second\t%.0f\nboth a second\t%.0f\n",
           lines / run.read_s, lines / run.aggregate_s, lines / (run.read_s + run.aggregate_s));
    follow_lines_close(run.lines);
    arena_free(&run.lines->arena);
    free(run.lines);
    free(run.events);
    free(text);
    return 0;
}
