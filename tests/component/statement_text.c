/* SPDX-License-Identifier: MIT */
/* Replacing the '?' of a statement; no statement has one in quotes. */
#include "statement_text.h"

#include <string.h>

static bool add(char **out, size_t *left, const char *text, size_t len)
{
    if (len >= *left)
        return false;
    memcpy(*out, text, len);
    *out += len;
    *left -= len;
    **out = '\0';
    return true;
}

bool statement_with_examples(enum statement_id id, char *out, size_t size)
{
    const struct statement *statement = statement_of(id);
    const char *const *example = statement->examples;
    for (const char *at = statement->text;; at++) {
        size_t len = strcspn(at, "?");
        if (!add(&out, &size, at, len))
            return false;
        at += len;
        if (*at == '\0')
            return *example == NULL;
        if (!*example || !add(&out, &size, *example, strlen(*example)))
            return false;
        example++;
    }
}
