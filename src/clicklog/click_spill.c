/* SPDX-License-Identifier: MIT */
/* Spill files: creating them and appending clicks, for workers. */
#include "clicklog/click_spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "clicklog/click_spill_layout.h"
#include "os/private_file.h"

enum { MAKE_TRIES = 10 };

static const char NOUN[] = "click spill";

void click_spill_let_go(struct click_spill *spill)
{
    if (spill->fd >= 0)
        close(spill->fd);
    spill->fd = -1;
}

static bool path_of(const char *dir, const unsigned char source[CLICK_SOURCE_BYTES],
                    char out[CLICK_SPILL_PATH_MAX])
{
    char hex[2 * CLICK_SOURCE_BYTES + 1];
    *hex_put(hex, source, CLICK_SOURCE_BYTES) = '\0';
    int n = snprintf(out, CLICK_SPILL_PATH_MAX, "%s/" CLICK_SPILL_PREFIX "%s", dir, hex);
    return n > 0 && n < CLICK_SPILL_PATH_MAX;
}

/* Locks the new file and writes its header. A reader that opened it before it was locked has
 * removed it. */
static bool click_spill_begin(int fd, const char *path, const struct click_spill_header *header)
{
    if (!private_file_lock(fd, CLICK_SPILL_WRITER_LOCK) || !private_file_is_at(path, fd)) {
        errno = EAGAIN;
        return false;
    }
    ssize_t n = pwrite(fd, header, sizeof(*header), 0);
    if (n == (ssize_t)sizeof(*header))
        return true;
    int number = n < 0 ? errno : ENOSPC;
    unlink(path);
    errno = number;
    return false;
}

/* Creates a file; *again is set when a reader has removed it already. */
static bool click_spill_make(struct click_spill *spill, uint32_t at, bool *again, struct error *err)
{
    struct click_spill_header header = {
        .magic = "curtspl",
        .version = CLICK_SPILL_VERSION,
        .event_bytes = sizeof(struct click_event),
    };
    char path[CLICK_SPILL_PATH_MAX];
    const struct private_file file = { .path = path, .noun = NOUN };
    *again = false;
    if (getrandom(header.source, sizeof(header.source), 0) != sizeof(header.source) ||
        !path_of(spill->dir, header.source, path))
        return error_set(err, "no name can be made for a %s", NOUN);
    mkdir(spill->dir, S_IRWXU); /* it usually exists; opening a file in it reports an error */
    if (private_file_open(&file, O_CREAT | O_EXCL, &spill->fd, err) != PRIVATE_FILE_OK)
        return false;
    if (!click_spill_begin(spill->fd, path, &header)) {
        *again = errno == EAGAIN;
        private_file_fail(&file, "begin", errno, err);
        click_spill_let_go(spill);
        return false;
    }
    spill->begun_at = at;
    spill->end = sizeof(header);
    return true;
}

/* Makes sure that a file is open. Starts another one if the open one is full, or was begun too long
 * before a click at `at`, or after it, since the clock was set back. */
static bool have_file(struct click_spill *spill, uint32_t at, struct error *err)
{
    if (spill->fd >= 0 && (spill->end >= CLICK_SPILL_FILE_MAX || at < spill->begun_at ||
                           at - spill->begun_at >= CLICK_SPILL_SECONDS_MAX)) {
        click_spill_let_go(spill);
        spill->granted = 0;
    }
    bool again = spill->fd < 0;
    for (unsigned i = 0; i < MAKE_TRIES && again; i++)
        click_spill_make(spill, at, &again, err);
    return spill->fd >= 0;
}

/* Whether the file may grow by another click. */
static bool is_granted(struct click_spill *spill, struct error *err)
{
    off_t end = spill->end + (off_t)sizeof(struct click_event);
    if (spill->fd >= 0 && end <= spill->granted)
        return true;
    if (click_spill_measure(spill->dir).bytes + sizeof(struct click_event) > spill->max_bytes)
        return error_set(err, "the spill files in %s have reached clicks.spill_max", spill->dir);
    spill->granted = (spill->fd >= 0 ? spill->end : 0) + CLICK_SPILL_STEP;
    return true;
}

bool click_spill_append(struct click_spill *spill, const struct click_event *event,
                        struct error *err)
{
    if (!spill->dir || !*spill->dir || spill->max_bytes == 0)
        return error_set(err, "no directory or no space is configured for spilled clicks");
    if (spill->refused_at == event->at)
        return error_set(err, "there is no room for further clicks in %s", spill->dir);
    ssize_t n = -1;
    if (is_granted(spill, err) && have_file(spill, event->at, err)) {
        n = pwrite(spill->fd, event, sizeof(*event), spill->end);
        if (n != (ssize_t)sizeof(*event))
            error_set(err, "write to a %s in %s: %s", NOUN, spill->dir,
                      strerror(n < 0 ? errno : ENOSPC));
    }
    if (n != (ssize_t)sizeof(*event)) {
        spill->refused_at = event->at;
        return false;
    }
    spill->end += n;
    spill->last_at = event->at;
    return true;
}
