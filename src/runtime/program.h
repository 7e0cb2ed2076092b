/* SPDX-License-Identifier: MIT */
/* Watches the program file that this process runs: detects that another has been installed in its
 * place, and checks whether that one can take over. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/error.h"
#include "files/file_identity.h"

enum {
    PROGRAM_LOOK_MS = 1000,       /* between two looks at the file */
    PROGRAM_CHECK_MS = 10000,     /* for `--check` of the new program, before it is killed */
    PROGRAM_RETRY_MIN_MS = 1000,  /* pause after a failed check, doubled each time */
    PROGRAM_RETRY_MAX_MS = 30000, /* up to this pause */
};

struct program {
    char **argv; /* of this process; borrowed */
    char path[PATH_MAX];
    struct file_identity running;
    struct file_identity seen; /* at the last look */
    int64_t not_before_ms;     /* the new file is not checked before then */
    int64_t pause_ms;          /* pause after the next failed check */
    bool refusal_reported;     /* the refusal of `seen` has been reported */
};

/* Finds the file that this process runs: argv[0] where that is an absolute path, else by /proc.
 * False when neither works; the process then never executes another program. */
bool program_open(struct program *program, char **argv);

/* Whether the path names another file than the running one. A missing file is none. */
bool program_is_outdated(const struct program *program);

enum program_news {
    PROGRAM_SAME,    /* or not known yet */
    PROGRAM_REFUSED, /* the new program cannot take over, *err has the reason; returned once for
                        each file, although the check is repeated */
    PROGRAM_READY,   /* execv(program->path, program->argv) */
};

/* Call it about once a second (PROGRAM_LOOK_MS). A new file is checked when two calls in a row have
 * seen the same one: it is run with the arguments of this process and "--check", and must exit with
 * status 0. That takes PROGRAM_CHECK_MS at most. `now_ms` is monotonic. May be called from any
 * thread, but not from two at once. */
enum program_news program_look(struct program *program, int64_t now_ms, struct error *err);
