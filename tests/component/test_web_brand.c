/* SPDX-License-Identifier: MIT */
/* The small pages in each language, with what the operator puts on them; and what browsers and
 * crawlers ask of every site. Quotes in bodies are written as '. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "service/digest.h"
#include "support/web_site.h"
#include "web/page.h"
#include "web/pages_files.h"

#define HTML     "HTTP_ACCEPT=text/html\n"
#define IN(tag)  HTML "HTTP_ACCEPT_LANGUAGE=" tag "\n"
#define ROWS(of) (sizeof(of) / sizeof((of)[0]))
#define EVIL     "\"><script>alert(1)</script>&'"
#define ESCAPED  "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#39;"

enum {
    SMALL_PAGE_MAX = 4096, /* bytes */
};

static struct exchange get(struct web_site *s, const char *target, int status, const char *headers)
{
    return web_site_send(s, &(struct sent){ "GET", target, .status = status, .headers = headers });
}

static bool body_has(const struct exchange *x, const char *text)
{
    struct slice body = x->response.body;
    return body.len > 0 && memmem(body.at, body.len, text, strlen(text)) != NULL;
}

static void assert_header(const struct exchange *x, const char *name, const char *value)
{
    struct slice found = http_header_get(&x->response, name);
    if (!slice_eq(found, slice_of(value)))
        fail_msg("%s: %.*s instead of %s", name, SLICE_ARG(found), value);
}

/* Gives the site all that an operator may configure. */
static void dress(struct web_site *s, const char *accent)
{
    static struct page_frame frames[PAGE_LANGUAGES];
    s->site.operator_name = SLICE(EVIL);
    s->site.brand = (struct brand){
        .imprint_url = SLICE("https://o.example/imprint?a&b"),
        .privacy_url = SLICE("https://o.example/privacy"),
        .abuse_url = SLICE("mailto:abuse@o.example"),
        .header_logo = SLICE("/nowhere/logo.svg"),
        .icon = SLICE("/nowhere/icon.png"),
        .accent = slice_of(accent),
    };
    assert_true(brand_prepare(&s->site.brand, s->arena));
    assert_true(page_frames_make(&s->site, s->arena, frames));
    s->site.frames = frames;
}

static const struct sent TEXTS[] = {
    { "GET", "/x", .status = 404, .has = "<html lang='en' dir='ltr'>", .headers = HTML },
    { "GET", "/x", .status = 404, .has = "<h1 dir='auto'>There is nothing here</h1>",
      .headers = HTML },
    { "GET", "/x", .status = 404, .has = "<html lang='de' dir='ltr'>", .headers = IN("de-AT") },
    { "GET", "/x", .status = 404, .has = "<h1 dir='auto'>Hier ist nichts</h1>",
      .headers = IN("de-AT") },
    { "GET", "/x", .status = 404, .has = "<html lang='ar' dir='rtl'>", .headers = IN("ar") },
    { "GET", "/x", .status = 404, .has = "<title>لا يوجد شيء هنا</title>", .headers = IN("ar") },
    { "GET", "/over", .status = 410, .has = "The link has expired", .headers = IN("fr") },
    { "GET", "/over", .status = 410, .has = "Der Link ist abgelaufen", .headers = IN("de") },
    { "GET", "/over", .status = 410, .has = "انتهت صلاحية الرابط", .headers = IN("ar") },
    { "GET", "/", .status = 200, .has = "Diese Website macht kurze Links.", .headers = IN("de") },
    { "GET", "/", .status = 200, .has = ">Anmelden</a>", .headers = IN("de") },
    { "GET", "/", .status = 200, .has = "ينشئ هذا الموقع روابط قصيرة.", .headers = IN("ar") },
    { "GET", "/live+", .status = 200, .has = "führt zu", .headers = IN("de") },
    { "GET", "/live+", .status = 200, .has = "<bdi dir='ltr'>https://a.example/</bdi>",
      .headers = IN("ar") },
    { "GET", "/live+", .status = 200, .has = "Erstellt am 2027-01-15,gerade eben.",
      .headers = IN("de") },
    { "GET", "/few", .status = 200, .has = "<button>Link öffnen</button>",
      .headers = IN("de") "HTTP_USER_AGENT=Googlebot/2.1\n" },
    { "GET", "/admin/session", .status = 401, .has = "An API key is needed", .headers = IN("de") },
};

