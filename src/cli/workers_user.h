/* SPDX-License-Identifier: MIT */
/* As whom a command works. Root may read and write everything, and what it makes nobody else may
 * open: so it finds out as whom the workers run, and becomes that user for the commands that open
 * the workers' files or tell whether the workers can. */
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
    bool trusted; /* what tells who it is cannot have been put there by just anybody */
    uid_t uid;
    gid_t gid;
    char name[USER_NAME_BYTES];
    char source[USER_SOURCE_BYTES]; /* the file or folder whose owner it is; empty: named by --as */
};

/* The owner of the spool, of the folder that it will be made in unless that is root's, or of the
 * shared segment. `config` is as the process sees it. */
void workers_user_find(const struct config *config, struct workers_user *out);

/* The user of that name; false with the reason. */
bool workers_user_named(const char *name, struct workers_user *out, struct error *err);

/* The name of a user, or "user 1000" for one without an entry. */
const char *user_name_of(uid_t uid, char name[USER_NAME_BYTES]);

/* Becomes that user, with its groups, for good. */
bool workers_user_become(const struct workers_user *user, struct error *err);
