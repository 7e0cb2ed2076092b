/* SPDX-License-Identifier: MIT */
/* Imports in chunks over the in-memory database: however a file is cut, its rows are those of the
 * whole file. */
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
#include "transfer/import_chunk.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define NOW          INT64_C(1800000000)

static void note_problem(void *context, const struct import_problem *problem)
{
    struct import_site *site = context;
    buf_printf(&site->reported, "%u %s ", (unsigned)problem->line,
               import_refusal_rows[problem->kind].name);
}

static struct import new_import(struct import_site *site)
{
    return (struct import){
        .shortener = &site->shortener,
        .is_admin = true,
        .now = NOW,
        .on_problem = note_problem,
        .context = site,
    };
}

/* What the links are, in a file. */
static const char *exported(struct import_site *site)
{
    char *bytes = NULL;
    size_t len = 0;
    struct error err;
    uint64_t n;
    struct export export = {
        .db = site->db, .format = FORMAT_CSV, .owner_id = DB_OWNER_ANY, .now = NOW
    };
    export.out = open_memstream(&bytes, &len);
    assert_int_equal(export_run(&export, &n, &err), DB_OK);
    fclose(export.out);
    const char *copy = arena_copy(site->arena, (struct slice){ bytes, len });
    free(bytes);
    return copy;
}

/* The sums of the reports of all chunks. */
struct sums {
    uint64_t imported, changed, present, conflicts, refused, blanks;
};

static void add_report(struct sums *sums, const struct import_report *report, uint64_t blanks)
{
    sums->imported += report->imported;
    sums->changed += report->changed;
    sums->present += report->present;
    sums->conflicts += report->conflicts;
    sums->refused += report->refused;
    sums->blanks += blanks;
}

/* Imports `file` in chunks of `size` bytes, or as many more as a record needs; returns the number
 * of calls. */
static unsigned import_in_chunks(struct import_site *site, struct slice file, size_t size,
                                 struct sums *sums)
{
    struct import_chunk chunk = { .options = { .recognise = true, .now = NOW } };
    char *text = malloc(file.len + IMPORT_HEAD_MAX + 1);
    size_t at = 0;
    size_t wanted = size;
    unsigned calls = 0;
    assert_non_null(text);
    while (!chunk.is_done) {
        struct import import = new_import(site);
        struct error err = { "" };
        char position[IMPORT_NEXT_MAX];
        size_t head = chunk.position.part.head;
        size_t n = file.len - at < wanted ? file.len - at : wanted;
        if (file.len > 0) {
            memcpy(text, file.at, head);
            memcpy(text + head, file.at + at, n);
        }
        chunk.text = (struct slice){ text, head + n };
        chunk.more = at + n < file.len;
        assert_int_equal(import_chunk_run(&import, &chunk, &err), DB_OK);
        assert_true(chunk.consumed <= n);
        add_report(sums, &import.report, chunk.source.blanks);
        at += chunk.consumed;
        wanted = chunk.consumed ? size : wanted + size;
        if (chunk.position.is_set) {
            import_position_write(&chunk.position, position);
            assert_true(import_position_read(slice_of(position), &chunk.position));
        }
        assert_true(++calls < 100000);
    }
    assert_int_equal(at, file.len);
    free(text);
    return calls;
}

#define ROW(code, url) "{\"code\": \"" code "\", \"long_url\": \"" url "\"}"

/* A text that may have NULs. */
#define FILE_TEXT(text)        \
    {                          \
        text, sizeof(text) - 1 \
    }

