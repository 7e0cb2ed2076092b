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
#include "support/codes_key.h"
#include "transfer/export.h"
#include "transfer/import.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define NOW          INT64_C(1800000000)
#define URL          "\"long_url\": \"https://example.com/\""

/* A database, the rules, and what was reported: "LINE " a line. */
struct site {
    struct db *db;
    struct link_cache links;
    struct codes codes;
    struct shortener shortener;
    struct arena *arena;
    struct buf reported;
};

static void open_site(struct site *site)
{
    *site = (struct site){ .db = db_fake_new(1000000, 1000) };
    codes_key_store(site->db, CODE_KEY);
    site->codes = (struct codes){ .db = site->db,
                                  .sequence = { .name = "default", .db = site->db },
                                  .length = 7 };
    site->shortener = (struct shortener){
        .cache = &site->links,
        .db = site->db,
        .codes = &site->codes,
        .aliases = { .min_length = 3, .max_length = 50 },
        .default_status = 302,
        .max_lifetime_s = INT64_C(1) << 40,
    };
    site->arena = arena_new(1024 * 1024);
    site->reported = buf_in(site->arena, 65536);
}

static void close_site(struct site *site)
{
    db_close(&site->db);
    arena_free(&site->arena);
}

static void report(void *context, uint64_t line, struct slice code, const char *why)
{
    struct site *site = context;
    (void)code;
    assert_int_not_equal(*why, '\0');
    buf_printf(&site->reported, "%u ", (unsigned)line);
}

/* `import` says how; the counts are in it afterwards. */
static enum db_result run_import(struct site *site, struct import *import, const char *text)
{
    struct link_source source = { .file = fmemopen((void *)(uintptr_t)text, strlen(text), "r") };
    struct error err = { "" };
    import->shortener = &site->shortener;
    import->now = NOW;
    import->report = report;
    import->context = site;
    assert_non_null(source.file);
    enum db_result result = import_run(import, &source, &err);
    fclose(source.file);
    return result;
}

static enum db_result import_text(struct site *site, const char *text, struct import_counts *counts)
{
    struct import import = { 0 };
    enum db_result result = run_import(site, &import, text);
    *counts = import.counts;
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
    { __LINE__, "{" URL "}", 0, 0, 0, 1, "1 " },
    { __LINE__, "{\"code\": \"login\", " URL "}", 0, 0, 0, 1, "1 " },
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

static void what_becomes_of_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(LINES_OF_ALL_KINDS); i++) {
        struct site site;
        struct import_counts counts;
        open_site(&site);
        import_text(&site, "{\"code\": \"old\", \"long_url\": \"https://example.com/old\"}",
                    &counts);
        assert_int_equal(counts.imported, 1);
        enum db_result result = import_text(&site, LINES_OF_ALL_KINDS[i].text, &counts);
        if (result != DB_OK || counts.imported != LINES_OF_ALL_KINDS[i].imported ||
            counts.present != LINES_OF_ALL_KINDS[i].present ||
            counts.conflicts != LINES_OF_ALL_KINDS[i].conflicts ||
            counts.refused != LINES_OF_ALL_KINDS[i].refused ||
            !slice_eq(buf_slice(&site.reported), slice_of(LINES_OF_ALL_KINDS[i].reported)))
            fail_msg("line %d: %u %u %u %u %.*s", LINES_OF_ALL_KINDS[i].line,
                     (unsigned)counts.imported, (unsigned)counts.present,
                     (unsigned)counts.conflicts, (unsigned)counts.refused,
                     SLICE_ARG(buf_slice(&site.reported)));
        close_site(&site);
    }
}

/* A database that fails ends the import; the next import continues there. */
static void goes_on_where_it_was(void **state)
{
    (void)state;
    enum { LINES = 3 * IMPORT_BATCH };
    struct site site;
    struct import_counts counts;
    open_site(&site);
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
    close_site(&site);
}

