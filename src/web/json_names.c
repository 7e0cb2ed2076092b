/* SPDX-License-Identifier: MIT */
/* The text has as many members as it has colons outside strings; where two of an object have one
 * name, the tree has fewer. */
#include "web/json_names.h"

#include <json-c/json.h>
#include <string.h>

struct names {
    size_t n;
    bool has_nul;
};

/* The closing quote of the string that begins at `at`; whether a \u0000 is in it. */
static size_t string_end(struct slice text, size_t at, bool *has_nul)
{
    *has_nul = false;
    for (at++; at < text.len && text.at[at] != '"'; at++) {
        if (text.at[at] != '\\')
            continue;
        at++;
        if (text.len - at >= 5 && memcmp(text.at + at, "u0000", 5) == 0)
            *has_nul = true;
    }
    return at;
}

static struct names names_in(struct slice text)
{
    struct names names = { 0 };
    bool has_nul = false; /* the latest string */
    for (size_t at = 0; at < text.len; at++) {
        if (text.at[at] == '"') {
            at = string_end(text, at, &has_nul);
        } else if (text.at[at] == ':') {
            names.n++;
            names.has_nul = names.has_nul || has_nul;
        }
    }
    return names;
}

/* The depth is bounded: json-c has read the tree. */
static size_t members_of(struct json_object *value)
{
    size_t n = 0;
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            n += members_of(json_object_array_get_idx(value, i));
    } else if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            (void)name;
            n += 1 + members_of(member);
        }
    }
    return n;
}

bool json_names_are_sound(struct slice text, struct json_object *value, struct error *why)
{
    struct names names = names_in(text);
    if (names.has_nul)
        error_set(why, "the name of a member has a NUL in it");
    else if (names.n != members_of(value))
        error_set(why, "an object has two members of the same name");
    else
        return true;
    return false;
}
