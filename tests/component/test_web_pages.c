/* SPDX-License-Identifier: MIT */
/* QR codes and previews of links in whole requests over the fakes. Quotes in bodies are written as
 * '. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <png.h>
#include <sodium.h>

#include "qr/qr.h"
#include "support/host_files.h"
#include "support/web_site.h"
#include "web/page.h"

#define URLS "/api/v1/urls"
#define MAKE "POST", URLS, "ann"
#define HTML "HTTP_ACCEPT=text/html\n"

/* Links in every state; SITE_NOW is 2027-01-15T08:00:00Z. */
static const struct sent LINKS[] = {
    { MAKE, "{'long_url':'https://a.example/?a=1&b=<2>','custom_alias':'live','title':'<b>&'}",
      201 },
    { MAKE, "{'long_url':'https://a.example/','custom_alias':'plain'}", 201 },
    { MAKE, "{'long_url':'https://a.example/','custom_alias':'later','starts_at':'2028-01-01'}",
      201 },
    { MAKE, "{'long_url':'https://a.example/','custom_alias':'over','ttl_seconds':5}", 201 },
    { MAKE, "{'long_url':'https://secret.example/','custom_alias':'few','max_clicks':2}", 201 },
    { MAKE, "{'long_url':'https://a.example/','custom_alias':'used','max_clicks':1}", 201 },
    { MAKE, "{'long_url':'https://a.example/','custom_alias':'gone'}", 201 },
    { "DELETE", URLS "/gone", "ann", NULL, 200 },
    { "GET", "/used", NULL, NULL, 302, .headers = FIREFOX },
};

static int set_up(void **state)
{
    if (web_site_set_up(state) != 0)
        return -1;
    SEND_ALL(*state, LINKS);
    ((struct web_site *)*state)->now += 10;
    return 0;
}

static bool header_is(const struct exchange *x, const char *name, const char *value)
{
    return slice_eq(http_header_get(&x->response, name), slice_of(value));
}

static struct exchange get(void **state, const char *target, int status, const char *headers)
{
    return web_site_send(*state,
                         &(struct sent){ "GET", target, .status = status, .headers = headers });
}

/* --- QR codes --- */

static const struct sent PARAMETERS[] = {
    { "GET", URLS "/live/qr", NULL, NULL, 200, "<svg xmlns='http://www.w3.org/2000/svg'" },
    { "GET", URLS "/live/qr", NULL, NULL, 200, "width='300' height='300' viewBox='0 0 33 33'" },
    { "GET", URLS "/live/qr?format=svg", NULL, NULL, 200, "fill='#ffffff'" },
    { "GET", URLS "/live/qr?margin=0&size=25", NULL, NULL, 200, "viewBox='0 0 25 25'" },
    { "GET", URLS "/live/qr?margin=0&size=24", NULL, NULL, 400, "need at least 25 pixels." },
    { "GET", URLS "/live/qr?margin=0&size=24&format=png", NULL, NULL, 400, "'field':'size'" },
    { "GET", URLS "/live/qr?level=h&size=1000", NULL, NULL, 200, "viewBox='0 0 37 37'" },
    { "GET", URLS "/live/qr?dark=1a2b3c&light=ffeedd", NULL, NULL, 200, "fill='#1a2b3c'" },
    { "GET", URLS "/live/qr?dark=%231a2b3c", NULL, NULL, 200, "fill='#1a2b3c'" },
    { "GET", URLS "/live/qr?size=0", NULL, NULL, 400, "'field':'size'" },
    { "GET", URLS "/live/qr?size=1001", NULL, NULL, 400, "at most 1000" },
    { "GET", URLS "/live/qr?size=-1", NULL, NULL, 400, "'field':'size'" },
    { "GET", URLS "/live/qr?margin=17", NULL, NULL, 400, "at most 16" },
    { "GET", URLS "/live/qr?format=jpg", NULL, NULL, 400, "This must be svg or png." },
    { "GET", URLS "/live/qr?level=X", NULL, NULL, 400, "must be L,M,Q or H." },
    { "GET", URLS "/live/qr?dark=red", NULL, NULL, 400, "'field':'dark'" },
    { "GET", URLS "/live/qr?light=fff", NULL, NULL, 400, "'field':'light'" },
    { "GET", URLS "/live/qr?dark=888888", NULL, NULL, 400, "contrast at least 4.5" },
    { "GET", URLS "/live/qr?dark=ffffff&light=000000", NULL, NULL, 400, "'field':'dark'" },
    { "GET", URLS "/live/qr?light=333333", NULL, NULL, 400, "'field':'light'" },
    { "GET", URLS "/live/qr?logo=yes", NULL, NULL, 400, "has no logo" },
    { "GET", URLS "/live/qr?logo=maybe", NULL, NULL, 400, "This must be no or yes." },
    { "GET", URLS "/live/qr?logo=no", NULL, NULL, 200, "</svg>" },
    { "GET", URLS "/live/qr?colour=red", NULL, NULL, 400, "There is no such parameter" },
    /* Whatever the link's state, unless there is none. */
    { "GET", URLS "/later/qr", NULL, NULL, 200, "</svg>" },
    { "GET", URLS "/over/qr", NULL, NULL, 200, "</svg>" },
    { "GET", URLS "/used/qr", NULL, NULL, 200, "</svg>" },
    { "GET", URLS "/few/qr", "bob", NULL, 200, "</svg>" },
    { "GET", URLS "/gone/qr", NULL, NULL, 404, "'not_found'" },
    { "GET", URLS "/nothing/qr", "root", NULL, 404, "'not_found'" },
    { "GET", URLS "/a.b/qr", NULL, NULL, 404, "'not_found'" },
    { "POST", URLS "/live/qr", "root", "{}", 405 },
};

