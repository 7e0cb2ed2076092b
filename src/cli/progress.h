/* SPDX-License-Identifier: MIT */
/* A progress bar for what takes longer than a second: on the terminal of stderr, or not at all. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

enum {
    PROGRESS_LINE_MAX = 512, /* bytes of a line */
};

struct progress {
    const char *what;   /* "exported" */
    uint64_t total;     /* 0: nobody knows */
    FILE *out;          /* NULL: show nothing */
    unsigned width;     /* columns of the terminal */
    int64_t started_us; /* monotonic */
    int64_t shown_us;   /* 0: not shown yet */
};

/* Starts counting; shows nothing yet, and never when stderr is not a terminal. */
struct progress progress_start(const char *what, uint64_t total, int64_t now_us);

/* Says that `done` are done. Draws at most ten times a second, and not within the first one. */
void progress_step(struct progress *progress, uint64_t done, int64_t now_us);

/* Takes the bar off the terminal. */
void progress_end(struct progress *progress);

/* The line that progress_step draws. */
void progress_render(const struct progress *progress, uint64_t done, int64_t now_us,
                     struct buf *out);

/* Whether it is time to draw. */
bool progress_is_due(const struct progress *progress, int64_t now_us);
