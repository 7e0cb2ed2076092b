/* SPDX-License-Identifier: MIT */
/* Users over the API: listed, created, changed, and removed in steps. */
#include <stdio.h>
#include <string.h>

#include "service/users.h"
#include "support/web_site.h"

#define URLS  "/api/v1/urls"
#define KEYS  "/api/v1/keys"
#define USERS "/api/v1/users"

static const struct sent LINKS[] = {
    { "POST", URLS, "ann", "{'long_url':'http://a.example/','custom_alias':'anns'}", 201 },
    { "POST", URLS, "ann", "{'long_url':'http://b.example/'}", 201 },
    { "POST", URLS, "bob", "{'long_url':'http://c.example/','custom_alias':'bobs'}", 201 },
};

static void users_are_listed_for_admins(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, LINKS);
    const struct sent rows[] = {
        { "GET", USERS, "root", NULL, 200,
          "{'users':[{'user':'root','role':'admin','links':0,'keys':1,'created_at':"
          "'2027-01-15T08:00:00Z','default_ttl_seconds':null,'max_ttl_seconds':null},"
          "{'user':'ann','role':'user','links':2,'keys':1," },
        { "GET", USERS, "ann", NULL, 403, "Only an admin" },
        { "GET", USERS "?owner=ann", "root", NULL, 400 },
        { "GET", USERS "?limit=1001", "root", NULL, 400, "'field':'limit'" },
        { "GET", USERS "?limit=3", "root", NULL, 200, "'next_cursor':null" },
    };
    SEND_ALL(s, rows);
    struct exchange x =
        web_site_send(s, &(struct sent){ "GET", USERS "?limit=2", "root", NULL, 200, "'ann'" });
    const char *cursor = web_site_member(s, &x, "next_cursor");
    char target[200];
    snprintf(target, sizeof(target), USERS "?limit=2&cursor=%s", cursor);
    web_site_send(s, &(struct sent){ "GET", target, "root", NULL, 200, "{'users':[{'user':'bob'" });
    snprintf(target, sizeof(target), KEYS "?cursor=%s", cursor);
    web_site_send(s, &(struct sent){ "GET", target, "root", NULL, 400, "'field':'cursor'" });
}

static void a_user_is_created(void **state)
{
    struct web_site *s = *state;
    const struct sent rows[] = {
        { "POST", USERS, "root", "{'user':'Zoë'}", 201,
          "{'user':'Zoë','role':'user','links':0,'keys':0,'created_at':'2027-01-15T08:00:00Z',"
          "'default_ttl_seconds':null,'max_ttl_seconds':null}" },
        { "POST", USERS, "root", "{'user':'eve','role':'admin','max_ttl_seconds':3600}", 201,
          "'role':'admin','links':0,'keys':0,'created_at':'2027-01-15T08:00:00Z',"
          "'default_ttl_seconds':null,'max_ttl_seconds':3600" },
        { "POST", USERS, "root", "{'user':'ann'}", 409, "'code':'conflict'" },
        { "POST", USERS, "root", "{}", 400, "'field':'user'" },
        { "POST", USERS, "root", "{'user':null}", 400, "'field':'user'" },
        { "POST", USERS, "root", "{'user':'a\\nb'}", 400, "'field':'user'" },
        { "POST", USERS, "root", "{'user':'x','role':'king'}", 400, "'field':'role'" },
        { "POST", USERS, "root", "{'user':'x','default_ttl_seconds':7,'max_ttl_seconds':6}", 400,
          "'field':'default_ttl_seconds'" },
        { "POST", USERS, "root", "{'user':'x','max_ttl_seconds':0}", 400,
          "'field':'max_ttl_seconds'" },
        { "POST", USERS, "root", "{'name':'x'}", 400, "'field':'name'" },
        { "POST", USERS, "ann", "{'user':'x'}", 403, "Only an admin" },
        { "POST", USERS, NULL, "{'user':'x'}", 401 },
        { "GET", USERS, "root", NULL, 200, "'eve'" },
    };
    SEND_ALL(s, rows);
}

static void a_user_is_changed(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, LINKS);
    const struct sent rows[] = {
        { "GET", USERS, "ann", NULL, 403 },
        { "PATCH", USERS "/ann", "root", "{'role':'admin'}", 200,
          "{'user':'ann','role':'admin','links':2,'keys':1," },
        { "GET", USERS, "ann", NULL, 200 },
        { "PATCH", USERS "/ann", "root", "{'role':null}", 200, "'role':'admin'" },
        { "PATCH", USERS "/ann", "ann", "{'role':'user'}", 200, "'role':'user'" },
        { "GET", USERS, "ann", NULL, 403 },
        { "PATCH", USERS "/ann", "root", "{'default_ttl_seconds':60,'max_ttl_seconds':600}", 200,
          "'default_ttl_seconds':60,'max_ttl_seconds':600" },
        { "POST", URLS, "ann", "{'long_url':'http://d.example/'}", 201,
          "'expires_at':'2027-01-15T08:01:00Z'" },
        { "PATCH", USERS "/ann", "root", "{'max_ttl_seconds':59}", 400,
          "'field':'default_ttl_seconds'" },
        { "PATCH", USERS "/ann", "root", "{'default_ttl_seconds':null}", 200,
          "'default_ttl_seconds':null,'max_ttl_seconds':600" },
        { "PATCH", USERS "/ann", "root", "{'user':'anna'}", 400, "'field':'user'" },
        { "PATCH", USERS "/root", "root", "{'role':'user'}", 409, "'field':'role'" },
        { "PATCH", USERS "/nobody", "root", "{'role':'user'}", 404, "There is no such user." },
        { "PATCH", USERS "/%FF", "root", "{'role':'user'}", 404 },
        { "PATCH", USERS "/bob", "ann", "{'role':'admin'}", 403 },
        { "PUT", USERS "/bob", "root", "{'role':'admin'}", 405 },
    };
    SEND_ALL(s, rows);
}

