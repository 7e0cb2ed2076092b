/* SPDX-License-Identifier: MIT */
/* A text that json_text_check accepts is read to its end by json-c, of any version; a text that it
 * refuses has a reason. */
#include <json-c/json.h>
#include <string.h>

#include "fuzz.h"
#include "fuzz_json_mutator.h"
#include "text/json_text.h"
#include "text/utf8.h"

const size_t fuzz_json_prefix = 0;

enum {
    ITEMS_MAX = 1000,
    VALUES_MAX = 4096,
};

/* How deep the value is, and how many values are in it, may be no more than was checked. */
static size_t count_values(struct json_object *value, unsigned depth)
{
    size_t n = 1;
    bool is_container =
        json_object_is_type(value, json_type_object) || json_object_is_type(value, json_type_array);
    MUST(depth + is_container <= JSON_TEXT_DEPTH_MAX);
    if (json_object_is_type(value, json_type_object)) {
        MUST(json_object_object_length(value) <= JSON_TEXT_MEMBERS_MAX);
        json_object_object_foreach(value, name, member)
        {
            MUST(utf8_valid(slice_of(name)));
            n += count_values(member, depth + 1);
        }
    }
    if (json_object_is_type(value, json_type_array)) {
        MUST(json_object_array_length(value) <= ITEMS_MAX);
        for (size_t i = 0; i < json_object_array_length(value); i++)
            n += count_values(json_object_array_get_idx(value, i), depth + 1);
    }
    if (json_object_is_type(value, json_type_string))
        MUST(utf8_valid((struct slice){ json_object_get_string(value),
                                        (size_t)json_object_get_string_len(value) }));
    return n;
}

/* json-c ends a number by what comes after it: the copy has a NUL there, which is not read. */
static void check_read(struct slice text)
{
    char *copy = malloc(text.len + 1);
    struct json_tokener *tokener = json_tokener_new_ex(JSON_TEXT_DEPTH_MAX + 2);
    MUST(copy != NULL && tokener != NULL);
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    struct json_object *value = json_tokener_parse_ex(tokener, copy, (int)text.len + 1);
    MUST(json_tokener_get_error(tokener) == json_tokener_success);
    MUST(json_tokener_get_parse_end(tokener) == text.len);
    MUST(count_values(value, 0) <= VALUES_MAX);
    json_object_put(value);
    json_tokener_free(tokener);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct json_text_limits limits = { VALUES_MAX, ITEMS_MAX };
    struct slice whole = fuzz_slice(data, size);
    struct slice text = whole;
    struct error why = { "" };
    if (json_text_check(&text, &limits, &why) != JSON_TEXT_SOUND) {
        MUST(why.text[0] != '\0' && utf8_is_line(slice_of(why.text)));
        MUST(text.at == whole.at && text.len == whole.len);
        return 0;
    }
    MUST(text.len > 0 && fuzz_within(text, whole));
    check_read(text);
    return 0;
}
