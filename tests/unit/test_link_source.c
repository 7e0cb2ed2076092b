/* SPDX-License-Identifier: MIT */
/* Reading files of links: delimiters, encodings, headers, values, and the files of others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "text/utf8.h"
#include "transfer/link_source.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The fields that have a value: "code=abc long_url=… ". */
static void write_link(struct buf *out, const struct link *link)
{
    char scratch[FIELD_SCRATCH];
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        struct field_value value = link_field_format(link, (enum link_field)i, scratch);
        bool is_default = slice_eq(value.text, SLICE("0")) || slice_eq(value.text, SLICE("false"));
        if ((value.text.len == 0 && value.n_items == 0) || is_default)
            continue;
        buf_printf(out, "%s=%.*s", link_field_rows[i].name, SLICE_ARG(value.text));
        for (unsigned k = 0; k < value.n_items; k++)
            buf_printf(out, "%s%.*s", k ? "+" : "", SLICE_ARG(value.items[k]));
        buf_add_byte(out, ' ');
    }
}

static void write_changes(struct buf *out, uint64_t changes)
{
    for (unsigned i = 0; i < IMPORT_CHANGES; i++) {
        if (changes & IMPORT_CHANGE_BIT(i))
            buf_printf(out, "!%s ", import_change_rows[i].name);
    }
}

/* Reads all of a text. Each link is written with its line number and its changes, a refused row
 * with the reason in brackets; the end by the format, the blank rows and the skipped columns, as
 * far as there are any; a failure with the reason. */
static void read_text(struct slice text, const struct source_options *options, struct buf *out)
{
    struct arena *arena = arena_new(8 * CSV_RECORD_MAX);
    struct link_source source = {
        .file = text.len ? fmemopen((void *)(uintptr_t)text.at, text.len, "r")
                         : fopen("/dev/null", "r"),
        .format = FORMAT_CSV,
        .options = *options,
    };
    enum source_result result = SOURCE_RECORD;
    while (result == SOURCE_RECORD || result == SOURCE_REFUSED) {
        struct link_record record;
        struct error err = { "" };
        result = link_source_next(&source, arena, &record, &err);
        if (result == SOURCE_RECORD || result == SOURCE_REFUSED)
            buf_printf(out, "%u: ", (unsigned)source.line);
        if (result == SOURCE_RECORD) {
            write_link(out, &record.link);
            write_changes(out, record.changes);
        } else if (result != SOURCE_END) {
            buf_printf(out, "[%s] ", err.text);
        }
        arena_reset(arena);
    }
    if (source.columns.format)
        buf_printf(out, "%s ", source.columns.format);
    if (source.blanks)
        buf_printf(out, "blank=%u ", (unsigned)source.blanks);
    if (source.columns.skipped[0])
        buf_printf(out, "skipped=%s ", source.columns.skipped);
    fclose(source.file);
    arena_free(&arena);
}

static void check(int line, struct slice text, const struct source_options *options,
                  const char *expected)
{
    struct arena *arena = arena_new(1024 * 1024);
    struct buf out = buf_in(arena, 65536);
    read_text(text, options, &out);
    struct slice got = slice_trim(buf_slice(&out));
    if (!slice_eq(got, slice_of(expected)))
        fail_msg("line %d: %.*s", line, SLICE_ARG(got));
    arena_free(&arena);
}

#define U      "https://e.com/"
#define ROW_AB "code=a long_url=" U
#define BOM    "\xEF\xBB\xBF"

