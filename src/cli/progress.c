/* SPDX-License-Identifier: MIT */
/* Draws the progress bar. */
#include "cli/progress.h"

#include <inttypes.h>

#include "cli/table.h"

#define SECOND_US INT64_C(1000000)

enum {
    BAR_MAX = 30,
    BESIDE_BAR = 50, /* columns of the numbers */
    REDRAW_US = 100000,
    ARENA_MAX = 4 * PROGRESS_LINE_MAX,
};

struct progress progress_start(const char *what, uint64_t total, int64_t now_us)
{
    unsigned width = table_terminal_width(stderr);
    return (struct progress){
        .what = what,
        .total = total,
        .out = width ? stderr : NULL,
        .width = width,
        .started_us = now_us,
    };
}

bool progress_is_due(const struct progress *progress, int64_t now_us)
{
    return progress->out && now_us - progress->started_us >= SECOND_US &&
           (progress->shown_us == 0 || now_us - progress->shown_us >= REDRAW_US);
}

/* The part that is done, 0 to 1; negative: unknown. */
static double share_of(const struct progress *progress, uint64_t done)
{
    uint64_t part = progress->size ? progress->read : done;
    uint64_t whole = progress->size ? progress->size : progress->total;
    if (whole == 0)
        return -1;
    return part < whole ? (double)part / (double)whole : 1;
}

static void add_bar(const struct progress *progress, double share, struct buf *out)
{
    unsigned room = progress->width > BESIDE_BAR ? progress->width - BESIDE_BAR : 0;
    unsigned bar = room < BAR_MAX ? room : BAR_MAX;
    if (bar >= 4) {
        unsigned full = (unsigned)(share * bar);
        buf_add_byte(out, '[');
        for (unsigned i = 0; i < bar; i++)
            buf_add_byte(out, i < full ? '#' : '.');
        buf_add_text(out, "] ");
    }
    buf_printf(out, "%3u%%  ", (unsigned)(share * 100));
}

void progress_render(const struct progress *progress, uint64_t done, int64_t now_us,
                     struct buf *out)
{
    double seconds = (double)(now_us - progress->started_us) / (double)SECOND_US;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    double share = share_of(progress, done);
    if (share >= 0)
        add_bar(progress, share, out);
    buf_printf(out, "%" PRIu64 " %s, %.0f/s", done, progress->what, rate);
    if (share > 0 && share < 1) {
        uint64_t left = (uint64_t)(seconds * (1 - share) / share + 0.5);
        buf_printf(out, ", %" PRIu64 ":%02u left", left / 60, (unsigned)(left % 60));
    }
}

void progress_step(struct progress *progress, uint64_t done, int64_t now_us)
{
    if (!progress_is_due(progress, now_us))
        return;
    struct arena *arena = arena_new(ARENA_MAX);
    if (!arena)
        return;
    struct buf line = buf_in(arena, PROGRESS_LINE_MAX);
    progress_render(progress, done, now_us, &line);
    struct slice text = buf_slice(&line);
    fprintf(progress->out, "\r%.*s\033[K", SLICE_ARG(text));
    fflush(progress->out);
    progress->shown_us = now_us;
    arena_free(&arena);
}

void progress_end(struct progress *progress)
{
    if (progress->out && progress->shown_us) {
        fputs("\r\033[K", progress->out);
        fflush(progress->out);
    }
    progress->out = NULL;
}
