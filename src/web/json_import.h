/* SPDX-License-Identifier: MIT */
/* The answer to a chunk of an import. */
#pragma once

#include "transfer/import_chunk.h"
#include "web/exchange.h"

enum {
    IMPORT_SHOW_MAX = 20, /* rows that are shown as they are understood */
};

struct json_object;

/* What is noted while the chunk is imported. The caller sets `x` and `show`. */
struct import_notes {
    const struct exchange *x;
    unsigned show;
    struct json_object *problems;
    struct json_object *rows;
};

/* Sets the callbacks of `import`. Afterwards one of the next two ends the notes. */
void json_import_begin(struct import_notes *notes, struct import *import);
void json_import_drop(struct import_notes *notes);

/* The answer; empty when memory is out. */
struct slice json_import(struct import_notes *notes, const struct import *import,
                         const struct import_chunk *chunk);
