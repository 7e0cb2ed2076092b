/* SPDX-License-Identifier: MIT */
/* Following: counts the clicks that caches in front have answered, from their access logs, each
 * exactly once. The position of each file is stored in the transaction of its batch, and a file is
 * known by its content (follow/log_position.h). Any number of processes may follow the same logs: a
 * batch that is not the next one of its file is refused, and read again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "follow/log_file.h"
#include "follow/log_names.h"
#include "service/follow_lines.h"
#include "shm/metrics.h"

enum {
    FOLLOW_KNOWN_MAX = 4096, /* files whose state is remembered between two rounds */
    FOLLOW_AHEAD_S = 86400,  /* how far ahead of this host's clock the time of a line may be */
    FOLLOW_KEPT_S = 86400,   /* how much longer positions are kept than lines count */
};

/* A file that was read to the end that it had. */
struct follow_known {
    struct log_identity identity;
    bool has_failed; /* it cannot be read as it is */
    unsigned char source[LOG_SOURCE_BYTES];
    uint64_t batch; /* 0: nothing is known but that there is nothing to read */
    struct log_position position;
};

/* follow_lines_read, in a way of the caller's. */
typedef enum db_result follow_read(void *context, struct follow_lines *lines,
                                   struct follow_part *part, struct follow_counts *counts,
                                   struct error *err);

/* The caller sets the first members, which are borrowed, and `lines` but for its format; the rest
 * starts as zero. */
struct follower {
    struct db *db;
    struct arena *arena; /* reset with every batch, which needs up to 64 MiB */
    struct metrics *metrics;
    const char *kept_dir; /* the spool folder; NULL or empty: unreadable lines are not kept */
    int64_t max_age_s;    /* older lines do not count; 0: lines of any age do */
    unsigned batches_max; /* batches that a call of follow_log stores; 0: any number */
    follow_read *read;    /* NULL: follow_lines_read itself */
    void *read_context;
    struct follow_lines lines;

    enum log_kind kind; /* of the log that is read */
    struct click_event *events;
    char *room;
    struct follow_known *known;
    size_t n_known, next_known;
    unsigned batches; /* stored in this call */
};

struct follow_total {
    struct follow_counts lines;
    uint64_t clicks;    /* by people, stored in the database */
    uint64_t bots;      /* by bots, likewise */
    uint64_t dropped;   /* events of links that were deleted meanwhile */
    uint64_t bytes;     /* of logs that were read, uncompressed */
    uint64_t behind;    /* bytes of the files that are still to be read, as they are stored */
    unsigned files;     /* that had something to read */
    unsigned failed;    /* files that cannot be read: */
    struct error fault; /* why the last of them cannot, unless an earlier call said so */
    bool more;          /* the call ended after `batches_max` batches */
};

/* Reads the key of visitors' hashes. */
enum db_result follow_prepare(struct follower *follower, struct error *err);

/* Reads everything that the files of the log have to their ends, or `batches_max` batches. Adds to
 * *total; what cannot be read is in it. Fails only with the database: then each batch was stored
 * either entirely or not at all, and the next call continues. */
enum db_result follow_log(struct follower *follower, const struct log_place *place,
                          struct slice format, struct follow_total *total, struct error *err);

/* Deletes the positions of logs that nothing was read from for longer than lines count: of logs
 * whose ids begin with the byte `part`, a 256th of them. A log that is still there is then read
 * once more, and all of its lines are too old. `max_age_s` as above, not 0. */
enum db_result follow_purge(struct db *db, unsigned char part, int64_t max_age_s, int64_t now,
                            struct error *err);

/* Frees what the follower has allocated. */
void follow_close(struct follower *follower);
