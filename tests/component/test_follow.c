/* SPDX-License-Identifier: MIT */
/* Following access logs: each line counts once, whatever becomes of the file, whenever the follower
 * is killed. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "fakes/db_fake.h"
#include "follow/log_aside.h"
#include "os/clock.h"
#include "service/flush.h"
#include "service/follow.h"

#define FIREFOX "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
#define SAFARI                                                                                  \
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like " \
    "Gecko) Version/17.0 Mobile/15E148 Safari/604.1"

enum { AT = 1796058000, LINK = 7, PATH_ROOM = 200 };

struct fixture {
    char dir[64];
    char log[PATH_ROOM];
    struct follower *follower;
    struct db *db;
    struct arena *arena;
    struct follow_total total;
    unsigned serial; /* makes lines differ */
};

/* --- the place --- */

static void insert_link(struct db *db, uint64_t id, const char *code)
{
    struct error err;
    const struct link link = {
        .target = { .link_id = id, .long_url = SLICE("https://example.com/") },
        .code = slice_of(code),
        .created_at = AT,
        .updated_at = AT,
    };
    assert_int_equal(db_link_insert(db, &link, NULL, &err), DB_OK);
}

/* A process that follows, as it is after its start. */
static void start(struct fixture *f)
{
    struct error err;
    f->follower = calloc(1, sizeof(*f->follower));
    assert_non_null(f->follower);
    f->follower->db = f->db;
    f->follower->arena = f->arena;
    f->follower->kept_dir = f->dir;
    f->follower->lines.db = f->db;
    f->follower->lines.arena = f->arena;
    f->follower->lines.window_s = 3600;
    assert_int_equal(follow_prepare(f->follower, &err), DB_OK);
}

/* kill -9 loses what is in memory alone. */
static void kill_follower(struct fixture *f)
{
    follow_close(f->follower);
    free(f->follower);
    f->follower = NULL;
}

