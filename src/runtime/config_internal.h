/* SPDX-License-Identifier: MIT */
/* What the parts of the configuration's loader share: texts and sources while they are collected,
 * and what stays of them behind `internals`. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "runtime/config_table.h"

/* For each key of CONFIG_KEYS its text and where it came from; NULL text: not given yet. */
struct config_given {
    const char *text;
    const char *source;
    bool has_comment; /* the line of the file goes on with a comment */
};

struct config_internals {
    struct arena *arena; /* owns every string of the configuration, and the configuration */
    struct config_given *given;
    unsigned uid; /* for whom the paths are that nobody has set */
};

/* Takes the keys of the file. False with an error that names file and line; *missing says that
 * there is no such file. */
bool config_file_read(struct config_internals *in, const char *path, bool *missing,
                      struct error *err);

/* Takes CURT_SECTION_KEY variables out of `environment` ("NAME=value", ends with NULL). A variable
 * of a known section that names no key is refused; all others are none of our business. */
bool config_env_read(struct config_internals *in, char *const *environment, struct error *err);

/* Works out what is derived from several values, and checks what no key can check alone. */
bool config_finish(struct config *config, struct config_internals *in, struct error *err);
