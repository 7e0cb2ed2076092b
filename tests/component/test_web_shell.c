/* SPDX-License-Identifier: MIT */
/* The document of the pages, and what is at the address of the site itself. */
#include <stdlib.h>
#include <string.h>

#include "support/web_site.h"
#include "web/pages_files.h"

/* Whether the answer's body has the text. */
static bool body_has(const struct exchange *x, const char *text)
{
    struct slice body = x->response.body;
    return body.len > 0 && memmem(body.at, body.len, text, strlen(text)) != NULL;
}

static struct exchange get(struct web_site *s, const char *target, int status)
{
    return web_site_send(s, &(struct sent){ "GET", target, NULL, NULL, status });
}

static bool has_pages(void)
{
    return PAGES_FILES[0].role != PAGES_END;
}

static void the_root_is_the_operators_choice(void **state)
{
    struct web_site *s = *state;
    struct exchange x = get(s, "/", 200);
    assert_true(body_has(&x, "This site makes short links."));
    assert_true(body_has(&x, "<a href=\"/admin/\">Sign in</a>"));
    assert_true(body_has(&x, "<h1 dir=\"auto\">Short links</h1>"));
    s->site.root_page = ROOT_PAGE_NONE;
    get(s, "/", 404);
    s->site.root_page = ROOT_PAGE_HOME;
    x = get(s, "/", has_pages() ? 200 : 404);
    assert_int_equal(body_has(&x, "<div id=\"app\">"), has_pages());
    s->site.root_url = SLICE("https://www.example/");
    get(s, "/", 302);
}

static void the_hint_says_who_runs_the_site(void **state)
{
    struct web_site *s = *state;
    s->site.operator_name = SLICE("A & B <script>alert(1)</script>");
    struct exchange x = get(s, "/", 200);
    assert_true(body_has(&x, "It is run by A &amp; B &lt;script&gt;alert(1)&lt;/script&gt;."));
    assert_false(body_has(&x, "<script"));
}

static void the_document_names_the_files(void **state)
{
    struct web_site *s = *state;
    if (!has_pages()) {
        get(s, "/admin/", 404);
        return;
    }
    s->site.operator_name = SLICE("\"><b>");
    struct exchange x = get(s, "/admin/", 200);
    assert_true(body_has(&x, "src=\"/admin/files/main."));
    assert_true(body_has(&x, " data-base=\"\" data-path=\"/admin\""));
    assert_true(body_has(&x, " data-operator=\"&quot;&gt;&lt;b&gt;\""));
    assert_true(body_has(&x, " data-create=\"users\""));
    assert_int_equal(SITE_RESTORE_S, 86400);
    assert_true(body_has(&x, " data-restore=\"86400\""));
    assert_true(body_has(&x, "<title>&quot;&gt;&lt;b&gt;</title>"));
    assert_true(slice_starts_with(http_header_get(&x.response, "Content-Security-Policy"),
                                  SLICE("default-src 'none'; script-src 'self'; ")));
    assert_true(slice_eq(http_header_get(&x.response, "Referrer-Policy"), SLICE("same-origin")));
    assert_false(body_has(&x, "<style"));
    assert_false(body_has(&x, "://s.example/admin"));
}

static void the_document_is_at_the_configured_path(void **state)
{
    struct web_site *s = *state;
    int found = has_pages() ? 200 : 404;
    get(s, "/admin", found);
    get(s, "/admin/?x=y", found);
    get(s, "/%61dmin/", found);
    get(s, "/admins", 404);
    get(s, "/admin/nothing", 404);
    get(s, "/admin/files/main.js", 404);
    web_site_send(s, &(struct sent){ "POST", "/admin/", NULL, NULL, 405 });
    s->site.base_path = SLICE("/s");
    s->site.base_url = SLICE("https://s.example/s");
    s->site.pages_path = SLICE("/ours");
    s->site.anonymous_create = true;
    struct exchange x = get(s, "/s/ours", found);
    assert_int_equal(body_has(&x, "src=\"/s/ours/files/main."), has_pages());
    assert_int_equal(body_has(&x, " data-create=\"anyone\""), has_pages());
    x = get(s, "/s/", 200);
    assert_true(body_has(&x, "<a href=\"/s/ours/\">"));
    get(s, "/ours/", 404);
    get(s, "/s/admin/", 404);
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, web_site_set_up, web_site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(the_root_is_the_operators_choice),
        WITH_SITE(the_hint_says_who_runs_the_site),
        WITH_SITE(the_document_names_the_files),
        WITH_SITE(the_document_is_at_the_configured_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
