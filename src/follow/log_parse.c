/* SPDX-License-Identifier: MIT */
/* Reading a line: the values of its fields, and the syntax of text logs. */
#include "base/number.h"
#include "click/hints.h"
#include "follow/log_format_private.h"

/* --- values --- */

/* The path and query of a target in absolute form ("GET http://host/path"). */
static struct slice without_authority(struct slice target)
{
    size_t colon = slice_find(target, ':');
    struct slice rest = slice_from(target, colon);
    if (target.len == 0 || target.at[0] == '/' || !slice_starts_with(rest, SLICE("://")))
        return target;
    rest = slice_from(rest, 3);
    return slice_from(rest, slice_find(rest, '/'));
}

/* "GET /abc HTTP/1.1": the method, and what is before the protocol. */
static void take_request(struct log_line *line, struct slice request)
{
    size_t method = slice_find(request, ' ');
    struct slice target = slice_from(request, method + 1);
    for (size_t i = target.len; i > 0; i--) {
        if (target.at[i - 1] != ' ')
            continue;
        target.len = i - 1;
        break;
    }
    line->method = (struct slice){ request.at, method };
    line->target = without_authority(target);
}

static void take_time(struct log_reading *reading, struct slice text)
{
    if (text.len > 1 && text.at[0] == '[' && text.at[text.len - 1] == ']')
        text = (struct slice){ text.at + 1, text.len - 2 };
    if (text.len && !log_time_parse(text, &reading->line->at))
        reading->is_broken = true;
}

/* CloudFront: a date, and the time of day in another field. */
static void take_clock(struct log_reading *reading, struct slice clock)
{
    char text[] = "2026-11-30T17:00:00Z";
    if (reading->date.len != 10 || clock.len != 8) {
        reading->is_broken = true;
        return;
    }
    memcpy(text, reading->date.at, 10);
    memcpy(text + 11, clock.at, 8);
    take_time(reading, slice_of(text));
}

static void take_status(struct log_reading *reading, struct slice text)
{
    uint64_t status = 0;
    if (!number_parse(text, 999, &status))
        reading->is_broken = true;
    reading->line->status = (unsigned)status;
}

static struct slice decode(struct log_reading *reading, struct slice raw)
{
    if (reading->format->kind == LOG_CLOUDFRONT) {
        if (slice_find(raw, '%') == raw.len)
            return raw;
        raw = log_unescape_percent(raw, &reading->scratch);
        /* Older files have agents that are encoded twice. */
        char *again = (char *)(uintptr_t)raw.at;
        return slice_find(raw, '%') == raw.len ? raw : log_unescape_percent(raw, &again);
    }
    return slice_find(raw, '\\') == raw.len ? raw : log_unescape(raw, &reading->scratch);
}

static void keep(struct slice *member, struct slice value)
{
    if (value.len)
        *member = value;
}

/* The member that keeps the text of a field; NULL: log_take reads the field in another way. */
static struct slice *text_member(struct log_line *line, enum line_field field)
{
    switch (field) {
    case LOG_FIELD_METHOD:
        return &line->method;
    case LOG_FIELD_CACHE:
        return &line->cache;
    case LOG_FIELD_ADDRESS:
        return &line->address;
    case LOG_FIELD_AGENT:
        return &line->agent;
    case LOG_FIELD_REFERER:
        return &line->referer;
    case LOG_FIELD_COUNTRY:
        return &line->country;
    default:
        return NULL;
    }
}

void log_take(struct log_reading *reading, enum line_field field, struct slice raw)
{
    struct log_line *line = reading->line;
    struct slice *member = text_member(line, field);
    if (raw.len == 1 && raw.at[0] == '-')
        raw.len = 0;
    switch (field) {
    case LOG_FIELD_TIME:
        take_time(reading, raw);
        break;
    case LOG_FIELD_DATE:
        reading->date = raw;
        break;
    case LOG_FIELD_CLOCK:
        take_clock(reading, raw);
        break;
    case LOG_FIELD_TARGET:
        keep(&line->target, without_authority(decode(reading, raw)));
        break;
    case LOG_FIELD_REQUEST:
        take_request(line, decode(reading, raw));
        break;
    case LOG_FIELD_STATUS:
        take_status(reading, raw);
        break;
    case LOG_FIELD_PRIVATE:
        line->is_private = line->is_private || (raw.len && hint_is_private(raw));
        break;
    case LOG_FIELD_PREFETCH:
        line->is_prefetch = line->is_prefetch || (raw.len && hint_is_prefetch(raw));
        break;
    case LOG_FIELD_AGENT:
    case LOG_FIELD_REFERER:
        keep(member, decode(reading, raw));
        break;
    default:
        if (member)
            keep(member, raw);
        break;
    }
}

/* --- text --- */

/* Where the quote is that no odd number of backslashes precedes; `s.len` if there is none. */
static size_t find_quote(struct slice s)
{
    for (size_t at = slice_find(s, '"'); at < s.len;
         at += 1 + slice_find(slice_from(s, at + 1), '"')) {
        size_t slashes = 0;
        while (slashes < at && s.at[at - 1 - slashes] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return at;
    }
    return s.len;
}

/* The length of the field that `rest` begins with, which `part->after` ends. A common log's time
 * is in brackets and has a blank in it. */
static size_t field_length(const struct log_part *part, struct slice rest)
{
    size_t from = 0;
    if (part->after.len == 0)
        return rest.len;
    char delimiter = part->after.at[0];
    if (delimiter == '"')
        return find_quote(rest);
    if (part->field == LOG_FIELD_TIME && rest.len && rest.at[0] == '[')
        from = slice_find(rest, ']');
    return from + slice_find(slice_from(rest, from), delimiter);
}

bool log_read_text(struct log_reading *reading, struct slice line)
{
    const struct line_format *format = reading->format;
    if (!slice_starts_with(line, format->before))
        return false;
    line = slice_from(line, format->before.len);
    for (unsigned i = 0; i < format->n; i++) {
        const struct log_part *part = &format->parts[i];
        size_t len = field_length(part, line);
        struct slice after = slice_from(line, len);
        if (!slice_starts_with(after, part->after))
            return false;
        log_take(reading, part->field, (struct slice){ line.at, len });
        line = slice_from(after, part->after.len);
    }
    return line.len == 0;
}

/* --- all --- */

enum log_verdict log_parse(const struct line_format *format, struct slice line, char *scratch,
                           struct log_line *out)
{
    struct log_line read = { 0 };
    struct log_reading reading = { .format = format, .line = &read };
    bool is_read = false;
    reading.scratch = scratch;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (line.len > LOG_LINE_MAX)
        return LOG_UNREADABLE;
    if (format->kind == LOG_CLOUDFRONT)
        is_read = log_read_tabs(&reading, line);
    else if (format->kind == LOG_CLOUDFLARE || format->kind == LOG_FASTLY)
        is_read = log_read_json(&reading, line);
    else
        is_read = log_read_text(&reading, line);
    if (!is_read || reading.is_broken)
        return LOG_UNREADABLE;
    *out = read;
    return log_judge(format->kind, out);
}
