/* SPDX-License-Identifier: MIT */
/* A site that ignores the letter case of aliases (links.alias_case = ignore), over the fakes.
 * Quotes in bodies are written as '. */
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "link/alias.h"
#include "service/lower_aliases.h"
#include "service/manage.h"
#include "shm/local_cache.h"
#include "support/web_site.h"

#define URLS "/api/v1/urls"
#define MAKE "POST", URLS, "ann"

static int set_up(void **state)
{
    if (web_site_set_up(state) != 0)
        return -1;
    struct web_site *s = *state;
    struct error err = { "" };
    s->links.local = local_cache_open(NULL, LOCAL_BYTES_MIN, &err);
    s->links.policy = (struct local_policy){ 5000, 5000, 3600 * 1000 };
    s->services.resolver.codes = &s->codes;
    s->services.shortener.aliases.ignores_case = true;
    return s->links.local ? 0 : -1;
}

static int tear_down(void **state)
{
    struct web_site *s = *state;
    local_cache_close(&s->links.local);
    return web_site_tear_down(state);
}

static void leads_to(struct web_site *s, const char *target, const char *location)
{
    struct exchange x = web_site_send(
        s, &(struct sent){ "GET", target, .status = location ? 302 : 404, .headers = FIREFOX });
    if (location && !slice_eq(http_header_get(&x.response, "Location"), slice_of(location)))
        fail_msg("%s leads to %.*s", target, SLICE_ARG(http_header_get(&x.response, "Location")));
}

static void an_alias_is_found_in_any_case(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'Spring'}", 201,
          "'custom_alias':'Spring','aliases':['Spring']" },
        { MAKE, "{'long_url':'http://b.example/','custom_alias':'summer'}", 201 },
        { "GET", "/Spring", NULL, NULL, 302 },
        { "GET", "/spring", NULL, NULL, 302 },
        { "HEAD", "/SPRING", NULL, NULL, 302 },
        { "GET", "/sPRING).", NULL, NULL, 302 },
        { "GET", "/%53UMMER/", NULL, NULL, 302 },
        { "GET", "/SPRINGS", NULL, NULL, 404 },
        { "GET", URLS "/SPRING", "ann", NULL, 200, "'code':'Spring'" },
        { "GET", URLS "/spring", "ann", NULL, 200, "'aliases':['Spring']" },
        { "GET", URLS "/SUMMER/stats", "ann", NULL, 200, "'code':'summer'" },
        { "GET", URLS "/SPRING/qr", NULL, NULL, 200, "</svg>" },
        { "GET", URLS "/sUMMER/qr", NULL, NULL, 200, "</svg>" },
        { "GET", URLS "/SPRINGS/qr", NULL, NULL, 404 },
        { "GET", "/SPRING+", NULL, NULL, 200, "'long_url':'http://a.example/'" },
        { "GET", "/SPRINGS+", NULL, NULL, 404 },
        { "PATCH", URLS "/SPRING", "ann", "{'title':'T'}", 200, "'title':'T'" },
        { "PATCH", URLS "/SPRING", "bob", "{'title':'T'}", 404 },
        { "GET", URLS "?q=spri", "ann", NULL, 200, "'code':'Spring'" },
    };
    SEND_ALL(*state, ROWS);
    leads_to(*state, "/SPRING", "http://a.example/");
    leads_to(*state, "/sUmMeR", "http://b.example/");
}

static void two_aliases_differ_in_more_than_case(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'Spring'}", 201 },
        { MAKE, "{'long_url':'http://b.example/','custom_alias':'SPRING'}", 409, "'alias_taken'" },
        { MAKE, "{'long_url':'http://b.example/','custom_alias':'spring'}", 409, "'alias_taken'" },
        { "GET", "/api/v1/aliases/sPRING", "ann", NULL, 200, "'available':false" },
        { "GET", "/api/v1/aliases/Springs", "ann", NULL, 200, "'available':true" },
        { MAKE, "{'long_url':'http://b.example/','custom_alias':'summer'}", 201 },
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'Summer'}", 409, "'alias_taken'" },
        { "PATCH", URLS "/summer", "ann", "{'custom_alias':'SPRING'}", 409, "'alias_taken'" },
        { "GET", URLS "/summer", "ann", NULL, 200, "'aliases':['summer']" },
        { "GET", "/SPRING", NULL, NULL, 302 },
        { "POST", URLS "/bulk", "ann",
          "{'links':[{'long_url':'http://c.example/','custom_alias':'Autumn'},"
          "{'long_url':'http://d.example/','custom_alias':'AUTUMN'},"
          "{'long_url':'http://e.example/','custom_alias':'sPRING'},"
          "{'long_url':'http://f.example/','custom_alias':'Winter'}]}",
          207, "'status':409" },
    };
    SEND_ALL(*state, ROWS);
    leads_to(*state, "/autumn", "http://c.example/");
    leads_to(*state, "/WINTER", "http://f.example/");
    leads_to(*state, "/AUTUMN", "http://c.example/");
    leads_to(*state, "/spring", "http://a.example/");
}

