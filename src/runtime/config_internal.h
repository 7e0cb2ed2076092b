/* SPDX-License-Identifier: MIT */
/* Shared by the parts of the configuration's loader: the texts and sources of values while they are
 * collected, and what `internals` keeps of them. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "runtime/config_table.h"

/* The text and source of a key of CONFIG_KEYS; NULL text: not set. */
struct config_given {
    const char *text;
    const char *source;
    bool has_comment; /* a comment follows the value in the file */
};

struct config_internals {
    struct arena *arena; /* owns every string of the configuration, and the configuration */
    struct config_given *given;
    unsigned uid; /* the user whose default paths are used */
};

/* Reads the keys of the file. False with an error that names file and line; *missing: there is no
 * such file. */
bool config_file_read(struct config_internals *in, const char *path, bool *missing,
                      struct error *err);

/* Reads CURT_SECTION_KEY variables from `environment` ("NAME=value", ends with NULL). A variable of
 * a known section without a known key is refused; all others are ignored. */
bool config_env_read(struct config_internals *in, char *const *environment, struct error *err);

/* Derives settings from several values, and checks what cannot be checked key by key. */
bool config_finish(struct config *config, struct config_internals *in, struct error *err);