/* Files as spreadsheets, editors and people write them. */
static const struct {
    int line;
    const char *text;
    const char *expected;
} FILES[] = {
    { __LINE__, "", "" },
    { __LINE__, "\r\n\n", "" },
    { __LINE__, "code,long_url\na," U "\n", "2: " ROW_AB },
    { __LINE__, "code;long_url\na;" U "\n", "2: " ROW_AB },
    { __LINE__, "code\tlong_url\na\t" U "\n", "2: " ROW_AB },
    { __LINE__, "code|long_url\na|" U "\n", "2: " ROW_AB },
    { __LINE__, "sep=;\r\ncode;long_url\r\na;" U "\r\n", "3: " ROW_AB },
    { __LINE__, "SEP=\t\ncode\tlong_url\na\t" U "\n", "3: " ROW_AB },
    { __LINE__, "\"sep=|\"\ncode|long_url\na|" U "\n", "3: " ROW_AB },
    { __LINE__, BOM "sep=;\ncode;long_url\na;" U "\n", "3: " ROW_AB },
    { __LINE__, "sep=;\rcode;long_url\ra;" U "\r", "3: " ROW_AB },
    { __LINE__, "sep=\"\ncode;long_url\n", "[a quote within a field that is not quoted]" },
    { __LINE__, BOM "\"code\",\"long_url\"\n\"a\",\"" U "\"", "2: " ROW_AB },
    { __LINE__, "\"code\";\"long_url\"\n\"a\";\"" U "?a,b,c\"\n", "2: " ROW_AB "?a,b,c" },
    { __LINE__, "\ncode,long_url\r\n\r\na," U "\r\n", "4: " ROW_AB },
    { __LINE__, "code,long_url\ra," U "\rb," U "\r", "2: " ROW_AB " 3: code=b long_url=" U },
    { __LINE__, "Code,LONG_URL\na," U "\n", "2: " ROW_AB },
    { __LINE__, " Code , Long URL \na," U "\n", "2: " ROW_AB },
    { __LINE__, "long-url,CODE\n" U ",a\n", "2: " ROW_AB },
    { __LINE__, "code,long_url,\na," U ",\n", "2: " ROW_AB },
    { __LINE__, "code,long_url,,,\na," U "\nb," U ",,,,,\n",
      "2: " ROW_AB " 3: code=b long_url=" U },
    { __LINE__, "code,long_url,\na," U ",x\n", "2: [3 fields where there are 2 columns]" },
    { __LINE__, "code,,long_url\na,," U "\nb,x," U "\n",
      "2: " ROW_AB " 3: [there is a value in a column without a name]" },
    { __LINE__, "code,long_url\n,\na," U "\n , \n\"\",\"\"\n", "3: " ROW_AB " blank=3" },
    { __LINE__, "code,long_url,title,tags\na," U "\n", "2: " ROW_AB " !row_short" },
    { __LINE__, "code,long_url,title\na," U,
      "2: [2 fields where there are 3 columns, and the "
      "file ends there]" },
    { __LINE__, "code,long_url\na," U ",title\n", "2: [3 fields where there are 2 columns]" },
    { __LINE__,
      "code,long_url\n a ," U "\n\xC2\xA0"
      "b," U "\n",
      "2: " ROW_AB " !code_trimmed 3: code=b long_url=" U " !code_trimmed" },
    { __LINE__, "code,long_url,title\na," U ",\"x\ny \"\"z\"\"\"\nb," U ",\n",
      "2: " ROW_AB " title=x\ny \"z\" 4: code=b long_url=" U },
    { __LINE__, "code,long_url,title\na," U ",K\xE4se\nb," U ",K\xC3\xA4se\n",
      "2: [the text is not UTF-8: save the file as \"CSV UTF-8\"] 3: code=b long_url=" U
      " title=K\xC3\xA4se" },
    { __LINE__, "code,long_url,forward_query\na," U ",TRUE\nb," U ",False\nc," U ",maybe\n",
      "2: " ROW_AB " forward_query=true 3: code=b long_url=" U
      " 4: [forward_query is neither true nor false]" },
    { __LINE__, "code,long_url,expires_at\na," U ",2026-11-29 10:00\nb," U ",03/04/2026\n",
      "2: " ROW_AB " expires_at=2026-11-29T10:00:00Z !time_zone_assumed 3: [expires_at does not "
      "say which number is the month: use --date-order dmy or mdy]" },
    { __LINE__, "code,long_url,created_at\na," U ",1969-01-01\n",
      "2: [created_at is before 1970]" },
    { __LINE__, "code,long_url,tags,aliases\na," U ",\"x,y\nz|\",\"b\n c\"\n",
      "2: code=a aliases=b+c long_url=" U " tags=x,y+z| !code_trimmed" },
    { __LINE__, "code,long_url,clicks\na," U ", 7 \n", "2: " ROW_AB " clicks=7 !clicks_total" },
    { __LINE__, "code,long_url,state,short_url\na," U ",live,https://s.com/a\n", "2: " ROW_AB },
    { __LINE__, "code\tlong_url\ttitle\na\t" U "\tsay \"hi\" to\n",
      "2: " ROW_AB " title=say \"hi\" to" },
    { __LINE__, "code,long_url,title\na," U ",say \"hi\"\n",
      "2: [a quote within a field that is not quoted]" },
    { __LINE__, "code,long_url\n\"a," U "\nb," U "\nc," U "\n",
      "2: [a quoted field has no end, and has taken 3 lines]" },
    { __LINE__, "code,long_url\na,\"" U "\nb,\"x\nc," U "\n",
      "2: [text follows a closing quote, and has taken 2 lines] 4: code=c long_url=" U },
    { __LINE__, "long_url,title\n" U ",x\n", "2: long_url=" U " title=x" },
    { __LINE__, "code,long_url,code\n", "[the column code is given twice]" },
    { __LINE__, "code,long_url,titel\n", "[there is no column \"titel\": did you mean title?]" },
    { __LINE__, "code,long_url,colour\n",
      "[there is no column \"colour\": use --skip-unknown to pass over it]" },
    { __LINE__, "a," U "\n",
      "[no column of the first line is long_url, nor is it a header that is known: say which it "
      "is with --map NAME=long_url,NAME=code]" },
};

