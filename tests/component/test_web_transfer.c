/* SPDX-License-Identifier: MIT */
/* Imports and exports by the API, in chunks. */
#include <stdio.h>
#include <string.h>

#include "support/web_site.h"
#include "transfer/import_chunk.h"

#define URLS   "/api/v1/urls"
#define IMPORT "/api/v1/import"
#define EXPORT "/api/v1/export"
#define NAMES  "code,long_url,title\n"
#define ROW    "abc,http://a.example/,A title\n"
#define CSV    .type = "text/csv"

static void a_file_is_imported(void **state)
{
    struct web_site *s = *state;
    const struct sent rows[] = {
        { "POST", IMPORT "?dry_run=yes&show=1", "ann", NAMES ROW, 200,
          "{'dry_run':true,'file':'Curt','format':'csv','columns_skipped':null,'done':true,"
          "'consumed':50,'head':20,'next':null,'imported':1,'changed':0,'present':0,'conflicts':0,"
          "'refused':0,'empty_rows':0,'users_made':0,'changes':[],'refusals':[],'problems':[],"
          "'rows':[{'line':2,'code':'abc','long_url':'http://a.example/','title':'A title',"
          "'tags':[],'owner':'ann',",
          CSV },
        { "GET", URLS "/abc", "ann", NULL, 404 },
        { "POST", IMPORT, "ann", NAMES ROW, 200, "'imported':1,", CSV },
        { "GET", URLS "/abc", "ann", NULL, 200, "'title':'A title'" },
        { "GET", "/abc", NULL, NULL, 302 },
        { "POST", IMPORT, "ann", NAMES ROW, 200, "'imported':0,'changed':0,'present':1,", CSV },
        /* Any type will do, as files come with many. */
        { "POST", IMPORT, "ann", NAMES ROW, 200, "'present':1,",
          .type = "application/x-www-form-urlencoded" },
        { "POST", IMPORT, "ann", NAMES "abc,http://b.example/,\nno way,http://c.example/,\n", 200,
          "'problems':[{'line':3,'code':'no way','kind':'code_invalid','why':", CSV },
        { "POST", IMPORT, "ann", NAMES "abc,http://b.example/,\n", 200,
          "'conflicts':1,'refused':0,", CSV },
        { "POST", IMPORT, "ann", NAMES "abc,http://b.example/,\n", 200,
          "'refusals':[{'kind':'code_taken','rows':1,'line':2,'code':'abc','text':'another", CSV },
        { "POST", IMPORT, "ann", "", 200, "'done':true,'consumed':0,", CSV },
        { "POST", IMPORT, "ann", "keyword,url,ip\none,http://a.example/1,1.2.3.4\n", 200,
          "'file':'YOURLS','format':'csv','columns_skipped':'ip','done':true,", CSV },
        { "POST", IMPORT, "ann", "{'long_url':'http://d.example/'}\n", 200,
          "'changes':[{'kind':'code_generated','rows':1,'line':1,'code':'", CSV },
        { "POST", IMPORT "?map=a%3Dlong_url&delimiter=%3B", "ann", "a;b,c=\nhttp://e.example/;\n",
          200, "'imported':1,", CSV },
    };
    SEND_ALL(s, rows);
}

static void a_file_goes_on(void **state)
{
    struct web_site *s = *state;
    const struct sent rows[] = {
        { "POST", IMPORT "?more=yes", "ann", NAMES ROW "def,http://b", 200,
          "'done':false,'consumed':50,'head':20,'next':'c000-20-2','imported':1,", CSV },
        { "POST", IMPORT "?more=yes&next=c000-20-2", "ann", NAMES "def,http://b", 200,
          "'done':false,'consumed':0,'head':20,'next':'c000-20-2','imported':0,", CSV },
        { "POST", IMPORT "?next=c000-20-2", "ann", NAMES "def,http://b.example/,\nx y,http://c,\n",
          200, "'done':true,'consumed':37,'head':20,'next':null,'imported':1,", CSV },
        { "POST", IMPORT "?next=c000-20-2", "ann", NAMES "def,http://b.example/,\nx y,http://c,\n",
          200, "'problems':[{'line':4,'code':'x y',", CSV },
    };
    SEND_ALL(s, rows);
}

