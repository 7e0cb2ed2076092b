/* SPDX-License-Identifier: MIT */
/* Parses the options in the usage line of a command: the one place that lists a command's options,
 * their values and the allowed words. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* An option of "[--schema DIR] --role user|admin [--reuse]". */
struct argument {
    struct slice name;  /* "schema" */
    struct slice value; /* "DIR", "user|admin"; empty: it takes no value */
};

/* Returns the next option and advances *rest, which starts as a command's arguments. False at the
 * end. */
bool arguments_next(const char **rest, struct argument *out);

/* The option of that name; false when there is none. */
bool arguments_find(const char *arguments, struct slice name, struct argument *out);

/* Whether the value must be one of the listed words: true for "user|admin", false for "N|none". */
bool argument_has_choices(const struct argument *argument);