static void parameters(void **state)
{
    SEND_ALL(*state, PARAMETERS);
}

static void a_picture_is_kept_and_asked_for_again(void **state)
{
    struct exchange x = get(state, URLS "/live/qr?format=png", 200, "");
    assert_true(header_is(&x, "Content-Type", "image/png"));
    assert_true(header_is(&x, "Cache-Control", "public, max-age=3600"));
    assert_true(header_is(&x, "Content-Disposition", "inline; filename=\"live.png\""));
    assert_memory_equal(x.response.body.at, "\x89PNG", 4);
    struct slice tag = http_header_get(&x.response, "ETag");
    assert_int_equal(tag.len, 18);
    char headers[128];
    static const char *const around[][2] = { { "", "" }, { "W/", "" }, { "\"x\", ", " ,\"y\"" } };
    for (size_t i = 0; i < 3; i++) {
        snprintf(headers, sizeof(headers), "HTTP_IF_NONE_MATCH=%s%.*s%s", around[i][0],
                 SLICE_ARG(tag), around[i][1]);
        x = get(state, URLS "/live/qr?format=png", 304, headers);
        assert_int_equal(x.response.body.len, 0);
        assert_true(slice_eq(http_header_get(&x.response, "ETag"), tag));
        assert_true(header_is(&x, "Cache-Control", "public, max-age=3600"));
        get(state, URLS "/live/qr?format=png&size=301", 200, headers);
        get(state, URLS "/plain/qr?format=png", 200, headers);
    }
    get(state, URLS "/live/qr?format=png", 304, "HTTP_IF_NONE_MATCH=*");
    get(state, URLS "/live/qr?format=png", 200, "HTTP_IF_NONE_MATCH=\"0123456789abcdef\"");
    x = get(state, URLS "/live/qr", 200, "");
    assert_true(header_is(&x, "Content-Type", "image/svg+xml"));
    assert_true(header_is(&x, "Content-Security-Policy", "default-src 'none'; img-src data:"));
}

/* Writes bytes to the site's logo. */
static void write_logo(struct web_site *s, const void *bytes, size_t n)
{
    int fd = open(s->site.logo.at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

static void write_png(struct web_site *s)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = 8, .height = 8, .format = PNG_FORMAT_RGB
    };
    char pixels[8 * 8 * 3] = { 0 };
    char file[1024];
    png_alloc_size_t size = sizeof(file);
    assert_true(png_image_write_to_memory(&image, file, &size, 0, pixels, 0, NULL));
    write_logo(s, file, size);
}

