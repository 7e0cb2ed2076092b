/* SPDX-License-Identifier: MIT */
/* The program file that this process runs: whether another has been installed in its place, and
 * whether that one can take over. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/error.h"

enum {
    PROGRAM_LOOK_MS = 1000,       /* between two looks at the file */
    PROGRAM_CHECK_MS = 10000,     /* for the new program's check of itself, before it is killed */
    PROGRAM_RETRY_MIN_MS = 1000,  /* after a check that failed, doubled each time, */
    PROGRAM_RETRY_MAX_MS = 30000, /* up to this */
};

/* Which file it is. */
struct program_file {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

struct program {
    char **argv; /* of this process; borrowed */
    char path[PATH_MAX];
    struct program_file running;
    struct program_file seen; /* at the last look */
    int64_t not_before_ms;    /* no check of the new file before then */
    int64_t pause_ms;         /* after the next check that fails */
    bool told;                /* that the file seen was refused */
};

/* Learns which file this process runs: argv[0] where that is an absolute path, else what /proc
 * says. False when neither can be found out; the process then stays what it is. */
bool program_open(struct program *program, char **argv);

/* Whether the path names another file than the one that runs. One that is missing says nothing. */
bool program_is_outdated(const struct program *program);

enum program_news {
    PROGRAM_SAME,    /* or not to be said yet */
    PROGRAM_REFUSED, /* the new one cannot take over; *err has the reason. Told once for each file,
                      * which is tried again all the same */
    PROGRAM_READY,   /* execv(program->path, program->argv) */
};

/* To be called about once a second (PROGRAM_LOOK_MS). A new file counts once two looks in a row
 * have seen the same, and once it was run with the arguments of this process and "--check" and
 * ended with status 0. That takes PROGRAM_CHECK_MS at most. `now_ms` is monotonic. Any thread, one
 * at a time. */
enum program_news program_look(struct program *program, int64_t now_ms, struct error *err);
