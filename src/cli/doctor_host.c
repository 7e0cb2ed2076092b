/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks files, their owners, and the limits of this host. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "files/blocked_file.h"
#include "os/clock.h"
#include "runtime/reserved_words.h"

enum {
    FILES_MIN = 256,
    PATH_BYTES = 4096,
    WORDS_ARENA_MAX = 4 * RESERVED_WORDS_MAX,
    NFS_MAGIC = 0x6969,
};

void doctor_check_base_url(struct doctor *doctor)
{
    static const char what[] = "base_url";
    const struct config_server *server = &doctor->config->server;
    struct slice host = server->base_host;
    if (slice_starts_with(host, SLICE("localhost")) || slice_starts_with(host, SLICE("127.")) ||
        slice_starts_with(host, SLICE("[::1]")))
        doctor_warning(doctor, what, "set base_url of [server] to the public URL",
                       "short URLs begin with %s, which only works on this machine",
                       server->base_url);
    else if (strncmp(server->base_url, "https:", 6) != 0)
        doctor_warning(doctor, what, "enable TLS in the web server, and set base_url",
                       "%s is not https: keys and links are transmitted unencrypted",
                       server->base_url);
    else
        doctor_ok(doctor, what, "%s", server->base_url);
}

static void check_reserved(struct doctor *doctor)
{
    static const char what[] = "reserved";
    const char *path = doctor->config->links.reserved_file;
    struct word_list words;
    struct error err = { "out of memory" };
    if (!path || !*path) {
        doctor_ok(doctor, what, "no list of further reserved words");
        return;
    }
    struct arena *arena = arena_new(WORDS_ARENA_MAX);
    if (!arena || !reserved_words_load(path, arena, &words, &err))
        doctor_wrong(doctor, what, "make it readable for the workers, or empty reserved_file", "%s",
                     err.text);
    else
        doctor_ok(doctor, what, "%s: %zu words", path, words.n);
    arena_free(&arena);
}

static void check_blocked(struct doctor *doctor)
{
    static const char what[] = "blocked";
    struct blocked_file file = { .path = doctor->config->links.blocked_file };
    struct error err = { "" };
    if (!file.path || !*file.path)
        doctor_ok(doctor, what, "no list of blocked domains");
    else if (!blocked_file_refresh(&file, clock_now(), &err))
        doctor_wrong(doctor, what, "make it readable for the workers, or empty blocked_file", "%s",
                     err.text);
    else if (file.invalid)
        doctor_warning(doctor, what, "one domain per line; a # begins a comment",
                       "%s: %zu lines are not domains", file.path, file.invalid);
    else
        doctor_ok(doctor, what, "%s is readable", file.path);
    blocked_file_close(&file);
}

void doctor_check_lists(struct doctor *doctor)
{
    check_reserved(doctor);
    check_blocked(doctor);
}

/* Checks the folder of a segment that does not exist yet. */
static void check_segment_folder(struct doctor *doctor, const char *path)
{
    static const char what[] = "segment";
    char copy[PATH_BYTES];
    struct statfs system;
    snprintf(copy, sizeof(copy), "%s", path);
    const char *folder = dirname(copy);
    if (access(folder, W_OK | X_OK) != 0)
        doctor_wrong(doctor, what, "create the folder, writable for the workers' user", "%s: %s",
                     folder, strerror(errno));
    else if (statfs(folder, &system) == 0 && system.f_type == NFS_MAGIC)
        doctor_wrong(doctor, what, "put it in /dev/shm or /run",
                     "%s is on NFS: the segment is for the workers of one host", folder);
    else
        doctor_ok(doctor, what, "%s will be created by the first worker", path);
}

/* Warns when the user's own folder for the segment belongs to another user or is open to others. */
static void check_own_folder(struct doctor *doctor)
{
    static const char what[] = "segment";
    char path[64];
    struct stat st;
    char name[USER_NAME_BYTES];
    snprintf(path, sizeof(path), "/dev/shm/curt-%u", (unsigned)geteuid());
    if (lstat(path, &st) != 0)
        return;
    if (st.st_uid != geteuid())
        doctor_warning(doctor, what, "remove it as root, and create it again",
                       "%s belongs to %s: others may take the segment's name", path,
                       user_name_of(st.st_uid, name));
    else if (!S_ISDIR(st.st_mode) || st.st_mode & (S_IWGRP | S_IWOTH))
        doctor_warning(doctor, what, "make it a folder with mode 0700",
                       "%s is open to other users, or not a folder", path);
}

void doctor_check_segment(struct doctor *doctor)
{
    static const char what[] = "segment";
    const char *path = doctor->config->segment.path;
    struct stat st;
    char name[USER_NAME_BYTES];
    check_own_folder(doctor);
    if (!path || !*path)
        doctor_warning(doctor, what, "set path of [segment]",
                       "none: each worker counts limits for itself, and no maintenance task runs");
    else if (lstat(path, &st) != 0)
        check_segment_folder(doctor, path);
    else if (!S_ISREG(st.st_mode))
        doctor_wrong(doctor, what, "remove it, or set path of [segment]",
                     "%s is not a regular file", path);
    else if (st.st_mode & (S_IRWXG | S_IRWXO))
        doctor_wrong(doctor, what, "chmod 0600 it", "%s is open to other users", path);
    else if (geteuid() != 0 && st.st_uid != geteuid())
        doctor_warning(doctor, what,
                       "if you are the workers' user, remove it as root, and make "
                       "a folder of your own (docs/hardening.md); else run "
                       "curtctl doctor as that user",
                       "%s belongs to %s", path, user_name_of(st.st_uid, name));
    else
        doctor_ok(doctor, what, "%s, of %s, who must be the workers' user", path,
                  user_name_of(st.st_uid, name));
}

void doctor_check_system(struct doctor *doctor)
{
    static const char what[] = "system";
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    if (files.rlim_cur < FILES_MIN)
        doctor_warning(doctor, what, "raise ulimit -n (LimitNOFILE of systemd)",
                       "only %lu open files are allowed here", (unsigned long)files.rlim_cur);
    else
        doctor_ok(doctor, what, "%lu open files are allowed here", (unsigned long)files.rlim_cur);
}