/* More spellings of one link's alias share their lower-case form, until the last of them goes. */
static void an_alias_goes_with_its_lower_case_form(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'first'}", 201 },
        { "PATCH", URLS "/FIRST", "ann", "{'custom_alias':'Other'}", 200,
          "'aliases':['first','Other']" },
        { "GET", "/OTHER", NULL, NULL, 302 },
        { "PATCH", URLS "/first", "ann", "{'custom_alias':'oTHER'}", 200,
          "'aliases':['first','Other','oTHER']" },
        { "DELETE", URLS "/first/aliases/Other", "ann", NULL, 200, "'aliases':['first','oTHER']" },
        { "GET", "/other", NULL, NULL, 302 },
        { "GET", "/Other", NULL, NULL, 302 },
        { "DELETE", URLS "/first/aliases/OTHER", "ann", NULL, 200, "'aliases':['first']" },
        { "GET", "/other", NULL, NULL, 404 },
        { "GET", "/OTHER", NULL, NULL, 404 },
        { "GET", "/oTHER", NULL, NULL, 404 },
        { "DELETE", URLS "/first/aliases/other", "ann", NULL, 404 },
        { "DELETE", URLS "/first/aliases/FIRST", "ann", NULL, 400, "only code" },
        { MAKE, "{'long_url':'http://b.example/','custom_alias':'OTHER'}", 201 },
        { "GET", "/other", NULL, NULL, 302 },
        { "PATCH", URLS "/other", "ann", "{'custom_alias':'other'}", 200,
          "'aliases':['OTHER','other']" },
        { "DELETE", URLS "/OTHER/aliases/other", "ann", NULL, 200, "'aliases':['OTHER']" },
        { "GET", "/other", NULL, NULL, 302 },
        { "DELETE", URLS "/other", "ann", NULL, 200 },
        { "GET", "/other", NULL, NULL, 404 },
        { "GET", "/OTHER", NULL, NULL, 404 },
    };
    SEND_ALL(*state, ROWS);
}

/* Stores a link whose generated code has small letters, digits, and nothing else. */
static void store_lower(struct web_site *s, char code[CODE_MAX + 1])
{
    struct error err = { "" };
    struct link link = { .target = { .version = 1,
                                     .redirect_status = 302,
                                     .long_url = SLICE("http://generated.example/") } };
    assert_true(codes_prepare(&s->codes, &err));
    for (link.target.link_id = 1000;; link.target.link_id++) {
        assert_true(code_from_id(&s->codes.scheme, link.target.link_id, code));
        size_t small = 0, letters = 0;
        for (const char *c = code; *c; c++) {
            small += ascii_is_lower(*c) || ascii_is_digit(*c);
            letters += ascii_is_lower(*c);
        }
        if (small == strlen(code) && letters > 0)
            break;
    }
    link.code = slice_of(arena_copy(s->arena, slice_of(code)));
    assert_int_equal(db_link_insert(s->db, &link, NULL, &err), DB_OK);
}

static void generated_codes_stay_exact(void **state)
{
    struct web_site *s = *state;
    char code[CODE_MAX + 1];
    char path[CODE_MAX + 30] = "/";
    store_lower(s, code);
    memcpy(path + 1, code, strlen(code) + 1);
    leads_to(s, path, "http://generated.example/");
    for (char *c = path; *c; c++)
        *c = ascii_is_lower(*c) ? (char)(*c - 'a' + 'A') : *c;
    leads_to(s, path, NULL);
    leads_to(s, path, NULL);
    struct manage_request request = {
        .code = slice_of(path + 1),
        .caller = { .role = ROLE_ADMIN },
        .arena = s->arena,
        .ignores_case = true,
    };
    struct link link;
    struct error err = { "" };
    assert_int_equal(manage_show(s->db, &request, &link, &err), OUTCOME_MISSING);
    request.code = slice_of(code);
    assert_int_equal(manage_show(s->db, &request, &link, &err), OUTCOME_OK);
}