static void files_are_read(void **state)
{
    (void)state;
    const struct source_options options = { .now = 1 };
    for (size_t i = 0; i < COUNT(FILES); i++)
        check(FILES[i].line, slice_of(FILES[i].text), &options, FILES[i].expected);
}

/* What spreadsheets, and exports for them, put before a value. */
static const struct {
    int line;
    bool from_spreadsheet;
    const char *text;
    const char *expected;
} ESCAPES[] = {
    { __LINE__, false, "code,long_url\n'-a," U "\n", "2: code=-a long_url=" U " !escape_removed" },
    { __LINE__, false, "code,long_url\n\"=\"\"007\"\"\"," U "\n",
      "2: code=007 long_url=" U " !escape_removed" },
    { __LINE__, false, "code,long_url\na,\"=HYPERLINK(\"\"" U "\"\",\"\"x\"\")\"\n",
      "2: " ROW_AB " !escape_removed" },
    { __LINE__, false, "code,long_url\na,=1+1\n", "2: code=a long_url==1+1" },
    { __LINE__, false, "code,long_url,title\na," U ",'=x\n", "2: " ROW_AB " title='=x" },
    { __LINE__, true, "code,long_url,title\na," U ",'=x\n",
      "2: " ROW_AB " title==x !escape_removed" },
    { __LINE__, true, "code,long_url,title,tags\na," U ",'tis,'-t\n",
      "2: " ROW_AB " title='tis tags=-t !escape_removed" },
    { __LINE__, true, "code,long_url,title,tags\na," U ",''tis,'t\n",
      "2: " ROW_AB " title='tis tags='t !escape_removed" },
};

static void escapes_are_removed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ESCAPES); i++) {
        const struct source_options options = { .from_spreadsheet = ESCAPES[i].from_spreadsheet };
        check(ESCAPES[i].line, slice_of(ESCAPES[i].text), &options, ESCAPES[i].expected);
    }
}

