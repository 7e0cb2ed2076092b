/* SPDX-License-Identifier: MIT */
/* What a file seems to be, by its first bytes, when it is no text of links. */
#pragma once

#include "base/slice.h"

enum file_kind {
    FILE_KIND_ROWS, /* rows of a table */
    FILE_KIND_JSON, /* JSON objects, one a line */
    FILE_KIND_OTHER,
};

/* Recognises a file by `head`, its beginning, as text: at most some kilobytes. Of FILE_KIND_OTHER
 * *why is a predicate that says what the file seems to be and what to do, such as "is compressed by
 * gzip: …". */
enum file_kind file_kind_recognise(struct slice head, const char **why);
