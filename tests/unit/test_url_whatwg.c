/* SPDX-License-Identifier: MIT */
/* Our URL rules against the test data of the WHATWG URL standard (urltestdata.json), which Debian's
 * librust-url-dev installs. The data define what browsers do. What Curt does instead is derived
 * from each case by the rules below, so that this file states every difference from browsers. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include <json.h>

#include "text/url.h"

#define DATA "/usr/share/cargo/registry/url-*/tests/urltestdata.json"

/* With fewer cases the format of the data has changed, and this test must be adapted. */
#define CASES_MIN 600

/* Web URLs that browsers accept and Curt refuses, each for a special reason. */
static const struct {
    const char *input, *reason;
} refused_by_us[] = {
    { "http://./", "DNS knows no empty label" },
    { "http://../", "DNS knows no empty label" },
    { "http://foo.09..", "DNS knows no empty label" },
    { "http://!\"$&'()*+,-.;=_`{}~/", "no reg-name of RFC 3986 has a quotation mark or a brace" },
    { "http://&a:foo(b]c@d:2/", "no userinfo of RFC 3986 has a bracket" },
    { "http://`{}:`{}@h/`{}?`{}", "no userinfo of RFC 3986 has a brace" },
};

/* One case of the data, and what its input looks like. */
struct sample {
    struct slice input;
    bool failure;
    const char *protocol, *hostname, *port, *username, *password;
    struct slice before_path; /* from the first byte that is no white space */
    struct slice tail;        /* from the path to the last byte that is no white space */
};

enum expectation { REFUSED, REFUSED_WITH_CREDENTIALS, ACCEPTED };

static const char *text_of(struct json_object *test, const char *member)
{
    struct json_object *value;
    return json_object_object_get_ex(test, member, &value) ? json_object_get_string(value) : NULL;
}

/* Control characters and spaces at the ends, and tabs and line breaks anywhere, are dropped. */
static struct slice cleaned(struct slice in, struct arena *arena)
{
    while (in.len > 0 && (unsigned char)in.at[0] <= ' ')
        in = slice_from(in, 1);
    while (in.len > 0 && (unsigned char)in.at[in.len - 1] <= ' ')
        in.len--;
    char *copy = arena_copy(arena, in);
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.at[i];
        if (c != '\t' && c != '\n' && c != '\r')
            copy[n++] = c;
    }
    return (struct slice){ copy, n };
}

/* Cuts the input where its path begins: at the first "/", "?" or "#" after "://". */
static void cut(struct sample *s, struct arena *arena)
{
    struct slice in = cleaned(s->input, arena);
    size_t n = slice_find(in, ':') + 3;
    while (n < in.len && strchr("/?#", in.at[n]) == NULL)
        n++;
    n = n < in.len ? n : in.len;
    s->before_path = (struct slice){ in.at, n };
    s->tail = slice_from(in, n);
}

static struct sample sample_of(struct json_object *test, struct arena *arena)
{
    struct json_object *input, *failure;
    struct sample s = {
        .failure = json_object_object_get_ex(test, "failure", &failure) &&
                   json_object_get_boolean(failure),
        .protocol = text_of(test, "protocol"),
        .hostname = text_of(test, "hostname"),
        .port = text_of(test, "port"),
        .username = text_of(test, "username"),
        .password = text_of(test, "password"),
    };
    json_object_object_get_ex(test, "input", &input);
    s.input =
        (struct slice){ json_object_get_string(input), (size_t)json_object_get_string_len(input) };
    cut(&s, arena);
    return s;
}

/* Whether it is written as "http://" or "https://", the letters in any case. Browsers accept URLs
 * without slashes or with backslashes instead, and resolve against a base; Curt requires the whole
 * URL. */
static bool is_whole_web_url(const struct sample *s)
{
    return (s->before_path.len >= 7 && strncasecmp(s->before_path.at, "http://", 7) == 0) ||
           (s->before_path.len >= 8 && strncasecmp(s->before_path.at, "https://", 8) == 0);
}

/* Whether there is a control character, a space or a backslash before the path: browsers read a
 * backslash as a slash; Curt refuses them. */
static bool has_confusing_bytes(struct slice before_path)
{
    for (size_t i = 0; i < before_path.len; i++) {
        unsigned char c = (unsigned char)before_path.at[i];
        if (c <= 0x20 || c == 0x7F || c == '\\')
            return true;
    }
    return false;
}

static size_t count_of(struct slice s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.at[i] == c;
    return n;
}

static bool is_refused_by_us(const struct sample *s)
{
    for (size_t i = 0; i < sizeof refused_by_us / sizeof *refused_by_us; i++) {
        if (slice_eq(s->input, slice_of(refused_by_us[i].input)))
            return true;
    }
    return false;
}

