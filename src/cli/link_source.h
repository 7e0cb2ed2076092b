/* SPDX-License-Identifier: MIT */
/* A file of links, read one by one in constant memory. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "cli/csv.h"
#include "cli/link_csv.h"

enum link_format {
    FORMAT_JSONL,
    FORMAT_CSV,
};

enum source_result {
    SOURCE_LINK,
    SOURCE_REFUSED, /* this one is no link, `err` says why; the next may be */
    SOURCE_END,
    SOURCE_FAILED, /* nothing more can be read, `err` says why */
};

enum {
    SOURCE_LINE_MAX = CSV_RECORD_MAX, /* bytes of one link */
};

/* Start it with `file` and `format` set and the rest zero. */
struct link_source {
    FILE *file;
    enum link_format format;
    uint64_t line; /* where the last link begins, from 1 */
    struct csv csv;
    struct link_columns columns;
};

/* The format that `name` says, "jsonl" or "csv"; false for anything else. Without a name (NULL)
 * that of the file: CSV if `path` ends in ".csv", in letters of either case, else JSON Lines. No
 * path (NULL, or "-") is stdin or stdout. */
bool link_format_choose(const char *name, const char *path, enum link_format *out);

/* Reads the next link; what it holds is in `arena`. */
enum source_result link_source_next(struct link_source *source, struct arena *arena,
                                    struct link *out, struct error *err);
