/* SPDX-License-Identifier: MIT */
/* The FastCGI record parser: header, content, padding; then the effect of the record. */
#include "fcgi/reader.h"

#include <string.h>

#include "fcgi/params.h"

enum {
    PARAMS_FIRST_SIZE = 1024, /* what web servers send for a redirect nearly always fits */
    BODY_FIRST_SIZE = 4096,
};

void reader_start(struct reader *reader, struct arena *arena, size_t max_body)
{
    memset(reader, 0, sizeof(*reader));
    reader->arena = arena;
    reader->max_body = max_body;
    reader->plain = true;
}

static unsigned type_of(const struct reader *r)
{
    return r->header[1];
}

static unsigned id_of(const struct reader *r)
{
    return (unsigned)r->header[2] << 8 | r->header[3];
}

static enum reader_status broken(struct error *err, const char *why)
{
    error_set(err, "%s", why);
    return READER_BROKEN;
}

/* Whether the current record belongs to the current request. */
static bool is_ours(const struct reader *r)
{
    return r->phase != READER_BEGIN && id_of(r) == r->id;
}

/* --- replies --- */

static void reply_end(struct reader *r, unsigned id, enum fcgi_end status)
{
    memset(r->reply, 0, FCGI_HEADER_LEN + FCGI_BODY_LEN);
    fcgi_record_header(r->reply, FCGI_END_REQUEST, id, FCGI_BODY_LEN, 0);
    r->reply[FCGI_HEADER_LEN + 4] = (unsigned char)status;
    r->n_reply = FCGI_HEADER_LEN + FCGI_BODY_LEN;
}

static void reply_unknown_type(struct reader *r, unsigned type)
{
    memset(r->reply, 0, FCGI_HEADER_LEN + FCGI_BODY_LEN);
    fcgi_record_header(r->reply, FCGI_UNKNOWN_TYPE, 0, FCGI_BODY_LEN, 0);
    r->reply[FCGI_HEADER_LEN] = (unsigned char)type;
    r->n_reply = FCGI_HEADER_LEN + FCGI_BODY_LEN;
}

static bool is_asked(const struct reader *r, struct slice wanted)
{
    struct slice rest = { (const char *)r->small, r->n_small }, name, value;
    while (params_next(&rest, &name, &value)) {
        if (slice_eq(name, wanted))
            return true;
    }
    return false;
}

/* Replies to FCGI_GET_VALUES: one request at a time (specification 4.1). Each name is answered
 * once, however often it is repeated, so the reply has room. */
static void reply_values(struct reader *r)
{
    static const struct {
        struct slice name;
        char value;
    } values[] = {
        { { "FCGI_MAX_CONNS", 14 }, '1' },
        { { "FCGI_MAX_REQS", 13 }, '1' },
        { { "FCGI_MPXS_CONNS", 15 }, '0' },
    };
    unsigned char *to = r->reply + FCGI_HEADER_LEN;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (!is_asked(r, values[i].name))
            continue;
        *to++ = (unsigned char)values[i].name.len;
        *to++ = 1;
        memcpy(to, values[i].name.at, values[i].name.len);
        to += values[i].name.len;
        *to++ = (unsigned char)values[i].value;
    }
    size_t content = (size_t)(to - r->reply) - FCGI_HEADER_LEN;
    fcgi_record_header(r->reply, FCGI_GET_VALUES_RESULT, 0, content, 0);
    r->n_reply = FCGI_HEADER_LEN + content;
}

/* --- the pairs --- */

static bool add_params(struct reader *r, struct slice bytes)
{
    size_t need = r->n_params + bytes.len;
    if (need > r->params_size) {
        size_t size = r->params_size ? r->params_size : PARAMS_FIRST_SIZE;
        while (size < need)
            size *= 2;
        char *grown = arena_alloc(r->arena, size);
        if (!grown)
            return false;
        if (r->params)
            memcpy(grown, r->params, r->n_params);
        r->params = grown;
        r->params_size = size;
    }
    memcpy(r->params + r->n_params, bytes.at, bytes.len);
    r->n_params = need;
    return true;
}