/* What is there already costs neither an id nor a statement of its own. */
static void what_is_there_takes_no_id(void **state)
{
    (void)state;
    static const char text[] = "{\"code\": \"abc\", " URL "}\n{\"code\": \"def\", " URL "}\n";
    static const char other[] = "{\"code\": \"abc\", \"long_url\": \"https://example.com/b\"}\n";
    struct site site;
    struct import_counts counts;
    struct error err = { "" };
    uint64_t before;
    uint64_t after;
    open_site(&site);
    assert_int_equal(import_text(&site, text, &counts), DB_OK);
    assert_int_equal(counts.imported, 2);
    assert_int_equal(codes_next_id(&site.codes, &before, &err), OUTCOME_OK);
    assert_int_equal(import_text(&site, text, &counts), DB_OK);
    assert_int_equal(counts.present, 2);
    assert_int_equal(import_text(&site, other, &counts), DB_OK);
    assert_int_equal(counts.conflicts, 1);
    assert_int_equal(codes_next_id(&site.codes, &after, &err), OUTCOME_OK);
    assert_int_equal(after, before + 1);
    close_site(&site);
}

#define OWNED(code, owner) "{\"code\": \"" code "\", \"owner\": \"" owner "\", " URL "}\n"
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
    { __LINE__, NULL, OWNED("login", "bob"), 0, 1, 0 },
};

static void users_are_made(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(MADE_USERS); i++) {
        struct site site;
        struct import_counts none;
        struct error err = { "" };
        struct user ann = { .name = SLICE("ann"), .role = ROLE_ADMIN };
        open_site(&site);
        assert_int_equal(db_user_add(site.db, &ann, &err), DB_OK);
        assert_int_equal(import_text(&site, OWNED("first", "bob"), &none), DB_OK);
        assert_int_equal(none.refused, 1);
        struct import import = { .owner = MADE_USERS[i].owner, .make_users = true };
        enum db_result result = run_import(&site, &import, MADE_USERS[i].text);
        if (result != DB_OK || import.counts.imported != MADE_USERS[i].imported ||
            import.counts.refused != MADE_USERS[i].refused ||
            import.owners.n_made != MADE_USERS[i].made)
            fail_msg("line %d: %u %u %u", MADE_USERS[i].line, (unsigned)import.counts.imported,
                     (unsigned)import.counts.refused, (unsigned)import.owners.n_made);
        struct user user;
        if (db_user_find(site.db, SLICE("bob"), site.arena, &user, &err) == DB_OK) {
            assert_int_equal(user.role, ROLE_USER);
            assert_int_equal(user.created_at, NOW);
        }
        close_site(&site);
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
        "\"used\": 4, \"clicks\": 12, \"clicks_imported\": 12, \"owner\": null}\n";
    static const char CSV[] =
        "code,aliases,long_url,title,tags,redirect_status,forward_query,extra_path,created_at,"
        "updated_at,"
        "starts_at,expires_at,max_clicks,used,clicks,clicks_imported,owner\r\nabc,\"abc\ndef\","
        "\"https://example.com/a,b%22c?%2B\",\"a \"\"b\"\", c\",\"a b\nc,d\",307,true,404,"
        "2020-01-01T00:00:00Z,2021-01-01T00:00:00Z,2020-02-01T00:00:00Z,2030-01-01T00:00:00Z,9,4,"
        "12,12,\r\n";
    for (enum link_format format = FORMAT_JSONL; format <= FORMAT_CSV; format++) {
        struct site site;
        struct import_counts counts;
        struct error err = { "" };
        uint64_t n = 0;
        char *first = NULL;
        size_t size = 0;
        open_site(&site);
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
        close_site(&site);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_becomes_of_lines),     cmocka_unit_test(goes_on_where_it_was),
        cmocka_unit_test(what_is_there_takes_no_id), cmocka_unit_test(users_are_made),
        cmocka_unit_test(formats_by_name),           cmocka_unit_test(there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