static void wrong_imports_are_refused(void **state)
{
    struct web_site *s = *state;
    const struct sent rows[] = {
        { "POST", IMPORT, NULL, NAMES ROW, 401, NULL, CSV },
        { "GET", IMPORT, "ann", NULL, 405 },
        { "POST", IMPORT "?more=1", "ann", NAMES ROW, 400, "'field':'more'", CSV },
        { "POST", IMPORT "?next=x", "ann", NAMES ROW, 400, "'field':'next'", CSV },
        { "POST", IMPORT "?next=c000-99-2", "ann", NAMES ROW, 400, "beginning of the file", CSV },
        { "POST", IMPORT "?format=xml", "ann", NAMES ROW, 400, "'field':'format'", CSV },
        { "POST", IMPORT "?delimiter=x", "ann", NAMES ROW, 400, "'field':'delimiter'", CSV },
        { "POST", IMPORT "?time_zone=x", "ann", NAMES ROW, 400, "'field':'time_zone'", CSV },
        { "POST", IMPORT "?date_order=ymd", "ann", NAMES ROW, 400, "'field':'date_order'", CSV },
        { "POST", IMPORT "?show=21", "ann", NAMES ROW, 400, "'field':'show'", CSV },
        { "POST", IMPORT "?dryrun=yes", "ann", NAMES ROW, 400, "mean dry_run", CSV },
        { "POST", IMPORT, "ann", "code,long_url,colour\n", 400, "'field':'body'", CSV },
        { "POST", IMPORT, "ann", "colour\nred\n", 400, "'field':'body'", CSV },
        { "POST", IMPORT, "ann", "<html>", 400, "web page", CSV },
        { "POST", IMPORT "?map=x", "ann", NAMES ROW, 400, "'field':'body'", CSV },
        { "POST", IMPORT "?skip_unknown=yes", "ann",
          "code,long_url,colour\nabc,http://a.example/,x\n", 200, "'columns_skipped':'colour'",
          CSV },
        { "POST", IMPORT, "ann", NAMES ROW, 413, NULL, CSV, .too_large = true },
        { "POST", IMPORT, "ann", NAMES ROW, 415, NULL, CSV,
          .headers = "HTTP_CONTENT_ENCODING=gzip\n" },
        { "POST", IMPORT, "ann", NAMES ROW, 400, "'field':'Idempotency-Key'", CSV,
          .once = "a key" },
    };
    SEND_ALL(s, rows);
}

static void a_chunk_has_a_limit(void **state)
{
    struct web_site *s = *state;
    char *text = arena_alloc(s->arena, IMPORT_CHUNK_MAX + 1);
    assert_non_null(text);
    memset(text, '\n', IMPORT_CHUNK_MAX + 1);
    memcpy(text, NAMES ROW, sizeof(NAMES ROW) - 1);
    const struct sent most = { "POST", IMPORT,         "ann", NULL,
                               200,    "'done':true,", CSV,   .bytes = { text, IMPORT_CHUNK_MAX } };
    const struct sent more = { "POST", IMPORT, "ann", NULL,
                               413,    NULL,   CSV,   .bytes = { text, IMPORT_CHUNK_MAX + 1 } };
    web_site_send(s, &most);
    web_site_send(s, &more);
}

#define OWNED "code,long_url,owner\n"