static void a_logo_is_the_operators_file(void **state)
{
    static const struct sent rows[] = {
        { "GET", URLS "/live/qr?logo=yes", NULL, NULL, 200, "viewBox='0 0 37 37'" },
        { "GET", URLS "/live/qr?logo=yes&level=L", NULL, NULL, 200, "viewBox='0 0 37 37'" },
        { "GET", URLS "/live/qr?logo=yes", NULL, NULL, 200, "data:image/png;base64,iVBOR" },
        { "GET", URLS "/live/qr?logo=yes&format=png", NULL, NULL, 200 },
        { "GET", URLS "/live/qr", NULL, NULL, 200, "viewBox='0 0 33 33'" },
    };
    static char large[QR_LOGO_BYTES_MAX + 1];
    struct web_site *s = *state;
    struct host_files files;
    assert_true(host_files_make(&files, "logo.png"));
    s->site.logo = slice_of(files.path);
    struct exchange x = get(state, URLS "/live/qr?logo=yes", 503, "");
    assert_non_null(strstr(x.err.text, "logo.png: No such file"));
    write_png(s);
    SEND_ALL(s, rows);
    write_logo(s, "<svg/>", 6);
    x = get(state, URLS "/live/qr?logo=yes", 503, "");
    assert_non_null(strstr(x.err.text, "logo.png"));
    write_logo(s, large, sizeof(large));
    x = get(state, URLS "/live/qr?logo=yes&format=png", 503, "");
    assert_non_null(strstr(x.err.text, "logo.png: has more than 65536 bytes"));
    unlink(files.path);
    assert_int_equal(mkfifo(files.path, 0600), 0);
    x = get(state, URLS "/live/qr?logo=yes", 503, "");
    assert_non_null(strstr(x.err.text, "is not a regular file"));
    assert_true(host_files_remove(&files));
}

/* --- previews --- */

static const struct sent PREVIEWS[] = {
    { "GET", "/live+", NULL, NULL, 200,
      "{'code':'live','short_url':'https://s.example/live','long_url':'https://a.example/"
      "?a=1&b=%3C2%3E','title':'<b>&','created_at':'2027-01-15T08:00:00Z'}" },
    { "GET", "/live%2B", NULL, NULL, 200, "'code':'live'" },
    { "GET", "/live%2b/", NULL, NULL, 200, "'code':'live'" },
    { "GET", "/live+?utm=1", NULL, NULL, 200, "'code':'live'" },
    { "GET", "/plain+", NULL, NULL, 200, "'title':null" },
    { "GET", "/live+", NULL, NULL, 200,
      "<p class='url'><bdi dir='ltr'>https://a.example/?a=1&amp;b=%3C2%3E</bdi></p>",
      .headers = HTML },
    { "GET", "/live+", NULL, NULL, 200, "<meta property='og:title' content='&lt;b&gt;&amp;'>",
      .headers = HTML },
    { "GET", "/live+", NULL, NULL, 200,
      "<meta property='og:description' content='https://a.example/?a=1&amp;b=%3C2%3E'>",
      .headers = HTML },
    { "GET", "/live+", NULL, NULL, 200,
      "<meta property='og:url' content='https://s.example/live+'>", .headers = HTML },
    { "GET", "/live+", NULL, NULL, 200, "<h1 dir='auto'>&lt;b&gt;&amp;</h1>", .headers = HTML },
    { "GET", "/live+", NULL, NULL, 200, "Made on 2027-01-15,just now.", .headers = HTML },
    { "GET", "/live+", NULL, NULL, 200, "href='https://s.example/live'", .headers = HTML },
    { "GET", "/live+", NULL, NULL, 200, "aria-label='QR code'", .headers = HTML },
    { "GET", "/few+", NULL, NULL, 200, "'long_url':null", .headers = FIREFOX },
    { "GET", "/few+", NULL, NULL, 200, "uses one of its clicks", .headers = FIREFOX HTML },
    { "HEAD", "/live+", NULL, NULL, 200 },
    { "GET", "/over+", NULL, NULL, 410, "'expired'" },
    { "GET", "/used+", NULL, NULL, 410, "'expired'" },
    { "GET", "/later+", NULL, NULL, 404, "'not_found'" },
    { "GET", "/gone+", NULL, NULL, 404, "'not_found'" },
    { "GET", "/nothing+", NULL, NULL, 404, "'not_found'" },
    { "GET", "/nothing+", NULL, NULL, 404, "<h1 dir=", .headers = HTML },
    { "GET", "/+", NULL, NULL, 404, "'not_found'" },
    { "GET", "/%2B", NULL, NULL, 404, "'not_found'" },
    { "GET", "/live++", NULL, NULL, 302 }, /* what follows a code in a sentence */
    { "GET", "/live+.", NULL, NULL, 302 },
    { "POST", "/live+", NULL, "", 405 },
    { "GET", URLS "/live+", "ann", NULL, 404 },
};

static void previews(void **state)
{
    SEND_ALL(*state, PREVIEWS);
}