/* Links from before the option was switched on keep their spelling, and win against others. */
static void an_exact_spelling_wins(void **state)
{
    struct web_site *s = *state;
    static const struct sent EXACT[] = {
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'OLD'}", 201 },
        { MAKE, "{'long_url':'http://b.example/','custom_alias':'old'}", 201 },
        { MAKE, "{'long_url':'http://c.example/','custom_alias':'Alone'}", 201 },
    };
    s->services.shortener.aliases.ignores_case = false;
    SEND_ALL(s, EXACT);
    s->services.shortener.aliases.ignores_case = true;
    leads_to(s, "/OLD", "http://a.example/");
    leads_to(s, "/old", "http://b.example/");
    leads_to(s, "/Old", "http://b.example/");
    leads_to(s, "/Alone", "http://c.example/");
    leads_to(s, "/alone", NULL); /* until it is given its lower-case form */
    web_site_send(s, &(struct sent){ "PATCH", URLS "/Alone", "ann", "{'custom_alias':'Alone'}", 200,
                                     "'aliases':['Alone']" });
    leads_to(s, "/alone", "http://c.example/");
    leads_to(s, "/ALONE", "http://c.example/");
    s->services.resolver.codes = NULL;
    s->now_us += 10 * 1000000;
    leads_to(s, "/ALONE", NULL);
    leads_to(s, "/alone", "http://c.example/");
}

/* A link in capitals is served from the local cache after the first time, also while the database
 * is unavailable, and changes of it are seen at once. */
static void capitals_are_cached(void **state)
{
    struct web_site *s = *state;
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'Spring'}", 201 },
        { "GET", "/SPRING", NULL, NULL, 302 },
    };
    SEND_ALL(s, ROWS);
    unsigned calls = db_fake_calls(s->db);
    leads_to(s, "/SPRING", "http://a.example/");
    assert_int_equal(db_fake_calls(s->db), calls);
    web_site_send(s, &(struct sent){ "PATCH", URLS "/Spring", "ann",
                                     "{'long_url':'http://b.example/'}", 200 });
    calls = db_fake_calls(s->db);
    leads_to(s, "/SPRING", "http://b.example/");
    assert_int_equal(db_fake_calls(s->db), calls);
    s->now_us += 60 * 1000000;
    cache_fake_advance(s->cache, 60);
    db_fake_fail(s->db, 10, DB_UNAVAILABLE, false);
    leads_to(s, "/SPRING", "http://b.example/");
    leads_to(s, "/spring", "http://b.example/");
    web_site_send(s, &(struct sent){ "GET", "/SPRINGS", NULL, NULL, 503 });
    web_site_send(s, &(struct sent){ "GET", "/sPRING", NULL, NULL, 503 }); /* not seen before */
    db_fake_fail(s->db, 0, DB_OK, false);
    s->services.shortener.restore_window_s = 0; /* a deletion frees the alias at once */
    web_site_send(s, &(struct sent){ "DELETE", URLS "/Spring", "ann", NULL, 200 });
    leads_to(s, "/SPRING", NULL);
    web_site_send(
        s, &(struct sent){ MAKE, "{'long_url':'http://c.example/','custom_alias':'SPRING'}", 201 });
    leads_to(s, "/SPRING", "http://c.example/");
    leads_to(s, "/spring", "http://c.example/");
}

/* The limit is one of aliases: lower-case forms do not count. */
static void lower_case_forms_are_no_aliases(void **state)
{
    struct web_site *s = *state;
    web_site_send(s, &(struct sent){ MAKE, "{'long_url':'http://a.example/'}", 201 });
    struct link_fields fields = { .link.target.long_url = SLICE("http://a.example/"),
                                  .custom_alias = SLICE("Aaa") };
    struct link link;
    struct error err = { "" };
    const struct create_request create = {
        .fields = fields, .caller.user_id = 2, .now = SITE_NOW, .arena = s->arena
    };
    assert_int_equal(create_link(&s->services.shortener, &create, &link, &err), OUTCOME_OK);
    for (int i = 1; i <= LINK_ALIASES_MAX; i++) {
        char alias[] = { 'A', (char)('a' + i / 26), (char)('a' + i % 26), '\0' };
        fields.given = FIELD_BIT(FIELD_ALIASES);
        fields.custom_alias = slice_of(arena_copy(s->arena, slice_of(alias)));
        const struct manage_request request = {
            .code = SLICE("Aaa"), .caller.role = ROLE_ADMIN, .now = SITE_NOW, .arena = s->arena
        };
        assert_int_equal(manage_change(&s->services.shortener, &request, &fields, &link, &err),
                         i < LINK_ALIASES_MAX ? OUTCOME_OK : OUTCOME_INVALID_FIELD);
    }
    assert_int_equal(link.n_aliases, LINK_ALIASES_MAX);
    assert_int_equal(link.n_lowered, LINK_ALIASES_MAX);
}

