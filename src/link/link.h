/* SPDX-License-Identifier: MIT */
/* The link and its rules. A target has the fields of a link that a redirect needs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    LINK_TITLE_MAX = 255,                       /* bytes of UTF-8 */
    LINK_TAGS_MAX = 20,                         /* of one link */
    LINK_TAG_MAX = 50,                          /* bytes of UTF-8 */
    LINK_ALIASES_MAX = 50,                      /* of one link */
    LINK_ALIAS_ROWS_MAX = 2 * LINK_ALIASES_MAX, /* with their lower-case forms */
};

enum {
    LINK_EXTRA_PATH_SHIFT = 1,
};

/* Bits of `flags`. Stored in the database, so never renumbered. */
enum link_flag {
    LINK_FORWARD_QUERY = 1 << 0, /* append the visitor's query string to the long URL */
    LINK_EXTRA_PATH = 3 << LINK_EXTRA_PATH_SHIFT, /* two bits: enum extra_path */
    LINK_HAS_FALLBACK = 1 << 3,                   /* it has an expired_url or a not_started_url */
};

/* What a short URL with a path behind its code ("/Spring/more") means. Stored in LINK_EXTRA_PATH,
 * so never renumbered. */
enum extra_path {
    EXTRA_PATH_UNSET,   /* as the site's setting says */
    EXTRA_PATH_REFUSED, /* nothing: 404 */
    EXTRA_PATH_APPENDED,
    EXTRA_PATH_IGNORED,
};

/* A time of 0 means that the link has none. */
struct target {
    uint64_t link_id;
    uint32_t version;         /* 1 when created, increased by one at every change */
    uint16_t redirect_status; /* 301, 302, 303, 307 or 308 */
    uint16_t flags;
    int64_t starts_at;
    int64_t expires_at;
    uint64_t max_clicks; /* 0: no limit */
    struct slice long_url;
};

enum link_state {
    LINK_LIVE,
    LINK_SCHEDULED, /* before starts_at */
    LINK_EXPIRED,   /* at or after expires_at */
    LINK_EXHAUSTED, /* `max_clicks` reached */
};

/* The state at `now` after `clicks` redirects. Expired takes precedence over exhausted, and both
 * over scheduled. */
enum link_state target_state(const struct target *target, uint64_t clicks, int64_t now);

enum extra_path target_extra_path(const struct target *target);

/* "live", "scheduled", "expired", "exhausted". */
const char *link_state_name(enum link_state state);

bool redirect_status_is_valid(int64_t status);

struct link {
    struct target target;
    struct slice code;           /* the code it was created with */
    bool code_is_alias;          /* chosen by a user, not generated from the id */
    const struct slice *aliases; /* all chosen codes, the oldest first; includes `code` if that was
                                  * chosen */
    unsigned n_aliases;
    const struct slice *lowered; /* more codes, if the site ignores the letter case of aliases: the
                                  * lower-case forms of aliases with capitals, each once and none
                                  * of them among `aliases` */
    unsigned n_lowered;
    const struct slice *tags; /* distinct; sorted by bytes when read from the database */
    unsigned n_tags;
    struct slice title;           /* empty: none */
    struct slice expired_url;     /* where visitors are sent once it is over; empty: nowhere */
    struct slice not_started_url; /* and before it starts */
    uint32_t owner_id;            /* 0: created without a key */
    struct slice owner;           /* the owner's name; empty when owner_id is 0 */
    int64_t created_at;
    int64_t updated_at;
    int64_t deleted_at; /* 0: it is not deleted */
    uint64_t clicks;
    uint64_t
        clicks_imported; /* those of `clicks` that came with an import: they have no roll-ups */
    uint64_t used;       /* how often a link with max_clicks has redirected; 0 for others */
};

/* The name of its state at `now`: that of target_state, or "deleted". */
const char *link_state_at(const struct link *link, int64_t now);

/* Sets LINK_HAS_FALLBACK as the link's URLs for visitors whom it does not redirect say. */
void link_mark_fallback(struct link *link);

/* Whether the alias is one of the link's. */
bool link_has_alias(const struct link *link, struct slice alias);

/* Whether the code is one of the link's lower-case forms. */
bool link_has_lowered(const struct link *link, struct slice code);
