/* SPDX-License-Identifier: MIT */
/* Imports and exports over the in-memory database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/db_fake.h"
#include "support/import_site.h"
#include "transfer/export.h"
#include "transfer/import.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define NOW          INT64_C(1800000000)
#define URL          "\"long_url\": \"https://example.com/\""

#define OWNED_BY(code, owner) "{\"code\": \"" code "\", \"owner\": \"" owner "\", " URL "}"

static void note_problem(void *context, const struct import_problem *problem)
{
    struct import_site *site = context;
    assert_int_not_equal(*problem->why, '\0');
    buf_printf(&site->reported, "%u ", (unsigned)problem->line);
}

/* `import` says how; the counts are in it afterwards. */
static enum db_result run_import(struct import_site *site, struct import *import, const char *text)
{
    struct link_source source = { .file = fmemopen((void *)(uintptr_t)text, strlen(text), "r") };
    struct error err = { "" };
    import->shortener = &site->shortener;
    import->now = NOW;
    import->on_problem = import->on_problem ? import->on_problem : note_problem;
    import->context = site;
    assert_non_null(source.file);
    enum db_result result = import_run(import, &source, &err);
    fclose(source.file);
    return result;
}

static enum db_result import_text(struct import_site *site, const char *text,
                                  struct import_report *counts)
{
    struct import import = { .is_admin = true };
    enum db_result result = run_import(site, &import, text);
    *counts = import.report;
    return result;
}

