/* SPDX-License-Identifier: MIT */
/* curtctl cleanup: removes the files that Curt keeps on this host, before it is uninstalled or
 * moved. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "clicklog/click_spill.h"
#include "os/private_file.h"
#include "spool/spool.h"
#include "upkeep/app_context.h"

enum {
    PATH_BYTES = 1100,
    WHY_BYTES = 200,
};

struct cleanup {
    const struct invocation *invocation;
    bool kept; /* something was not empty, or could not be removed */
};

/* Reports a file or folder as removed (`why` NULL) or kept. */
static void tell(struct cleanup *cleanup, const char *path, const char *why)
{
    cleanup->kept = cleanup->kept || why;
    if (cleanup->invocation->json) {
        const struct json_member members[] = {
            json_member_text("path", slice_of(path)),
            json_member_text("state", slice_of(why ? "kept" : "removed")),
            json_member_text("why", slice_of(why)),
        };
        json_print_object(members, sizeof(members) / sizeof(members[0]));
    } else if (why) {
        cli_complain("kept %s: %s", path, why);
    } else {
        printf("removed\t%s\n", path);
    }
}

/* Whether a process has a lock on the file, as every running worker has. */
static bool is_in_use(const char *path)
{
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool used = fd >= 0 && private_file_is_locked(fd, 0, 0);
    if (fd >= 0)
        close(fd);
    return used;
}

/* Removes a file of this user; one of another user, in a directory that all may write to, is
 * kept. */
static void remove_file(struct cleanup *cleanup, const char *path)
{
    struct stat st;
    if (lstat(path, &st) == 0 && st.st_uid != geteuid())
        tell(cleanup, path, "belongs to another user");
    else if (unlink(path) == 0)
        tell(cleanup, path, NULL);
    else if (errno != ENOENT)
        tell(cleanup, path, strerror(errno));
}

static void clean_ring(struct cleanup *cleanup, const char *path)
{
    char why[WHY_BYTES];
    struct error err;
    struct click_ring *ring = app_ring_find(cleanup->invocation->config, &err);
    if (!ring) {
        if (err.text[0])
            tell(cleanup, path, err.text);
        return;
    }
    uint64_t pending = click_ring_level(ring).pending;
    click_ring_close(&ring);
    snprintf(why, sizeof(why), "clicks that wait in it: %" PRIu64 " (curtctl flush)", pending);
    if (pending)
        tell(cleanup, path, why);
    else
        remove_file(cleanup, path);
}

/* Writes what is pending in the spool; false when nothing is. */
static bool waits(struct cleanup *cleanup, const char *path, char why[WHY_BYTES])
{
    const struct spool_options options = { .path = path, .look_only = true };
    struct spool_state state = { 0 };
    struct error err = { "" };
    struct spool *spool = spool_open(&options, &err);
    uint64_t clicks = click_spill_measure(cleanup->invocation->config->spool.path).events;
    if (!spool) {
        snprintf(why, WHY_BYTES, "%.150s", err.text);
        return true;
    }
    spool_look(spool, &state);
    spool_close(&spool);
    snprintf(why, WHY_BYTES,
             "links that wait in it: %" PRIu64 ", clicks: %" PRIu64 ", rejected links: %" PRIu64
             ", torn files: %" PRIu64,
             state.entries, clicks, state.rejected, state.torn);
    return state.entries || clicks || state.rejected || state.torn;
}

/* Removes the files of a folder of this user; false with the reason when it is not one. */
static bool cleanup_empty(const char *path, char why[WHY_BYTES])
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool ours = fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid();
    DIR *dir = ours ? fdopendir(fd) : NULL;
    snprintf(why, WHY_BYTES, "%s", "");
    if (!dir) {
        snprintf(why, WHY_BYTES, "%s",
                 fd >= 0 && !ours ? "belongs to another user" : strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
    return true;
}

/* Removes the spool's files if nothing in them is pending, and the folder. */
static void clean_spool(struct cleanup *cleanup, const char *path)
{
    char why[WHY_BYTES];
    struct stat st;
    if (!*path || lstat(path, &st) != 0)
        return;
    if (waits(cleanup, path, why)) {
        tell(cleanup, path, why);
        return;
    }
    if (!cleanup_empty(path, why) || rmdir(path) < 0)
        tell(cleanup, path, *why ? why : strerror(errno));
    else
        tell(cleanup, path, NULL);
}

enum cli_status command_cleanup(const struct invocation *invocation, struct cli_context *context)
{
    const struct config *config = invocation->config;
    const char *segment = config->segment.path ? config->segment.path : "";
    struct cleanup cleanup = { .invocation = invocation };
    char ring[PATH_BYTES];
    (void)context;
    snprintf(ring, sizeof(ring), "%s.clicks", segment);
    if (is_in_use(segment) || is_in_use(ring))
        return cli_fail(CLI_FAILED, "workers run here: stop them, or the web server, first");
    if (*segment) {
        clean_ring(&cleanup, ring);
        remove_file(&cleanup, segment);
    }
    clean_spool(&cleanup, config->spool.path);
    return cleanup.kept ? CLI_FAILED : CLI_OK;
}