static int set_up(void **state)
{
    static const struct sent links[] = {
        { "POST", "/api/v1/urls", "ann", "{'long_url':'https://a.example/','custom_alias':'live'}",
          201 },
        { "POST", "/api/v1/urls", "ann",
          "{'long_url':'https://a.example/','custom_alias':'few','max_clicks':2}", 201 },
        { "POST", "/api/v1/urls", "ann",
          "{'long_url':'https://a.example/','custom_alias':'over','ttl_seconds':5}", 201 },
    };
    if (web_site_set_up(state) != 0)
        return -1;
    SEND_ALL(*state, links);
    ((struct web_site *)*state)->now += 10;
    return 0;
}

static void pages_speak_the_visitors_language(void **state)
{
    SEND_ALL(*state, TEXTS);
    struct exchange x = get(*state, "/x", 404, IN("de"));
    assert_header(&x, "Content-Language", "de");
    assert_header(&x, "Vary", "Accept,Accept-Language");
    assert_header(&x, "Referrer-Policy", "no-referrer");
    x = get(*state, "/", 200, IN("ar"));
    assert_header(&x, "Vary", "Accept-Language");
    x = get(*state, "/x", 404, "HTTP_ACCEPT_LANGUAGE=de\n");
    assert_header(&x, "Vary", "Accept");
    assert_true(body_has(&x, "There is nothing here"));
}

