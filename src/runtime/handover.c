/* SPDX-License-Identifier: MIT */
/* The variable CURT_HANDOVER: "PID:DESCRIPTOR:WORKER,WORKER,…". */
#include "runtime/handover.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/number.h"

static const char VARIABLE[] = "CURT_HANDOVER";

enum {
    NUMBER_BYTES = 12, /* digits of a process id or a descriptor, and its separator */
};

static bool survive_exec(int fd, bool survive)
{
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0)
        return false;
    flags = survive ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
    return fcntl(fd, F_SETFD, flags) == 0;
}

bool handover_give(int listen_fd, const struct children *children)
{
    size_t size = 2 * NUMBER_BYTES + 1;
    for (const struct child *child = children->first; child; child = child->next)
        size += NUMBER_BYTES;
    char *text = malloc(size);
    if (!text)
        return false;
    size_t len = (size_t)snprintf(text, size, "%d:%d:", (int)getpid(), listen_fd);
    for (const struct child *child = children->first; child; child = child->next)
        len += (size_t)snprintf(text + len, size - len, "%d,", (int)child->pid);
    bool given = setenv(VARIABLE, text, 1) == 0 && survive_exec(listen_fd, true);
    free(text);
    return given;
}

void handover_revoke(int listen_fd)
{
    (void)unsetenv(VARIABLE);
    (void)survive_exec(listen_fd, false);
}

/* Parses a number and the `end` after it, and advances *text. */
static bool handover_take_number(const char **text, char end, int *out)
{
    struct slice digits = { *text, number_digits(slice_of(*text)) };
    uint64_t number;
    if (!number_parse(digits, INT_MAX, &number) || digits.at[digits.len] != end)
        return false;
    *text = digits.at + digits.len + 1;
    *out = (int)number;
    return true;
}

int handover_take(struct children *children, int64_t now_ms)
{
    const char *text = getenv(VARIABLE);
    int self;
    int fd;
    int pid;
    if (!text || !handover_take_number(&text, ':', &self) || self != (int)getpid() ||
        !handover_take_number(&text, ':', &fd) || !survive_exec(fd, false))
        return -1;
    while (handover_take_number(&text, ',', &pid)) {
        if (children_add(children, pid, now_ms))
            children_started(children, pid);
    }
    children->generation++;
    (void)unsetenv(VARIABLE);
    return fd;
}
