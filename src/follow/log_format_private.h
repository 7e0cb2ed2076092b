/* SPDX-License-Identifier: MIT */
/* Shared by the files that read lines. */
#pragma once

#include "follow/log_format.h"

/* A line that is being read. */
struct log_reading {
    const struct line_format *format;
    struct log_line *line;
    char *scratch; /* the rest of it */
    struct slice date;
    struct slice query;
    bool is_broken; /* a value was not what its field needs */
};

/* Notes the value of a field, with its escapes. */
void log_take(struct log_reading *reading, enum line_field field, struct slice raw);

/* Decodes escapes into *scratch, which is advanced. */
struct slice log_unescape(struct slice raw, char **scratch);
struct slice log_unescape_percent(struct slice raw, char **scratch);

/* Reads a line of each syntax; false when it does not have the format. */
bool log_read_text(struct log_reading *reading, struct slice line);
bool log_read_json(struct log_reading *reading, struct slice line);
bool log_read_tabs(struct log_reading *reading, struct slice line);
