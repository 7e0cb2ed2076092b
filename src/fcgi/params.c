/* SPDX-License-Identifier: MIT */
/* Parses name-value pairs. */
#include "fcgi/params.h"

/* Parses a length: one byte, or four with the highest bit set. */
static bool take_length(struct slice *rest, size_t *length)
{
    const unsigned char *at = (const unsigned char *)rest->at;
    if (rest->len == 0)
        return false;
    if (at[0] < 0x80) {
        *length = at[0];
        *rest = (struct slice){ rest->at + 1, rest->len - 1 };
        return true;
    }
    if (rest->len < 4)
        return false;
    *length = (size_t)(at[0] & 0x7f) << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    *rest = (struct slice){ rest->at + 4, rest->len - 4 };
    return true;
}

bool params_next(struct slice *rest, struct slice *name, struct slice *value)
{
    struct slice s = *rest;
    size_t name_len, value_len;
    if (!take_length(&s, &name_len) || !take_length(&s, &value_len) || name_len > s.len ||
        value_len > s.len - name_len)
        return false;
    *name = (struct slice){ s.at, name_len };
    *value = (struct slice){ s.at + name_len, value_len };
    *rest = (struct slice){ s.at + name_len + value_len, s.len - name_len - value_len };
    return true;
}

static bool holds(struct slice s, char byte)
{
    return slice_find(s, byte) < s.len;
}

bool params_are_sound(struct slice params)
{
    struct slice name, value;
    while (params_next(&params, &name, &value)) {
        if (name.len == 0 || holds(name, '=') || holds(name, '\0') || holds(value, '\0'))
            return false;
    }
    return params.len == 0;
}
