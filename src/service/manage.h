/* SPDX-License-Identifier: MIT */
/* What an owner does with a link that is there: look at it, change it, delete it. Others' links are
 * not there: whether a code exists is its owner's business. Admins own everything. */
#pragma once

#include "service/shorten.h"

enum manage_outcome {
    MANAGE_DONE,
    MANAGE_MISSING, /* no such link of the caller's */
    MANAGE_STALE,   /* the link has none of the versions expected */
    MANAGE_REFUSED, /* a wish is refused: struct changed says which */
    MANAGE_UNAVAILABLE,
};

enum {
    EXPECTED_VERSIONS_MAX = 8,
};

/* The versions that the caller thinks the link may have. Without `given` any version will do. */
struct expected {
    bool given;
    unsigned n;
    uint32_t versions[EXPECTED_VERSIONS_MAX];
};

/* Which link, who asks, when; `out` of every call lives in the arena. */
struct manage_request {
    struct slice code; /* any of the link's codes */
    struct caller caller;
    struct expected expected;
    int64_t now;
    struct arena *arena;
    struct spool *spool; /* NULL: none. What waits there is MANAGE_UNAVAILABLE until it is stored */
};

/* The link behind `request->code`; `expected` is not looked at. */
enum manage_outcome manage_show(struct db *db, const struct manage_request *request,
                                struct link *out, struct error *err);

struct changed {
    struct link link;             /* as it is now */
    enum shorten_outcome refusal; /* on MANAGE_REFUSED: why */
};

/* Changes what `wishes->given` names and leaves the rest to others who change the link at the same
 * time. A custom_alias is added; the earlier codes go on. Afterwards every code is published to the
 * cache. On MANAGE_REFUSED `out->refusal` is why, with a sentence in `err`. */
enum manage_outcome manage_change(struct shortener *shortener, const struct manage_request *request,
                                  const struct wishes *wishes, struct changed *out,
                                  struct error *err);

/* Deletes the link with all its codes, and tells the cache. `*out` is what it was. */
enum manage_outcome manage_delete(struct shortener *shortener, const struct manage_request *request,
                                  struct link *out, struct error *err);
