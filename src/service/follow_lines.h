/* SPDX-License-Identifier: MIT */
/* From the lines of an access log to click events, by the rules of a worker's click log. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "click/event.h"
#include "click/visitor_hash.h"
#include "clicklog/click_ring.h"
#include "db/db.h"
#include "files/country_file.h"
#include "follow/log_format.h"
#include "service/follow_codes.h"

enum {
    FOLLOW_MEMO_SLOTS = 2048,    /* agents and referrers that are remembered, each */
    FOLLOW_MEMO_TEXT_MAX = 448,  /* bytes of one; longer ones are read each time */
    FOLLOW_LINES_AT_ONCE = 1000, /* lines between two questions to the database */
};

/* What became of the lines. */
struct follow_counts {
    uint64_t verdicts[LOG_VERDICTS]; /* by enum log_verdict */
    uint64_t unknown;                /* of LOG_COUNTS: no link has the code */
    uint64_t late;                   /* of LOG_COUNTS: older than `oldest_at` */
};

/* What became of a line, as the metric `log_lines_total` says it. */
enum follow_result {
    FOLLOW_COUNTED,
    FOLLOW_NO_LINK,
    FOLLOW_LATE,
    FOLLOW_ASKED,
    FOLLOW_NO_REDIRECT,
    FOLLOW_NO_VISIT,
    FOLLOW_UNREADABLE,
    FOLLOW_RESULTS,
};

/* "counted", "no_link", …; an empty text for other numbers. */
const char *follow_result_name(unsigned result);

/* The number of lines of which that became. */
uint64_t follow_result_count(const struct follow_counts *counts, enum follow_result result);

/* Called with each line that could not be read. */
typedef void follow_unreadable(void *context, struct slice line);

/* The caller sets the first members, the rest starts as zero. Some 5 MiB. */
struct follow_lines {
    struct line_format format;
    struct follow_codes codes; /* as follow_codes.h says */
    struct country_file countries;
    struct db *db;       /* borrowed */
    struct arena *arena; /* borrowed; reset with every question to the database */
    int64_t window_s;    /* as in struct click_log */
    int64_t oldest_at;   /* clicks before this time do not count; 0: all do */
    int64_t newest_at;   /* the time of a line after this one is wrong; 0: of none */
    bool has_secret;     /* without it, visitors are not recognised */
    unsigned char secret[CLICK_SECRET_BYTES];
    follow_unreadable *unreadable; /* may be NULL */
    void *context;

    struct follow_memos *memos; /* allocated by the first call; follow_lines_close frees it */
};

/* A part of a log, and the events of it. */
struct follow_part {
    struct slice bytes; /* of which lines are read from the beginning */
    bool is_end;        /* no more will come: what is behind the last line break is a line, too */
    size_t used;        /* set: bytes of the lines that were read */
    struct click_event *events; /* room for `max` events, at least FOLLOW_LINES_AT_ONCE */
    size_t max;
    size_t n; /* set: events */
};

/* Reads whole lines from the beginning of the part while there is room for their events. A line of
 * more than LOG_LINE_MAX bytes is unreadable; one that is not whole yet is used up to its end only
 * if it is longer than that. Each event has its link; lines whose code has none are counted.
 * *counts is added to. On failure nothing of the part counts, and the same call may be repeated. */
enum db_result follow_lines_read(struct follow_lines *lines, struct follow_part *part,
                                 struct follow_counts *counts, struct error *err);

void follow_lines_close(struct follow_lines *lines);
