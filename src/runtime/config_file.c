/* SPDX-License-Identifier: MIT */
/* Reads the configuration from an INI file with inih. The file is read into memory and given to
 * inih line by line, so that the number of each line is known however inih was built. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

#include "runtime/config_internal.h"

enum {
    FILE_MAX_BYTES = 256 * 1024,
};

struct reading {
    struct config_internals *in;
    const char *path;
    const char *next;        /* what has not been given to inih yet */
    unsigned line;           /* number of the line that inih was given last */
    struct slice long_value; /* the value of that line, when inih was given only what precedes it */
    bool has_comment;        /* that line has a comment after its value */
    bool failed;
    struct error *err;
};

/* Prefixes the text of *err with "FILE:LINE: ". */
static void fail_here(struct reading *r)
{
    char place[200];
    snprintf(place, sizeof(place), "%.160s:%u", r->path, r->line);
    error_prefix(r->err, place);
    r->failed = true;
}

/* The end of the value that starts at `at`: a comment begins with a ';' after a space, as for inih.
 */
static struct slice value_at(const char *at, size_t len)
{
    size_t end = 0;
    while (end < len && !(at[end] == ';' && end > 0 && (at[end - 1] == ' ' || at[end - 1] == '\t')))
        end++;
    while (end > 0 && (at[end - 1] == '\r' || at[end - 1] == ' ' || at[end - 1] == '\t'))
        end--;
    return slice_trim((struct slice){ at, end });
}

/* Whether the line has a comment after its value: a ';' after a space. */
static bool has_comment(const char *line, size_t len)
{
    struct slice rest = { line, len };
    rest = slice_from(rest, strcspn(line, "=:\n"));
    for (size_t i = 1; i < rest.len; i++) {
        if (rest.at[i] == ';' && (rest.at[i - 1] == ' ' || rest.at[i - 1] == '\t'))
            return true;
    }
    return false;
}

/* Whether the line is valid INI. inih would go on after an invalid line, and first report the
 * errors that follow from it. */
static bool config_file_is_sound(const char *line, size_t len)
{
    struct slice rest = slice_trim((struct slice){ line, len });
    if (rest.len == 0 || rest.at[0] == '#' || rest.at[0] == ';' || rest.at[0] == '\r')
        return true;
    if (slice_starts_with(rest, SLICE("\xef\xbb\xbf")))
        return config_file_is_sound(rest.at + 3, rest.len - 3);
    if (rest.at[0] == '[')
        return slice_find(rest, ']') < rest.len;
    return slice_find(rest, '=') < rest.len || slice_find(rest, ':') < rest.len;
}

/* How many bytes of the line inih gets: all, or those before the value when the line exceeds the
 * 200 bytes that inih accepts by default. */
static size_t share_of_inih(struct reading *r, size_t len, size_t room)
{
    r->long_value = (struct slice){ NULL, 0 };
    if (len <= room)
        return len;
    if (r->next[0] == '#' || r->next[0] == ';')
        return 0;
    size_t head = strcspn(r->next, "=:") + 1;
    if (head > room) {
        error_set(r->err, "the name of the key is too long");
        fail_here(r);
        return 0;
    }
    r->long_value = value_at(r->next + head, len - head);
    return head;
}

/* inih's fgets: one line, or NULL at the end and after an error. */
static char *next_line(char *out, int size, void *stream)
{
    struct reading *r = stream;
    if (r->failed || *r->next == '\0')
        return NULL;
    size_t len = strcspn(r->next, "\n");
    r->line++;
    if (!config_file_is_sound(r->next, len)) {
        error_set(r->err, "neither [section], key = value nor a comment");
        fail_here(r);
        return NULL;
    }
    r->has_comment = has_comment(r->next, len);
    /* inih needs room for a CR, an LF and a NUL. */
    size_t share = share_of_inih(r, len, (size_t)size - 3);
    if (r->failed)
        return NULL;
    memcpy(out, r->next, share);
    out[share] = '\0';
    r->next += len + (r->next[len] == '\n');
    return out;
}

static bool config_file_take(struct reading *r, const char *section, const char *name,
                             struct slice text)
{
    if (*section == '\0')
        return error_set(r->err, "\"%.64s\" comes before the first [section]", name);
    const struct config_key *key = config_key_find(section, name);
    if (!key) {
        config_key_unknown(section, name, r->err);
        return false;
    }
    struct config_given *given = &r->in->given[config_key_index(key)];
    if (given->text)
        return error_set(r->err, "\"%s\" of [%s] was given before, at %.100s", name, section,
                         given->source);
    char source[256];
    snprintf(source, sizeof(source), "%.200s:%u", r->path, r->line);
    given->text = arena_copy(r->in->arena, text);
    given->source = arena_copy(r->in->arena, slice_of(source));
    given->has_comment = r->has_comment;
    if (!given->text || !given->source)
        return error_set(r->err, "out of memory");
    return true;
}

/* inih's handler: nonzero is success. */
static int config_file_each_key(void *user, const char *section, const char *name,
                                const char *value)
{
    struct reading *r = user;
    if (r->failed)
        return 0;
    if (config_file_take(r, section, name, r->long_value.at ? r->long_value : slice_of(value)))
        return 1;
    fail_here(r);
    return 0;
}

/* Reads the whole file into `text`, FILE_MAX_BYTES + 1 bytes, and ends it with a NUL. */
static bool slurp(int fd, char *text, struct error *err)
{
    size_t len = 0;
    ssize_t got = 1;
    while (got > 0 && len < FILE_MAX_BYTES) {
        got = read(fd, text + len, FILE_MAX_BYTES - len);
        if (got > 0)
            len += (size_t)got;
    }
    text[len] = '\0';
    if (got < 0) {
        error_set(err, "%s", strerror(errno));
    } else if (len == FILE_MAX_BYTES) {
        error_set(err, "larger than %d KiB", FILE_MAX_BYTES / 1024);
    } else if (memchr(text, '\0', len)) {
        error_set(err, "holds a NUL byte; is it a text file?");
    } else {
        return true;
    }
    return false;
}

static bool config_file_parse(struct config_internals *in, const char *path, const char *text,
                              struct error *err)
{
    struct reading r = { .in = in, .path = path, .next = text, .err = err };
    /* A value that continues in the next line, and the empty value of a key without '=', would both
     * hide mistakes. */
    ini_allow_multiline = false;
    int line = ini_parse_stream(next_line, &r, config_file_each_key, &r);
    if (r.failed)
        return false;
    if (line == 0)
        return true;
    r.line = line > 0 ? (unsigned)line : 0;
    error_set(err, "%s", line > 0 ? "inih cannot read this line" : "out of memory");
    fail_here(&r);
    return false;
}

bool config_file_read(struct config_internals *in, const char *path, bool *missing,
                      struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    *missing = fd < 0 && errno == ENOENT;
    if (fd < 0)
        return error_set(err, "%.160s: %s", path, strerror(errno));
    char *text = malloc(FILE_MAX_BYTES + 1);
    if (!text)
        error_set(err, "out of memory");
    bool ok = text && slurp(fd, text, err);
    close(fd);
    if (ok) {
        ok = config_file_parse(in, path, text, err);
    } else {
        char shown[161];
        snprintf(shown, sizeof(shown), "%.160s", path);
        error_prefix(err, shown);
    }
    free(text);
    return ok;
}