/* Files of all kinds. A chunk must be as long as is said for the kind to be recognised. */
static const struct {
    const char *name;
    struct slice text;
    size_t least;
} FILES[] = {
    { "empty", FILE_TEXT(""), 1 },
    { "blank lines", FILE_TEXT("\n\n \n"), 1 },
    { "names alone", FILE_TEXT("code,long_url\n"), 1 },
    { "names without an end", FILE_TEXT("code,long_url"), 1 },
    { "lines",
      FILE_TEXT(ROW("one", "http://a.example/1") "\n" ROW("two", "http://a.example/2") "\n"), 1 },
    { "lines and blanks",
      FILE_TEXT("\n\n" ROW("one", "http://a.example/1") "\r\n\r\n  \n{\n" ROW(
          "a b", "http://a.example/2") "\n\n" ROW("two", "http://a.example/3")),
      1 },
    { "lines after a mark",
      FILE_TEXT("\xEF\xBB\xBF" ROW("one", "http://a.example/\xC3\xA4") "\n" ROW("two", "x") "\n"),
      3 },
    { "a table",
      FILE_TEXT("code,long_url,title\nabc,http://a.example/,\"one\ntwo, \"\"three\"\"\"\n"
                "def,http://a.example/2,x\nghi,ftp://x,\n"),
      1 },
    { "a table with CRLF",
      FILE_TEXT("code,long_url,title\r\nabc,http://a.example/,\"one\r\ntwo\"\r\n"
                "\r\n,,\r\n\r\ndef,http://a.example/2,x\r\n"),
      1 },
    { "a table with CR",
      FILE_TEXT("code,long_url\rabc,http://a.example/\rdef,http://a.example/2\r"), 32 },
    { "the last row is cut off",
      FILE_TEXT("code,long_url,title\nabc,http://a.example/,x\ndef,http://a"), 1 },
    { "the last row has no line break",
      FILE_TEXT("code,long_url\nabc,http://a.example/\ndef,http://a.example/2"), 1 },
    { "a delimiter is named",
      FILE_TEXT("sep=;\ncode;long_url\nabc;http://a.example/\nde;http://a.example/2\n"), 1 },
    { "blank rows", FILE_TEXT("code;long_url\n;;\n ; \n;\nabc;http://a.example/\n;\n;\n"), 1 },
    { "a bad quote",
      FILE_TEXT("code,long_url\nabc,x\"y,\"z\ndef,http://a.example/2\nghi,\"h\"x\njkl,http://"
                "a.example/3\n"),
      1 },
    { "a quote without an end",
      FILE_TEXT("code,long_url\nabc,\"http://a.example/\ndef,http://a.example/2\n"), 1 },
    { "UTF-16 with a mark",
      FILE_TEXT("\xFF\xFE"
                "c\0o\0d\0e\0,\0l\0o\0n\0g\0_\0u\0r\0l\0,\0t\0i\0t\0l\0e\0\n\0"
                "a\0b\0c\0,\0h\0t\0t\0p\0:\0/\0/\0a\0.\0a\0/\0,\0\x3D\xD8\0\xDE\n\0"
                "d\0e\0f\0,\0h\0t\0t\0p\0:\0/\0/\0b\0.\0b\0/\0,\0\xE4\0\n\0"),
      4 },
    { "UTF-16 lines",
      FILE_TEXT("{\0\"\0c\0o\0d\0e\0\"\0:\0\"\0a\0b\0c\0\"\0,\0\"\0l\0o\0n\0g\0_\0u\0r\0l\0\"\0:\0"
                "\"\0h\0t\0t\0p\0:\0/\0/\0b\0.\0b\0/\0\"\0}\0\n\0{\0}\0\n\0"),
      4 },
    { "YOURLS",
      FILE_TEXT("keyword\turl\ttitle\ttimestamp\tip\tclicks\n"
                "one\thttp://a.example/1\tA \"b\"\t2020-01-01 10:00:00\t1.2.3.4\t7\n"
                "\\N\thttp://a.example/2\tNULL\t2020-01-01 10:00:00\t1.2.3.4\t0\n"),
      1 },
    { "without codes",
      FILE_TEXT("long_url,code\nhttp://a.example/,\nhttp://a.example/2,\nhttp://a.example/,\n"),
      1 },
    { "codes that are there twice",
      FILE_TEXT(
          "code,long_url\nabc,http://a.example/\nabc,http://a.example/2\nabc,http://a.example/\n"),
      1 },
};

static void however_a_file_is_cut(void **state)
{
    (void)state;
    for (size_t f = 0; f < COUNT(FILES); f++) {
        struct import_site whole;
        struct sums all = { 0 };
        import_site_open(&whole, 4 * 1024 * 1024);
        import_in_chunks(&whole, FILES[f].text, FILES[f].text.len + 1, &all);
        const char *links = exported(&whole);
        for (size_t size = FILES[f].least; size <= FILES[f].text.len; size++) {
            struct import_site site;
            struct sums sums = { 0 };
            import_site_open(&site, 4 * 1024 * 1024);
            import_in_chunks(&site, FILES[f].text, size, &sums);
            /* A code that an earlier chunk has brought is another link's. */
            if (strcmp(FILES[f].name, "codes that are there twice") != 0)
                assert_string_equal(site.reported.len ? site.reported.at : "",
                                    whole.reported.len ? whole.reported.at : "");
            if (memcmp(&sums, &all, sizeof(sums)) != 0)
                fail_msg("%s in chunks of %zu: %u %u, refused %u %u, empty %u %u", FILES[f].name,
                         size, (unsigned)sums.imported, (unsigned)all.imported,
                         (unsigned)sums.refused, (unsigned)all.refused, (unsigned)sums.blanks,
                         (unsigned)all.blanks);
            assert_string_equal(exported(&site), links);
            import_site_close(&site);
        }
        import_site_close(&whole);
    }
}