static enum expectation expect(const struct sample *s)
{
    size_t ats = count_of(s->before_path, '@');
    if (s->failure || !is_whole_web_url(s) || has_confusing_bytes(s->before_path))
        return REFUSED;
    /* RFC 3986 has one "@" before the path; browsers encode all but the last. */
    if (ats > 1 || is_refused_by_us(s) || strcmp(s->port, "0") == 0)
        return REFUSED;
    return ats == 1 ? REFUSED_WITH_CREDENTIALS : ACCEPTED;
}

/* What Curt makes of a byte of the tail. Browsers encode less of it in path and query, and what
 * they encode, Curt encodes too. */
static struct slice encoded(char c, char part, char hex[4])
{
    const char *set = part == '#' ? "\"<>`" : part == '?' ? "\"'<>\\^`{|}" : "\"<>[]^`{|}";
    hex[0] = c;
    if (part == '/' && c == '\\')
        hex[0] = '/';
    else if ((unsigned char)c <= 0x20 || (unsigned char)c >= 0x7F || strchr(set, c))
        (void)snprintf(hex, 4, "%%%02X", (unsigned char)c);
    return (struct slice){ hex, hex[0] == '%' && c != '%' ? 3 : 1 };
}

/* The tail must be that of the input but for the bytes that are encoded. */
static bool tail_is_kept(struct slice kept, struct slice tail)
{
    char hex[4], part = '/';
    for (size_t i = 0; i < tail.len; i++) {
        char c = tail.at[i];
        if (c == '#' || (c == '?' && part == '/'))
            part = c;
        struct slice expected = encoded(c, part, hex);
        if (!slice_starts_with(kept, expected))
            return false;
        kept = slice_from(kept, expected.len);
    }
    return kept.len == 0;
}

/* Whether scheme, host, port and tail are those of a browser. */
static bool is_as_browsers_have_it(const struct url *url, const struct sample *s)
{
    const char *path = url->path.at;
    struct slice tail = { path, (size_t)(url->text.at + url->text.len - path) };
    return strncmp(s->protocol, url->scheme.at, url->scheme.len) == 0 &&
           strlen(s->protocol) == url->scheme.len + 1 &&
           slice_eq(url->host, slice_of(s->hostname)) &&
           url->port == (unsigned)strtoul(s->port, NULL, 10) && tail_is_kept(tail, s->tail);
}

/* Returns what is wrong with Curt's result, or NULL. */
static const char *compare_sample(const struct sample *s, bool allow_credentials,
                                  struct arena *arena)
{
    const struct url_policy policy = { .allow_credentials = allow_credentials };
    enum expectation expected = expect(s);
    struct url url;
    struct error why = { "" };
    bool accepted = url_normalize(s->input, &policy, arena, &url, &why) == URL_OK;
    if (accepted == (why.text[0] != '\0'))
        return "refused without a reason, or accepted with one";
    if (expected == REFUSED || (expected == REFUSED_WITH_CREDENTIALS && !allow_credentials))
        return accepted ? "accepted" : NULL;
    if (!accepted)
        return "refused";
    return is_as_browsers_have_it(&url, s) ? NULL : "accepted, but not as it should be";
}

/* The path of the data, of the newest version where there are several; false when there are none.
 */
static bool find_data(char path[], size_t size)
{
    glob_t found;
    bool any = glob(DATA, 0, NULL, &found) == 0;
    if (any)
        (void)snprintf(path, size, "%s", found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return any;
}

static void cases_of_the_url_standard(void **state)
{
    (void)state;
    char path[4096];
    assert_true(find_data(path, sizeof path));
    struct json_object *data = json_object_from_file(path);
    assert_non_null(data);
    struct arena *arena = arena_new(1 << 20);
    size_t cases = 0, accepted = 0, refused_by_table = 0, wrong = 0;
    for (size_t i = 0; i < json_object_array_length(data); i++) {
        struct json_object *test = json_object_array_get_idx(data, i);
        if (!json_object_is_type(test, json_type_object)) /* comments are strings */
            continue;
        arena_reset(arena);
        struct sample s = sample_of(test, arena);
        cases++;
        accepted += expect(&s) != REFUSED;
        refused_by_table += is_refused_by_us(&s);
        for (int credentials = 0; credentials <= 1; credentials++) {
            const char *what = compare_sample(&s, credentials != 0, arena);
            if (what == NULL)
                continue;
            wrong++;
            print_error("case %zu, credentials %d, is %s: %.*s\n", i, credentials, what,
                        SLICE_ARG(s.input));
        }
    }
    arena_free(&arena);
    json_object_put(data);
    assert_int_equal(wrong, 0);
    assert_true(cases >= CASES_MIN);
    assert_true(accepted >= 100);
    assert_int_equal(refused_by_table, sizeof refused_by_us / sizeof *refused_by_us);
}

int main(void)
{
    char path[4096];
    if (!find_data(path, sizeof path)) { /* cmocka's own skip() is "not ok" in TAP */
        puts("1..0 # SKIP there is no " DATA " (Debian package librust-url-dev)");
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_of_the_url_standard),
    };
    return cmocka_run_group_tests_name("URLs of the WHATWG standard", tests, NULL, NULL);
}