/* How long to wait is in words, in the forms of each language. */
static void waits_are_said_in_words(void **state)
{
    struct web_site *s = *state;
    static const struct {
        enum page_language language;
        int64_t seconds;
        const char *text;
    } rows[] = {
        { PAGE_ENGLISH, 0, "0 seconds" },     { PAGE_ENGLISH, 1, "1 second" },
        { PAGE_ENGLISH, 119, "119 seconds" }, { PAGE_ENGLISH, 120, "2 minutes" },
        { PAGE_ENGLISH, 121, "3 minutes" },   { PAGE_ENGLISH, 7199, "120 minutes" },
        { PAGE_ENGLISH, 7201, "3 hours" },    { PAGE_ENGLISH, 999999, "278 hours" },
        { PAGE_GERMAN, 1, "1 Sekunde" },      { PAGE_GERMAN, 600, "10 Minuten" },
        { PAGE_ARABIC, 1, "ثانية واحدة" },    { PAGE_ARABIC, 2, "ثانيتين" },
        { PAGE_ARABIC, 3, "3 ثوانٍ" },         { PAGE_ARABIC, 10, "10 ثوانٍ" },
        { PAGE_ARABIC, 11, "11 ثانية" },      { PAGE_ARABIC, 102, "102 ثانية" },
        { PAGE_ARABIC, 103, "103 ثوانٍ" },     { PAGE_ARABIC, 111, "111 ثانية" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct buf b = buf_in(s->arena, 100);
        page_add_wait(&b, rows[i].language, rows[i].seconds);
        assert_string_equal(b.at, rows[i].text);
    }
    db_fake_fail(s->db, 1000, DB_UNAVAILABLE, false);
    struct exchange x = get(s, "/uncached", 503, IN("de"));
    assert_header(&x, "Retry-After", "2");
    assert_true(body_has(&x, "Versuchen Sie es in 2 Sekunden noch einmal."));
    x = get(s, "/uncached", 503, IN("ar"));
    assert_true(body_has(&x, "حاول مرة أخرى بعد ثانيتين."));
}

/* Every text is there in every language. */
static void no_text_is_missing(void **state)
{
    (void)state;
    static const enum problem_id met[] = { PROBLEM_NOT_FOUND, PROBLEM_EXPIRED, PROBLEM_RATE_LIMITED,
                                           PROBLEM_UNAVAILABLE, PROBLEM_INTERNAL };
    for (int language = 0; language < PAGE_LANGUAGES; language++) {
        for (int text = 0; text < PAGE_TEXTS; text++)
            assert_non_null(page_text((enum page_language)language, (enum page_text)text));
        for (size_t i = 0; i < ROWS(met); i++) {
            const struct page_problem here = page_problem((enum page_language)language, met[i]);
            assert_true(language == PAGE_ENGLISH ||
                        strcmp(here.title, page_problem(PAGE_ENGLISH, met[i]).title) != 0);
        }
    }
}

/* The operator's texts are text, on every page. */
static void pages_show_the_operator(void **state)
{
    struct web_site *s = *state;
    dress(s, "#ffd400");
    static const struct {
        const char *target;
        int status;
    } rows[] = { { "/x", 404 }, { "/over", 410 }, { "/", 200 }, { "/live+", 200 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct exchange x = get(s, rows[i].target, rows[i].status, HTML);
        assert_true(body_has(&x, "<bdi>" ESCAPED "</bdi>"));
        assert_true(body_has(&x, "<img alt=\"\" src=\"/admin/logo\">"));
        assert_true(body_has(&x, "<link rel=\"icon\" href=\"/admin/icon\">"));
        assert_true(body_has(&x, "<a href=\"https://o.example/imprint?a&amp;b\">Imprint</a>"));
        assert_true(body_has(&x, "<a href=\"mailto:abuse@o.example\">Report abuse</a>"));
        assert_false(body_has(&x, "<script"));
        assert_false(body_has(&x, " style="));
    }
    struct exchange x = get(s, "/x", 404, IN("de"));
    assert_true(body_has(&x, ">Impressum</a>") && body_has(&x, ">Datenschutz</a>"));
}

/* With all of it a page of a problem is small, and its policy allows its two styles. */
static void a_page_is_small_and_strict(void **state)
{
    struct web_site *s = *state;
    dress(s, "ffd400");
    char allowed[DIGEST_SOURCE_SIZE];
    digest_source(s->site.brand.style, allowed);
    struct slice policies[3];
    for (int language = 0; language < PAGE_LANGUAGES; language++) {
        static const char *const headers[] = { IN("en"), IN("de"), IN("ar") };
        struct exchange x = get(s, "/x", 404, headers[language]);
        assert_in_range(x.response.body.len, 1, SMALL_PAGE_MAX);
        policies[0] = http_header_get(&x.response, "Content-Security-Policy");
        assert_non_null(memmem(policies[0].at, policies[0].len, allowed, strlen(allowed)));
        assert_non_null(
            memmem(policies[0].at, policies[0].len, PAGE_STYLE_HASH, strlen(PAGE_STYLE_HASH)));
        assert_null(memmem(policies[0].at, policies[0].len, "unsafe", 6));
        assert_non_null(memmem(policies[0].at, policies[0].len, "form-action 'none'", 18));
    }
    struct exchange x = get(s, "/few", 200, HTML "HTTP_USER_AGENT=Googlebot/2.1\n");
    policies[1] = http_header_get(&x.response, "Content-Security-Policy");
    assert_null(memmem(policies[1].at, policies[1].len, "form-action", 11));
}

/* An accent is shown as it is only where it can be read. */
static void the_accent_is_readable(void **state)
{
    (void)state;
    struct brand_colours colours;
    assert_true(brand_colours_of(SLICE("ffd400"), &colours));
    assert_string_equal(colours.dark.accent, "#ffd400");
    assert_string_equal(colours.dark.on_accent, "#000000");
    assert_string_not_equal(colours.light.accent, "#ffd400");
    assert_string_equal(colours.light.on_accent, "#ffffff");
    assert_true(brand_colours_of(SLICE("#001030"), &colours));
    assert_string_equal(colours.light.accent, "#001030");
    assert_string_not_equal(colours.dark.accent, "#001030");
    assert_false(brand_colours_of(SLICE("red"), &colours));
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

#define PNG_FILE "\x89PNG\r\n\x1a\n..."
#define SVG_FILE "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"

static void pictures_are_the_operators_files(void **state)
{
    struct web_site *s = *state;
    static const struct {
        struct slice bytes;
        const char *type; /* NULL: 404 */
    } rows[] = {
        { SLICE(PNG_FILE), "image/png" },
        { SLICE(SVG_FILE), "image/svg+xml" },
        { SLICE("\xef\xbb\xbf " SVG_FILE), "image/svg+xml" },
        { SLICE("\0\0\1\0\1\0"), "image/x-icon" },
        { SLICE("<html><script>alert(1)</script>"), NULL },
        { SLICE("GIF89a"), NULL },
        { SLICE("x <svg"), NULL },
        { SLICE(""), NULL },
    };
    char path[] = "/tmp/curt-brand-XXXXXX";
    close(mkstemp(path));
    get(s, "/admin/logo", 404, "");
    get(s, "/admin/icon", 404, "");
    s->site.brand.header_logo = s->site.brand.icon = slice_of(path);
    for (size_t i = 0; i < ROWS(rows); i++) {
        write_file(path, rows[i].bytes.at, rows[i].bytes.len);
        struct exchange x = get(s, "/admin/logo", rows[i].type ? 200 : 404, "");
        if (!rows[i].type)
            continue;
        assert_header(&x, "Content-Type", rows[i].type);
        assert_header(&x, "Content-Security-Policy",
                      "default-src 'none'; style-src 'unsafe-inline'; sandbox");
        assert_header(&x, "X-Content-Type-Options", "nosniff");
        assert_header(&x, "Cache-Control", "public, max-age=3600");
        assert_true(slice_eq(x.response.body, rows[i].bytes));
        x = get(s, "/favicon.ico", 200, "");
        assert_header(&x, "Content-Type", rows[i].type);
        char known[100];
        struct slice tag = http_header_get(&x.response, "ETag");
        snprintf(known, sizeof(known), "HTTP_IF_NONE_MATCH=%.*s", SLICE_ARG(tag));
        x = get(s, "/admin/icon", 304, known);
        assert_int_equal(x.response.body.len, 0);
    }
    char *large = calloc(1, BRAND_PICTURE_MAX + 1);
    memcpy(large, PNG_FILE, 8);
    write_file(path, large, BRAND_PICTURE_MAX);
    get(s, "/admin/logo", 200, "");
    write_file(path, large, BRAND_PICTURE_MAX + 1);
    get(s, "/admin/logo", 404, "");
    free(large);
    unlink(path);
    get(s, "/admin/logo", 404, "");
}

static void robots_are_told_what_is_theirs(void **state)
{
    struct web_site *s = *state;
    struct exchange x = get(s, "/robots.txt", 200, "");
    assert_header(&x, "Content-Type", "text/plain; charset=utf-8");
    assert_true(
        slice_eq(x.response.body, SLICE("User-agent: *\nDisallow: /api/\nDisallow: /admin/\n")));
    s->site.robots = ROBOTS_NONE;
    x = get(s, "/robots.txt", 200, "");
    assert_true(slice_eq(x.response.body, SLICE("User-agent: *\nDisallow: /\n")));
    s->site.base_path = SLICE("/s");
    x = get(s, "/s/robots.txt", 200, "");
    assert_true(slice_eq(x.response.body, SLICE("User-agent: *\nDisallow: /s/\n")));
    web_site_send(s, &(struct sent){ "POST", "/s/robots.txt", .status = 405, .body = "" });
}

static void the_icon_is_that_of_the_pages(void **state)
{
    struct web_site *s = *state;
    bool has_pages = PAGES_FILES[0].role != PAGES_END;
    struct exchange x = get(s, "/favicon.ico", has_pages ? 302 : 404, "");
    if (has_pages)
        assert_true(slice_starts_with(http_header_get(&x.response, "Location"),
                                      SLICE("/admin/files/icon.")));
    x = get(s, "/admin/manifest.webmanifest", has_pages ? 200 : 404, "");
    if (!has_pages)
        return;
    assert_header(&x, "Content-Type", "application/manifest+json");
    assert_true(body_has(&x, "\"name\":\"Short links\""));
    dress(s, "0b57d0");
    s->site.base_path = SLICE("/s");
    x = get(s, "/s/admin/manifest.webmanifest", 200, "");
    assert_true(body_has(&x, "\"name\":\"\\\"><script>"));
    assert_true(body_has(&x, "\"action\":\"\\/s\\/admin\\/\"") ||
                body_has(&x, "\"action\":\"/s/admin/\""));
    assert_true(body_has(&x, "\"theme_color\":\"#0b57d0\""));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, web_site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(pages_speak_the_visitors_language),
        CASE(waits_are_said_in_words),
        CASE(no_text_is_missing),
        CASE(pages_show_the_operator),
        CASE(a_page_is_small_and_strict),
        CASE(the_accent_is_readable),
        CASE(pictures_are_the_operators_files),
        CASE(robots_are_told_what_is_theirs),
        CASE(the_icon_is_that_of_the_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
