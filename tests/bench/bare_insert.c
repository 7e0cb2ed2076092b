/* SPDX-License-Identifier: MIT */
/* The bare insert: the rows of a create, written by prepared statements and committed, by N
 * connections at once for some seconds. What a create costs in the database alone.
 *
 *     MYSQL_PWD=... bare_insert SOCKET USER DATABASE CONNECTIONS SECONDS RUN
 *
 * prints the number of links and the seconds they took, as JSON. RUN, from 1 to 255, gives each run
 * on a database ids of its own. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mysql.h>

enum {
    CODE_DIGITS = 7,
    URL_BYTES = 100,
    CONNECTIONS_MAX = 32,
    RUNS_MAX = 255,
    RUN_SHIFT = 33,        /* of the run in an id */
    CONNECTION_SHIFT = 28, /* of the connection */
    SHARDS = 16,
    STATEMENTS = 3,
};

/* As db/statements.def has them. */
static const char *const TEXTS[STATEMENTS] = {
    "INSERT INTO code (domain_id, code, link_id) VALUES (1, ?, ?)",
    "INSERT INTO link (id, owner_id, version, redirect_status, flags, created_at,"
    " updated_at, starts_at, expires_at, max_clicks, code_kind, code, title, long_url)"
    " VALUES (?, 1, NULL, 302, 0, 1, NULL, NULL, NULL, NULL, 0, ?, NULL, ?)",
    "INSERT INTO owner_total (owner_id, shard, links) VALUES (1, ?, 1)"
    " ON DUPLICATE KEY UPDATE links = links + VALUES(links)",
};

struct options {
    const char *socket, *user, *password, *database;
    long connections, run;
    double seconds;
};

struct writer {
    const struct options *options;
    pthread_barrier_t *start;
    pthread_t thread;
    uint64_t first_id;
    uint64_t n; /* links made */
    double ended;
    MYSQL *mysql;
    MYSQL_STMT *statements[STATEMENTS];
    /* What the statements' parameters point to. */
    uint64_t id, shard;
    char code[CODE_DIGITS];
    char url[URL_BYTES];
};

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static MYSQL_BIND number(const uint64_t *at)
{
    MYSQL_BIND bind = { .buffer_type = MYSQL_TYPE_LONGLONG,
                        .buffer = (void *)at,
                        .is_unsigned = 1 };
    return bind;
}

static MYSQL_BIND bytes(const char *at, unsigned long len)
{
    MYSQL_BIND bind = { .buffer_type = MYSQL_TYPE_BLOB,
                        .buffer = (void *)at,
                        .buffer_length = len };
    bind.length_value = len;
    return bind;
}

static int prepare(struct writer *w)
{
    MYSQL_BIND code[] = { bytes(w->code, CODE_DIGITS), number(&w->id) };
    MYSQL_BIND link[] = { number(&w->id), bytes(w->code, CODE_DIGITS), bytes(w->url, URL_BYTES) };
    MYSQL_BIND total[] = { number(&w->shard) };
    MYSQL_BIND *const binds[STATEMENTS] = { code, link, total };
    for (int i = 0; i < STATEMENTS; i++) {
        MYSQL_STMT *s = w->statements[i] = mysql_stmt_init(w->mysql);
        if (!s || mysql_stmt_prepare(s, TEXTS[i], strlen(TEXTS[i])) != 0)
            return -1;
        if (mysql_stmt_bind_param(s, binds[i]) != 0)
            return -1;
    }
    return 0;
}

static int open_writer(struct writer *w)
{
    const struct options *o = w->options;
    w->mysql = mysql_init(NULL);
    if (!w->mysql ||
        !mysql_real_connect(w->mysql, NULL, o->user, o->password, o->database, 0, o->socket, 0))
        return -1;
    return mysql_autocommit(w->mysql, 0) ? -1 : prepare(w);
}

