/* SPDX-License-Identifier: MIT */
/* CloudFront's tab-separated files, which name their columns. */
#include "follow/log_format_private.h"

static enum line_field field_of_column(struct slice name)
{
    static const struct {
        const char *name;
        enum line_field field;
    } columns[] = {
        { "date", LOG_FIELD_DATE },
        { "time", LOG_FIELD_CLOCK },
        { "c-ip", LOG_FIELD_ADDRESS },
        { "cs-method", LOG_FIELD_METHOD },
        { "cs-uri-stem", LOG_FIELD_TARGET },
        { "sc-status", LOG_FIELD_STATUS },
        { "cs(Referer)", LOG_FIELD_REFERER },
        { "cs(User-Agent)", LOG_FIELD_AGENT },
        { "x-edge-result-type", LOG_FIELD_CACHE },
        { "c-country", LOG_FIELD_COUNTRY },
    };
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        if (slice_eq_nocase(name, slice_of(columns[i].name)))
            return columns[i].field;
    }
    return LOG_FIELD_IGNORED;
}

static void set_columns(struct line_format *format, struct slice names)
{
    format->n = 0;
    while ((names = slice_strip(names)).len && format->n < LOG_COLUMNS_MAX) {
        size_t end = 0;
        while (end < names.len && names.at[end] != ' ' && names.at[end] != '\t')
            end++;
        format->columns[format->n++] =
            (unsigned char)field_of_column((struct slice){ names.at, end });
        names = slice_from(names, end);
    }
}

bool log_format_is_head(struct line_format *format, struct slice line)
{
    const struct slice fields = SLICE("#Fields:");
    if (line.len == 0 || (line.len == 1 && line.at[0] == '\r'))
        return true;
    if (line.at[0] != '#')
        return false;
    if (format->kind == LOG_CLOUDFRONT && slice_starts_with(line, fields))
        set_columns(format, slice_from(line, fields.len));
    return true;
}

/* Without a status no line counts: files without a head are unreadable. */
bool log_read_tabs(struct log_reading *reading, struct slice line)
{
    const struct line_format *format = reading->format;
    unsigned fields = 0;
    for (unsigned i = 0; i < format->n; i++) {
        size_t end = slice_find(line, '\t');
        if (line.len == 0)
            return false;
        if (format->columns[i] != LOG_FIELD_IGNORED)
            log_take(reading, (enum line_field)format->columns[i], (struct slice){ line.at, end });
        fields |= 1U << format->columns[i];
        line = slice_from(line, end + 1);
    }
    const unsigned needed = 1U << LOG_FIELD_CLOCK | 1U << LOG_FIELD_METHOD |
                            1U << LOG_FIELD_TARGET | 1U << LOG_FIELD_STATUS | 1U << LOG_FIELD_CACHE;
    return (fields & needed) == needed && line.len == 0;
}