/* The whole is what `curtctl import` makes of the file. */
static void a_chunk_is_read_as_a_file(void **state)
{
    (void)state;
    for (size_t f = 0; f < COUNT(FILES); f++) {
        struct import_site one;
        struct import_site two;
        struct sums sums = { 0 };
        struct error err = { "" };
        import_site_open(&one, 4 * 1024 * 1024);
        import_site_open(&two, 4 * 1024 * 1024);
        import_in_chunks(&one, FILES[f].text, FILES[f].text.len + 1, &sums);
        struct import import = new_import(&two);
        FILE *file = tmpfile();
        assert_non_null(file);
        assert_int_equal(fwrite(FILES[f].text.at, 1, FILES[f].text.len, file), FILES[f].text.len);
        rewind(file);
        struct link_source source = { .file = file, .options = { .recognise = true, .now = NOW } };
        assert_int_equal(import_run(&import, &source, &err), DB_OK);
        fclose(file);
        assert_int_equal(import.report.imported, sums.imported);
        assert_int_equal(source.blanks, sums.blanks);
        assert_string_equal(exported(&one), exported(&two));
        import_site_close(&one);
        import_site_close(&two);
    }
}

/* --- limits --- */

/* Rows whose codes are numbered, each ending with `rest`. */
static char *many_rows(const char *names, const char *rest, unsigned n)
{
    size_t size = strlen(names) + n * (strlen(rest) + 16) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, size, "%s", names);
    for (unsigned i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, size - len, "abc%u%s", i, rest);
    return text;
}

static void a_chunk_has_a_thousand_rows(void **state)
{
    (void)state;
    struct import_site site;
    struct sums sums = { 0 };
    import_site_open(&site, 4 * 1024 * 1024);
    char *text = many_rows("code,long_url\n", ",http://a.example/\n", 2500);
    assert_int_equal(import_in_chunks(&site, slice_of(text), IMPORT_CHUNK_MAX, &sums), 3);
    assert_int_equal(sums.imported, 2500);
    struct import_chunk chunk = { .text = slice_of(text), .options = { .recognise = true } };
    assert_int_equal(import_chunk_rows(&chunk), IMPORT_CHUNK_ROWS);
    import_site_close(&site);
    free(text);
}

/* A record that is longer than a chunk is refused, and those after it are read. */
static void a_long_record_is_refused(void **state)
{
    (void)state;
    const char *const begins[] = {
        "code,long_url,title\none,http://a.example/,x\ntwo,http://a.example/,",
        ROW("one", "http://a.example/") "\n{\"code\": \"two\", \"title\": \""
    };
    const char *const ends[] = { "\nsix,http://a.example/6,\n",
                                 "\"}\n" ROW("six", "http://a.example/6") "\n" };
    for (size_t i = 0; i < COUNT(begins); i++) {
        struct import_site site;
        struct sums sums = { 0 };
        size_t len = strlen(begins[i]) + 300000 + strlen(ends[i]);
        char *text = malloc(len + 1);
        assert_non_null(text);
        memset(text, 'x', len);
        memcpy(text, begins[i], strlen(begins[i]));
        memcpy(text + len - strlen(ends[i]), ends[i], strlen(ends[i]) + 1);
        import_site_open(&site, 4 * 1024 * 1024);
        import_in_chunks(&site, slice_of(text), 80000, &sums);
        assert_int_equal(sums.imported, 2);
        assert_int_equal(sums.refused, 1);
        assert_string_equal(site.reported.at, i == 0 ? "3 unreadable " : "2 unreadable ");
        import_site_close(&site);
        free(text);
    }
}

static void names_have_a_limit(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct import_site site;
        struct error err = { "" };
        import_site_open(&site, 4 * 1024 * 1024);
        char *text = malloc(90001);
        assert_non_null(text);
        memset(text, ' ', 90000);
        memcpy(text, "code,long_url,", 14);
        memcpy(text + (more ? 89998 : 40000), "\n", 1);
        text[90000] = '\0';
        struct import import = new_import(&site);
        struct import_chunk chunk = { .text = { text, more ? 80000 : 90000 },
                                      .more = more,
                                      .options = { .recognise = true } };
        assert_int_equal(import_chunk_run(&import, &chunk, &err), DB_FAILED);
        assert_true(import.file_failed);
        assert_non_null(strstr(err.text, "names of the columns"));
        import_site_close(&site);
        free(text);
    }
}