static enum reader_status end_params(struct reader *r, struct error *err)
{
    struct slice rest = { r->params, r->n_params }, name, value;
    if (!params_are_sound(rest))
        return broken(err, "malformed name-value pairs");
    while (params_next(&rest, &name, &value)) {
        if (slice_eq(name, SLICE("CONTENT_LENGTH"))) {
            r->length = message_length_read(value, &r->content_length);
            break;
        }
    }
    r->phase = READER_STDIN;
    return READER_MORE;
}

/* --- the body --- */

/* The new size of the body's buffer: CONTENT_LENGTH, or doubled without one or when the body is
 * longer. */
static size_t body_room(const struct reader *r, size_t need)
{
    if (r->length == MESSAGE_LENGTH_GOOD && r->content_length >= need &&
        r->content_length <= r->max_body)
        return (size_t)r->content_length;
    size_t size = r->body_size ? r->body_size : BODY_FIRST_SIZE;
    while (size < need)
        size *= 2;
    return size < r->max_body ? size : r->max_body;
}

static bool add_body(struct reader *r, struct slice bytes)
{
    size_t need = r->n_body + bytes.len;
    if (!r->body || need > r->body_size) {
        size_t size = body_room(r, need);
        char *grown = arena_alloc(r->arena, size);
        if (!grown)
            return false;
        if (r->body)
            memcpy(grown, r->body, r->n_body);
        r->body = grown;
        r->body_size = size;
    }
    memcpy(r->body + r->n_body, bytes.at, bytes.len);
    r->n_body = need;
    return true;
}

static enum reader_status reader_take_body(struct reader *r, struct slice bytes, struct error *err)
{
    if (!r->body_too_large && bytes.len <= r->max_body - r->n_body)
        return add_body(r, bytes) ? READER_MORE : broken(err, "no memory for the body");
    r->body_too_large = true;
    r->drained += bytes.len;
    if (r->drained <= READER_DRAIN_MAX)
        return READER_MORE;
    r->cut = true;
    r->plain = false;
    return READER_WHOLE;
}

/* --- records --- */

static enum reader_status check_begin(struct reader *r, struct error *err)
{
    if (id_of(r) == 0 || r->content_left != FCGI_BODY_LEN || is_ours(r))
        return broken(err, "unexpected FCGI_BEGIN_REQUEST record");
    if (r->phase != READER_BEGIN || r->padding_left > 0)
        r->plain = false;
    return READER_MORE;
}

/* Handles what the header alone decides. */
static enum reader_status start_record(struct reader *r, struct error *err)
{
    r->content_left = (size_t)r->header[4] << 8 | r->header[5];
    r->padding_left = r->header[6];
    r->n_small = 0;
    if (r->header[0] != FCGI_VERSION_1)
        return broken(err, "the record's version is not 1");
    if (type_of(r) == FCGI_BEGIN_REQUEST)
        return check_begin(r, err);
    bool ends_stream = r->content_left == 0;
    if (is_ours(r) && type_of(r) == FCGI_PARAMS && r->phase == READER_PARAMS) {
        if (r->n_params + r->content_left > READER_PARAMS_MAX)
            return broken(err, "more than 128 KiB of name-value pairs");
        r->plain = r->plain && !(ends_stream && r->padding_left > 0);
    } else if (is_ours(r) && type_of(r) == FCGI_STDIN && r->phase == READER_STDIN) {
        r->plain = r->plain && !(ends_stream && r->padding_left > 0);
    } else if (is_ours(r) && (type_of(r) == FCGI_PARAMS || type_of(r) == FCGI_STDIN)) {
        return broken(err, "unexpected stream record");
    } else {
        r->plain = false;
        r->skipped += FCGI_HEADER_LEN + r->content_left;
        if (r->skipped > READER_SKIP_MAX)
            return broken(err, "too many bytes of records of other requests");
    }
    return READER_MORE;
}

