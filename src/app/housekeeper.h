/* SPDX-License-Identifier: MIT */
/* The housekeeper: a thread of each worker, of which one on each host is at work. It does the
 * chores (chores.h) over connections of its own; when its worker ends, another's takes over within
 * a second or two, and when it stands still, after TURN_LOOKS seconds (store/turn.h). */
#pragma once

#include "base/error.h"
#include "runtime/config.h"
#include "runtime/log.h"

struct housekeeper;

/* Starts the thread; all signals are left to the caller's. `config` and `log` are borrowed and must
 * outlive it. The caller has opened a database before (sql.h). Without a shared segment there is
 * nothing to tell the workers of a host who is at work, and NULL with an empty *err is the answer;
 * NULL with a text is a failure, which the worker can live with. */
struct housekeeper *housekeeper_start(const struct config *config, struct log *log,
                                      struct error *err);

/* Stops it after the chore at hand. NULL is fine; sets *housekeeper to NULL. */
void housekeeper_stop(struct housekeeper **housekeeper);
