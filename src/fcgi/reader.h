/* SPDX-License-Identifier: MIT */
/* Parses the records of one request from bytes in pieces of any size. Every size is limited, every
 * pair is checked. Uses no descriptor. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "fcgi/fcgi_record.h"
#include "fcgi/message.h"

enum {
    READER_PARAMS_MAX = 128 * 1024, /* bytes of name-value pairs */
    READER_DRAIN_MAX = 1024 * 1024, /* bytes read and discarded of a body beyond max_body */
    READER_SKIP_MAX = 1024 * 1024,  /* bytes of records of other requests */
    READER_VALUES_MAX = 256,        /* bytes of FCGI_GET_VALUES that are read */
    READER_REPLY_MAX = 64,
};

enum reader_status {
    READER_MORE,    /* feed more bytes */
    READER_REPLY,   /* send `reply`, then feed more bytes */
    READER_WHOLE,   /* the request is complete */
    READER_ABORTED, /* the peer aborted the request; send `reply` */
    READER_BROKEN,  /* not a valid request: close the connection */
};

struct reader {
    struct arena *arena;
    size_t max_body;

    /* The current record. */
    unsigned char header[FCGI_HEADER_LEN];
    size_t n_header;
    size_t content_left;
    size_t padding_left;
    unsigned char small[READER_VALUES_MAX]; /* content of FCGI_BEGIN_REQUEST or FCGI_GET_VALUES */
    size_t n_small;
    size_t skipped;

    /* The request. */
    enum { READER_BEGIN, READER_PARAMS, READER_STDIN } phase;
    unsigned id;
    bool keep; /* FCGI_KEEP_CONN: the peer will reuse the connection */
    char *params;
    size_t n_params;
    size_t params_size;
    char *body;
    size_t n_body;
    size_t body_size;
    size_t drained;
    bool body_too_large;
    bool cut; /* stopped discarding: the connection has more bytes */
    enum message_length length;
    uint64_t content_length;

    /* So far there have been only the records of one well-formed request, each in its plainest
     * form. */
    bool plain;

    unsigned char reply[READER_REPLY_MAX];
    size_t n_reply;
};

/* Prepares for a request, whose pairs and body will be in `arena`. */
void reader_start(struct reader *reader, struct arena *arena, size_t max_body);

/* Parses bytes up to the end of the request or to a reply; *used is their number. On READER_BROKEN
 * the reason is in *err. */
enum reader_status reader_feed(struct reader *reader, struct slice bytes, size_t *used,
                               struct error *err);