static int setup(void **state)
{
    static const char secret[CLICK_SECRET_BYTES] = "secret";
    struct fixture *f = calloc(1, sizeof(*f));
    if (!f)
        return -1;
    *state = f;
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/curt-follow-XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    (void)snprintf(f->log, sizeof(f->log), "%s/curt.log", f->dir);
    f->db = db_fake_new(1000, 10);
    f->arena = arena_new(64 << 20);
    db_fake_set_setting(f->db, FLUSH_SECRET_SETTING, (struct slice){ secret, sizeof(secret) });
    insert_link(f->db, LINK, "abc");
    start(f);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    char path[2 * PATH_ROOM];
    DIR *dir = opendir(f->dir);
    const struct dirent *entry;
    // cppcheck-suppress readdirCalled
    while ((entry = readdir(dir))) {
        (void)snprintf(path, sizeof(path), "%s/%s", f->dir, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    closedir(dir);
    rmdir(f->dir);
    kill_follower(f);
    db_close(&f->db);
    arena_free(&f->arena);
    free(f);
    return 0;
}

/* --- writing logs --- */

static void append_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void line(struct fixture *f, char *out, size_t size, const char *what)
{
    (void)snprintf(out, size,
                   "%d.000 192.0.2.%u GET \"/abc\" %s \"" FIREFOX
                   "\" \"https://www.example.org/x\" \"-\" \"-\" \"-\" \"-\" \"-\" 1.%u\n",
                   AT, f->serial % 250, what, f->serial);
    f->serial++;
}

/* Appends lines that count. */
static void hits(struct fixture *f, unsigned n)
{
    char text[1000];
    for (unsigned i = 0; i < n; i++) {
        line(f, text, sizeof(text), "302 HIT");
        append_text(f->log, text);
    }
}

static void rename_log(struct fixture *f, const char *end)
{
    char to[2 * PATH_ROOM];
    (void)snprintf(to, sizeof(to), "%s%s", f->log, end);
    assert_int_equal(rename(f->log, to), 0);
}

/* Compresses "curt.log" and `end` to the same with ".gz"; of the bytes, all but the last `less`. */
static void compress_log(struct fixture *f, const char *end, unsigned less, bool also_removes)
{
    static char bytes[16 << 20];
    char from[2 * PATH_ROOM], to[2 * PATH_ROOM + 4];
    (void)snprintf(from, sizeof(from), "%s%s", f->log, end);
    (void)snprintf(to, sizeof(to), "%s.gz", from);
    FILE *file = fopen(from, "r");
    size_t n = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    gzFile packed = gzopen(to, "w");
    assert_int_equal(gzwrite(packed, bytes, (unsigned)n), n);
    gzclose(packed);
    struct stat status;
    assert_int_equal(stat(to, &status), 0);
    assert_int_equal(truncate(to, status.st_size - less), 0);
    if (also_removes)
        unlink(from);
}

/* --- following --- */

static enum db_result follow_kind(struct fixture *f, enum log_kind kind, const char *path)
{
    struct error err = { "" };
    const struct log_place place = { kind, slice_of(path) };
    return follow_log(f->follower, &place, slice_of(""), &f->total, &err);
}

static void follow(struct fixture *f)
{
    assert_int_equal(follow_kind(f, LOG_NGINX, f->log), DB_OK);
}

static uint64_t stored(struct fixture *f)
{
    struct click_totals totals;
    struct error err;
    assert_int_equal(db_clicks_owner(f->db, DB_OWNER_ANY, &totals, &err), DB_OK);
    return totals.clicks;
}

#define assert_stored(f, n) assert_int_equal(stored(f), n)

/* --- tests --- */

static void grows(void **state)
{
    struct fixture *f = *state;
    follow(f); /* there is no file yet */
    hits(f, 3);
    follow(f);
    assert_stored(f, 3);
    follow(f);
    assert_stored(f, 3);
    hits(f, 2);
    follow(f);
    assert_stored(f, 5);
    assert_int_equal(f->total.failed, 0);
    assert_int_equal(f->total.lines.verdicts[LOG_COUNTS], 5);
}

/* A line counts when it is whole. */
static void half_a_line(void **state)
{
    struct fixture *f = *state;
    char text[1000], half[1000];
    line(f, text, sizeof(text), "302 HIT");
    for (size_t cut = 0; cut < strlen(text); cut += 37) {
        (void)snprintf(half, sizeof(half), "%.*s", (int)cut, text);
        FILE *file = fopen(f->log, "w");
        (void)fputs(half, file);
        (void)fclose(file);
        follow(f);
        assert_stored(f, 0);
    }
    FILE *file = fopen(f->log, "w");
    (void)fputs(text, file);
    (void)fputs("1796058000.000 192.0.2.1 GET", file);
    (void)fclose(file);
    follow(f);
    assert_stored(f, 1);
    assert_int_equal(f->total.lines.verdicts[LOG_UNREADABLE], 0);
}

static void restarts(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 1; i <= 5; i++) {
        hits(f, 40);
        follow(f);
        kill_follower(f);
        start(f);
        follow(f);
        assert_stored(f, 40 * i);
    }
}

static void rotates(void **state)
{
    struct fixture *f = *state;
    hits(f, 30);
    follow(f);
    hits(f, 5); /* not read before the file is renamed */
    rename_log(f, ".1");
    hits(f, 7);
    follow(f);
    assert_stored(f, 42);
    compress_log(f, ".1", 0, true);
    kill_follower(f);
    start(f);
    follow(f);
    assert_stored(f, 42);
    hits(f, 1);
    follow(f);
    assert_stored(f, 43);
    assert_int_equal(f->total.failed, 0);
}

/* A file that was compressed before it was read, and one that is just being compressed. */
static void compressed(void **state)
{
    struct fixture *f = *state;
    hits(f, 50);
    rename_log(f, ".1");
    compress_log(f, ".1", 9, false);
    follow(f); /* both are there */
    assert_stored(f, 50);
    compress_log(f, ".1", 0, true);
    follow(f);
    assert_stored(f, 50);
    hits(f, 50);
    rename_log(f, ".2");
    compress_log(f, ".2", 0, true);
    follow(f);
    assert_stored(f, 100);
    kill_follower(f);
    start(f);
    follow(f);
    assert_stored(f, 100);
}

static void same_file_twice(void **state)
{
    struct fixture *f = *state;
    char copy[PATH_ROOM + 10], command[3 * PATH_ROOM];
    hits(f, 20);
    (void)snprintf(copy, sizeof(copy), "%s/again", f->dir);
    (void)snprintf(command, sizeof(command), "cp %s %s", f->log, copy);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): paths of our own
    follow(f);
    assert_int_equal(follow_kind(f, LOG_NGINX, copy), DB_OK);
    assert_int_equal(follow_kind(f, LOG_NGINX, f->log), DB_OK);
    assert_stored(f, 20);
}