struct conflicts {
    char text[256];
    unsigned n;
    unsigned steps;
};

static void note_conflict(void *context, struct slice alias, struct slice lower)
{
    struct conflicts *seen = context;
    seen->n++;
    snprintf(seen->text, sizeof(seen->text), "%.*s %.*s", SLICE_ARG(alias), SLICE_ARG(lower));
}

static void note_step(void *context, uint64_t done)
{
    (void)done;
    ((struct conflicts *)context)->steps++;
}

static struct lower_aliases lower(struct web_site *s, struct conflicts *seen, bool looks,
                                  uint64_t max)
{
    struct lower_aliases work = {
        .db = s->db,
        .cache = &s->links,
        .looks = looks,
        .max = max,
        .now = SITE_NOW,
        .arena = arena_new(1 << 20),
        .conflict = note_conflict,
        .step = note_step,
        .context = seen,
    };
    struct error err = { "" };
    *seen = (struct conflicts){ .n = 0 };
    assert_int_equal(lower_aliases_run(&work, &err), DB_OK);
    arena_free(&work.arena);
    return work;
}

static void earlier_links_get_their_lower_case_forms(void **state)
{
    struct web_site *s = *state;
    static const struct sent EARLIER[] = {
        { MAKE, "{'long_url':'http://a.example/','custom_alias':'Alone'}", 201 },
        { MAKE, "{'long_url':'http://b.example/','custom_alias':'Two'}", 201 },
        { MAKE, "{'long_url':'http://c.example/','custom_alias':'two'}", 201 },
        { MAKE, "{'long_url':'http://d.example/','custom_alias':'THREE'}", 201 },
        { MAKE, "{'long_url':'http://e.example/','custom_alias':'Three'}", 201 },
        { "GET", "/alone", NULL, NULL, 404 },
    };
    struct conflicts seen;
    s->services.shortener.aliases.ignores_case = false;
    SEND_ALL(s, EARLIER);
    s->services.shortener.aliases.ignores_case = true;
    struct lower_aliases work = lower(s, &seen, true, 0);
    assert_int_equal(work.added, 3); /* one of the two threes will be a conflict */
    leads_to(s, "/ALONE", NULL);
    work = lower(s, &seen, false, 0);
    assert_int_equal(work.aliases, 5);
    assert_int_equal(work.added, 2);
    assert_int_equal(work.conflicts, 2);
    assert_string_equal(seen.text, "Two two");
    leads_to(s, "/alone", "http://a.example/"); /* at once, although it was cached as absent */
    leads_to(s, "/ALONE", "http://a.example/");
    leads_to(s, "/Two", "http://b.example/");
    leads_to(s, "/TWO", "http://c.example/");
    leads_to(s, "/Three", "http://e.example/");
    leads_to(s, "/three", "http://d.example/");
    work = lower(s, &seen, false, 0);
    assert_int_equal(work.added, 0);
    assert_int_equal(work.present, 2);
    assert_int_equal(work.conflicts, 2);
}

/* Also with more aliases than one page has. */
static void aliases_are_read_page_by_page(void **state)
{
    struct web_site *s = *state;
    struct conflicts seen;
    for (unsigned i = 0; i < 2 * DB_ALIASES_MAX + 1; i++) {
        struct error err = { "" };
        char text[16];
        snprintf(text, sizeof(text), "A%u", i);
        const struct slice alias = slice_of(arena_copy(s->arena, slice_of(text)));
        const struct link link = { .target = { .link_id = 5000 + i,
                                               .version = 1,
                                               .redirect_status = 302,
                                               .long_url = SLICE("http://a.example/") },
                                   .code = alias,
                                   .code_is_alias = true };
        assert_int_equal(db_link_insert(s->db, &link, NULL, &err), DB_OK);
    }
    struct lower_aliases work = lower(s, &seen, true, 500);
    assert_true(work.more);
    assert_int_equal(work.aliases, DB_ALIASES_MAX);
    work = lower(s, &seen, true, 0);
    assert_false(work.more);
    assert_int_equal(work.added, 2 * DB_ALIASES_MAX + 1);
    assert_int_equal(seen.steps, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_alias_is_found_in_any_case),
        TEST(two_aliases_differ_in_more_than_case),
        TEST(an_alias_goes_with_its_lower_case_form),
        TEST(generated_codes_stay_exact),
        TEST(an_exact_spelling_wins),
        TEST(capitals_are_cached),
        TEST(lower_case_forms_are_no_aliases),
        TEST(earlier_links_get_their_lower_case_forms),
        TEST(aliases_are_read_page_by_page),
    };
    return cmocka_run_group_tests_name("alias case", tests, NULL, NULL);
}
