/* SPDX-License-Identifier: MIT */
/* The options that stand in the arguments of a command, as its usage line spells them: the one
 * place that says which options there are, what they take, and which words are allowed. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* An option of "[--schema DIR] --role user|admin [--reuse]". */
struct argument {
    struct slice name;  /* "schema" */
    struct slice value; /* "DIR", "user|admin"; empty: it takes none */
};

/* Takes the next option out of *rest, which begins as a command's arguments. False at the end. */
bool arguments_next(const char **rest, struct argument *out);

/* The option of that name; false when there is none. */
bool arguments_find(const char *arguments, struct slice name, struct argument *out);

/* Whether the value is one of the words that stand there: "user|admin", and not "N|none". */
bool argument_has_choices(const struct argument *argument);
