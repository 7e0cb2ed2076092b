/* SPDX-License-Identifier: MIT */
/* Validation of JSON texts; and that any version of json-c reads the expected values from a valid
 * one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/arena.h"
#include "base/buf.h"
#include "text/json_text.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct json_text_limits wide = { SIZE_MAX, SIZE_MAX };

/* A valid text, and what json-c writes after reading it. */
static const struct sound {
    int line;
    struct slice text;
    const char *reads;
} SOUND[] = {
#define ROW(text, reads)             \
    {                                \
        __LINE__, SLICE(text), reads \
    }
    ROW("{}", "{}"),
    ROW("[]", "[]"),
    ROW(" \t\r\n{ \"a\" :\n[ ] , \"b\" : { } }\r\n", "{\"a\":[],\"b\":{}}"),
    ROW("[true,false,null]", "[true,false,null]"),
    ROW("{\"a\":null}", "{\"a\":null}"),
    ROW("\xEF\xBB\xBF{\"a\":1}", "{\"a\":1}"),
    ROW("\xEF\xBB\xBF \n{\"a\":1} ", "{\"a\":1}"),
    /* Text. */
    ROW("{\"a\":\"K\xC3\xA4se\"}", "{\"a\":\"K\xC3\xA4se\"}"),
    ROW("{\"K\xC3\xA4se\":1}", "{\"K\xC3\xA4se\":1}"),
    ROW("[\"K\\u00e4se\",\"K\\u00E4se\"]", "[\"K\xC3\xA4se\",\"K\xC3\xA4se\"]"),
    ROW("[\"\xE2\x82\xAC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF\"]",
        "[\"\xE2\x82\xAC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF\"]"),
    ROW("[\"\\ud83d\\ude00\"]", "[\"\xF0\x9F\x98\x80\"]"),
    ROW("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    ROW("[\"\x7F'//,]}\"]", "[\"\x7F'\\/\\/,]}\"]"),
    ROW("[\"\\u0000x\"]", "[\"\\u0000x\"]"),
    ROW("[\"\xEF\xBB\xBF\"]", "[\"\xEF\xBB\xBF\"]"),
    ROW("[\"\\ud800\"]", "[\"\xEF\xBF\xBD\"]"),
    ROW("[\"\\udc00x\"]", "[\"\xEF\xBF\xBDx\"]"),
    ROW("[\"\\ud800\\ud83d\\ude00\"]", "[\"\xEF\xBF\xBD\xF0\x9F\x98\x80\"]"),
    ROW("[\"\\ud800\\n\"]", "[\"\xEF\xBF\xBD\\n\"]"),
    ROW("[\"\\ud800\xC3\xA4\"]", "[\"\xEF\xBF\xBD\xC3\xA4\"]"),
    /* Numbers. */
    ROW("[0,-1,12,1.5,-0.25]", "[0,-1,12,1.5,-0.25]"),
    ROW("[1e3,1E+3,1.0e-3,0e0]", "[1e3,1E+3,1.0e-3,0e0]"),
    ROW("[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]"),
    ROW("[9223372036854775808,18446744073709551615]", "[9223372036854775808,18446744073709551615]"),
    ROW("[18446744073709551616]", "[18446744073709551615]"),
    ROW("[99999999999999999999999999]", "[18446744073709551615]"),
    ROW("[-99999999999999999999999999]", "[-9223372036854775808]"),
    /* Names. */
    ROW("{\"\":1}", "{\"\":1}"),
    ROW("{\"a\":1,\"A\":2,\"a \":3}", "{\"a\":1,\"A\":2,\"a \":3}"),
    ROW("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}",
        "{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}"),
    ROW("{\"\\\\u0000\":1}", "{\"\\\\u0000\":1}"),
    ROW("[[[[[[[[1]]]]]]]]", "[[[[[[[[1]]]]]]]]"),
    ROW("[[[[[[[{\"a\":1}]]]]]]]", "[[[[[[[{\"a\":1}]]]]]]]"),
#undef ROW
};

static void sound_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(SOUND); i++) {
        struct error why = { "" };
        struct slice text = SOUND[i].text;
        if (json_text_check(&text, &wide, &why) != JSON_TEXT_SOUND)
            fail_msg("line %d: %s", SOUND[i].line, why.text);
        struct json_tokener *tokener = json_tokener_new_ex(JSON_TEXT_DEPTH_MAX + 2);
        struct json_object *value = json_tokener_parse_ex(tokener, text.at, (int)text.len);
        if (!value || json_tokener_get_parse_end(tokener) != text.len ||
            strcmp(json_object_to_json_string_ext(value, 0), SOUND[i].reads) != 0)
            fail_msg("line %d: json-c %s reads %s", SOUND[i].line, json_c_version(),
                     json_object_to_json_string_ext(value, 0));
        json_object_put(value);
        json_tokener_free(tokener);
    }
}