static void a_preview_is_nobodys_but_the_visitors(void **state)
{
    static const char *const wanted[][2] = {
        { "Cache-Control", "no-store" },      { "X-Robots-Tag", "noindex" },
        { "Referrer-Policy", "no-referrer" }, { "Vary", "Accept,Accept-Language" },
        { "Content-Type", PAGE_TYPE },        { "Content-Security-Policy", PAGE_POLICY },
    };
    struct exchange x = get(state, "/live+", 200, HTML);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        assert_true(header_is(&x, wanted[i][0], wanted[i][1]));
    assert_null(strstr(PAGE_POLICY, "unsafe"));
    assert_null(strstr(x.response.body.at, "<script"));
    assert_null(strstr(x.response.body.at, "style="));
    assert_null(http_header_get(&x.response, "Location").at);
}

static void a_preview_shows_the_age(void **state)
{
    static const struct {
        int64_t seconds;
        const char *age;
    } rows[] = {
        { 59, "just now" },         { 60, "1 minute ago" },        { 3599, "59 minutes ago" },
        { 3600, "1 hour ago" },     { 86399, "23 hours ago" },     { 86400, "1 day ago" },
        { 2591999, "29 days ago" }, { 2592000, "1 month ago" },    { 31535999, "12 months ago" },
        { 31536000, "1 year ago" }, { 999999999, "31 years ago" },
    };
    struct web_site *s = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        s->now = SITE_NOW + rows[i].seconds;
        struct sent sent = { "GET", "/live+", .status = 200, .has = rows[i].age, .headers = HTML };
        web_site_send(s, &sent);
    }
}

/* A preview uses up nothing: afterwards the link still redirects as often as it may. */
static void a_preview_uses_no_click(void **state)
{
    for (int i = 0; i < 5; i++) {
        get(state, "/few+", 200, FIREFOX);
        get(state, "/few+", 200, FIREFOX HTML);
    }
    get(state, "/few", 302, FIREFOX);
    get(state, "/few+", 200, FIREFOX);
    get(state, "/few", 302, FIREFOX);
    get(state, "/few+", 410, FIREFOX);
}

static void a_preview_shows_what_a_cache_has(void **state)
{
    struct web_site *s = *state;
    get(state, "/live", 302, FIREFOX);
    db_fake_fail(s->db, 1000, DB_UNAVAILABLE, false);
    web_site_send(s, &(struct sent){ "GET", "/live+", .status = 200, .has = "'created_at':null" });
    web_site_send(s, &(struct sent){ "GET", "/live+", .status = 200, .has = "https://a.example/",
                                     .headers = HTML });
    get(state, "/few+", 503, FIREFOX);
    get(state, "/uncached+", 503, FIREFOX);
}

static void previews_can_be_off(void **state)
{
    struct web_site *s = *state;
    s->site.preview = false;
    struct exchange x = get(state, "/live+", 302, FIREFOX);
    assert_true(header_is(&x, "Location", "https://a.example/?a=1&b=%3C2%3E"));
    get(state, "/live%2B", 302, FIREFOX);
}

static void the_pages_of_the_operator_are_for_previews_too(void **state)
{
    struct web_site *s = *state;
    s->site.unknown_url = SLICE("https://o.example/unknown");
    s->site.expired_url = SLICE("https://o.example/expired");
    struct exchange x = get(state, "/nothing+", 302, HTML);
    assert_true(header_is(&x, "Location", "https://o.example/unknown"));
    x = get(state, "/over+", 302, HTML);
    assert_true(header_is(&x, "Location", "https://o.example/expired"));
}

/* The policy allows the style of the pages alone. */
static void the_policy_has_the_hash_of_the_style(void **state)
{
    (void)state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[64];
    crypto_hash_sha256(hash, (const unsigned char *)PAGE_STYLE, strlen(PAGE_STYLE));
    sodium_bin2base64(text, sizeof(text), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
    assert_string_equal(&PAGE_STYLE_HASH[strlen("sha256-")], text);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, web_site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(parameters),
        CASE(a_picture_is_kept_and_asked_for_again),
        CASE(a_logo_is_the_operators_file),
        CASE(previews),
        CASE(a_preview_is_nobodys_but_the_visitors),
        CASE(a_preview_shows_the_age),
        CASE(a_preview_uses_no_click),
        CASE(a_preview_shows_what_a_cache_has),
        CASE(previews_can_be_off),
        CASE(the_pages_of_the_operator_are_for_previews_too),
        CASE(the_policy_has_the_hash_of_the_style),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
