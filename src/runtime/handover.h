/* SPDX-License-Identifier: MIT */
/* Hands the listening socket and the workers of a prefork parent over to the program that it
 * executes, whose children they remain. They are described in an environment variable that is valid
 * for one process id. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "runtime/children.h"

/* Sets the variable and clears close-on-exec of the socket; the caller executes next. False when
 * memory is exhausted, or `listen_fd` is invalid. */
bool handover_give(int listen_fd, const struct children *children);

/* Undoes handover_give after a failed execv(2). */
void handover_revoke(int listen_fd);

/* Reads the variable and removes it: adds the workers to `children` as started and of the earlier
 * generation, so that they are replaced. Returns the listening descriptor, -1 when there is no
 * variable for this process. */
int handover_take(struct children *children, int64_t now_ms);