/* Writes the text in UTF-16. */
static struct slice as_utf16(struct slice text, bool little, struct buf *out)
{
    for (uint32_t c; text.len > 0;) {
        text = slice_from(text, utf8_first(text, &c));
        uint32_t units[2] = { c, 0 };
        if (c >= 0x10000) {
            units[0] = 0xD800 + ((c - 0x10000) >> 10);
            units[1] = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        for (unsigned i = 0; i < (c >= 0x10000 ? 2u : 1u); i++) {
            buf_add_byte(out, (char)(little ? units[i] & 0xFF : units[i] >> 8));
            buf_add_byte(out, (char)(little ? units[i] >> 8 : units[i] & 0xFF));
        }
    }
    return buf_slice(out);
}

static void utf16_is_read(void **state)
{
    (void)state;
    static const char rows[] =
        "code\tlong_url\ttitle\r\na\t" U "\tK\xC3\xA4se \xE2\x82\xAC \xF0\x9F\x92\xA9\r\n";
    static const char expected[] = "2: " ROW_AB " title=K\xC3\xA4se \xE2\x82\xAC \xF0\x9F\x92\xA9";
    const struct source_options options = { .now = 1 };
    for (unsigned form = 0; form < 4; form++) {
        struct arena *arena = arena_new(1024 * 1024);
        struct buf marked = buf_in(arena, 65536);
        buf_add_text(&marked, form & 1 ? BOM : "");
        buf_add_text(&marked, rows);
        struct buf out = buf_in(arena, 65536);
        check(__LINE__, as_utf16(buf_slice(&marked), form & 2, &out), &options, expected);
        arena_free(&arena);
    }
    check(__LINE__,
          SLICE("\xFF\xFE"
                "c\0o\0d\0e\0,\0l\0o\0n\0g\0_\0u\0r\0l\0\n\0a\0,\0\0\xD8\n\0"),
          &options, "2: [the text is not UTF-8: save the file as \"CSV UTF-8\"]");
    check(__LINE__,
          SLICE("\xFF\xFE"
                "c\0o\0d\0e\0,\0l\0o\0n\0g\0_\0u\0r\0l\0\n\0a\0,\0b"),
          &options, "2: [the text is not UTF-8: save the file as \"CSV UTF-8\"]");
}

/* A character that two chunks of the file share. */
static void utf16_is_read_over_chunks(void **state)
{
    (void)state;
    const struct source_options options = { .now = 1 };
    for (unsigned shift = 0; shift < 4; shift++) {
        struct arena *arena = arena_new(1024 * 1024);
        struct buf text = buf_in(arena, 65536);
        struct buf out = buf_in(arena, 131072);
        struct buf expected = buf_in(arena, 65536);
        buf_add_text(&text, BOM "code,long_url,title\na," U ",");
        buf_add_text(&expected, "2: " ROW_AB " title=");
        for (unsigned i = 0; i < shift; i++) {
            buf_add_byte(&text, 'x');
            buf_add_byte(&expected, 'x');
        }
        for (unsigned i = 0; i < TEXT_INPUT_CHUNK / 4 + 10; i++) {
            buf_add_text(&text, "\xF0\x9F\x92\xA9");
            buf_add_text(&expected, "\xF0\x9F\x92\xA9");
        }
        check(__LINE__, as_utf16(buf_slice(&text), true, &out), &options, expected.at);
        check(__LINE__, buf_slice(&text), &options, expected.at);
        arena_free(&arena);
    }
}

/* Files that are something else. */
static const struct {
    int line;
    struct slice text;
    const char *why;
} OTHERS[] = {
    { __LINE__, SLICE("\x1f\x8b\x08\0\0"), "is compressed by gzip" },
    { __LINE__, SLICE("BZh91AY"), "is compressed by bzip2" },
    { __LINE__,
      SLICE("\xFD"
            "7zXZ\0"),
      "is compressed by xz" },
    { __LINE__, SLICE("\x28\xB5\x2F\xFD\x04"), "is compressed by zstd" },
    { __LINE__, SLICE("PK\x03\x04\x14\0"), "is a ZIP archive or a workbook (XLSX, ODS)" },
    { __LINE__, SLICE("\xD0\xCF\x11\xE0\xA1"), "is a workbook (XLS)" },
    { __LINE__, SLICE("%PDF-1.4\n"), "is a PDF" },
    { __LINE__, SLICE("SQLite format 3\0"), "is a database of SQLite" },
    { __LINE__, SLICE("\n<!DOCTYPE html>\n"), "is a web page (HTML)" },
    { __LINE__, SLICE("<HTML lang=en>"), "is a web page (HTML)" },
    { __LINE__, SLICE("<?xml version='1.0'?>"), "is XML or a web page" },
    { __LINE__, SLICE("-- MySQL dump 10.13"), "is a dump in SQL" },
    { __LINE__, SLICE("/*M!999999\\- enable"), "is a dump in SQL" },
    { __LINE__, SLICE("INSERT INTO `yourls_url`"), "is a dump in SQL" },
    { __LINE__, SLICE(" [{\"code\": \"a\"}]"), "is a JSON array" },
    { __LINE__, SLICE("{\n  \"code\": \"a\"\n}"), "has JSON over several lines" },
    { __LINE__, SLICE("code,long_url\0\0"), "is no text" },
    { __LINE__, SLICE("{\"code\": \"a\"}\n"), "has JSON: use --format jsonl" },
};

static void other_files_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        struct arena *arena = arena_new(1024 * 1024);
        struct link_source source = {
            .file = fmemopen((void *)(uintptr_t)OTHERS[i].text.at, OTHERS[i].text.len, "r"),
            .format = FORMAT_CSV,
        };
        struct link_record record;
        struct error err = { "" };
        assert_int_equal(link_source_next(&source, arena, &record, &err), SOURCE_FAILED);
        struct slice text = slice_from(slice_of(err.text), strlen("the file "));
        if (!slice_starts_with(text, slice_of(OTHERS[i].why)))
            fail_msg("line %d: %s", OTHERS[i].line, err.text);
        fclose(source.file);
        arena_free(&arena);
    }
}

