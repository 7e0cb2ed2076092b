/* SPDX-License-Identifier: MIT */
/* Tags as a whole, and whether an alias is free. */
#include <stdio.h>

#include "support/web_site.h"

#define URLS  "/api/v1/urls"
#define TAGS  "/api/v1/tags"
#define USERS "/api/v1/users"
#define ALIAS "/api/v1/aliases/"

static const struct sent LINKS[] = {
    { "POST", URLS, "ann",
      "{'long_url':'http://a.example/','custom_alias':'anns','tags':['a','c/d +e']}", 201 },
    { "POST", URLS, "ann", "{'long_url':'http://b.example/','tags':['a','b']}", 201 },
    { "POST", URLS, "bob",
      "{'long_url':'http://c.example/','custom_alias':'bobs','tags':['a','z']}", 201 },
};

static void tags_are_listed(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, LINKS);
    const struct sent rows[] = {
        { "GET", TAGS, "ann", NULL, 200,
          "{'tags':[{'tag':'a','links':2},{'tag':'b','links':1},{'tag':'c/d +e','links':1}],"
          "'next_cursor':null}" },
        { "GET", TAGS, "root", NULL, 200, "{'tags':[],'next_cursor':null}" },
        { "GET", TAGS "?owner=bob", "root", NULL, 200, "{'tag':'z','links':1}" },
        { "GET", TAGS "?owner=nobody", "root", NULL, 200, "{'tags':[]" },
        { "GET", TAGS "?owner=ann", "ann", NULL, 200, "'b'" },
        { "GET", TAGS "?owner=bob", "ann", NULL, 403, "'field':'owner'" },
        { "GET", TAGS "?limit=201", "ann", NULL, 400, "'field':'limit'" },
        { "GET", TAGS "?cursor=x", "ann", NULL, 400, "'field':'cursor'" },
        { "GET", TAGS "?tag=x", "ann", NULL, 400 },
    };
    SEND_ALL(s, rows);
    struct exchange x =
        web_site_send(s, &(struct sent){ "GET", TAGS "?limit=2", "ann", NULL, 200, "'b'" });
    const char *cursor = web_site_member(s, &x, "next_cursor");
    assert_non_null(cursor);
    char target[200];
    snprintf(target, sizeof(target), TAGS "?limit=2&cursor=%s", cursor);
    web_site_send(s, &(struct sent){ "GET", target, "ann", NULL, 200,
                                     "{'tags':[{'tag':'c/d +e','links':1}],'next_cursor':null}" });
    snprintf(target, sizeof(target), USERS "?cursor=%s", cursor);
    web_site_send(s, &(struct sent){ "GET", target, "root", NULL, 400, "'field':'cursor'" });
}

static void a_tag_is_renamed(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, LINKS);
    const struct sent rows[] = {
        { "PATCH", TAGS "/a", "ann", "{'tag':' b '}", 200, "{'tag':'b','links':2,'more':false}" },
        { "GET", TAGS, "ann", NULL, 200, "{'tags':[{'tag':'b','links':2},{'tag':'c/d +e'" },
        { "GET", TAGS "?owner=bob", "root", NULL, 200, "{'tag':'a','links':1}" },
        { "GET", URLS "/anns", "ann", NULL, 200, "'tags':['b','c/d +e']" },
        { "PATCH", TAGS "/a", "ann", "{'tag':'b'}", 404 },
        { "PATCH", TAGS "/c%2Fd%20+e", "ann", "{'tag':'e'}", 200, "'links':1" },
        { "PATCH", TAGS "/b", "ann", "{'tag':'b'}", 200, "'links':0" },
        { "PATCH", TAGS "/a?owner=bob", "root", "{'tag':'y'}", 200, "'links':1" },
        { "PATCH", TAGS "/y?owner=bob", "ann", "{'tag':'x'}", 403, "'field':'owner'" },
        { "PATCH", TAGS "/y?owner=nobody", "root", "{'tag':'x'}", 404 },
        { "PATCH", TAGS "/b", "ann", "{}", 400, "'field':'tag'" },
        { "PATCH", TAGS "/b", "ann", "{'tag':'  '}", 400, "'field':'tag'" },
        { "PATCH", TAGS "/b", "ann",
          "{'tag':'123456789012345678901234567890123456789012345678901'}", 400, "1 to 50 bytes" },
        { "PATCH", TAGS "/b", "ann", "{'name':'c'}", 400, "'field':'name'" },
        { "PATCH", TAGS "/%FF", "ann", "{'tag':'c'}", 404 },
        { "PATCH", TAGS "/%", "ann", "{'tag':'c'}", 404 },
        { "DELETE", TAGS "/b", "ann", NULL, 405 },
    };
    SEND_ALL(s, rows);
}

