/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks the spool. */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/size_text.h"
#include "spool/spool.h"

enum {
    PATH_BYTES = 4096,
    TMPFS_MAGIC_NUMBER = 0x01021994,
};

static const char WHAT[] = "spool";

/* Checks the folder of a spool that does not exist yet. */
static void check_parent(struct doctor *doctor, const char *path)
{
    char copy[PATH_BYTES];
    snprintf(copy, sizeof(copy), "%s", path);
    const char *parent = dirname(copy);
    if (access(parent, W_OK | X_OK) != 0)
        doctor_wrong(doctor, WHAT, "install -d -m 700 -o USER it, with the workers' user",
                     "%s cannot be created: %s: %s", path, parent, strerror(errno));
    else
        doctor_ok(doctor, WHAT, "%s will be created by the first worker", path);
}

/* Checks that the disk has room for max_bytes, and that it is not in memory. */
static void check_disk(struct doctor *doctor, const char *path)
{
    struct statvfs disk;
    struct statfs system;
    char left[SIZE_TEXT_BYTES];
    char most[SIZE_TEXT_BYTES];
    uint64_t wanted = doctor->config->spool.max_bytes;
    if (statvfs(path, &disk) != 0 || statfs(path, &system) != 0)
        return;
    uint64_t available = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (system.f_type == TMPFS_MAGIC_NUMBER)
        doctor_warning(doctor, WHAT, "set path of [spool] to a place on a disk",
                       "%s is in memory: its links are lost when the machine stops", path);
    else if (available < wanted)
        doctor_warning(doctor, WHAT, "make room, or lower max_bytes of [spool]",
                       "%s: its disk has %s left, max_bytes is %s", path,
                       size_text(available, left), size_text(wanted, most));
    else
        doctor_ok(doctor, WHAT, "%s: its disk has %s left", path, size_text(available, left));
}

static void doctor_spool_report_pending(struct doctor *doctor, uint64_t entries)
{
    if (entries)
        doctor_warning(doctor, WHAT,
                       "none is needed if the database is unavailable; see its findings",
                       "%" PRIu64 " links wait for the database", entries);
    else
        doctor_ok(doctor, WHAT, "nothing waits for the database");
}

/* Reports pending, torn and rejected links separately, the worst finding last. */
static void doctor_spool_report_content(struct doctor *doctor, const char *path,
                                        const struct spool_state *state)
{
    doctor_spool_report_pending(doctor, state->entries);
    if (state->torn)
        doctor_warning(doctor, WHAT,
                       "after a crash of the machine no accepted link is lost: "
                       "remove them",
                       "%s: %" PRIu64 " .torn files have entries that could not be read", path,
                       state->torn);
    if (state->rejected)
        doctor_wrong(doctor, WHAT, "read it, create the missing links again, remove it",
                     "%s/rejected.tsv: %" PRIu64 " links were accepted with 202 and are not stored",
                     path, state->rejected);
}

static void check_content(struct doctor *doctor, const char *path)
{
    const struct spool_options options = { .path = path, .look_only = true };
    struct spool_state state;
    struct error err = { "" };
    struct spool *spool = spool_open(&options, &err);
    if (!spool) {
        doctor_warning(doctor, WHAT, "run curtctl doctor as the user of the workers to be sure",
                       "%s", err.text);
        return;
    }
    spool_look(spool, &state);
    spool_close(&spool);
    doctor_spool_report_content(doctor, path, &state);
}

void doctor_check_spool(struct doctor *doctor)
{
    const char *path = doctor->config->spool.path;
    struct stat st;
    if (!*path) {
        doctor_warning(doctor, WHAT, "set path of [spool]",
                       "none: no links are created while the database is unavailable");
        return;
    }
    if (lstat(path, &st) != 0) {
        check_parent(doctor, path);
        return;
    }
    if (!S_ISDIR(st.st_mode))
        doctor_wrong(doctor, WHAT, "remove it, or set path of [spool]", "%s is not a directory",
                     path);
    else if (st.st_mode & (S_IRWXG | S_IRWXO))
        doctor_wrong(doctor, WHAT, "chmod 0700 it", "%s is open to other users", path);
    else
        check_disk(doctor, path);
    if (S_ISDIR(st.st_mode))
        check_content(doctor, path);
}
