/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks the user it runs as, and the configuration file. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/doctor.h"

enum {
    CURE_BYTES = 512,
    TEXTS_BYTES = 4096,
};

void doctor_check_user(struct doctor *doctor)
{
    static const char what[] = "user";
    const struct workers_user *user = &doctor->identity->user;
    char name[USER_NAME_BYTES];
    if (geteuid() == 0 && !user->known)
        doctor_warning(doctor, what,
                       "curtctl doctor --as www-data, or runuser -u www-data "
                       "-- curtctl doctor, with the web server's user",
                       "you are root, who may access every file; the workers are not, and "
                       "their user is not known yet");
    else if (user->source[0])
        doctor_ok(doctor, what, "looks as %s, the owner of %s", user_name_of(geteuid(), name),
                  user->source);
    else
        doctor_ok(doctor, what, "looks as %s", user_name_of(geteuid(), name));
}

/* Writes the two commands that let the workers' group, and no other user, read the file. */
static const char *cure_of_reading(const struct doctor *doctor, const char *path,
                                   char cure[CURE_BYTES])
{
    struct group entry;
    struct group *found = NULL;
    char texts[TEXTS_BYTES];
    gid_t gid = getegid();
    if (doctor->identity->became && getgrgid_r(gid, &entry, texts, sizeof(texts), &found) == 0 &&
        found)
        snprintf(cure, CURE_BYTES, "chgrp %s %s && chmod 640 %s; its folders need x for all",
                 entry.gr_name, path, path);
    else
        snprintf(cure, CURE_BYTES, "chgrp %lu %s && chmod 640 %s", (unsigned long)gid, path, path);
    return cure;
}

static void report_doubt(void *context, const char *section, const char *key, const char *source,
                         const char *text)
{
    const char *cure = "without quotes a value is everything up to \" ;\" or the end of the line; "
                       "one with \" ;\" in it can come from the environment";
    if (strcmp(key, "accent") == 0)
        cure = "a darker colour is shown as it is; this one stays as it is on dark pages";
    doctor_warning(context, "config", cure, "%s: %s of [%s] %s", source, key, section, text);
}

static bool has_secret(const struct config *config)
{
    const char *const secrets[] = { config->mysql.password, config->metrics.token };
    bool any = false;
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        any = any || (secrets[i] && *secrets[i]);
    return any;
}

void doctor_check_config_file(struct doctor *doctor, const char *path)
{
    static const char what[] = "config";
    bool secret = has_secret(doctor->config);
    struct stat st;
    char name[USER_NAME_BYTES];
    char cure[CURE_BYTES];
    if (stat(path, &st) != 0 && errno != ENOENT)
        doctor_wrong(doctor, what, "chmod a+x the folders that it is in",
                     "the workers (%s) cannot read %s: %s", doctor->identity->user.name, path,
                     strerror(errno));
    else if (stat(path, &st) != 0)
        doctor_warning(doctor, what, "write one: curt.conf(5); the workers read it, too",
                       "%s: %s; only the environment and the defaults are used", path,
                       strerror(errno));
    else if (!doctor->identity->readable)
        doctor_wrong(doctor, what, cure_of_reading(doctor, path, cure),
                     "the workers (%s) cannot read %s, of %s, mode %04o",
                     doctor->identity->user.name, path, user_name_of(st.st_uid, name),
                     (unsigned)st.st_mode & 07777);
    else if (secret && st.st_mode & S_IROTH)
        doctor_wrong(doctor, what,
                     "chgrp it to the group of the web server's user, and chmod 640 it",
                     "%s has a password or a token, and every user may read it", path);
    else if (st.st_mode & S_IWOTH)
        doctor_wrong(doctor, what, "chmod o-w it", "%s: every user may change it", path);
    else
        doctor_ok(doctor, what, "%s, of %s, mode %04o", path, user_name_of(st.st_uid, name),
                  (unsigned)st.st_mode & 07777);
    config_doubts(doctor->config, report_doubt, doctor);
}
