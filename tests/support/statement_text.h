/* SPDX-License-Identifier: MIT */
/* Statements with example values in place of their parameters, for EXPLAIN. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "db/statements.h"

/* The text with each '?' replaced by its example. False when there are not as many of the one as of
 * the other, or `size` is too small. */
bool statement_with_examples(enum statement_id id, char *out, size_t size);
