/* SPDX-License-Identifier: MIT */
/* Constants and the header of FastCGI 1.0 records. */
#pragma once

#include <stddef.h>

enum {
    FCGI_VERSION_1 = 1,
    FCGI_HEADER_LEN = 8,
    FCGI_MAX_LENGTH = 65535,
    FCGI_BODY_LEN = 8, /* the content of FCGI_BEGIN_REQUEST and of FCGI_END_REQUEST */
};

enum fcgi_type {
    FCGI_BEGIN_REQUEST = 1,
    FCGI_ABORT_REQUEST = 2,
    FCGI_END_REQUEST = 3,
    FCGI_PARAMS = 4,
    FCGI_STDIN = 5,
    FCGI_GET_VALUES = 9,
    FCGI_GET_VALUES_RESULT = 10,
    FCGI_UNKNOWN_TYPE = 11,
};

enum fcgi_role {
    FCGI_RESPONDER = 1,
};

enum fcgi_flag {
    FCGI_KEEP_CONN = 1,
};

/* The protocol status of FCGI_END_REQUEST. */
enum fcgi_end {
    FCGI_REQUEST_COMPLETE = 0,
    FCGI_CANT_MPX_CONN = 1,
    FCGI_UNKNOWN_ROLE = 3,
};

static inline void fcgi_record_header(unsigned char out[FCGI_HEADER_LEN], unsigned type,
                                      unsigned id, size_t content, size_t padding)
{
    out[0] = FCGI_VERSION_1;
    out[1] = (unsigned char)type;
    out[2] = (unsigned char)(id >> 8);
    out[3] = (unsigned char)id;
    out[4] = (unsigned char)(content >> 8);
    out[5] = (unsigned char)content;
    out[6] = (unsigned char)padding;
    out[7] = 0;
}