/* What becomes of the lines of a file where the code "old" is taken. */
static const struct {
    int line;
    const char *text;
    unsigned imported, present, conflicts, refused;
    const char *reported;
} LINES_OF_ALL_KINDS[] = {
    { __LINE__, "\n", 0, 0, 0, 0, "" },
    { __LINE__, "{\"code\": \"abc\", " URL "}", 1, 0, 0, 0, "" },
    { __LINE__, "\n{\"code\": \"abc\", " URL "}\r\n\n", 1, 0, 0, 0, "" },
    { __LINE__, "{\"code\": \"old\", \"long_url\": \"https://example.com/old\"}", 0, 1, 0, 0, "" },
    { __LINE__, "{\"code\": \"old\", \"long_url\": \"HTTPS://EXAMPLE.com:443/old\"}", 0, 1, 0, 0,
      "" },
    { __LINE__, "{\"code\": \"old\", " URL "}", 0, 0, 1, 0, "1 " },
    { __LINE__, "{\"code\": \"abc\", \"aliases\": [\"old\"], " URL "}", 0, 0, 1, 0, "1 " },
    { __LINE__, "{\"code\": \"abc\", \"aliases\": [\"def\", \"abc\"], " URL "}", 1, 0, 0, 0, "" },
    /* The first wants two codes and gets none: the second may have its code. */
    { __LINE__,
      "{\"code\": \"abc\", \"aliases\": [\"old\"], " URL
      "}\n{\"code\": \"abc\", \"long_url\": \"https://example.com/b\"}",
      1, 0, 1, 0, "1 " },
    { __LINE__, "{\"code\": \"abc\", " URL "}\n{\"code\": \"abc\", " URL "}", 1, 1, 0, 0, "" },
    { __LINE__, "{\"code\": \"abc\"}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{" URL "}", 1, 0, 0, 0, "" },
    { __LINE__, "{\"long_url\": \"https://example.com/old\"}", 0, 1, 0, 0, "" },
    { __LINE__, "{\"aliases\": [\"def\"], " URL "}\n{\"code\": \"def\", " URL "}", 1, 1, 0, 0, "" },
    { __LINE__, "{\"aliases\": [\"old\"], " URL "}", 0, 0, 1, 0, "1 " },
    { __LINE__, "{" URL "}\n{" URL "}\n{\"code\": \"abc\", " URL "}\n{" URL "}", 2, 2, 0, 0, "" },
    { __LINE__, "{\"code\": \"abc\", " URL "}\n{" URL "}", 1, 1, 0, 0, "" },
    /* The first of the equal ones gets no link, so the second makes one. */
    { __LINE__, "{\"code\": \"abc\", \"aliases\": [\"old\"], " URL "}\n{" URL "}", 1, 0, 1, 0,
      "1 " },
    { __LINE__, "{\"code\": \"api\", " URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{\"code\": \"abc\", \"aliases\": [\"urls\"], " URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{\"code\": \"login\", " URL "}", 1, 0, 0, 0, "" },
    { __LINE__, "{\"code\": \"a b\", " URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{\"code\": 7, " URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{\"code\": \"abc\", \"redirect_status\": 200, " URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{\"code\": \"abc\", \"max_clicks\": -1, " URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{\"code\": \"abc\", \"tags\": [1], " URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{\"code\": \"abc\", \"tags\": null, " URL "}", 1, 0, 0, 0, "" },
    { __LINE__, "{\"code\": \"abc\", \"expires_at\": \"1999-01-01T00:00:00Z\", " URL "}", 1, 0, 0,
      0, "" },
    { __LINE__, "{\"code\": \"abc\", \"owner\": \"nobody\", " URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{\"code\": \"abc\", \"state\": \"live\", \"short_url\": \"x\", " URL "}", 1, 0, 0,
      0, "" },
    { __LINE__, "{\"code\": \"abc\", \"colour\": \"red\", " URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{\"code\": \"abc\", \"clicks\": 9, \"clicks_imported\": 4, " URL "}", 1, 0, 0, 0,
      "" },
    { __LINE__, "{\"code\": \"abc\", \"clicks_imported\": -1, " URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "no\n[]\n{\"code\": \"abc\", " URL "}\n{", 1, 0, 0, 3, "1 2 4 " },
};

static bool is_same_tally(const struct import_tally *dry, const struct import_tally *real)
{
    /* A dry run does not know the code that will be generated. */
    return dry->n == real->n && dry->line == real->line &&
           (dry->code[0] == '\0' || strcmp(dry->code, real->code) == 0);
}

/* Whether a dry run says what the import did. */
static bool is_same_report(const struct import_report *dry, const struct import_report *real)
{
    bool same = dry->imported == real->imported && dry->changed == real->changed &&
                dry->present == real->present && dry->conflicts == real->conflicts &&
                dry->refused == real->refused;
    for (unsigned i = 0; i < IMPORT_CHANGES; i++)
        same = same && is_same_tally(&dry->changes[i], &real->changes[i]);
    for (unsigned i = 0; i < IMPORT_REFUSALS; i++)
        same = same && is_same_tally(&dry->refusals[i], &real->refusals[i]);
    return same;
}

static void fail_reports(const struct import_report *dry, const struct import_report *real,
                         const char *text)
{
    printf("imported %u %u, changed %u %u, present %u %u, conflicts %u %u\n%s",
           (unsigned)dry->imported, (unsigned)real->imported, (unsigned)dry->changed,
           (unsigned)real->changed, (unsigned)dry->present, (unsigned)real->present,
           (unsigned)dry->conflicts, (unsigned)real->conflicts, text);
    for (unsigned i = 0; i < IMPORT_REFUSALS; i++)
        printf("%s %u %u, lines %u %u\n", import_refusal_rows[i].name, (unsigned)dry->refusals[i].n,
               (unsigned)real->refusals[i].n, (unsigned)dry->refusals[i].line,
               (unsigned)real->refusals[i].line);
    fail();
}

static void what_becomes_of_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(LINES_OF_ALL_KINDS); i++) {
        struct import_site site;
        struct import_report counts;
        import_site_open(&site, 1024 * 1024);
        import_text(&site, "{\"code\": \"old\", \"long_url\": \"https://example.com/old\"}",
                    &counts);
        assert_int_equal(counts.imported, 1);
        struct import dry = { .is_admin = true, .dry_run = true };
        unsigned links = db_fake_links(site.db);
        assert_int_equal(run_import(&site, &dry, LINES_OF_ALL_KINDS[i].text), DB_OK);
        assert_int_equal(db_fake_links(site.db), links);
        site.reported.len = 0;
        enum db_result result = import_text(&site, LINES_OF_ALL_KINDS[i].text, &counts);
        if (!is_same_report(&dry.report, &counts))
            fail_msg("line %d: a dry run says %u %u %u %u", LINES_OF_ALL_KINDS[i].line,
                     (unsigned)dry.report.imported, (unsigned)dry.report.present,
                     (unsigned)dry.report.conflicts, (unsigned)dry.report.refused);
        if (result != DB_OK || counts.imported != LINES_OF_ALL_KINDS[i].imported ||
            counts.present != LINES_OF_ALL_KINDS[i].present ||
            counts.conflicts != LINES_OF_ALL_KINDS[i].conflicts ||
            counts.refused != LINES_OF_ALL_KINDS[i].refused ||
            !slice_eq(buf_slice(&site.reported), slice_of(LINES_OF_ALL_KINDS[i].reported)))
            fail_msg("line %d: %u %u %u %u %.*s", LINES_OF_ALL_KINDS[i].line,
                     (unsigned)counts.imported, (unsigned)counts.present,
                     (unsigned)counts.conflicts, (unsigned)counts.refused,
                     SLICE_ARG(buf_slice(&site.reported)));
        import_site_close(&site);
    }
}

/* A database that fails ends the import; the next import continues there. */
static void goes_on_where_it_was(void **state)
{
    (void)state;
    enum { LINES = 3 * IMPORT_BATCH };
    struct import_site site;
    struct import_report counts;
    import_site_open(&site, 1024 * 1024);
    struct arena *arena = arena_new(4 * 1024 * 1024);
    struct buf text = buf_in(arena, 1024 * 1024);
    for (unsigned i = 0; i < LINES; i++)
        buf_printf(&text, "{\"code\": \"link%u\", " URL "}\n", i);
    assert_int_equal(import_text(&site, "{\"code\": \"link7\", " URL "}", &counts), DB_OK);
    db_fake_fail(site.db, 1000, DB_UNAVAILABLE, true);
    assert_int_equal(import_text(&site, text.at, &counts), DB_UNAVAILABLE);
    db_fake_fail(site.db, 0, DB_OK, false);
    assert_int_equal(import_text(&site, text.at, &counts), DB_OK);
    assert_int_equal(counts.imported + counts.present, LINES);
    assert_int_equal(counts.conflicts + counts.refused, 0);
    assert_int_equal(db_fake_links(site.db), LINES);
    arena_free(&arena);
    import_site_close(&site);
}

/* After the first batch the answers of the database are lost. */
static void fail_next(void *context, uint64_t done)
{
    struct import_site *site = context;
    if (done)
        db_fake_fail(site->db, 1000, DB_UNAVAILABLE, true);
}

/* The same where no row has a code: links are found by owner and long URL. */
static void rows_without_codes_are_not_doubled(void **state)
{
    (void)state;
    enum { LINES = 2 * IMPORT_BATCH + 100 };
    struct import_site site;
    struct import_report counts;
    import_site_open(&site, 1024 * 1024);
    struct arena *arena = arena_new(4 * 1024 * 1024);
    struct buf text = buf_in(arena, 1024 * 1024);
    for (unsigned i = 0; i < LINES; i++)
        buf_printf(&text, "{\"long_url\": \"https://example.com/%u\"}\n", i % (LINES - 7));
    struct import dry = { .is_admin = true, .dry_run = true };
    assert_int_equal(run_import(&site, &dry, text.at), DB_OK);
    assert_int_equal(dry.report.imported, LINES - 7);
    assert_int_equal(dry.report.present, 7);
    for (unsigned calls = 1; calls <= 2; calls++) {
        db_fake_fail(site.db, 0, DB_OK, false);
        struct import begun = { .is_admin = true };
        begun.step = calls == 1 ? NULL : fail_next;
        if (calls == 1)
            db_fake_fail(site.db, 1000, DB_UNAVAILABLE, true);
        assert_int_equal(run_import(&site, &begun, text.at), DB_UNAVAILABLE);
    }
    db_fake_fail(site.db, 0, DB_OK, false);
    assert_int_equal(import_text(&site, text.at, &counts), DB_OK);
    assert_int_equal(counts.imported + counts.present, LINES);
    assert_int_equal(db_fake_links(site.db), LINES - 7);
    assert_int_equal(import_text(&site, text.at, &counts), DB_OK);
    assert_int_equal(counts.present, LINES);
    assert_int_equal(db_fake_links(site.db), LINES - 7);
    arena_free(&arena);
    import_site_close(&site);
}

/* Rows of one URL, by one owner and another. */
static void the_owner_counts_for_rows_without_codes(void **state)
{
    (void)state;
    static const char text[] = "{\"owner\": \"ann\", " URL "}\n{\"owner\": \"bob\", " URL "}\n{" URL
                               "}\n{\"owner\": \"bob\", " URL "}\n";
    for (int dry = 1; dry >= 0; dry--) {
        struct import_site site;
        import_site_open(&site, 1024 * 1024);
        struct import import = { .is_admin = true, .make_users = true, .dry_run = dry };
        assert_int_equal(run_import(&site, &import, text), DB_OK);
        assert_int_equal(import.report.imported, 3);
        assert_int_equal(import.report.present, 1);
        assert_int_equal(import.owners.n_made, 2);
        assert_int_equal(db_fake_links(site.db), dry ? 0 : 3);
        struct user user;
        struct error err = { "" };
        assert_int_equal(db_user_find(site.db, SLICE("ann"), site.arena, &user, &err),
                         dry ? DB_MISSING : DB_OK);
        import_site_close(&site);
    }
}

/* A generated code that is an alias already is passed over. */
static void a_generated_code_may_be_taken(void **state)
{
    (void)state;
    struct import_site site;
    struct import_report counts;
    struct error err = { "" };
    char code[CODE_MAX + 1];
    uint64_t id;
    import_site_open(&site, 1024 * 1024);
    assert_int_equal(codes_next(&site.codes, &id, code, &err), OUTCOME_OK);
    assert_true(code_from_id(&site.codes.scheme, id + 2, code));
    struct buf text = buf_in(site.arena, 1024);
    buf_printf(&text, "{\"code\": \"%s\", \"long_url\": \"https://example.com/a\"}", code);
    assert_int_equal(import_text(&site, text.at, &counts), DB_OK);
    assert_int_equal(counts.imported, 1); /* with the id after the first */
    assert_int_equal(import_text(&site, "{" URL "}", &counts), DB_OK);
    assert_int_equal(counts.imported, 1);
    assert_int_equal(db_fake_links(site.db), 2);
    import_site_close(&site);
}

#define CODED(code) "{\"code\": \"" code "\", " URL "}"

/* What becomes of a code that a list has, by who imports it. */
static const struct {
    int line;
    const char *text;
    int admin; /* the change that is counted; -1: refused */
    enum import_refusal user;
} WORDS[] = {
    { __LINE__, CODED("blog"), IMPORT_CHANGE_CODE_RESERVED, IMPORT_REFUSAL_CODE_RESERVED },
    { __LINE__, CODED("Support"), IMPORT_CHANGE_CODE_RESERVED, IMPORT_REFUSAL_CODE_RESERVED },
    { __LINE__, CODED("acme"), IMPORT_CHANGE_CODE_LISTED, IMPORT_REFUSAL_CODE_RESERVED },
    { __LINE__, CODED("my-shit"), IMPORT_CHANGE_CODE_OFFENSIVE, IMPORT_REFUSAL_CODE_RESERVED },
    { __LINE__, CODED("api"), -1, IMPORT_REFUSAL_CODE_PATH },
    { __LINE__, CODED("METRICS"), -1, IMPORT_REFUSAL_CODE_PATH },
    { __LINE__, CODED("a.b"), -1, IMPORT_REFUSAL_CODE_INVALID },
    { __LINE__, "{\"code\": \"abc\", \"aliases\": [\"contact\"], " URL "}",
      IMPORT_CHANGE_CODE_RESERVED, IMPORT_REFUSAL_CODE_RESERVED },
};

static void import_word(struct import *import, size_t i)
{
    static const struct slice listed[] = { SLICE("acme") };
    static const struct word_list list = { listed, 1 };
    struct import_site site;
    import_site_open(&site, 1024 * 1024);
    site.shortener.aliases.reserved = &list;
    assert_int_equal(run_import(&site, import, WORDS[i].text), DB_OK);
    import_site_close(&site);
}

static void an_admins_import_takes_listed_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(WORDS); i++) {
        struct import admin = { .is_admin = true };
        import_word(&admin, i);
        bool right = WORDS[i].admin >= 0 ? admin.report.changes[WORDS[i].admin].n == 1 &&
                                               admin.report.changed == admin.report.imported
                                         : admin.report.refusals[WORDS[i].user].n == 1;
        struct import user = { .is_admin = false };
        import_word(&user, i);
        if (!right || user.report.refusals[WORDS[i].user].n != 1)
            fail_msg("line %d", WORDS[i].line);
    }
    struct import short_one = { .is_admin = false };
    struct import_site site;
    import_site_open(&site, 1024 * 1024);
    assert_int_equal(run_import(&site, &short_one, CODED("x") "\n" CODED("pussycat")), DB_OK);
    assert_int_equal(short_one.report.refusals[IMPORT_REFUSAL_CODE_INVALID].n, 1);
    assert_int_equal(short_one.report.imported, 1);
    import_site_close(&site);
}

/* Why rows are refused, with the kind and the sentence. */
static const struct {
    int line;
    const char *text;
    enum import_refusal kind;
    const char *why;
} REFUSED[] = {
    { __LINE__, "{}", IMPORT_REFUSAL_URL_MISSING, "long_url is missing" },
    { __LINE__, CODED("old"), IMPORT_REFUSAL_CODE_TAKEN,
      "another link has this code, and leads elsewhere" },
    { __LINE__, "{\"code\": \"abc\", \"aliases\": [\"old\"], " URL "}", IMPORT_REFUSAL_ALIAS_TAKEN,
      "another link has its alias old" },
    { __LINE__, "\n" CODED("abc") "\n{\"code\": \"abc\", \"long_url\": \"https://b.example/\"}",
      IMPORT_REFUSAL_CODE_TWICE, "line 2 of this file has this code, and leads elsewhere" },
    { __LINE__,
      CODED("abc") "\n{\"code\": \"def\", \"aliases\": [\"abc\"], \"long_url\": "
                   "\"https://b.example/\"}",
      IMPORT_REFUSAL_ALIAS_TAKEN, "line 1 of this file has its alias abc" },
    { __LINE__, "{\"code\": \"abc\", \"long_url\": \"https://short.example/x\"}",
      IMPORT_REFUSAL_URL_OWN, "the URL is one of this shortener's own" },
    { __LINE__, "{\"code\": \"abc\", \"long_url\": \"javascript:1\"}", IMPORT_REFUSAL_URL_INVALID,
      NULL },
    { __LINE__, "{\"code\": \"abc\", \"redirect_status\": 200, " URL "}",
      IMPORT_REFUSAL_FIELD_INVALID, NULL },
    { __LINE__, OWNED_BY("abc", "nobody"), IMPORT_REFUSAL_OWNER_UNKNOWN,
      "there is no user nobody" },
    { __LINE__, "{\"code\": 7, " URL "}", IMPORT_REFUSAL_UNREADABLE, NULL },
};

static void keep_problem(void *context, const struct import_problem *problem)
{
    struct import_site *site = context;
    buf_printf(&site->reported, "%d: %s", (int)problem->kind, problem->why);
}

static void refusals_have_a_kind_and_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(REFUSED); i++) {
        const size_t at = i / 2;
        struct import_site site;
        struct import_report counts;
        char expected[128];
        import_site_open(&site, 1024 * 1024);
        site.shortener.own = (struct own_site){ .host = SLICE("short.example") };
        import_text(&site, "{\"code\": \"old\", \"long_url\": \"https://example.com/old\"}",
                    &counts);
        struct import import = { .is_admin = true, .dry_run = i % 2, .on_problem = keep_problem };
        assert_int_equal(run_import(&site, &import, REFUSED[at].text), DB_OK);
        snprintf(expected, sizeof(expected), "%d: %s", (int)REFUSED[at].kind,
                 REFUSED[at].why ? REFUSED[at].why : "");
        struct slice said = buf_slice(&site.reported);
        if (REFUSED[at].why ? !slice_eq(said, slice_of(expected))
                            : !slice_starts_with(said, slice_of(expected)))
            fail_msg("line %d: %.*s", REFUSED[at].line, SLICE_ARG(said));
        assert_int_equal(import.report.refusals[REFUSED[at].kind].n, 1);
        import_site_close(&site);
    }
}

/* What a file says may not control the terminal that shows it. */
static void reports_are_one_line_of_text(void **state)
{
    (void)state;
    struct import_site site;
    import_site_open(&site, 1024 * 1024);
    struct import import = { .is_admin = true, .on_problem = keep_problem };
    assert_int_equal(
        run_import(&site, &import, "{\"code\": \"abc\", \"owner\": \"\\u001b[2J\", " URL "}"),
        DB_OK);
    assert_true(slice_eq(slice_from(buf_slice(&site.reported), 4), SLICE("there is no user ?[2J")));
    import_site_close(&site);
}

/* A dry run remembers so many codes, and says when that was too few. */
static void a_dry_run_has_a_limit(void **state)
{
    (void)state;
    static const char text[] =
        CODED("abc") "\n" CODED("def") "\n" CODED("abc") "\n" CODED("def") "\n";
    for (size_t max = 3; max <= 4; max++) {
        struct import_site site;
        import_site_open(&site, 1024 * 1024);
        struct import import = { .is_admin = true, .dry_run = true, .seen_max = max };
        assert_int_equal(run_import(&site, &import, text), DB_OK);
        /* abc, its destination, def; the destination is the same */
        assert_false(import.seen.full);
        struct import less = { .is_admin = true, .dry_run = true, .seen_max = max - 2 };
        assert_int_equal(run_import(&site, &less, text), DB_OK);
        assert_int_equal(less.report.imported, 3);
        assert_true(less.seen.full);
        import_site_close(&site);
    }
}

/* Files of rows that meet each other in all ways: a dry run must say what the import then does. */
static void dry_runs_tell_the_truth(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (unsigned file = 0; file < 200; file++) {
        struct import_site site;
        struct import_report counts;
        import_site_open(&site, 1024 * 1024);
        struct buf text = buf_in(site.arena, 65536);
        for (unsigned row = 0; row < 40; row++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            unsigned r = (unsigned)(random >> 33);
            buf_printf(&text, "{\"long_url\": \"https://example.com/%u\"", r % 7);
            if (r / 7 % 4)
                buf_printf(&text, ", \"code\": \"c%u\"", r / 28 % 12);
            if (r / 336 % 8 == 0)
                buf_printf(&text, ", \"aliases\": [\"c%u\"]", r / 2688 % 12);
            buf_add_text(&text, r / 32256 % 10 ? "}\n" : ", \"title\": \"a\\nb\"}\n");
        }
        import_text(&site, "{\"code\": \"c3\", \"long_url\": \"https://example.com/3\"}", &counts);
        struct import dry = { .is_admin = true, .dry_run = true };
        assert_int_equal(run_import(&site, &dry, text.at), DB_OK);
        assert_int_equal(import_text(&site, text.at, &counts), DB_OK);
        if (!is_same_report(&dry.report, &counts))
            fail_reports(&dry.report, &counts, text.at);
        unsigned links = db_fake_links(site.db);
        assert_int_equal(import_text(&site, text.at, &counts), DB_OK);
        assert_int_equal(counts.imported, 0);
        assert_int_equal(db_fake_links(site.db), links);
        import_site_close(&site);
    }
}

/* What is there already costs neither an id nor a statement of its own. */
static void what_is_there_takes_no_id(void **state)
{
    (void)state;
    static const char text[] = "{\"code\": \"abc\", " URL "}\n{\"code\": \"def\", " URL "}\n";
    static const char other[] = "{\"code\": \"abc\", \"long_url\": \"https://example.com/b\"}\n";
    struct import_site site;
    struct import_report counts;
    struct error err = { "" };
    uint64_t before;
    uint64_t after;
    import_site_open(&site, 1024 * 1024);
    assert_int_equal(import_text(&site, text, &counts), DB_OK);
    assert_int_equal(counts.imported, 2);
    assert_int_equal(codes_next_id(&site.codes, &before, &err), OUTCOME_OK);
    assert_int_equal(import_text(&site, text, &counts), DB_OK);
    assert_int_equal(counts.present, 2);
    assert_int_equal(import_text(&site, other, &counts), DB_OK);
    assert_int_equal(counts.conflicts, 1);
    assert_int_equal(codes_next_id(&site.codes, &after, &err), OUTCOME_OK);
    assert_int_equal(after, before + 1);
    import_site_close(&site);
}

#define OWNED(code, owner) OWNED_BY(code, owner) "\n"
#define TEN                "0123456789"
#define HUNDRED            TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* The users that are created for a file whose owners do not exist, except "ann". */
static const struct {
    int line;
    const char *owner; /* of the import; NULL: whom each link names */
    const char *text;
    unsigned imported, refused, made;
} MADE_USERS[] = {
    { __LINE__, NULL, OWNED("abc", "ann"), 1, 0, 0 },
    { __LINE__, NULL, OWNED("abc", "bob"), 1, 0, 1 },
    { __LINE__, NULL, OWNED("abc", "bob") OWNED("def", "bob") OWNED("ghi", "zed"), 3, 0, 2 },
    { __LINE__, NULL, OWNED("abc", "K\u00e4the"), 1, 0, 1 },
    { __LINE__, NULL, OWNED("abc", HUNDRED), 1, 0, 1 },
    { __LINE__, NULL, OWNED("abc", HUNDRED "0") OWNED("def", "bob"), 1, 1, 1 },
    { __LINE__, NULL, OWNED("abc", ""), 1, 0, 0 },
    { __LINE__, "carl", OWNED("abc", "bob") OWNED("def", "zed"), 2, 0, 1 },
    { __LINE__, "ann", OWNED("abc", "bob"), 1, 0, 0 },
    { __LINE__, "", OWNED("abc", "bob"), 1, 0, 0 },
    /* No user is created for a link that is refused. */
    { __LINE__, NULL, OWNED("api", "bob"), 0, 1, 0 },
};

static void users_are_made(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(MADE_USERS); i++) {
        struct import_site site;
        struct import_report none;
        struct error err = { "" };
        struct user ann = { .name = SLICE("ann"), .role = ROLE_ADMIN };
        import_site_open(&site, 1024 * 1024);
        assert_int_equal(db_user_add(site.db, &ann, &err), DB_OK);
        assert_int_equal(import_text(&site, OWNED("first", "bob"), &none), DB_OK);
        assert_int_equal(none.refused, 1);
        struct import import = { .owner = MADE_USERS[i].owner, .make_users = true };
        enum db_result result = run_import(&site, &import, MADE_USERS[i].text);
        if (result != DB_OK || import.report.imported != MADE_USERS[i].imported ||
            import.report.refused != MADE_USERS[i].refused ||
            import.owners.n_made != MADE_USERS[i].made)
            fail_msg("line %d: %u %u %u", MADE_USERS[i].line, (unsigned)import.report.imported,
                     (unsigned)import.report.refused, (unsigned)import.owners.n_made);
        struct user user;
        if (db_user_find(site.db, SLICE("bob"), site.arena, &user, &err) == DB_OK) {
            assert_int_equal(user.role, ROLE_USER);
            assert_int_equal(user.created_at, NOW);
        }
        import_site_close(&site);
    }
}

/* What format a file has, by `--format` and by its name; -1: there is no such format. */
static const struct {
    int line;
    const char *name;
    const char *path;
    int format;
} FORMATS[] = {
    { __LINE__, NULL, "links.csv", FORMAT_CSV },
    { __LINE__, NULL, "/a.b/LINKS.CSV", FORMAT_CSV },
    { __LINE__, NULL, ".csv", FORMAT_CSV },
    { __LINE__, NULL, "links.jsonl", FORMAT_JSONL },
    { __LINE__, NULL, "links.json", FORMAT_JSONL },
    { __LINE__, NULL, "links", FORMAT_JSONL },
    { __LINE__, NULL, "links.csv.old", FORMAT_JSONL },
    { __LINE__, NULL, "dir.csv/links", FORMAT_JSONL },
    { __LINE__, NULL, "-", FORMAT_JSONL },
    { __LINE__, NULL, NULL, FORMAT_JSONL },
    { __LINE__, "jsonl", "links.csv", FORMAT_JSONL },
    { __LINE__, "csv", "links.jsonl", FORMAT_CSV },
    { __LINE__, "csv", NULL, FORMAT_CSV },
    { __LINE__, "xml", "links.csv", -1 },
    { __LINE__, "", "links.csv", -1 },
};

static void formats_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(FORMATS); i++) {
        enum link_format format;
        bool known = link_format_choose(FORMATS[i].name, FORMATS[i].path, &format);
        if (known ? (int)format != FORMATS[i].format : FORMATS[i].format != -1)
            fail_msg("line %d", FORMATS[i].line);
    }
}

