/* SPDX-License-Identifier: MIT */
/* What a prefork parent that executes a new program leaves to it: the listening socket and the
 * workers, which stay its children. It travels in an environment variable of one process id. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "runtime/children.h"

/* Writes the variable and has the socket survive an execv(2), which the caller does next. False
 * when memory is out, or the socket no descriptor. */
bool handover_give(int listen_fd, const struct children *children);

/* Undoes it, when that execv failed. */
void handover_revoke(int listen_fd);

/* Takes what this process left to itself, once: adds the workers to `children` as ones that have
 * started, are of the earlier generation, and so are to be replaced. The listening descriptor, -1
 * when nothing was left. */
int handover_take(struct children *children, int64_t now_ms);
