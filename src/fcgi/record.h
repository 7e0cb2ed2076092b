/* SPDX-License-Identifier: MIT */
/* FastCGI 1.0 on the wire: the records that both sides send. */
#pragma once

#include <stddef.h>

enum {
    RECORD_VERSION = 1,
    RECORD_HEADER_BYTES = 8,
    RECORD_CONTENT_MAX = 65535,
    RECORD_BEGIN_BYTES = 8, /* the content of RECORD_BEGIN and of RECORD_END */
};

enum record_type {
    RECORD_BEGIN = 1,
    RECORD_ABORT = 2,
    RECORD_END = 3,
    RECORD_PARAMS = 4,
    RECORD_STDIN = 5,
    RECORD_GET_VALUES = 9,
    RECORD_GET_VALUES_RESULT = 10,
    RECORD_UNKNOWN_TYPE = 11,
};

enum record_role {
    RECORD_RESPONDER = 1,
};

enum record_flag {
    RECORD_KEEP_CONNECTION = 1,
};

/* The protocol status of RECORD_END. */
enum record_end {
    RECORD_COMPLETE = 0,
    RECORD_CANNOT_MULTIPLEX = 1,
    RECORD_UNKNOWN_ROLE = 3,
};

static inline void record_header(unsigned char out[RECORD_HEADER_BYTES], unsigned type, unsigned id,
                                 size_t content, size_t padding)
{
    out[0] = RECORD_VERSION;
    out[1] = (unsigned char)type;
    out[2] = (unsigned char)(id >> 8);
    out[3] = (unsigned char)id;
    out[4] = (unsigned char)(content >> 8);
    out[5] = (unsigned char)content;
    out[6] = (unsigned char)padding;
    out[7] = 0;
}
