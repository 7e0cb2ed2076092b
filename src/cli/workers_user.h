/* SPDX-License-Identifier: MIT */
/* Finds the workers' user. Files that root creates are not accessible to other users, and root can
 * read everything: so curtctl run by root switches to the workers' user for commands that open the
 * workers' files or check whether the workers can. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "runtime/config.h"

enum {
    USER_NAME_BYTES = 64,
    USER_SOURCE_BYTES = 1100,
};

struct workers_user {
    bool known;
    bool trusted; /* the evidence cannot have been planted by another user */
    uid_t uid;
    gid_t gid;
    char name[USER_NAME_BYTES];
    char source[USER_SOURCE_BYTES]; /* the file or folder whose owner it is; empty: given by --as */
};

/* Finds the owner of the spool, else of the folder that it will be created in unless that is
 * root's, else of the shared segment. `config` is as the process sees it. */
void workers_user_find(const struct config *config, struct workers_user *out);

/* Finds a user by name; false with the reason. */
bool workers_user_named(const char *name, struct workers_user *out, struct error *err);

/* The name of a user, or "user 1000" for one without an entry. */
const char *user_name_of(uid_t uid, char name[USER_NAME_BYTES]);

/* Switches the process to that user and its groups, irrevocably. False with the reason. */
bool workers_user_become(const struct workers_user *user, struct error *err);
