/* SPDX-License-Identifier: MIT */
/* YOURLS's API on Curt's links: the actions, and the answers that clients of YOURLS 1.10 expect,
 * field by field. docs/from-yourls.md says what differs. */
#pragma once

#include <stdint.h>

#include "service/auth.h"
#include "service/create.h"
#include "yourls/yourls_clean.h"
#include "yourls/yourls_out.h"
#include "yourls/yourls_parameters.h"

enum {
    YOURLS_LINKS_MAX = 1000,    /* links of one answer to `stats` */
    YOURLS_START_MAX = 10000,   /* the highest `start`; behind it there are no links */
    YOURLS_RANDOM_AMONG = 1000, /* `rand` begins at one of so many newest links */
};

/* What clients are told when they ask for the version. */
#define YOURLS_VERSION    "1.10.4"
#define YOURLS_DB_VERSION "507"

/* How a site answers. */
struct yourls_settings {
    bool on;
    enum yourls_charset charset;
    bool unique_urls; /* a caller has one link to a long URL */
};

/* One call; the slices are borrowed. */
struct yourls_call {
    const struct yourls_parameters *parameters;
    struct yourls_settings settings;
    struct shortener *shortener;
    struct slice base_url; /* without a trailing '/' */
    struct caller caller;
    int64_t now;
    uint32_t random;
    struct arena *arena;
};

enum yourls_action {
    YOURLS_NO_ACTION, /* none, or an unknown one */
    YOURLS_DO_SHORTEN,
    YOURLS_DO_EXPAND,
    YOURLS_DO_URL_STATS,
    YOURLS_DO_STATS,
    YOURLS_DO_DB_STATS,
    YOURLS_DO_VERSION,
};

enum yourls_action yourls_action_of(const struct yourls_parameters *parameters);

/* Does what the call asks for, for a caller who may. A failed database is a 503 in the format of
 * the call, with the reason in `err`. */
struct yourls_answer yourls_do(const struct yourls_call *call, struct error *err);

/* Refuses a call: 403 because nobody may be known by its credentials or, with `message`, because of
 * what that says; 400 where the format needs a callback's name and there is none. */
struct yourls_answer yourls_refuse(const struct yourls_parameters *parameters, const char *message,
                                   struct arena *arena);

/* Answers that the call failed for now: 503. */
struct yourls_answer yourls_fail(const struct yourls_parameters *parameters, struct arena *arena);
