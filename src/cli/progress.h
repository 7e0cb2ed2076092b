/* SPDX-License-Identifier: MIT */
/* A progress bar for work that takes longer than a second, on stderr if that is a terminal. */
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
    uint64_t total;     /* 0: unknown */
    uint64_t size;      /* bytes of the input; 0: unknown. If set, the bar and the time left are */
    uint64_t read;      /* those of this many bytes */
    FILE *out;          /* NULL: show nothing */
    unsigned width;     /* columns of the terminal */
    int64_t started_us; /* monotonic */
    int64_t shown_us;   /* 0: not shown yet */
};

/* Starts a progress; prints nothing yet, and never when stderr is not a terminal. */
struct progress progress_start(const char *what, uint64_t total, int64_t now_us);

/* Updates the number done. Draws at most ten times a second, and not within the first one. */
void progress_step(struct progress *progress, uint64_t done, int64_t now_us);

/* Erases the bar. */
void progress_end(struct progress *progress);

/* Writes the line that progress_step draws. */
void progress_render(const struct progress *progress, uint64_t done, int64_t now_us,
                     struct buf *out);

/* Whether it is time to draw. */
bool progress_is_due(const struct progress *progress, int64_t now_us);