static void an_alias_is_looked_up(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, LINKS);
    const struct sent rows[] = {
        { "GET", ALIAS "spring", "ann", NULL, 200,
          "{'alias':'spring','available':true,'reason':null,'detail':null}" },
        { "GET", ALIAS "bobs", "ann", NULL, 200,
          "{'alias':'bobs','available':false,'reason':'alias_taken','detail':'another link" },
        { "GET", ALIAS "Bobs", "ann", NULL, 200, "'available':true" },
        { "GET", ALIAS "ab", "ann", NULL, 200, "'reason':'invalid_alias','detail':'an alias has" },
        { "GET", ALIAS "a.b", "ann", NULL, 200, "'reason':'invalid_alias'" },
        { "GET", ALIAS "caf%C3%A9", "ann", NULL, 200, "'reason':'invalid_alias'" },
        { "GET", ALIAS "login", "ann", NULL, 200, "'reason':'reserved_alias'" },
        { "GET", ALIAS "%FFabc", "ann", NULL, 404 },
        { "GET", ALIAS "spring", NULL, NULL, 401 },
    };
    SEND_ALL(s, rows);
}

static void letter_case_does_not_count_where_it_is_ignored(void **state)
{
    struct web_site *s = *state;
    s->services.shortener.aliases.ignores_case = true;
    SEND_ALL(s, LINKS);
    const struct sent rows[] = {
        { "GET", ALIAS "BOBS", "ann", NULL, 200, "'reason':'alias_taken'" },
        { "GET", ALIAS "Spring", "ann", NULL, 200, "'available':true" },
        { "POST", URLS, "ann", "{'long_url':'http://a.example/','custom_alias':'Spring'}", 201 },
        { "GET", ALIAS "spring", "ann", NULL, 200, "'reason':'alias_taken'" },
        { "GET", ALIAS "SPRING", "ann", NULL, 200, "'reason':'alias_taken'" },
    };
    SEND_ALL(s, rows);
}

/* Looking for codes that are taken is looking for codes. */
static void without_a_key_free_aliases_count_as_misses(void **state)
{
    struct web_site *s = *state;
    struct error err;
    s->site.anonymous_create = true;
    s->services.limits.buckets = buckets_open(NULL, &err);
    s->services.limits.misses_per_address = (struct rate){ 20000000, 2 };
    s->services.limits.creates_per_address = (struct rate){ 20000000, 1 };
    SEND_ALL(s, LINKS);
    const struct sent rows[] = {
        { "GET", ALIAS "bobs", NULL, NULL, 200, .peer = "192.0.2.1" },
        { "GET", ALIAS "one", NULL, NULL, 200, .peer = "192.0.2.1" },
        { "GET", ALIAS "two", NULL, NULL, 200, .peer = "192.0.2.1" },
        { "GET", ALIAS "three", NULL, NULL, 429, .peer = "192.0.2.1" },
        { "GET", ALIAS "three", "ann", NULL, 200, .peer = "192.0.2.1" },
        { "POST", URLS, NULL, "{'long_url':'http://a.example/'}", 201, .peer = "192.0.2.1" },
    };
    SEND_ALL(s, rows);
    buckets_close(&s->services.limits.buckets);
}

#define SITE_TEST(f) cmocka_unit_test_setup_teardown(f, web_site_set_up, web_site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(tags_are_listed),
        SITE_TEST(a_tag_is_renamed),
        SITE_TEST(an_alias_is_looked_up),
        SITE_TEST(letter_case_does_not_count_where_it_is_ignored),
        SITE_TEST(without_a_key_free_aliases_count_as_misses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
