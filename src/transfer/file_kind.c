/* SPDX-License-Identifier: MIT */
/* Compares the beginning of a file with the table of kinds. */
#include "transfer/file_kind.h"

static const struct {
    struct slice begin;
    const char *why;
} KINDS[] = {
#define FILE_KIND(its_begin, text) { { its_begin, sizeof(its_begin) - 1 }, text },
#include "transfer/file_kind.def"
#undef FILE_KIND
};

/* Whether a JSON object has its members on lines of their own. */
static bool is_pretty_object(struct slice text)
{
    text = slice_from(text, 1);
    return slice_strip((struct slice){ text.at, slice_find(text, '\n') }).len == 0 &&
           slice_find(text, '\n') < text.len;
}

enum file_kind file_kind_recognise(struct slice head, const char **why)
{
    struct slice text = slice_strip(head);
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
        struct slice begin = { text.at, KINDS[i].begin.len };
        if (text.len >= begin.len && slice_eq_nocase(begin, KINDS[i].begin)) {
            *why = KINDS[i].why;
            return FILE_KIND_OTHER;
        }
    }
    if (slice_find(head, '\0') < head.len) {
        *why = "is no text: export the links as CSV";
        return FILE_KIND_OTHER;
    }
    if (text.len == 0 || text.at[0] != '{')
        return FILE_KIND_ROWS;
    *why = "has JSON over several lines: run \"jq -c . FILE | curtctl import -\"";
    return is_pretty_object(text) ? FILE_KIND_OTHER : FILE_KIND_JSON;
}
