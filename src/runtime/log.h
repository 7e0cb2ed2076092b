/* SPDX-License-Identifier: MIT */
/* The log: one line per event, as logfmt or JSON, to standard error (the web server's error log) or
 * syslog. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARN,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
};

enum log_format {
    LOG_LOGFMT,
    LOG_JSON,
};

enum log_target {
    LOG_STDERR,
    LOG_SYSLOG,
};

struct log_options {
    enum log_level level; /* less severe lines are omitted */
    enum log_format format;
    enum log_target target;
    bool redirects; /* log successful redirects too */
    bool addresses; /* log clients' addresses */
};

struct log;

/* NULL when memory is exhausted. `program` is the ident of syslog lines. */
struct log *log_open(const struct log_options *options, const char *program);
void log_close(struct log **log);

/* One field of a line: text, or a number when `text.at` is NULL. */
struct log_field {
    const char *name;
    struct slice text;
    int64_t number;
};

static inline struct log_field log_text(const char *name, struct slice text)
{
    return (struct log_field){ name, { text.at ? text.at : "", text.len }, 0 };
}

static inline struct log_field log_number(const char *name, int64_t number)
{
    return (struct log_field){ name, { NULL, 0 }, number };
}

/* Writes one line of at most 4 KiB with one write(2): time, level, `event`, the fields. Longer
 * values are cut. Values are escaped, so that the text stays one line. */
void log_line(struct log *log, enum log_level level, const char *event,
              const struct log_field *fields, unsigned n_fields);

/* Whether successful redirects are to be logged (options.redirects). */
bool log_redirects(const struct log *log);

/* Whether the addresses of clients are to be logged (options.addresses). */
bool log_addresses(const struct log *log);

/* Logs `event` at LOG_LEVEL_ERROR with the field error=`text`. */
void log_error(struct log *log, const char *event, const char *text);
