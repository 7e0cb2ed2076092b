/* SPDX-License-Identifier: MIT */
/* A thread that makes events of lines while nothing else needs the processor. The caller waits for
 * it, and stores the events at its own priority: a transaction that holds locks must not wait for a
 * processor that is never free. */
#pragma once

#include "base/error.h"
#include "service/follow.h"

struct idle_reader;

/* NULL with the reason. */
struct idle_reader *idle_reader_start(struct error *err);

/* follow_lines_read in that thread; a follow_read, whose context is the reader. */
enum db_result idle_reader_read(void *context, struct follow_lines *lines, struct follow_part *part,
                                struct follow_counts *counts, struct error *err);

/* Ends the thread; sets *at to NULL. */
void idle_reader_stop(struct idle_reader **at);
