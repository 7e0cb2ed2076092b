/* SPDX-License-Identifier: MIT */
/* The purge thread: tells caches in front of changes beside the maintenance thread, whose tasks may
 * wait for seconds. */
#pragma once

#include "upkeep/app_context.h"

struct edge_thread;

/* Starts it. The context is borrowed; of its database the thread opens a connection of its own.
 * NULL with the reason. */
struct edge_thread *edge_thread_start(const struct app_context *app, struct log *log,
                                      struct error *err);

/* Ends it; sets *at to NULL. NULL is allowed. */
void edge_thread_stop(struct edge_thread **at);