/* Scattered as generated codes are: an odd factor permutes the numbers below 2^41, and ids are
 * below it. */
static void name_link(struct writer *w)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char text[32];
    uint64_t scattered = w->id * 0x9e3779b97f4a7c15U & ((UINT64_C(1) << 41) - 1);
    for (int i = CODE_DIGITS; i-- > 0; scattered /= 62)
        w->code[i] = digits[scattered % 62];
    w->shard = w->id % SHARDS;
    (void)snprintf(text, sizeof(text), "%020llu", (unsigned long long)w->id);
    memcpy(w->url + URL_BYTES - 20, text, 20);
}

static int insert(struct writer *w)
{
    name_link(w);
    for (int i = 0; i < STATEMENTS; i++) {
        if (mysql_stmt_execute(w->statements[i]) != 0) {
            (void)fprintf(stderr, "bare_insert: %s\n", mysql_stmt_error(w->statements[i]));
            return -1;
        }
    }
    return mysql_commit(w->mysql) ? -1 : 0;
}

static void *write_links(void *context)
{
    struct writer *w = context;
    memset(w->url, 'a', URL_BYTES);
    memcpy(w->url, "https://example.com/", 20);
    int failed = open_writer(w);
    if (failed)
        (void)fprintf(stderr, "bare_insert: %s\n", mysql_error(w->mysql));
    (void)pthread_barrier_wait(w->start);
    double end = now() + w->options->seconds;
    for (w->id = w->first_id; !failed && now() < end; w->id++) {
        failed = insert(w);
        w->n += !failed;
    }
    w->ended = failed ? -1 : now();
    for (int i = 0; i < STATEMENTS; i++) {
        if (w->statements[i])
            (void)mysql_stmt_close(w->statements[i]);
    }
    mysql_close(w->mysql);
    mysql_thread_end();
    return NULL;
}

static int run(const struct options *options)
{
    static struct writer writers[CONNECTIONS_MAX];
    pthread_barrier_t start;
    long n = options->connections;
    if (pthread_barrier_init(&start, NULL, (unsigned)n + 1) != 0)
        return -1;
    for (long i = 0; i < n; i++) {
        writers[i].options = options;
        writers[i].start = &start;
        writers[i].first_id =
            ((uint64_t)options->run << RUN_SHIFT) + ((uint64_t)i << CONNECTION_SHIFT);
        if (pthread_create(&writers[i].thread, NULL, write_links, &writers[i]) != 0)
            exit(EXIT_FAILURE);
    }
    (void)pthread_barrier_wait(&start);
    double began = now(), ended = began;
    uint64_t links = 0;
    int failed = 0;
    for (long i = 0; i < n; i++) {
        (void)pthread_join(writers[i].thread, NULL);
        links += writers[i].n;
        failed |= writers[i].ended < 0;
        ended = writers[i].ended > ended ? writers[i].ended : ended;
    }
    (void)pthread_barrier_destroy(&start);
    (void)printf("{\"links\": %llu, \"seconds\": %.6f}\n", (unsigned long long)links,
                 ended - began);
    return failed ? -1 : 0;
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        (void)fprintf(stderr, "usage: bare_insert SOCKET USER DATABASE CONNECTIONS SECONDS RUN\n");
        return 2;
    }
    struct options options = { .socket = argv[1],
                               .user = argv[2],
                               .database = argv[3],
                               .password = getenv("MYSQL_PWD"),
                               .connections = strtol(argv[4], NULL, 10),
                               .seconds = strtod(argv[5], NULL),
                               .run = strtol(argv[6], NULL, 10) };
    if (options.connections < 1 || options.connections > CONNECTIONS_MAX || options.seconds <= 0 ||
        options.run < 1 || options.run > RUNS_MAX)
        return 2;
    if (mysql_library_init(0, NULL, NULL) != 0)
        return EXIT_FAILURE;
    int failed = run(&options);
    mysql_library_end();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