/* Recognising CSV and JSON Lines. */
static void the_format_is_recognised(void **state)
{
    (void)state;
    const struct source_options options = { .recognise = true };
    check(__LINE__, SLICE("{\"code\": \"a\", \"long_url\": \"" U "\"}\n"), &options, "1: " ROW_AB);
    check(__LINE__, SLICE(BOM "{\"code\": \"a\", \"long_url\": \"" U "\"}"), &options,
          "1: " ROW_AB);
    check(__LINE__, SLICE("code,long_url\na," U "\n"), &options, "2: " ROW_AB);
    check(__LINE__, SLICE(""), &options, "");
    check(__LINE__, SLICE("{\"code\": \"a\", \"titel\": 1}\n"), &options,
          "1: [there is no member titel: did you mean title?]");
    const struct source_options lenient = { .recognise = true, .skip_unknown = true };
    check(__LINE__, SLICE("{\"code\": \"a\", \"titel\": 1, \"long_url\": \"" U "\"}\n"), &lenient,
          "1: " ROW_AB " !column_skipped");
}

/* A refused row is named by its code, wherever its column is. */
static void refused_rows_have_their_code(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "code,long_url,clicks\na," U ",x\n",
        "long_url,clicks,code\n" U ",x,a\n",
        "long_url,code\n" U ",a,more\n",
        "created,bitlink,long url\nsoon,bit.ly/a," U "\n",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct arena *arena = arena_new(1024 * 1024);
        struct link_source source = {
            .file = fmemopen((void *)(uintptr_t)texts[i], strlen(texts[i]), "r"),
            .format = FORMAT_CSV,
        };
        struct link_record record;
        struct error err = { "" };
        assert_int_equal(link_source_next(&source, arena, &record, &err), SOURCE_REFUSED);
        if (!slice_eq(record.link.code, SLICE("a")) || !*err.text)
            fail_msg("%s: %.*s", texts[i], SLICE_ARG(record.link.code));
        fclose(source.file);
        arena_free(&arena);
    }
}