/* What was imported is exported the same. */
static void there_and_back(void **state)
{
    (void)state;
    static const char text[] =
        "{\"code\": \"abc\", \"aliases\": [\"abc\", \"def\"], \"long_url\": "
        "\"https://example.com/a,b%22c?%2B\", \"title\": \"a \\\"b\\\", c\", \"tags\": [\"a b\", "
        "\"c,d\"], \"redirect_status\": 307, \"forward_query\": true, \"extra_path\": "
        "\"404\", \"created_at\": "
        "\"2020-01-01T00:00:00Z\", \"updated_at\": \"2021-01-01T00:00:00Z\", \"starts_at\": "
        "\"2020-02-01T00:00:00Z\", \"expires_at\": \"2030-01-01T00:00:00Z\", \"max_clicks\": 9, "
        "\"expired_url\": \"https://example.com/after\", "
        "\"not_started_url\": \"https://example.com/before\", \"used\": 4, \"clicks\": 12, "
        "\"clicks_imported\": 12, \"owner\": null}\n";
    static const char CSV[] =
        "code,aliases,long_url,title,tags,redirect_status,forward_query,extra_path,created_at,"
        "updated_at,"
        "starts_at,expires_at,max_clicks,expired_url,not_started_url,used,clicks,clicks_imported,"
        "owner\r\nabc,\"abc\ndef\","
        "\"https://example.com/a,b%22c?%2B\",\"a \"\"b\"\", c\",\"a b\nc,d\",307,true,404,"
        "2020-01-01T00:00:00Z,2021-01-01T00:00:00Z,2020-02-01T00:00:00Z,2030-01-01T00:00:00Z,9,"
        "https://example.com/after,https://example.com/before,4,"
        "12,12,\r\n";
    for (enum link_format format = FORMAT_JSONL; format <= FORMAT_CSV; format++) {
        struct import_site site;
        struct import_report counts;
        struct error err = { "" };
        uint64_t n = 0;
        char *first = NULL;
        size_t size = 0;
        import_site_open(&site, 1024 * 1024);
        assert_int_equal(import_text(&site, text, &counts), DB_OK);
        assert_int_equal(counts.imported, 1);
        struct export export = { .db = site.db,
                                 .out = open_memstream(&first, &size),
                                 .format = format,
                                 .owner_id = DB_OWNER_ANY,
                                 .now = NOW };
        assert_int_equal(export_run(&export, &n, &err), DB_OK);
        fclose(export.out);
        assert_int_equal(n, 1);
        if (format == FORMAT_JSONL)
            assert_string_equal(first, text);
        else
            assert_string_equal(first, CSV);
        free(first);
        import_site_close(&site);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_becomes_of_lines),
        cmocka_unit_test(goes_on_where_it_was),
        cmocka_unit_test(rows_without_codes_are_not_doubled),
        cmocka_unit_test(the_owner_counts_for_rows_without_codes),
        cmocka_unit_test(a_generated_code_may_be_taken),
        cmocka_unit_test(an_admins_import_takes_listed_words),
        cmocka_unit_test(refusals_have_a_kind_and_a_sentence),
        cmocka_unit_test(reports_are_one_line_of_text),
        cmocka_unit_test(a_dry_run_has_a_limit),
        cmocka_unit_test(dry_runs_tell_the_truth),
        cmocka_unit_test(what_is_there_takes_no_id),
        cmocka_unit_test(users_are_made),
        cmocka_unit_test(formats_by_name),
        cmocka_unit_test(there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
