/* SPDX-License-Identifier: MIT */
/* Prints flat JSON objects. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* A member: text, or a number when text.at is NULL. */
struct json_member {
    const char *name;
    struct slice text;
    int64_t number;
};

static inline struct json_member json_member_text(const char *name, struct slice text)
{
    return (struct json_member){ name, { text.at ? text.at : "", text.len }, 0 };
}

static inline struct json_member json_member_number(const char *name, int64_t number)
{
    return (struct json_member){ name, { NULL, 0 }, number };
}

/* Prints one object on a line to stdout. */
void json_print_object(const struct json_member *members, size_t n);