/* The files of other shorteners. */
static const struct {
    int line;
    const char *text;
    const char *expected;
} PEERS[] = {
    { __LINE__,
      "Bitlink,Long URL,Title,Tags,Created,Total Clicks\n"
      "bit.ly/2Abc," U ",A title,\"x,y z\",2020-10-26T17:20:40+0000,12\n"
      "https://brand.co/Sale/?utm=1," U ",,,,\n",
      "2: code=2Abc long_url=" U " title=A title tags=x+y z created_at=2020-10-26T17:20:40Z "
      "clicks=12 !code_from_url !domain_dropped !clicks_total 3: code=Sale long_url=" U
      " !code_from_url !domain_dropped Bitly" },
    { __LINE__,
      "keyword,url,title,timestamp,ip,clicks\n"
      "ozh," U ",Ozh,2013-04-06 10:11:12,192.0.2.1,3\n"
      "b," U ",NULL,0000-00-00 00:00:00,,0\n",
      "2: code=ozh long_url=" U " title=Ozh created_at=2013-04-06T10:11:12Z clicks=3 "
      "!time_zone_assumed !column_skipped !clicks_total 3: code=b long_url=" U
      " !time_zero YOURLS skipped=ip" },
    { __LINE__,
      "keyword\turl\ttitle\ttimestamp\tip\tclicks\n"
      "a\t" U "\t\\N\t2013-04-06 10:11:12\t192.0.2.1\t0\n",
      "2: " ROW_AB " created_at=2013-04-06T10:11:12Z !time_zone_assumed !column_skipped YOURLS "
      "skipped=ip" },
    { __LINE__, "Long URL;Tags;Domain;Short code;Title\n" U ";x|y;s.co;a;A title\n" U ";;;b;\n",
      "2: " ROW_AB " title=A title tags=x+y !domain_dropped 3: code=b long_url=" U " Shlink" },
    { __LINE__,
      "createdAt,domain,longUrl,shortCode,shortUrl,tags,title,visits\n"
      "2024-05-01T10:00:00+02:00,s.co," U ",a,https://s.co/a,x|y,T,5\n",
      "2: " ROW_AB " title=T tags=x+y created_at=2024-05-01T08:00:00Z clicks=5 !domain_dropped "
      "!clicks_total Shlink" },
    { __LINE__,
      "createdAt,longUrl,shortUrl,tags,title,visits\n2024-05-01T10:00:00Z," U
      ",https://s.co/a,,,0\n",
      "2: " ROW_AB " created_at=2024-05-01T10:00:00Z !code_from_url !domain_dropped Shlink" },
    { __LINE__,
      "Short code,Long URL,Valid since,Valid until,Max visits,Visits\n"
      "a," U ",2024-05-01T10:00:00Z,2025-05-01T10:00:00Z,10,4\n",
      "2: " ROW_AB " starts_at=2024-05-01T10:00:00Z expires_at=2025-05-01T10:00:00Z "
      "max_clicks=10 used=4 clicks=4 !clicks_total Shlink" },
    { __LINE__,
      "id,address,banned,password,expire_in,target,description,visit_count,created_at,domain_id\n"
      "1,a,false,,2 hours," U ",Desc,9,2024-05-01T10:00:00.000Z,\n"
      "2,b,f,$2a$12$x,2026-01-01 00:00:00+00," U ",,0,2024-05-01 10:00:00+00,3\n"
      "3,c,true,,," U ",,0,,\n",
      "2: " ROW_AB " title=Desc created_at=2024-05-01T10:00:00Z expires_at=2024-05-01T12:00:00Z "
      "clicks=9 !time_relative !column_skipped !clicks_total 3: code=b long_url=" U
      " created_at=2024-05-01T10:00:00Z expires_at=2026-01-01T00:00:00Z !domain_dropped "
      "!column_skipped !password_dropped 4: [the link is banned] Kutt skipped=id" },
    { __LINE__,
      "id,title,slashtag,destination,createdAt,tags,clicks,shortUrl,domainName\n"
      "7,T,a," U ",2021-02-03T04:05:06.000Z,\"x, y\",2,rebrand.ly/a,rebrand.ly\n",
      "2: " ROW_AB " title=T tags=x+y created_at=2021-02-03T04:05:06Z clicks=2 !domain_dropped "
      "!column_skipped !clicks_total Rebrandly skipped=id" },
    { __LINE__,
      "domain,key,url,expiresAt,password,ios,android,geo,archived,clicks,createdAt,expiredUrl\n"
      "dub.sh,a," U ",2027-01-01T00:00:00Z,pw,https://i.co,,{},true,1,2024-01-01T00:00:00Z," U
      "\ndub.sh,b," U ",,,,,null,false,0,,\n",
      "2: " ROW_AB " created_at=2024-01-01T00:00:00Z expires_at=2027-01-01T00:00:00Z "
      "expired_url=" U
      " clicks=1 !domain_dropped !clicks_total !password_dropped !targeting_dropped "
      "!flag_dropped 3: code=b long_url=" U " !domain_dropped Dub" },
    { __LINE__,
      "Short link,Destination URL,Created at,Clicks,Tags\n"
      "https://dub.sh/a," U ",2024-01-01T00:00:00.000Z,4,\"x,y\"\n",
      "2: " ROW_AB " tags=x+y created_at=2024-01-01T00:00:00Z clicks=4 !code_from_url "
      "!domain_dropped !clicks_total Dub" },
    { __LINE__, "\"url\";\"short_id\";\"note\"\n\"" U "\";\"a\";\"n; o\"\n",
      "2: " ROW_AB " title=n; o tiny.cc" },
};

static void files_of_others_are_known(void **state)
{
    (void)state;
    const struct source_options options = { .now = 1 };
    for (size_t i = 0; i < COUNT(PEERS); i++)
        check(PEERS[i].line, slice_of(PEERS[i].text), &options, PEERS[i].expected);
}

