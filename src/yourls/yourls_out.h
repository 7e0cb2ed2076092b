/* SPDX-License-Identifier: MIT */
/* Writes an answer of YOURLS's API member by member, in the format that was asked for. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "yourls/yourls_parameters.h"

enum {
    YOURLS_OUT_MAX = 32 * 1024 * 1024, /* bytes of an answer */
};

enum yourls_format {
    YOURLS_FORMAT_XML,
    YOURLS_FORMAT_JSON,
    YOURLS_FORMAT_JSONP,
    YOURLS_FORMAT_SIMPLE,
};

/* The format of the call: XML when none is given, simple when it is unknown. */
enum yourls_format yourls_format_of(const struct yourls_parameters *parameters);

/* An answer that is being written. */
struct yourls_out {
    enum yourls_format format;
    struct slice callback; /* as of yourls_callback */
    struct buf b;
    bool is_first;       /* of its object, the next member */
    struct slice simple; /* the whole answer in the simple format */
};

/* A finished answer; 503 without a body when it did not fit into the arena. */
struct yourls_answer {
    int status;       /* of HTTP */
    const char *type; /* its Content-Type */
    struct slice body;
};

/* Begins an answer to the call. */
struct yourls_out yourls_out_begin(const struct yourls_parameters *parameters, struct arena *arena);

/* Adds a member: a text (any bytes; what is not UTF-8 becomes U+FFFD), a number, or the beginning
 * and the end of an object. */
void yourls_out_text(struct yourls_out *out, const char *name, struct slice text);
void yourls_out_number(struct yourls_out *out, const char *name, uint64_t number);
void yourls_out_open(struct yourls_out *out, const char *name);
void yourls_out_close(struct yourls_out *out, const char *name);

/* Ends the answer, which gets the callback's name as its last member if one was given. */
struct yourls_answer yourls_out_end(struct yourls_out *out, int status);