static enum reader_status take_content(struct reader *r, struct slice bytes, struct error *err)
{
    if (is_ours(r) && type_of(r) == FCGI_PARAMS)
        return add_params(r, bytes) ? READER_MORE : broken(err, "no memory for the variables");
    if (is_ours(r) && type_of(r) == FCGI_STDIN)
        return reader_take_body(r, bytes, err);
    size_t room = sizeof(r->small) - r->n_small;
    size_t n = bytes.len < room ? bytes.len : room;
    memcpy(r->small + r->n_small, bytes.at, n);
    r->n_small += n;
    return READER_MORE;
}

static enum reader_status end_begin(struct reader *r, struct error *err)
{
    if (r->phase != READER_BEGIN) {
        reply_end(r, id_of(r), FCGI_CANT_MPX_CONN);
        return READER_REPLY;
    }
    r->id = id_of(r);
    r->keep = (r->small[2] & FCGI_KEEP_CONN) != 0;
    r->phase = READER_PARAMS;
    if (((unsigned)r->small[0] << 8 | r->small[1]) == FCGI_RESPONDER)
        return READER_MORE;
    reply_end(r, r->id, FCGI_UNKNOWN_ROLE);
    error_set(err, "the requested role is not FCGI_RESPONDER");
    return READER_ABORTED;
}

/* Handles a record that has been read to its end. */
static enum reader_status end_record(struct reader *r, struct error *err)
{
    bool was_empty = r->header[4] == 0 && r->header[5] == 0;
    if (type_of(r) == FCGI_BEGIN_REQUEST)
        return end_begin(r, err);
    if (id_of(r) == 0) {
        if (type_of(r) == FCGI_GET_VALUES)
            reply_values(r);
        else
            reply_unknown_type(r, type_of(r));
        return READER_REPLY;
    }
    if (!is_ours(r))
        return READER_MORE;
    if (type_of(r) == FCGI_ABORT_REQUEST) {
        reply_end(r, r->id, FCGI_REQUEST_COMPLETE);
        error_set(err, "the web server aborted the request");
        return READER_ABORTED;
    }
    if (type_of(r) == FCGI_PARAMS && was_empty)
        return end_params(r, err);
    if (type_of(r) == FCGI_STDIN && was_empty)
        return READER_WHOLE;
    return READER_MORE;
}

/* Parses one piece of a header, of content or of padding. */
static enum reader_status take_piece(struct reader *r, struct slice bytes, size_t *used,
                                     struct error *err)
{
    if (r->n_header < FCGI_HEADER_LEN) {
        size_t want = FCGI_HEADER_LEN - r->n_header;
        *used = bytes.len < want ? bytes.len : want;
        memcpy(r->header + r->n_header, bytes.at, *used);
        r->n_header += *used;
        return r->n_header < FCGI_HEADER_LEN ? READER_MORE : start_record(r, err);
    }
    if (r->content_left > 0) {
        *used = bytes.len < r->content_left ? bytes.len : r->content_left;
        r->content_left -= *used;
        return take_content(r, (struct slice){ bytes.at, *used }, err);
    }
    *used = bytes.len < r->padding_left ? bytes.len : r->padding_left;
    r->padding_left -= *used;
    return READER_MORE;
}

enum reader_status reader_feed(struct reader *reader, struct slice bytes, size_t *used,
                               struct error *err)
{
    enum reader_status status = READER_MORE;
    *used = 0;
    while (status == READER_MORE) {
        bool record_ends = reader->n_header == FCGI_HEADER_LEN && reader->content_left == 0 &&
                           reader->padding_left == 0;
        if (record_ends) {
            status = end_record(reader, err);
            reader->n_header = 0;
        } else if (*used < bytes.len) {
            size_t piece = 0;
            status = take_piece(reader, slice_from(bytes, *used), &piece, err);
            *used += piece;
        } else {
            break;
        }
    }
    return status;
}