static void an_admin_may_do_more(void **state)
{
    struct web_site *s = *state;
    const struct sent rows[] = {
        { "POST", IMPORT "?keep_owners=yes", "ann", NAMES ROW, 403, "'field':'keep_owners'", CSV },
        { "POST", IMPORT "?make_users=yes", "ann", NAMES ROW, 403, "'field':'make_users'", CSV },
        { "POST", IMPORT "?force=yes", "ann", NAMES ROW, 403, "'field':'force'", CSV },
        { "POST", IMPORT "?owner=bob", "ann", NAMES ROW, 403, "'field':'owner'", CSV },
        { "POST", IMPORT "?owner=ann", "ann", NAMES ROW, 200, "'imported':1,", CSV },
        { "POST", IMPORT "?make_users=yes", "root", NAMES ROW, 400, "keep_owners", CSV },
        { "POST", IMPORT "?keep_owners=yes&owner=bob", "root", NAMES ROW, 400, "'field':'owner'",
          CSV },
        { "POST", IMPORT "?owner=nobody", "root", NAMES ROW, 400, "no such user", CSV },
        /* A user's file cannot give links to others. */
        { "POST", IMPORT, "ann", OWNED "one,http://a.example/1,bob\n", 200, "'imported':1,", CSV },
        { "GET", URLS "/one", "ann", NULL, 200, "'owner':'ann'" },
        { "POST", IMPORT "?keep_owners=yes", "root", OWNED "two,http://a.example/2,bob\n", 200,
          "'imported':1,", CSV },
        { "GET", URLS "/two", "bob", NULL, 200 },
        { "POST", IMPORT "?owner=bob", "root", OWNED "six,http://a.example/6,ann\n", 200,
          "'imported':1,", CSV },
        { "GET", URLS "/six", "bob", NULL, 200 },
        { "POST", IMPORT "?keep_owners=yes", "root", OWNED "ten,http://a.example/7,new\n", 200,
          "'kind':'owner_unknown'", CSV },
        { "POST", IMPORT "?keep_owners=yes&make_users=yes", "root",
          OWNED "ten,http://a.example/7,new\n", 200, "'users_made':1,", CSV },
        /* Words and lengths that a site's policy keeps for itself. */
        { "POST", IMPORT, "ann", NAMES "login,http://a.example/,\n", 200, "'kind':'code_reserved'",
          CSV },
        { "POST", IMPORT, "root", NAMES "login,http://a.example/,\n", 200, "'imported':1,", CSV },
        { "POST", IMPORT, "ann", NAMES "x,http://a.example/,\n", 200, "'kind':'code_invalid'",
          CSV },
    };
    SEND_ALL(s, rows);
}

#define LIVES "code,long_url,created_at,expires_at\n"

static void a_users_links_live_as_long_as_new_ones(void **state)
{
    struct web_site *s = *state;
    s->services.shortener.default_ttl_s = 3600;
    s->services.shortener.max_ttl_s = 7200;
    const struct sent rows[] = {
        { "POST", IMPORT, "ann", LIVES "abc,http://a.example/,2020-01-01T00:00:00Z,\n", 200,
          "'imported':1,", CSV },
        { "GET", URLS "/abc", "ann", NULL, 200, "'expires_at':'2027-01-15T09:00:00Z'" },
        { "POST", IMPORT, "ann", LIVES "def,http://a.example/,,2040-01-01T00:00:00Z\n", 200,
          "'kind':'field_invalid'", CSV },
        { "POST", IMPORT, "ann", LIVES "ghi,http://a.example/,,2020-01-02T00:00:00Z\n", 200,
          "'imported':1,", CSV },
        { "GET", URLS "/ghi", "ann", NULL, 200, "'state':'expired'" },
        { "POST", IMPORT, "root", LIVES "jkl,http://a.example/,,2040-01-01T00:00:00Z\n", 200,
          "'imported':1,", CSV },
    };
    SEND_ALL(s, rows);
}

static void imports_count_as_creates(void **state)
{
    struct web_site *s = *state;
    struct error why;
    s->services.limits.buckets = buckets_open(NULL, &why);
    assert_non_null(s->services.limits.buckets);
    assert_true(rate_parse(SLICE("2/1m"), &s->services.limits.creates_per_user, &why));
    const struct sent rows[] = {
        { "POST", IMPORT "?dry_run=yes", "ann", NAMES ROW ROW ROW, 200, "'imported':1,", CSV },
        { "POST", IMPORT, "ann", NAMES ROW ROW ROW, 200, "'imported':1,", CSV },
        { "POST", IMPORT, "ann", NAMES ROW, 429, NULL, CSV },
        { "POST", IMPORT "?dry_run=yes", "ann", NAMES ROW, 200, NULL, CSV },
        { "POST", IMPORT, "ann", "", 200, NULL, CSV },
        { "POST", IMPORT, "bob", NAMES ROW, 200, NULL, CSV },
        { "POST", IMPORT, "root", NAMES ROW, 200, NULL, CSV },
    };
    SEND_ALL(s, rows);
    buckets_close(&s->services.limits.buckets);
}

static void the_same_import_again_makes_nothing(void **state)
{
    struct web_site *s = *state;
    static const char text[] = "{'long_url':'http://a.example/'}\n{'long_url':'http://b.example/'}";
    const struct sent rows[] = {
        { "POST", IMPORT, "ann", text, 200, "'imported':2,", CSV, .once = "f00d" },
        { "POST", IMPORT, "ann", text, 200, "'imported':0,'changed':0,'present':2,", CSV,
          .once = "f00d" },
    };
    SEND_ALL(s, rows);
}