static void a_removal_says_what_becomes_of_the_links(void **state)
{
    struct web_site *s = *state;
    SEND_ALL(s, LINKS);
    const struct sent rows[] = {
        { "DELETE", USERS "/ann", "root", NULL, 409, "The user has 2 links" },
        { "DELETE", USERS "/ann?delete_links=no", "root", NULL, 409, "'code':'conflict'" },
        { "DELETE", USERS "/ann?delete_links=1", "root", NULL, 400, "'field':'delete_links'" },
        { "DELETE", USERS "/ann?delete_links=yes&give_links_to=bob", "root", NULL, 400,
          "'field':'give_links_to'" },
        { "DELETE", USERS "/ann?give_links_to=nobody", "root", NULL, 400,
          "There is no such user." },
        { "DELETE", USERS "/ann?give_links_to=ann", "root", NULL, 400, "another user" },
        { "DELETE", USERS "/root", "root", NULL, 409, "Nobody can delete themselves" },
        { "DELETE", USERS "/nobody", "root", NULL, 404, "There is no such user." },
        { "DELETE", USERS "/bob?delete_links=yes", "ann", NULL, 403, "Only an admin" },
        { "GET", URLS "/anns", "ann", NULL, 200 },
    };
    SEND_ALL(s, rows);
}

/* The keys are revoked at once; the user goes when no host accepts one any more. */
static void a_user_is_removed_in_steps(void **state)
{
    struct web_site *s = *state;
    s->services.auth.remember_s = 5;
    SEND_ALL(s, LINKS);
    const struct sent first[] = {
        { "DELETE", USERS "/ann?give_links_to=bob", "root", NULL, 202,
          "{'user':'ann','keys':1,'links':2,'more':true}" },
        { "GET", URLS, "ann", NULL, 401 },
        { "GET", URLS "/anns", "bob", NULL, 200, "'owner':'bob'" },
        { "GET", USERS, "root", NULL, 200, "{'user':'ann','role':'user','links':0,'keys':0," },
    };
    SEND_ALL(s, first);
    s->now += 5;
    struct exchange x =
        web_site_send(s, &(struct sent){ "DELETE", USERS "/ann?give_links_to=bob", "root", NULL,
                                         202, "{'user':'ann','keys':0,'links':0,'more':true}" });
    assert_true(slice_eq(http_header_get(&x.response, "Retry-After"), SLICE("1")));
    s->now++;
    const struct sent last[] = {
        { "DELETE", USERS "/ann?give_links_to=bob", "root", NULL, 200,
          "{'user':'ann','keys':0,'links':0,'more':false}" },
        { "DELETE", USERS "/ann?give_links_to=bob", "root", NULL, 404 },
        { "DELETE", USERS "/bob?delete_links=yes", "root", NULL, 202, "'links':3" },
        { "GET", "/anns", NULL, NULL, 404 },
    };
    SEND_ALL(s, last);
}

/* A step deletes a bounded number of links, and the next one goes on. */
static void a_step_is_bounded(void **state)
{
    struct web_site *s = *state;
    const struct sent link = { "POST", URLS, "ann", "{'long_url':'http://a.example/'}", 201 };
    s->services.auth.remember_s = 0;
    for (int i = 0; i <= USER_REMOVE_LINKS; i++)
        web_site_send(s, &link);
    web_site_send(s, &(struct sent){ "DELETE", USERS "/ann?delete_links=yes", "root", NULL, 202,
                                     "'links':500,'more':true" });
    s->now += 2;
    web_site_send(s, &(struct sent){ "DELETE", USERS "/ann?delete_links=yes", "root", NULL, 200,
                                     "'links':1,'more':false" });
}

static void an_admin_is_removed_while_there_is_another(void **state)
{
    struct web_site *s = *state;
    s->services.auth.remember_s = 0;
    const struct sent rows[] = {
        { "PATCH", USERS "/ann", "root", "{'role':'admin'}", 200 },
        { "DELETE", USERS "/root", "ann", NULL, 202, "'keys':1" },
        { "GET", USERS, "root", NULL, 401 },
    };
    SEND_ALL(s, rows);
    s->now += 2;
    const struct sent last[] = {
        { "DELETE", USERS "/root", "ann", NULL, 200 },
        { "PATCH", USERS "/ann", "ann", "{'role':'user'}", 409, "the last admin" },
    };
    SEND_ALL(s, last);
}

#define SITE_TEST(f) cmocka_unit_test_setup_teardown(f, web_site_set_up, web_site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(users_are_listed_for_admins),
        SITE_TEST(a_user_is_created),
        SITE_TEST(a_user_is_changed),
        SITE_TEST(a_removal_says_what_becomes_of_the_links),
        SITE_TEST(a_user_is_removed_in_steps),
        SITE_TEST(a_step_is_bounded),
        SITE_TEST(an_admin_is_removed_while_there_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