static void positions_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_one;
    } rows[] = {
        { "c000-14-3", true },
        { "j210-0-3", true },
        { "j000-14-3", false },
        { "c000-0-3", false },
        { "c000-32769-3", false },
        { "x000-1-3", false },
        { "c300-14-3", false },
        { "c020-14-3", false },
        { "c002-14-3", false },
        { "c000-14", false },
        { "c000-14-", false },
        { "c000--3", false },
        { "", false },
        { "c000-14-9223372036854775808", false },
        { "c000-14-3 ", false },
        { "c000x14-3", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct import_position position;
        char text[IMPORT_NEXT_MAX];
        if (import_position_read(slice_of(rows[i].text), &position) != rows[i].is_one)
            fail_msg("%s", rows[i].text);
        if (!rows[i].is_one)
            continue;
        import_position_write(&position, text);
        assert_string_equal(text, rows[i].text);
    }
}

/* A forged position cannot make more of a file than it has. */
static void another_beginning_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *position;
        const char *text;
    } rows[] = {
        { "c000-14-1", "code,long_url,title\nabc,http://a.example/,x\n" },
        { "c000-14-1", "code,long" },
        { "c000-14-1", "color,url_long\nabc,http://a.example/\n" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct import_site site;
        struct error err = { "" };
        import_site_open(&site, 4 * 1024 * 1024);
        struct import import = new_import(&site);
        struct import_chunk chunk = { .text = slice_of(rows[i].text) };
        assert_true(import_position_read(slice_of(rows[i].position), &chunk.position));
        assert_int_equal(import_chunk_run(&import, &chunk, &err), DB_FAILED);
        assert_true(import.file_failed);
        assert_int_equal(db_fake_links(site.db), 0);
        import_site_close(&site);
    }
}

/* --- the same chunk again --- */

static void a_chunk_twice_is_stored_once(void **state)
{
    (void)state;
    static const char text[] = "long_url,code\nhttp://a.example/1,\nhttp://a.example/2,\n"
                               "http://a.example/3,abc\nhttp://a.example/1,\n";
    for (int once = 0; once < 2; once++) {
        struct import_site site;
        struct sums sums = { 0 };
        import_site_open(&site, 4 * 1024 * 1024);
        for (int i = 0; i < 2; i++) {
            struct import import = new_import(&site);
            struct import_chunk chunk = { .text = slice_of(text),
                                          .options = { .recognise = true } };
            struct error err;
            import.once = once ? SLICE("this import") : SLICE("");
            assert_int_equal(import_chunk_run(&import, &chunk, &err), DB_OK);
            assert_true(chunk.is_done);
            add_report(&sums, &import.report, 0);
        }
        assert_int_equal(sums.imported, 3);
        assert_int_equal(sums.present, 5);
        assert_int_equal(db_fake_links(site.db), 3);
        import_site_close(&site);
    }
}

/* --- exports --- */

static void chunks_of_an_export_are_the_file(void **state)
{
    (void)state;
    struct import_site site;
    struct sums sums = { 0 };
    import_site_open(&site, 4 * 1024 * 1024);
    char *text = many_rows("code,long_url,title\n",
                           ",http://a.example/,\"a title, which makes the row longer\n\"\n", 2500);
    import_in_chunks(&site, slice_of(text), IMPORT_CHUNK_MAX, &sums);
    free(text);
    const char *whole = exported(&site);
    struct export export = {
        .db = site.db, .format = FORMAT_CSV, .owner_id = DB_OWNER_ANY, .now = NOW
    };
    struct link_position after = { 0 };
    struct export_chunk chunk = { .more = true };
    struct buf all = buf_in(site.arena, 1024 * 1024);
    unsigned calls = 0;
    for (; chunk.more; calls++) {
        struct error err;
        struct arena *arena = arena_new(8 * 1024 * 1024);
        assert_int_equal(export_chunk(&export, &after, arena, &chunk, &err), DB_OK);
        assert_true(chunk.text.len <= EXPORT_CHUNK_MAX);
        buf_add(&all, chunk.text);
        after = chunk.next;
        arena_free(&arena);
    }
    assert_string_equal(all.at, whole);
    assert_in_range(calls, strlen(whole) / EXPORT_CHUNK_MAX + 1,
                    strlen(whole) / EXPORT_CHUNK_MAX + 2);
    import_site_close(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_a_file_is_cut),
        cmocka_unit_test(a_chunk_is_read_as_a_file),
        cmocka_unit_test(a_chunk_has_a_thousand_rows),
        cmocka_unit_test(a_long_record_is_refused),
        cmocka_unit_test(names_have_a_limit),
        cmocka_unit_test(positions_are_checked),
        cmocka_unit_test(another_beginning_is_refused),
        cmocka_unit_test(a_chunk_twice_is_stored_once),
        cmocka_unit_test(chunks_of_an_export_are_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
