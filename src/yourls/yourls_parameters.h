/* SPDX-License-Identifier: MIT */
/* The parameters of a call of YOURLS's API, from the query and from a form. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

enum {
    YOURLS_CALLBACK_MAX = 128, /* bytes of a callback's name */
};

enum yourls_parameter {
    YOURLS_ACTION,
    YOURLS_FORMAT,
    YOURLS_CALLBACK,
    YOURLS_JSONP,
    YOURLS_SIGNATURE,
    YOURLS_TIMESTAMP,
    YOURLS_USERNAME,
    YOURLS_PASSWORD,
    YOURLS_URL,
    YOURLS_KEYWORD,
    YOURLS_TITLE,
    YOURLS_SHORTURL,
    YOURLS_FILTER,
    YOURLS_LIMIT,
    YOURLS_START,
    YOURLS_DB,
    YOURLS_PARAMETERS,
};

/* An `at` of NULL: not given. Names and values are case-sensitive; a name with brackets
 * ("action[]") is another, unknown name. */
struct yourls_parameters {
    struct slice values[YOURLS_PARAMETERS];
};

/* Reads the parameters of a query or of the body of a form, and adds them to *out: the last of
 * several with one name counts. A "%" that is none of an escape is itself. Unknown names are passed
 * over. False when the arena is full. */
bool yourls_parameters_add(struct slice text, struct arena *arena, struct yourls_parameters *out);

/* The API key that the call brings: the signature, or else the password of any user name. Empty
 * when there is none, also for a signature with a timestamp, which is made of a secret that Curt
 * has not. */
struct slice yourls_credential(const struct yourls_parameters *parameters);

/* The name of the callback, or an empty slice if none was given that may be one: letters, digits,
 * "_", "$", ".", and numbers in brackets ("calls[1]"), at most YOURLS_CALLBACK_MAX bytes. */
struct slice yourls_callback(const struct yourls_parameters *parameters);
