/* SPDX-License-Identifier: MIT */
/* Finds the workers' user, and switches to it. */
#include "cli/workers_user.h"

#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TEXTS_BYTES = 4096, /* bytes of an entry of passwd */
};

const char *user_name_of(uid_t uid, char name[USER_NAME_BYTES])
{
    struct passwd entry;
    struct passwd *found = NULL;
    char texts[TEXTS_BYTES];
    if (getpwuid_r(uid, &entry, texts, sizeof(texts), &found) == 0 && found)
        snprintf(name, USER_NAME_BYTES, "%s", entry.pw_name);
    else
        snprintf(name, USER_NAME_BYTES, "user %lu", (unsigned long)uid);
    return name;
}

/* Stores the owner of `path`; false where it does not exist. */
static bool take_owner(struct workers_user *out, const char *path, bool trusted)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return false;
    *out = (struct workers_user){ true, trusted, st.st_uid, st.st_gid, "", "" };
    user_name_of(out->uid, out->name);
    snprintf(out->source, sizeof(out->source), "%s", path);
    return true;
}

/* Stores the owner of the spool. If root owns it, it was created by root, who may have forgotten to
 * change its owner: then it is no evidence. */
static bool take_spool(struct workers_user *out, const char *path)
{
    char copy[USER_SOURCE_BYTES];
    if (!*path)
        return false;
    if (take_owner(out, path, true))
        return true;
    snprintf(copy, sizeof(copy), "%s", path);
    return take_owner(out, dirname(copy), true) && out->uid != 0;
}

/* Stores the owner of the newest segment of all users: "/dev/shm/curt-33-7ac2f391" for
 * "…/curt-0-7ac2f391", or in "/dev/shm/curt-33/". It is trusted only if root owns it, since other
 * users may create files there. */
static bool take_newest_segment(struct workers_user *out, const char *path, const char *folder)
{
    char beside[USER_SOURCE_BYTES];
    char within[USER_SOURCE_BYTES];
    const char *hash = strrchr(path, '-') ? strrchr(path, '-') : "-";
    time_t newest = 0;
    glob_t found = { 0 };
    snprintf(beside, sizeof(beside), "%s/curt-*[0-9]%s", folder, hash);
    snprintf(within, sizeof(within), "%s/curt-*[0-9]/curt-*[0-9]%s", folder, hash);
    bool some = glob(beside, 0, NULL, &found) == 0;
    if (glob(within, some ? GLOB_APPEND : 0, NULL, &found) == 0 || some) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            struct stat st;
            if (lstat(found.gl_pathv[i], &st) == 0 && st.st_mtime >= newest &&
                take_owner(out, found.gl_pathv[i], st.st_uid == 0))
                newest = st.st_mtime;
        }
    }
    globfree(&found);
    return newest > 0;
}

static bool workers_user_take_segment(struct workers_user *out, const char *path)
{
    char own[USER_NAME_BYTES]; /* prefix of the default path */
    char copy[USER_SOURCE_BYTES];
    struct stat st;
    if (!path || !*path)
        return false;
    snprintf(copy, sizeof(copy), "%s", path);
    const char *folder = dirname(copy);
    bool open_to_all = stat(folder, &st) != 0 || st.st_mode & S_IWOTH;
    snprintf(own, sizeof(own), "curt-%u-", (unsigned)geteuid());
    if (open_to_all && strncmp(path + strlen(folder) + 1, own, strlen(own)) == 0)
        return take_newest_segment(out, path, folder);
    return take_owner(out, path, !open_to_all);
}

void workers_user_find(const struct config *config, struct workers_user *out)
{
    if (!take_spool(out, config->spool.path) &&
        !workers_user_take_segment(out, config->segment.path))
        *out = (struct workers_user){ .known = false };
}

bool workers_user_named(const char *name, struct workers_user *out, struct error *err)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char texts[TEXTS_BYTES];
    if (getpwnam_r(name, &entry, texts, sizeof(texts), &found) != 0 || !found)
        return error_set(err, "there is no user %s on this machine", name);
    *out = (struct workers_user){ true, true, entry.pw_uid, entry.pw_gid, "", "" };
    snprintf(out->name, sizeof(out->name), "%s", entry.pw_name);
    return true;
}

bool workers_user_become(const struct workers_user *user, struct error *err)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char texts[TEXTS_BYTES];
    gid_t gid = user->gid;
    bool grouped = false;
    if (getpwuid_r(user->uid, &entry, texts, sizeof(texts), &found) == 0 && found) {
        gid = entry.pw_gid;
        grouped = initgroups(entry.pw_name, gid) == 0;
    } else {
        grouped = setgroups(1, &gid) == 0;
    }
    if (grouped && setresgid(gid, gid, gid) == 0 && setresuid(user->uid, user->uid, user->uid) == 0)
        return true;
    return error_set(err, "cannot become %s: %s", user->name, strerror(errno));
}
