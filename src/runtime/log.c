/* SPDX-License-Identifier: MIT */
/* Formats log lines in an arena of the log's own, and writes each with one call. */
#include "runtime/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "os/clock.h"
#include "runtime/syslog_out.h"
#include "text/escape.h"
#include "text/rfc3339.h"

enum {
    LINE_MAX_BYTES = 4096, /* newline included; up to it writes to a pipe are atomic */
    ARENA_BYTES = 16 * LINE_MAX_BYTES,
    END_BYTES = 2, /* "}" and the newline, which always have room */
};

struct log {
    struct log_options options;
    char *program;
    struct arena *arena;
    pthread_mutex_t lock; /* a worker's threads share the log */
};

static const struct {
    const char *name;
    int severity;
} LEVELS[] = {
    [LOG_LEVEL_ERROR] = { "error", 3 },
    [LOG_LEVEL_WARN] = { "warn", 4 },
    [LOG_LEVEL_INFO] = { "info", 6 },
    [LOG_LEVEL_DEBUG] = { "debug", 7 },
};

struct log *log_open(const struct log_options *options, const char *program)
{
    struct log *log = calloc(1, sizeof(*log));
    if (!log)
        return NULL;
    log->options = *options;
    pthread_mutex_init(&log->lock, NULL);
    log->program = strdup(program);
    log->arena = arena_new(ARENA_BYTES);
    if (!log->program || !log->arena) {
        log_close(&log);
        return NULL;
    }
    if (options->target == LOG_SYSLOG)
        syslog_out_open(log->program);
    return log;
}

void log_close(struct log **log)
{
    if (!*log)
        return;
    if ((*log)->options.target == LOG_SYSLOG)
        syslog_out_close();
    arena_free(&(*log)->arena);
    pthread_mutex_destroy(&(*log)->lock);
    free((*log)->program);
    free(*log);
    *log = NULL;
}

static void log_add_value(struct buf *b, enum log_format format, struct slice text)
{
    if (format == LOG_LOGFMT) {
        escape_logfmt(b, text);
        return;
    }
    buf_add_byte(b, '"');
    escape_json(b, text);
    buf_add_byte(b, '"');
}

static void log_add_name(struct buf *b, enum log_format format, const char *name)
{
    if (format == LOG_LOGFMT)
        buf_printf(b, "%s%s=", b->len ? " " : "", name);
    else
        buf_printf(b, "%c\"%s\":", b->len ? ',' : '{', name);
}

/* `n`, reduced so that no UTF-8 sequence of `text` is split. */
static size_t whole_characters(struct slice text, size_t n)
{
    while (n > 0 && n < text.len && ((unsigned char)text.at[n] & 0xC0) == 0x80)
        n--;
    return n;
}

/* Appends name and value; false, with nothing appended, when there is no room. */
static bool try_field(struct buf *b, enum log_format format, const struct log_field *field)
{
    size_t before = b->len;
    log_add_name(b, format, field->name);
    if (field->text.at)
        log_add_value(b, format, field->text);
    else
        buf_add_int(b, field->number);
    if (!b->failed)
        return true;
    b->failed = false;
    b->len = before;
    if (b->at)
        b->at[before] = '\0';
    return false;
}

/* Appends a field. A text that is too long is halved until it fits, since escapes make up to six
 * bytes of one. */
static void add_field(struct buf *b, enum log_format format, struct log_field field)
{
    size_t room = b->max - b->len;
    if (field.text.at && field.text.len > room)
        field.text.len = whole_characters(field.text, room);
    while (!try_field(b, format, &field)) {
        if (field.text.len == 0)
            return;
        field.text.len = whole_characters(field.text, field.text.len / 2);
    }
}

static void log_add_time(struct buf *b, enum log_format format, int64_t ms)
{
    char seconds[RFC3339_SIZE];
    rfc3339_format(ms / 1000, seconds);
    log_add_name(b, format, "time");
    const char *quote = format == LOG_JSON ? "\"" : "";
    buf_printf(b, "%s%.19s.%03dZ%s", quote, seconds, (int)(ms % 1000), quote);
}

static void write_whole(const char *at, size_t len)
{
    ssize_t wrote;
    do
        wrote = write(STDERR_FILENO, at, len);
    while (wrote < 0 && errno == EINTR);
    /* a failure to write the log cannot be logged */
}

static void write_line(struct log *log, enum log_level level, struct buf *b)
{
    b->max += END_BYTES;
    if (log->options.format == LOG_JSON)
        buf_add_byte(b, '}');
    if (log->options.target == LOG_SYSLOG) {
        syslog_out_line(LEVELS[level].severity, b->at);
        return;
    }
    buf_add_byte(b, '\n');
    write_whole(b->at, b->len);
}

void log_line(struct log *log, enum log_level level, const char *event,
              const struct log_field *fields, unsigned n_fields)
{
    if (level > log->options.level)
        return;
    enum log_format format = log->options.format;
    int saved_errno = errno;
    pthread_mutex_lock(&log->lock);
    arena_reset(log->arena);
    struct buf b = buf_in(log->arena, LINE_MAX_BYTES - END_BYTES);
    log_add_time(&b, format, clock_now_ms());
    add_field(&b, format, log_text("level", slice_of(LEVELS[level].name)));
    add_field(&b, format, log_text("event", slice_of(event)));
    for (unsigned i = 0; i < n_fields; i++)
        add_field(&b, format, fields[i]);
    if (b.len > 0)
        write_line(log, level, &b);
    pthread_mutex_unlock(&log->lock);
    errno = saved_errno;
}

bool log_addresses(const struct log *log)
{
    return log->options.addresses;
}

bool log_redirects(const struct log *log)
{
    return log->options.redirects;
}

void log_error(struct log *log, const char *event, const char *text)
{
    struct log_field field = log_text("error", slice_of(text));
    log_line(log, LOG_LEVEL_ERROR, event, &field, 1);
}