/* Files that options explain. */
static const struct {
    int line;
    struct source_options options;
    const char *text;
    const char *expected;
} OPTIONS[] = {
    { __LINE__,
      { .map = "slug=code,dest=long_url" },
      "Slug,Dest,Note\na," U ",x\n",
      "2: " ROW_AB " !column_skipped skipped=Note" },
    { __LINE__,
      { .map = "slug=code , Dest URL = long_url,note=" },
      "slug,dest_url,note\na," U ",x\n",
      "2: " ROW_AB },
    { __LINE__,
      { .map = "link=short_url,to=long_url,when=expires_at,labels=tags" },
      "link,to,when,labels\nhttps://s.co/a," U ",1 day,x|y\n",
      "2: " ROW_AB " tags=x+y expires_at=1970-01-02T00:00:01Z !code_from_url !domain_dropped "
      "!time_relative" },
    { __LINE__,
      { .map = "slug=code" },
      "slug,long_url,note\na," U ",x\n",
      "2: " ROW_AB " !column_skipped skipped=note" },
    { __LINE__,
      { .map = "slug=code" },
      "slug,long_url,tags\na," U ",x|y\n",
      "2: " ROW_AB " tags=x+y" },
    { __LINE__, { .map = "title=" }, "keyword,url,title\na," U ",x\n", "2: " ROW_AB " YOURLS" },
    { __LINE__,
      { .map = "ip=title,title=" },
      "keyword,url,title,ip\na," U ",x,y\n",
      "2: " ROW_AB " title=y YOURLS" },
    { __LINE__,
      { .map = "nope=code" },
      "code,long_url\n",
      "[the file has no column \"nope\", which the map names]" },
    { __LINE__,
      { .map = "a=cod" },
      "a,long_url\n",
      "[the map names \"cod\", which is no field of a link (did you mean code?)]" },
    { __LINE__, { .map = "a" }, "a,long_url\n", "[the map has \"a\", where it needs theirs=ours]" },
    { __LINE__, { .map = "a=code,b=code" }, "a,b,long_url\n", "[the column code is given twice]" },
    { __LINE__,
      { .map = "a=code" },
      "a,b\n",
      "[no column of the first line is long_url, nor is it a header that is known: say which it "
      "is with --map NAME=long_url,NAME=code]" },
    { __LINE__,
      { .skip_unknown = true },
      "code,long_url,colour,\na," U ",red\nb," U ",\n",
      "2: " ROW_AB " !column_skipped 3: code=b long_url=" U " skipped=colour" },
    { __LINE__,
      { .delimiter = ';' },
      "code;long_url;title\na;" U ";1,2,3,4\n",
      "2: " ROW_AB " title=1,2,3,4" },
    { __LINE__,
      { .delimiter = ',' },
      "code,long_url,a;b;c;d\n",
      "[there is no column \"a;b;c;d\": use --skip-unknown to pass over it]" },
    { __LINE__,
      { .time = { .order = DATE_ORDER_MDY } },
      "code,long_url,expires_at\na," U ",03/04/2026\n",
      "2: " ROW_AB " expires_at=2026-03-04T00:00:00Z !time_zone_assumed" },
};

static void options_explain_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(OPTIONS); i++) {
        struct source_options options = OPTIONS[i].options;
        options.now = 1;
        check(OPTIONS[i].line, slice_of(OPTIONS[i].text), &options, OPTIONS[i].expected);
    }
}

/* The names of all columns are cut, not the report of how many values were passed over. */
static void many_unknown_columns_are_listed_as_far_as_there_is_room(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024 * 1024);
    struct buf text = buf_in(arena, 65536);
    const struct source_options options = { .skip_unknown = true };
    static struct link_source source;
    struct link_record record;
    struct error err = { "" };
    buf_add_text(&text, "code,long_url");
    for (unsigned i = 0; i < CSV_FIELDS_MAX - 2; i++)
        buf_printf(&text, ",%02u%080u", i, 0u);
    buf_add_text(&text, "\na," U "\n");
    source = (struct link_source){ .file = fmemopen(text.at, text.len, "r"),
                                   .format = FORMAT_CSV,
                                   .options = options };
    assert_int_equal(link_source_next(&source, arena, &record, &err), SOURCE_RECORD);
    size_t n = strlen(source.columns.skipped);
    assert_in_range(n, COLUMNS_SKIPPED_MAX / 2, COLUMNS_SKIPPED_MAX - 1);
    assert_string_equal(source.columns.skipped + n - 5, ", ...");
    fclose(source.file);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(escapes_are_removed),
        cmocka_unit_test(utf16_is_read),
        cmocka_unit_test(utf16_is_read_over_chunks),
        cmocka_unit_test(other_files_are_named),
        cmocka_unit_test(the_format_is_recognised),
        cmocka_unit_test(refused_rows_have_their_code),
        cmocka_unit_test(files_of_others_are_known),
        cmocka_unit_test(options_explain_files),
        cmocka_unit_test(many_unknown_columns_are_listed_as_far_as_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