/* Values that end with the text, after which json-c expects more input. */
static void sound_values_alone(void **state)
{
    (void)state;
    static const char *const texts[] = { "0", "-1.5e7", "true", "null", "\"x\"", " 12 " };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct slice text = slice_of(texts[i]);
        assert_int_equal(json_text_check(&text, &wide, NULL), JSON_TEXT_SOUND);
        assert_true(slice_eq(text, slice_trim(slice_of(texts[i]))));
    }
}

/* An invalid text, and its error text. */
static const struct broken {
    int line;
    struct slice text;
    const char *why;
} BROKEN[] = {
#define ROW(text, why)             \
    {                              \
        __LINE__, SLICE(text), why \
    }
    ROW("", "the text ends too early: expected a value, at byte 1"),
    ROW(" \n", "the text ends too early: expected a value, at byte 3"),
    ROW("\xEF\xBB\xBF", "the text ends too early: expected a value, at byte 4"),
    ROW("{", "the text ends too early: expected a name in double quotes, at byte 2"),
    ROW("[", "the text ends too early: expected a value, at byte 2"),
    ROW("[1", "the text ends too early: expected a comma or ], at byte 3"),
    ROW("{\"a\"", "the text ends too early: expected a colon, at byte 5"),
    ROW("{\"a\":", "the text ends too early: expected a value, at byte 6"),
    ROW("{\"a\":1", "the text ends too early: expected a comma or }, at byte 7"),
    ROW("[\"a", "the text ends too early: a string without its closing quote, at byte 4"),
    ROW("[\"", "the text ends too early: a string without its closing quote, at byte 3"),
    ROW("[\"\\", "an escape that JSON does not have, at byte 3"),
    ROW("[tru", "expected a value, found t, at byte 2"),
    /* Extensions that some parsers accept. */
    ROW("{'a':1}", "expected a name in double quotes, found ', at byte 2"),
    ROW("['a']", "expected a value, found ', at byte 2"),
    ROW("{a:1}", "expected a name in double quotes, found a, at byte 2"),
    ROW("{\"a\":1,}", "expected a name in double quotes, found }, at byte 8"),
    ROW("[1,]", "expected a value, found ], at byte 4"),
    ROW("[,1]", "expected a value, found ,, at byte 2"),
    ROW("[1 2]", "expected a comma or ], found 2, at byte 4"),
    ROW("{\"a\" 1}", "expected a colon, found 1, at byte 6"),
    ROW("{\"a\":1 \"b\":2}", "expected a comma or }, found \", at byte 8"),
    ROW("{\"a\":1]", "expected a comma or }, found ], at byte 7"),
    ROW("// x\n{}", "a comment: expected a value, at byte 1"),
    ROW("{/* x */}", "a comment: expected a name in double quotes, at byte 2"),
    ROW("{\"a\":1/**/}", "a comment: expected a comma or }, at byte 7"),
    ROW("{} // x", "a comment: expected the end of the text, at byte 4"),
    ROW("[NaN]", "expected a value, found N, at byte 2"),
    ROW("[Infinity]", "expected a value, found I, at byte 2"),
    ROW("[-Infinity]", "expected a digit, found I, at byte 3"),
    ROW("[True]", "expected a value, found T, at byte 2"),
    ROW("[NULL]", "expected a value, found N, at byte 2"),
    ROW("[nullx]", "expected a comma or ], found x, at byte 6"),
    ROW("[\v1]", "expected a value, found 0x0B, at byte 2"),
    ROW("[\xC2\xA0"
        "1]",
        "expected a value, found 0xC2, at byte 2"),
    ROW("{}\xEF\xBB\xBF", "expected the end of the text, found 0xEF, at byte 3"),
    ROW("\xEF\xBB\xBF\xEF\xBB\xBF{}", "expected a value, found 0xEF, at byte 4"),
    ROW("{}\0", "expected the end of the text, found 0x00, at byte 3"),
    ROW("{}\0{}", "expected the end of the text, found 0x00, at byte 3"),
    ROW("{\0}", "expected a name in double quotes, found 0x00, at byte 2"),
    ROW("{} {}", "expected the end of the text, found {, at byte 4"),
    ROW("{}]", "expected the end of the text, found ], at byte 3"),
    ROW("1 2", "expected the end of the text, found 2, at byte 3"),
    /* Numbers. */
    ROW("[01]", "a number with a leading zero, at byte 2"),
    ROW("[-01]", "a number with a leading zero, at byte 3"),
    ROW("[00]", "a number with a leading zero, at byte 2"),
    ROW("[1.]", "expected a digit after the point, found ], at byte 4"),
    ROW("[.5]", "expected a value, found ., at byte 2"),
    ROW("[+1]", "expected a value, found +, at byte 2"),
    ROW("[-]", "expected a digit, found ], at byte 3"),
    ROW("[1e]", "expected a digit of the exponent, found ], at byte 4"),
    ROW("[1e+]", "expected a digit of the exponent, found ], at byte 5"),
    ROW("[0x1F]", "expected a comma or ], found x, at byte 3"),
    ROW("[1_000]", "expected a comma or ], found _, at byte 3"),
    ROW("-", "the text ends too early: expected a digit, at byte 2"),
    /* Text. */
    ROW("[\"a\nb\"]", "a control character in a string, at byte 4"),
    ROW("[\"a\tb\"]", "a control character in a string, at byte 4"),
    ROW("[\"a\0b\"]", "a control character in a string, at byte 4"),
    ROW("[\"\\x\"]", "an escape that JSON does not have, at byte 3"),
    ROW("[\"\\'\"]", "an escape that JSON does not have, at byte 3"),
    ROW("[\"\\U00e4\"]", "an escape that JSON does not have, at byte 3"),
    ROW("[\"\\u00g4\"]", "an escape that JSON does not have, at byte 3"),
    ROW("[\"\\u00\"]", "an escape that JSON does not have, at byte 3"),
    ROW("[\"\\\0\"]", "an escape that JSON does not have, at byte 3"),
    ROW("[\"\xFF\"]", "bytes that are not UTF-8, at byte 3"),
    ROW("[\"\xE4\"]", "bytes that are not UTF-8, at byte 3"),
    ROW("[\"ab\x80\"]", "bytes that are not UTF-8, at byte 5"),
    ROW("[\"\xC0\xAF\"]", "bytes that are not UTF-8, at byte 3"),
    ROW("[\"\xE0\x80\xAF\"]", "bytes that are not UTF-8, at byte 3"),
    ROW("[\"\xED\xA0\x80\"]", "bytes that are not UTF-8, at byte 3"),
    ROW("[\"\xF4\x90\x80\x80\"]", "bytes that are not UTF-8, at byte 3"),
    ROW("[\"\xE2\x82", "bytes that are not UTF-8, at byte 3"),
    /* Names. */
    ROW("{\"a\":1,\"a\":1}", "an object has two members of the same name, at byte 8"),
    ROW("{\"a\":1,\"b\":2,\"\\u0061\":3}",
        "an object has two members of the same name, at byte 14"),
    ROW("{\"\xC3\xA4\":1,\"\\u00e4\":3}", "an object has two members of the same name, at byte 9"),
    ROW("{\"\xF0\x9F\x98\x80\":1,\"\\ud83d\\ude00\":3}",
        "an object has two members of the same name, at byte 11"),
    ROW("{\"\\n\":1,\"\\u000a\":3}", "an object has two members of the same name, at byte 9"),
    ROW("{\"\\/\":1,\"/\":3}", "an object has two members of the same name, at byte 9"),
    ROW("[{\"x\":{\"a\":1,\"a\":1}}]", "an object has two members of the same name, at byte 14"),
    ROW("{\"a\\u0000b\":1}", "the name of a member has a NUL in it, at byte 2"),
    ROW("{1:1}", "expected a name in double quotes, found 1, at byte 2"),
    ROW("[[[[[[[[[1]]]]]]]]]", "objects and arrays are nested deeper than 8, at byte 9"),
#undef ROW
};

