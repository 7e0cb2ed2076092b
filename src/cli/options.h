/* SPDX-License-Identifier: MIT */
/* Parses the arguments of a command by its usage line, which says what it takes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/command.h"

/* Reads the options and operands. An option may be abbreviated where that is unambiguous; the value
 * is one of its words where the usage line lists them. False, with a message, when an option is
 * unknown, lacks its value, has one that it does not take, or excludes another, or when operands
 * are missing or too many. */
bool cli_read_options(struct invocation *invocation);

/* The value of the option `name` of the usage line: the last if there are several, "" if it takes
 * none; NULL if it is not given. */
const char *cli_option(const struct invocation *invocation, const char *name);

/* The values of an option that may be given several times; returns their number. */
unsigned cli_option_values(const struct invocation *invocation, const char *name,
                           struct slice out[OPTIONS_GIVEN_MAX]);

/* The following leave *out as it is if the option is not given; false with a message. */

/* A decimal number from 1 to `max`. */
bool cli_option_number(const struct invocation *invocation, const char *name, uint64_t max,
                       uint64_t *out);

/* A duration ("30d"; whole seconds, more than 0), or "none", which is 0. */
bool cli_option_life(const struct invocation *invocation, const char *name, int64_t *seconds);

/* A time in RFC 3339 format, or "none", which is 0. */
bool cli_option_time(const struct invocation *invocation, const char *name, int64_t *seconds);

/* Parses a decimal number from 1 to `max`; false for any other text. */
bool cli_parse_number(const char *text, uint64_t max, uint64_t *out);
