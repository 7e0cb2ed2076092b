/* SPDX-License-Identifier: MIT */
/* The format of an access log, compiled from the text that configures the server, and the reading
 * of lines by it: one pass, no allocation, any bytes. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "follow/log_line.h"

enum {
    LOG_FORMAT_MAX = 2048,    /* bytes of a format's text */
    LOG_PARTS_MAX = 32,       /* fields of a format, ignored ones among them */
    LOG_COLUMNS_MAX = 64,     /* columns of a tab-separated file */
    LOG_LINE_MAX = 64 * 1024, /* bytes of a line; a longer one is unreadable */
    LOG_JSON_DEPTH_MAX = 8,   /* nested values of a JSON line */
};

enum line_field {
    LOG_FIELD_IGNORED,
    LOG_FIELD_TIME,
    LOG_FIELD_DATE, /* "2026-11-30", before a LOG_FIELD_CLOCK */
    LOG_FIELD_CLOCK,
    LOG_FIELD_METHOD,
    LOG_FIELD_TARGET,
    LOG_FIELD_QUERY,   /* without '?' */
    LOG_FIELD_REQUEST, /* "GET /abc HTTP/1.1" */
    LOG_FIELD_STATUS,
    LOG_FIELD_CACHE,
    LOG_FIELD_ADDRESS,
    LOG_FIELD_AGENT,
    LOG_FIELD_REFERER,
    LOG_FIELD_COUNTRY,
    LOG_FIELD_PRIVATE,  /* DNT or Sec-GPC */
    LOG_FIELD_PREFETCH, /* Sec-Purpose, Purpose or X-Moz */
    LOG_FIELDS,
};

/* A field, and the text between it and the next one. */
struct log_part {
    enum line_field field;
    struct slice after; /* borrowed from the format's text */
};

/* All members are private. */
struct line_format {
    enum log_kind kind;
    struct slice before; /* the text before the first field; borrowed */
    unsigned n;          /* of `parts`, or of `columns` */
    struct log_part parts[LOG_PARTS_MAX];
    unsigned char columns[LOG_COLUMNS_MAX]; /* of a tab-separated file: enum line_field */
};

/* The format that the shipped configurations of the server write, in the server's own language; for
 * CDNs the names of the members of a JSON line. Empty for CloudFront, whose files name their
 * columns. */
const char *log_format_default(enum log_kind kind);

/* Compiles a format. nginx: the text of a log_format, "$msec \"$request\" …". Apache, Varnish and
 * lighttpd: that of a LogFormat, "%h %{msec}t …", quotes without the backslashes of a string.
 * Cloudflare and Fastly: "time=EdgeStartTimestamp status=EdgeResponseStatus …", the member of the
 * JSON object for each of: time, method, target, status, cache, address, agent, referer, country,
 * dnt, gpc, purpose. Unknown variables are passed over. An empty text is the default.
 *
 * False with the reason for a format without time, method, target, status or the cache's answer,
 * with two fields that nothing separates, or that exceeds a limit. `text` is borrowed. */
bool log_format_compile(struct line_format *out, enum log_kind kind, struct slice text,
                        struct error *err);

/* Whether the line is not one of requests: it is empty, or begins with '#', as the head of
 * CloudFront's files. A "#Fields:" line sets the columns of `format`. */
bool log_format_is_head(struct line_format *format, struct slice line);

/* Reads a line, without its line break, of at most LOG_LINE_MAX bytes. `scratch` has room for as
 * many bytes as the line has. Escapes of all servers are decoded: \xHH, \", \\, \t, \uHHHH; in
 * CloudFront's files, %XX. LOG_UNREADABLE when the line does not have the format, otherwise as
 * log_judge; only then is *out set. */
enum log_verdict log_parse(const struct line_format *format, struct slice line, char *scratch,
                           struct log_line *out);