static void broken_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(BROKEN); i++) {
        struct error why = { "" };
        struct slice text = BROKEN[i].text;
        /* A heap copy without a NUL, so that a sanitizer detects reads beyond its end. */
        char *copy = malloc(text.len + 1);
        assert_non_null(copy);
        if (text.len)
            memcpy(copy, text.at, text.len);
        text.at = copy;
        if (json_text_check(&text, &wide, &why) != JSON_TEXT_BROKEN ||
            strcmp(why.text, BROKEN[i].why) != 0)
            fail_msg("line %d: %s", BROKEN[i].line, why.text);
        assert_int_equal(text.len, BROKEN[i].text.len);
        free(copy);
    }
}

static void limits_hold(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct json_text_limits limits;
        enum json_text_result result;
        const char *why;
    } rows[] = {
        { "[1,{\"a\":2}]", { 4, 2 }, JSON_TEXT_SOUND, "" },
        { "[1,{\"a\":2}]",
          { 3, 2 },
          JSON_TEXT_BROKEN,
          "the text has more values than 3, at byte 9" },
        { "[1,2,3]", { 9, 2 }, JSON_TEXT_BROKEN, "an array has more items than 2, at byte 6" },
        { "{\"a\":[1,2]}", { 9, 2 }, JSON_TEXT_SOUND, "" },
        { "{\"a\":[1,2,]}",
          { 9, 2 },
          JSON_TEXT_LONG_ARRAY,
          "an array has more items than 2, at byte 11" },
        { "{\"a\":[1,2,3]}",
          { 9, 2 },
          JSON_TEXT_LONG_ARRAY,
          "an array has more items than 2, at byte 11" },
        { "{\"a\":[[1,2,3]]}",
          { 9, 2 },
          JSON_TEXT_BROKEN,
          "an array has more items than 2, at byte 12" },
        { "{\"a\":{\"b\":[1,2,3]}}",
          { 9, 2 },
          JSON_TEXT_BROKEN,
          "an array has more items than 2, at byte 16" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error why = { "" };
        struct slice text = slice_of(rows[i].text);
        if (json_text_check(&text, &rows[i].limits, &why) != rows[i].result ||
            strcmp(why.text, rows[i].why) != 0)
            fail_msg("%s: %s", rows[i].text, why.text);
    }
}

static void members_have_a_limit(void **state)
{
    (void)state;
    for (unsigned n = JSON_TEXT_MEMBERS_MAX; n <= JSON_TEXT_MEMBERS_MAX + 1; n++) {
        struct arena *arena = arena_new(65536);
        struct error why = { "" };
        struct buf b = buf_in(arena, 8192);
        for (unsigned i = 0; i < n; i++)
            buf_printf(&b, "%c\"%u\":1", i ? ',' : '{', i);
        buf_add_byte(&b, '}');
        struct slice text = buf_slice(&b);
        enum json_text_result result = json_text_check(&text, &wide, &why);
        assert_int_equal(result, n == JSON_TEXT_MEMBERS_MAX ? JSON_TEXT_SOUND : JSON_TEXT_BROKEN);
        if (result != JSON_TEXT_SOUND)
            assert_non_null(strstr(why.text, "an object has more members than 64"));
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_texts),          cmocka_unit_test(sound_values_alone),
        cmocka_unit_test(broken_texts),         cmocka_unit_test(limits_hold),
        cmocka_unit_test(members_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
