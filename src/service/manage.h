/* SPDX-License-Identifier: MIT */
/* Shows, changes, deletes and restores a link for its owner. For other users the link does not
 * exist: they must not learn that the code is taken. An admin may do so with every link. */
#pragma once

#include "service/create.h"

enum {
    EXPECTED_VERSIONS_MAX = 8,
};

/* The versions that the caller expects the link to have. Without `given` any version matches. */
struct expected {
    bool given;
    unsigned n;
    uint32_t versions[EXPECTED_VERSIONS_MAX];
};

/* The link, the caller and the time; `out` of every call is in the arena. */
struct manage_request {
    struct slice code; /* any of the link's codes */
    struct caller caller;
    struct expected expected;
    int64_t now;
    struct arena *arena;
    bool ignores_case; /* of aliases: a code that no link has may be the lower-case form of one */
    bool force;        /* of a change, as in struct create_request */
    struct spool
        *spool; /* NULL: none. A link in the spool is OUTCOME_UNAVAILABLE until it is replayed */
    enum link_field *refused; /* as in struct create_request; may be NULL */
};

/* Reads the link of `request->code`; `expected` is ignored. */
enum outcome manage_show(struct db *db, const struct manage_request *request, struct link *out,
                         struct error *err);

/* Changes the fields in `fields->given` and keeps what others change in the other fields at the
 * same time. A custom_alias is added; the earlier codes stay valid. Afterwards the link is
 * published to the cache under every code. `*out` is the link after the change. */
enum outcome manage_change(struct shortener *shortener, const struct manage_request *request,
                           const struct link_fields *fields, struct link *out, struct error *err);

/* Removes an alias, and publishes that to the cache. OUTCOME_MISSING: the caller has no such link,
 * or the link no such alias. OUTCOME_INVALID_ALIAS: it is the link's only code. */
enum outcome manage_remove_alias(struct shortener *shortener, const struct manage_request *request,
                                 struct slice alias, struct link *out, struct error *err);

/* Deletes the link with all its codes and publishes that to the cache. `*out` is the deleted link.
 * It can be restored for shortener->restore_window_s, unless that is 0. */
enum outcome manage_delete(struct shortener *shortener, const struct manage_request *request,
                           struct link *out, struct error *err);

/* Restores a link that was deleted within shortener->restore_window_s, with all it had, and
 * publishes that to the cache; `expected` is ignored. OUTCOME_MISSING: the caller has deleted no
 * such link in this time, or it is restored already. */
enum outcome manage_restore(struct shortener *shortener, const struct manage_request *request,
                            struct link *out, struct error *err);
