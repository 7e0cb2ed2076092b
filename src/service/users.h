/* SPDX-License-Identifier: MIT */
/* Users, for admins: listed, created, changed, and removed in steps. */
#pragma once

#include "service/keys.h"
#include "service/owner_links.h"

enum {
    USER_REMOVE_LINKS = 500, /* a step of a removal over the API deletes or gives about as many */
};

/* Which fields of a user are given. */
enum user_field {
    USER_FIELD_NAME = 1,
    USER_FIELD_ROLE = 2,
    USER_FIELD_DEFAULT_TTL = 4,
    USER_FIELD_MAX_TTL = 8,
};

struct user_fields {
    unsigned given;    /* USER_FIELD_…, of members that are null too; others are ignored */
    struct slice name; /* not given in a change: it says which user */
    bool role_given;   /* not so with null */
    enum user_role role;
    struct user_policy policy; /* 0: none */
};

/* Why the role of the last admin does not change, for the caller. */
#define USER_LAST_ADMIN "The user is the last admin: make another one first."

/* OUTCOME_FORBIDDEN: the caller is no admin. */
enum outcome users_check_admin(const struct keys_request *request, struct error *err);

/* Returns the page of users that `page` selects. OUTCOME_FORBIDDEN, here and below: the caller is
 * no admin. */
enum outcome users_list(struct db *db, const struct keys_request *request,
                        const struct user_query *page, struct user_page *out, struct error *err);

/* Adds a user without keys. OUTCOME_CONFLICT: there is one of that name. */
enum outcome users_create(struct db *db, const struct keys_request *request,
                          const struct user_fields *fields, struct user_summary *out,
                          struct error *err);

/* Changes the role and the policy of the user fields->name. OUTCOME_CONFLICT: it is the last admin
 * and stays one. */
enum outcome users_change(struct auth *auth, const struct keys_request *request,
                          const struct user_fields *fields, struct user_summary *out,
                          struct error *err);

/* A user to be removed. The caller sets the members before `keys`, and work.done to 0. */
struct user_removal {
    struct owner_links work; /* work.links_max bounds a step */
    struct auth *auth;       /* its processes forget the keys */
    struct user user;
    bool touches_links; /* whether links may be given (work.heir) or deleted */
    uint64_t keys;      /* valid ones, which user_removal_count found or a step revoked */
    int64_t last_revoked_at;
    bool more; /* another step is needed: links are left, or may be created until wait_s */
    int64_t wait_s;
};

/* Counts the valid keys of the user. */
enum db_result user_removal_count(struct user_removal *removal, struct error *err);

/* One step: an admin becomes a user, all keys are revoked, the links are given or deleted, and at
 * the end, when no worker of any host accepts a key any more (auth->remember_s after the last was
 * revoked), the user is deleted. removal->more: repeat it after wait_s, with the time then in
 * work.now. DB_TAKEN: the user is the last admin, and nothing was changed. May be interrupted and
 * repeated. */
enum db_result user_removal_step(struct user_removal *removal, struct error *err);

/* What an admin wants with the links of a user who is removed. */
struct user_removal_request {
    struct slice name;
    struct slice heir; /* a user's name; empty: none */
    bool delete_links;
};

/* A step of the removal over the API, as user_removal_step; removal->work and auth are set, but for
 * what `what` says. OUTCOME_CONFLICT: the request does not say what becomes of the links, or the
 * user is the last admin, or the caller. OUTCOME_INVALID_FIELD: there is no such heir. */
enum outcome users_remove(struct user_removal *removal, const struct keys_request *request,
                          const struct user_removal_request *what, struct error *err);