/* --- exports --- */

static const struct sent LINKS[] = {
    { "POST", URLS, "ann", "{'long_url':'http://a.example/','custom_alias':'anns','title':'=1'}",
      201 },
    { "POST", URLS, "bob", "{'long_url':'http://b.example/','custom_alias':'bobs'}", 201 },
};

static bool has_text(const struct exchange *x, const char *text)
{
    const struct slice body = x->response.body;
    return body.len > 0 && memmem(body.at, body.len, text, strlen(text));
}

static void links_are_exported(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, LINKS);
    const struct sent rows[] = {
        { "GET", EXPORT, NULL, NULL, 401 },
        { "POST", EXPORT, "ann", NULL, 405 },
        { "GET", EXPORT, "ann", NULL, 200, "'code':'anns'" },
        { "GET", EXPORT "?format=csv", "ann", NULL, 200, "anns,anns,http://a.example/,=1," },
        { "GET", EXPORT "?format=csv&spreadsheet=yes", "ann", NULL, 200,
          "'anns','anns','http://a.example/','" },
        { "GET", EXPORT "?owner=bob", "ann", NULL, 403, "'field':'owner'" },
        { "GET", EXPORT "?owner=bob", "root", NULL, 200, "'code':'bobs'" },
        { "GET", EXPORT "?owner=nobody", "root", NULL, 400, "'field':'owner'" },
        { "GET", EXPORT "?format=xml", "ann", NULL, 400, "'field':'format'" },
        { "GET", EXPORT "?spreadsheet=yes", "ann", NULL, 400, "'field':'spreadsheet'" },
        { "GET", EXPORT "?cursor=x", "ann", NULL, 400, "'field':'cursor'" },
    };
    SEND_ALL(s, rows);
    struct exchange x = web_site_send(s, &(struct sent){ "GET", EXPORT, "ann", NULL, 200 });
    assert_false(has_text(&x, "bobs"));
    assert_int_equal(http_header_get(&x.response, "Link").len, 0);
    x = web_site_send(s, &(struct sent){ "GET", EXPORT, "root", NULL, 200, "anns" });
    assert_true(has_text(&x, "bobs"));
}

/* The chunks go on where the header says. */
static void an_export_goes_on(void **state)
{
    struct web_site *s = *state;
    char row[64];
    struct buf text = buf_in(s->arena, IMPORT_CHUNK_MAX);
    buf_add_text(&text, NAMES);
    for (unsigned i = 0; i < 900; i++) {
        snprintf(row, sizeof(row), "abc%u,http://a.example/%u,A long title of a link\n", i, i);
        buf_add_text(&text, row);
    }
    web_site_send(s, &(struct sent){ "POST", IMPORT, "ann", NULL, 200, "'imported':900,", CSV,
                                     .bytes = buf_slice(&text) });
    const char *target = EXPORT "?format=csv";
    unsigned links = 0;
    unsigned calls = 0;
    while (target) {
        struct exchange x = web_site_send(s, &(struct sent){ "GET", target, "ann", NULL, 200 });
        struct slice next = http_header_get(&x.response, "Link");
        for (size_t i = 0; i < x.response.body.len; i++)
            links += x.response.body.at[i] == '\n';
        target = NULL;
        if (next.len) {
            assert_true(slice_starts_with(next, SLICE("<?format=csv&cursor=")));
            struct buf whole = buf_in(s->arena, 512);
            buf_printf(&whole, EXPORT "%.*s", (int)slice_find(next, '>') - 1, next.at + 1);
            target = whole.at;
        }
        assert_in_range(++calls, 1, 5);
    }
    assert_int_equal(links, 901);
    assert_in_range(calls, 2, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_imported, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(a_file_goes_on, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(wrong_imports_are_refused, web_site_set_up,
                                        web_site_tear_down),
        cmocka_unit_test_setup_teardown(a_chunk_has_a_limit, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(an_admin_may_do_more, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(a_users_links_live_as_long_as_new_ones, web_site_set_up,
                                        web_site_tear_down),
        cmocka_unit_test_setup_teardown(imports_count_as_creates, web_site_set_up,
                                        web_site_tear_down),
        cmocka_unit_test_setup_teardown(the_same_import_again_makes_nothing, web_site_set_up,
                                        web_site_tear_down),
        cmocka_unit_test_setup_teardown(links_are_exported, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(an_export_goes_on, web_site_set_up, web_site_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
