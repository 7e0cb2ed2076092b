/* SPDX-License-Identifier: MIT */
/* Parses the usage line of a command: the one place that lists a command's options, their values,
 * the allowed words, and its operands. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* An option of "[--schema DIR] --role user|admin [--reuse]"; both are parts of that text. */
struct argument {
    struct slice name;  /* "schema" */
    struct slice value; /* "DIR", "user|admin"; empty: it takes no value */
};

/* How many operands there may be. */
struct operand_range {
    int min;
    int max; /* INT_MAX after "CODE..." */
};

/* Returns the next option and advances *rest, which starts as a command's arguments. False at the
 * end. */
bool arguments_next(const char **rest, struct argument *out);

/* The option of that name; false when there is none. */
bool arguments_find(const char *arguments, struct slice name, struct argument *out);

/* The length of the unit at `at`: a word, or all between two brackets. */
size_t arguments_unit(const char *at);

/* The number of operands: one for "CODE", at most one for "[CODE]", one or more for "CODE...". */
struct operand_range arguments_operands(const char *arguments);

/* Whether two options of one usage line are alternatives, such as --on and --off in
 * "[--on|--off]". */
bool arguments_exclude(struct slice name, struct slice other);

/* Whether the value must be one of the listed words: true for "user|admin", false for "N|none". */
bool argument_has_choices(const struct argument *argument);

/* Whether `value` is one of the words of an argument that has choices. */
bool argument_is_choice(const struct argument *argument, struct slice value);
