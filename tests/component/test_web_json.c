/* SPDX-License-Identifier: MIT */
/* Bodies that could be read in more than one way are refused. Quotes are written as '. */
#include "web_site.h"

#define URLS "/api/v1/urls"
#define MAKE "POST", URLS, "ann"
#define BULK "POST", URLS "/bulk", "ann"
#define URL  "'long_url':'http://a.example/'"

static void no_member_comes_twice(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{" URL "," URL "}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'long_url':null}", 400, "two members of the same name" },
        { MAKE, "{" URL ",'long\\u005furl':'http://b.example/'}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'x':{'y':1,'y':1}}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'tags':[{'y':1,'y':1}]}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'title':'a','title':'b'}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'expires_at':null,'expires_at':null}", 400, "'invalid_json'" },
        { MAKE, "{'custom_alias':'first'," URL "}", 201 },
        { "PATCH", URLS "/first", "ann", "{'title':'a','title':'b'}", 400, "'invalid_json'" },
        { "PUT", URLS "/first", "ann", "{'title':'a','title':null}", 400, "'invalid_json'" },
        { "GET", URLS "/first", "ann", NULL, 200, "'title':null" },
        { BULK, "{'links':[{" URL "}],'links':[{" URL "}]}", 400, "'invalid_json'" },
        { BULK, "{'links':[{" URL "," URL "}]}", 400, "'invalid_json'" },
        { "POST", "/api/v1/keys", "ann", "{'name':'a','name':'b'}", 400, "'invalid_json'" },
        { "POST", "/api/v1/keys", "root", "{'role':'user','role':'admin'}", 400, "'invalid_json'" },
    };
    SEND_ALL(*state, ROWS);
}

static void no_name_ends_early(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{'long_url\\u0000x':'http://a.example/'}", 400, "'invalid_json'" },
        { MAKE, "{'long_url\\u0000':'http://a.example/'}", 400, "has a NUL in it" },
        { MAKE, "{" URL ",'\\u0000':1}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'long_url\\u0000x':'http://b.example/'}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'x':{'\\u0000':1}}", 400, "'invalid_json'" },
        { BULK, "{'links\\u0000x':[{" URL "}]}", 400, "'invalid_json'" },
        { BULK, "{'links':[{'long_url\\u0000x':'http://a.example/'}]}", 400, "'invalid_json'" },
        { "POST", "/api/v1/keys", "root", "{'role\\u0000x':'admin'}", 400, "'invalid_json'" },
    };
    SEND_ALL(*state, ROWS);
}

/* What looks like names, colons, escapes and NULs inside values is text. */
static void values_are_no_names(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{" URL ",'title':'a:b:c'}", 201, "'title':'a:b:c'" },
        { MAKE, "{" URL ",'title':'\\'title\\':\\'x\\''}", 201 },
        { MAKE, "{" URL ",'title':'\\\\'}", 201 },
        { MAKE, "{" URL ",'title':'\\\\u0000'}", 201, "'title':'\\\\u0000'" },
        { MAKE, "{" URL ",'\\\\u0000':'x'}", 400, "There is no such member." },
        { MAKE, "{" URL ",'tags':['tags',':','title']}", 201 },
        { MAKE, "{ 'long_url' : 'http://a.example/' , 'title' : 'x' }", 201 },
        { MAKE, "{'long_url':'http://a.example/\\u0000'}", 201, "http://a.example/%00" },
        { BULK, "{'links':[{" URL "},{" URL "}]}", 207, "'status':201" },
    };
    SEND_ALL(*state, ROWS);
}

/* JSON has numbers that no int64_t has. */
static void no_number_is_cut(void **state)
{
    static const struct sent ROWS[] = {
        { MAKE, "{" URL ",'max_clicks':9007199254740991}", 201, "'max_clicks':9007199254740991" },
        { MAKE, "{" URL ",'max_clicks':9223372036854775807}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':9223372036854775808}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':18446744073709551617}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':99999999999999999999}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':-99999999999999999999}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':1e3}", 400, "'field':'max_clicks'" },
        { MAKE, "{" URL ",'max_clicks':01}", 400, "'invalid_json'" },
        { MAKE, "{" URL ",'ttl_seconds':99999999999999999999}", 400, "'field':'ttl_seconds'" },
        { MAKE, "{" URL ",'ttl_seconds':18446744073709551676}", 400, "'field':'ttl_seconds'" },
        { MAKE, "{" URL ",'ttl_seconds':-99999999999999999999}", 400, "'field':'ttl_seconds'" },
        { MAKE, "{" URL ",'redirect_status':4294967598}", 400, "'field':'redirect_status'" },
        { MAKE, "{" URL ",'redirect_status':18446744073709551918}", 400,
          "'field':'redirect_status'" },
    };
    SEND_ALL(*state, ROWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_member_comes_twice, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(no_name_ends_early, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(values_are_no_names, web_site_set_up, web_site_tear_down),
        cmocka_unit_test_setup_teardown(no_number_is_cut, web_site_set_up, web_site_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
