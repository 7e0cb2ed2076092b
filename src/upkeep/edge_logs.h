/* SPDX-License-Identifier: MIT */
/* The access logs of [edge] with the follower that reads them: for the maintenance thread, and for
 * curtctl clicks follow. */
#pragma once

#include "runtime/config.h"
#include "service/follow.h"

/* The caller sets the first members, which are borrowed; the rest starts as zero. */
struct edge_logs {
    const struct config *config;
    struct db *db;
    struct metrics *metrics;
    struct arena *arena;  /* of 64 MiB; reset with every step */
    unsigned batches_max; /* this and the next ones as in struct follower */
    follow_read *read;
    void *read_context;

    struct follower *follower; /* NULL before the first step */
    bool is_prepared;
    unsigned next; /* the log that the next step reads */
    struct edge_round {
        bool is_over;               /* the step has read the last log */
        bool more;                  /* some log has more than its steps have read */
        int64_t behind[LOG_KINDS];  /* bytes, and */
        unsigned failed[LOG_KINDS]; /* files that cannot be read, */
        unsigned n_failed;          /* all of them, */
        struct error fault;         /* and why one of them cannot, as in struct follow_total */
    } round;
};

/* Reads one log after the other, one with each call; adds to *total. Without logs the round is over
 * at once. Fails only with the database, and then continues with the same log. Counts in the
 * metrics. */
enum db_result edge_logs_step(struct edge_logs *logs, struct follow_total *total,
                              struct error *err);

void edge_logs_close(struct edge_logs *logs);