/* Files with the same first line are told apart by what follows. */
static void same_first_line(void **state)
{
    struct fixture *f = *state;
    hits(f, 30);
    rename_log(f, ".1");
    f->serial = 0;
    hits(f, 1);
    f->serial = 100;
    hits(f, 60);
    follow(f);
    assert_stored(f, 91);
    kill_follower(f);
    start(f);
    follow(f);
    assert_stored(f, 91);
}

/* copytruncate: what is written after the copy and before the truncation is lost, nothing else, and
 * nothing counts twice. */
static void copytruncate(void **state)
{
    struct fixture *f = *state;
    char command[3 * PATH_ROOM];
    hits(f, 10);
    follow(f);
    hits(f, 5);
    (void)snprintf(command, sizeof(command), "cp %s %s.1", f->log, f->log);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): paths of our own
    hits(f, 2);
    assert_int_equal(truncate(f->log, 0), 0);
    hits(f, 20);
    follow(f);
    assert_stored(f, 35);
    kill_follower(f);
    start(f);
    follow(f);
    assert_stored(f, 35);
}

/* The database fails at each of its calls, with and without having stored the batch. */
static void failures(void **state)
{
    struct fixture *f = *state;
    unsigned expected = 0;
    for (unsigned n = 0; n < 6; n++) {
        for (int lost = 0; lost < 2; lost++) {
            hits(f, 10);
            expected += 10;
            db_fake_fail(f->db, 1, DB_UNAVAILABLE, lost != 0);
            (void)follow_kind(f, LOG_NGINX, f->log);
            if (n % 2) {
                kill_follower(f);
                db_fake_fail(f->db, 0, DB_OK, false);
                start(f);
            }
            db_fake_fail(f->db, 0, DB_OK, false);
            follow(f);
            assert_stored(f, expected);
        }
    }
}

/* Two processes follow the same log. */
static void two_followers(void **state)
{
    struct fixture *f = *state;
    hits(f, 10);
    follow(f);
    struct follower *first = f->follower;
    start(f);
    struct follower *second = f->follower;
    for (unsigned i = 1; i <= 5; i++) {
        hits(f, 10);
        f->follower = i % 2 ? first : second;
        follow(f);
        f->follower = i % 2 ? second : first;
        follow(f);
        assert_stored(f, 10 + 10 * i);
    }
    f->follower = first;
    kill_follower(f);
    f->follower = second;
}

static void what_counts(void **state)
{
    struct fixture *f = *state;
    static const char *const others[] = { "302 MISS", "404 HIT", "302 EXPIRED" };
    char text[1000];
    for (unsigned i = 0; i < 3; i++) {
        line(f, text, sizeof(text), others[i]);
        append_text(f->log, text);
    }
    append_text(f->log, "what is this?\n");
    append_text(f->log, "1796058000.000 ::1 GET \"/nobody\" 302 HIT \"" FIREFOX
                        "\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\" 1.1\n");
    append_text(f->log, "1796058000.000 ::1 GET \"/\" 302 HIT \"" FIREFOX
                        "\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\" 1.2\n");
    append_text(f->log, "1796058000.000 ::1 GET \"/%61bc.?x\" 302 HIT \"" SAFARI
                        "\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\" 1.3\n");
    append_text(f->log, "1796058000.000 ::1 GET \"/abc/\" 302 HIT \"" SAFARI
                        "\" \"-\" \"1\" \"-\" \"-\" \"-\" \"-\" 1.4\n");
    append_text(f->log, "1796050000.000 ::1 GET \"/abc\" 302 HIT \"curl/8\" \"-\" \"-\" \"-\" "
                        "\"-\" \"-\" \"-\" 1.5\n");
    append_text(f->log, "1796058000.000 ::1 HEAD \"/abc\" 302 HIT \"" SAFARI
                        "\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\" 1.6\n");
    follow(f);
    assert_int_equal(f->total.lines.verdicts[LOG_ASKED], 2);
    assert_int_equal(f->total.lines.verdicts[LOG_NO_REDIRECT], 1);
    assert_int_equal(f->total.lines.verdicts[LOG_NO_VISIT], 1);
    assert_int_equal(f->total.lines.verdicts[LOG_UNREADABLE], 1);
    assert_int_equal(f->total.lines.verdicts[LOG_COUNTS], 5);
    assert_int_equal(f->total.lines.unknown, 2);
    assert_int_equal(f->total.clicks, 2);
    assert_int_equal(f->total.bots, 1);
    assert_int_equal(log_aside_size(f->dir), strlen("nginx: what is this?\n"));
}

