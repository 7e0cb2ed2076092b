/* SPDX-License-Identifier: MIT */
/* Replacing the '?' of a statement; no statement has one in quotes. */
#include "support/statement_text.h"

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

/* Adds the `len` bytes at `text`, each '?' replaced by the next example. */
static bool add_filled(char **out, size_t *left, const char *text, size_t len,
                       const char *const **example)
{
    for (size_t at = 0; at <= len; at++) {
        const char *mark = memchr(text + at, '?', len - at);
        size_t plain = mark ? (size_t)(mark - text) - at : len - at;
        if (!add(out, left, text + at, plain))
            return false;
        at += plain;
        if (!mark)
            continue;
        if (!**example || !add(out, left, **example, strlen(**example)))
            return false;
        (*example)++;
    }
    return true;
}

bool statement_with_examples(enum statement_id id, char *out, size_t size)
{
    const struct statement *statement = statement_of(id);
    const char *const *example = statement->examples;
    const char *text = statement->text;
    size_t head = strcspn(text, "{");
    if (!add_filled(&out, &size, text, head, &example))
        return false;
    if (text[head] == '{') {
        const char *part = text + head + 1;
        size_t len = strcspn(part, "}");
        const char *const *again = example;
        if (!add_filled(&out, &size, part, len, &example) || !add(&out, &size, ", ", 2) ||
            !add_filled(&out, &size, part, len, &again))
            return false;
        text = part + len + 1;
        head = strlen(text);
        if (!add_filled(&out, &size, text, head, &example))
            return false;
    }
    return *example == NULL;
}
