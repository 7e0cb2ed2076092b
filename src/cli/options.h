/* SPDX-License-Identifier: MIT */
/* The options of a command, taken from a table. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "cli/command.h"

enum {
    OPTIONS_MAX = 24,
    OPTION_LIST_MAX = 64,
};

/* An option that may be given several times. */
struct option_list {
    struct slice values[OPTION_LIST_MAX];
    unsigned n;
};

/* One of the three pointers says where the option goes: a text, yes, or one more of a list. */
struct cli_option {
    const char *name; /* without its dashes */
    const char **text;
    bool *flag;
    struct option_list *list;
};

/* Reads the options of the command line; what is left are its operands, in their order, from
 * argv[*first] on. An option may be cut short where only one begins so. False, after a complaint,
 * when an option is unknown, lacks its value, has one too many or is given too often. */
bool cli_take_options(const struct invocation *invocation, const struct cli_option *options,
                      unsigned n, int *first);

/* Whether there are from `min` to `max` operands from argv[first] on; false after a complaint. */
bool cli_count_operands(const struct invocation *invocation, int first, int min, int max);

/* Complains that `value` is none of those that the command's usage names for the option; CLI_USAGE.
 */
enum cli_status cli_refuse_choice(const struct invocation *invocation, const char *option,
                                  const char *value);

/* A decimal number from 1 to `max`; false for anything else. */
bool cli_parse_number(const char *text, uint64_t max, uint64_t *out);

/* The same for the option of that name, with a complaint. */
bool cli_read_number(const char *option, const char *text, uint64_t max, uint64_t *out);