/* What is kept aside is bounded. */
static void aside(void **state)
{
    struct fixture *f = *state;
    char text[3001];
    memset(text, 'x', sizeof(text) - 2);
    text[sizeof(text) - 2] = '\n';
    text[sizeof(text) - 1] = '\0';
    for (unsigned i = 0; i < 100; i++)
        append_text(f->log, text);
    follow(f);
    assert_int_equal(f->total.lines.verdicts[LOG_UNREADABLE], 100);
    assert_in_range(log_aside_size(f->dir), LOG_ASIDE_BYTES_MAX - LOG_ASIDE_LINE_MAX - 32,
                    LOG_ASIDE_BYTES_MAX);
}

/* Lines count in the day and hour that they name, in whatever order they come. */
static void out_of_order(void **state)
{
    struct fixture *f = *state;
    static const int late_s[] = { 0, 7200, 3600, 90000, 10, 86400 };
    char text[1000];
    for (size_t i = 0; i < 6; i++) {
        (void)snprintf(text, sizeof(text),
                       "%d.000 192.0.2.1 GET \"/abc\" 302 HIT \"" FIREFOX
                       "\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\" 2.%zu\n",
                       AT - late_s[i], i);
        append_text(f->log, text);
    }
    follow(f);
    struct click_rows rows;
    struct error err;
    const struct click_query query = { .link_id = LINK, .end_day = UINT32_MAX };
    arena_reset(f->arena);
    assert_int_equal(db_clicks_read(f->db, &query, f->arena, &rows, &err), DB_OK);
    assert_int_equal(rows.n, 2);
    struct click_day day;
    assert_true(click_day_decode(rows.rows[1].detail, f->arena, &day));
    assert_int_equal(day.hours[17].clicks, 1);
    assert_int_equal(day.hours[16].clicks, 2);
    assert_int_equal(day.hours[15].clicks, 1);
    assert_true(click_day_decode(rows.rows[0].detail, f->arena, &day));
    assert_int_equal(day.hours[17].clicks, 1);
    assert_int_equal(day.hours[16].clicks, 1);
}

/* The visitor is the same as one whom a worker counts: the same hash. */
static void visitors(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 4; i++) {
        f->serial = 1;
        hits(f, 1);
    }
    hits(f, 1);
    follow(f);
    struct click_totals totals;
    struct error err;
    assert_int_equal(db_clicks_owner(f->db, DB_OWNER_ANY, &totals, &err), DB_OK);
    assert_int_equal(totals.clicks, 5);
    assert_int_equal(totals.visitors, 2);
}

/* Lines that are older than the limit do not count, those of tomorrow are wrong; so positions that
 * are older than the limit can be forgotten, and the log read again. */
static void old_lines(void **state)
{
    struct fixture *f = *state;
    static const int ages_s[] = { 0, 7000, 7300, 90000, -3600, -90000 };
    char text[1000];
    struct error err;
    int64_t now = clock_now();
    for (size_t i = 0; i < 6; i++) {
        (void)snprintf(text, sizeof(text),
                       "%" PRId64 ".000 192.0.2.1 GET \"/abc\" 302 HIT \"" FIREFOX
                       "\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\" 3.%zu\n",
                       now - ages_s[i], i);
        append_text(f->log, text);
    }
    f->follower->max_age_s = 7200;
    follow(f);
    assert_stored(f, 3);
    assert_int_equal(f->total.lines.late, 2);
    assert_int_equal(f->total.lines.verdicts[LOG_UNREADABLE], 1);
    for (unsigned part = 0; part < 256; part++)
        assert_int_equal(follow_purge(f->db, (unsigned char)part, 7200, now + 7200 + 86400, &err),
                         DB_OK);
    kill_follower(f);
    start(f);
    f->follower->max_age_s = 7200;
    follow(f);
    assert_stored(f, 3); /* the position was still there */
    for (unsigned part = 0; part < 256; part++)
        assert_int_equal(
            follow_purge(f->db, (unsigned char)part, 7200, now + 7200 + 86400 + 60, &err), DB_OK);
    kill_follower(f);
    start(f);
    follow(f);
    assert_stored(f, 3 + 6); /* read again, and counted again without a limit */
}

