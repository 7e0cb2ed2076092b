/* SPDX-License-Identifier: MIT */
/* Reads the records of one request from bytes that come in any pieces, and takes nothing on trust:
 * every size is bounded, every pair is checked. Pure: it neither reads nor writes a descriptor. */
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
    READER_DRAIN_MAX = 1024 * 1024, /* of a body beyond max_body that are read and thrown away */
    READER_SKIP_MAX = 1024 * 1024,  /* of records that are not for us */
    READER_VALUES_MAX = 256,        /* of a question for our limits that are looked at */
    READER_REPLY_MAX = 64,
};

enum reader_status {
    READER_MORE,    /* give it more bytes */
    READER_REPLY,   /* send `reply`, then give it more bytes */
    READER_WHOLE,   /* the request is complete */
    READER_ABORTED, /* the peer gave up its request; send `reply` */
    READER_BROKEN,  /* not a request: hang up */
};

struct reader {
    struct arena *arena;
    size_t max_body;

    /* The record at hand. */
    unsigned char header[FCGI_HEADER_LEN];
    size_t n_header;
    size_t content_left;
    size_t padding_left;
    unsigned char small[READER_VALUES_MAX]; /* content of a begin record or of a question */
    size_t n_small;
    size_t skipped;

    /* The request. */
    enum { READER_BEGIN, READER_PARAMS, READER_STDIN } phase;
    unsigned id;
    bool keep; /* the peer wants to use the connection again */
    char *params;
    size_t n_params;
    size_t params_size;
    char *body;
    size_t n_body;
    size_t body_size;
    size_t drained;
    bool body_too_large;
    bool cut; /* gave up draining: there is more in the connection */
    enum message_length length;
    uint64_t content_length;

    /* So far nothing but the records of one well-formed request, each in its plainest form. */
    bool plain;

    unsigned char reply[READER_REPLY_MAX];
    size_t n_reply;
};

/* Ready for a request. Its pairs and its body will lie in `arena`. */
void reader_start(struct reader *reader, struct arena *arena, size_t max_body);

/* Takes bytes up to the end of the request or to a reply; *used says how many. The reason for
 * READER_BROKEN is in *err. */
enum reader_status reader_feed(struct reader *reader, struct slice bytes, size_t *used,
                               struct error *err);