/* A call stores some batches, and says that there is more, and how much. */
static void in_steps(void **state)
{
    struct fixture *f = *state;
    enum { LINES = 30000 };
    hits(f, LINES);
    struct log_identity whole;
    assert_true(log_identity_find(f->log, &whole));
    f->follower->batches_max = 1;
    follow(f);
    assert_true(f->total.more);
    uint64_t first = stored(f);
    assert_in_range(first, 1000, LINES - 1);
    assert_int_equal(f->total.behind, (uint64_t)whole.size - f->total.bytes);
    unsigned calls = 1;
    for (; f->total.more && calls < 100; calls++) {
        f->total.behind = 0;
        follow(f);
    }
    assert_in_range(calls, 3, 10);
    assert_stored(f, LINES);
    assert_int_equal(f->total.behind, 0);
    rename_log(f, ".1");
    compress_log(f, ".1", 0, true);
    kill_follower(f);
    start(f);
    f->follower->batches_max = 1;
    follow(f); /* notes that this file has been read to its end */
    assert_stored(f, LINES);
    follow(f);
    assert_false(f->total.more);
    assert_stored(f, LINES);
}

/* A file that cannot be read is reported in every round, not only when it is found. */
static void stays_unreadable(void **state)
{
    struct fixture *f = *state;
    append_text(f->log, "\x1f\x8b this is no gzip\n");
    for (unsigned i = 1; i <= 3; i++) {
        f->total.behind = 0;
        follow(f);
        assert_int_equal(f->total.failed, i);
        assert_int_equal(f->total.behind, 19);
    }
    assert_non_null(strstr(f->total.fault.text, f->log));
}

static void folder_of_a_cdn(void **state)
{
    struct fixture *f = *state;
    char path[PATH_ROOM + 20];
    for (unsigned i = 0; i < 3; i++) {
        char text[600];
        (void)snprintf(
            text, sizeof(text),
            "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status "
            "cs(User-Agent) x-edge-result-type x-edge-request-id\n"
            "2026-11-30\t17:00:0%u\t192.0.2.%u\tGET\t/abc\t302\tMozilla/5.0%%20(X11;%%20Linux)%%20"
            "Firefox/120.0\tHit\tid%u==\n",
            i, i, i);
        (void)snprintf(f->log, sizeof(f->log), "%s/E1.2026-11-30-%u", f->dir, i);
        append_text(f->log, text);
        compress_log(f, "", 0, true);
    }
    (void)snprintf(path, sizeof(path), "%s/", f->dir);
    assert_int_equal(follow_kind(f, LOG_CLOUDFRONT, path), DB_OK);
    assert_int_equal(f->total.failed, 0);
    assert_stored(f, 3);
    (void)snprintf(path, sizeof(path), "%s/E1.*.gz", f->dir);
    kill_follower(f);
    start(f);
    assert_int_equal(follow_kind(f, LOG_CLOUDFRONT, path), DB_OK);
    assert_stored(f, 3);
}

static void not_a_log(void **state)
{
    struct fixture *f = *state;
    const char junk[] = "\xfd"
                        "7zXZ\0\0\n";
    FILE *file = fopen(f->log, "w");
    (void)fwrite(junk, 1, sizeof(junk), file);
    (void)fclose(file);
    follow(f);
    assert_int_equal(f->total.failed, 1);
    assert_non_null(strstr(f->total.fault.text, "neither a log nor compressed by gzip"));
    assert_int_equal(follow_kind(f, LOG_NGINX, "/nonexistent/curt.log"), DB_OK);
    assert_int_equal(f->total.failed, 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(grows),        T(half_a_line),     T(restarts),         T(rotates),
        T(compressed),   T(same_file_twice), T(same_first_line),  T(copytruncate),
        T(failures),     T(two_followers),   T(what_counts),      T(aside),
        T(out_of_order), T(visitors),        T(folder_of_a_cdn),  T(not_a_log),
        T(old_lines),    T(in_steps),        T(stays_unreadable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
