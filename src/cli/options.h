/* SPDX-License-Identifier: MIT */
/* Parses the options of a command by a table. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "cli/command.h"

enum {
    OPTIONS_MAX = 24,
    OPTION_LIST_MAX = 64,
};

/* The values of an option that may be given several times. */
struct option_list {
    struct slice values[OPTION_LIST_MAX];
    unsigned n;
};

/* An option; one of the three pointers is set: to a text, a flag, or a list. */
struct cli_option {
    const char *name; /* without its dashes */
    const char **text;
    bool *flag;
    struct option_list *list;
};

/* Parses the options of the command line; the operands are then, in order, from argv[*first] on. An
 * option may be abbreviated where that is unambiguous. False, with a message, when an option is
 * unknown, lacks its value, has one that it does not take, or is given too often. */
bool cli_take_options(const struct invocation *invocation, const struct cli_option *options,
                      unsigned n, int *first);

/* Checks that there are `min` to `max` operands from argv[first] on; false with a message. */
bool cli_count_operands(const struct invocation *invocation, int first, int min, int max);

/* Prints that `value` is not one of those in the command's usage; returns CLI_USAGE. */
enum cli_status cli_refuse_choice(const struct invocation *invocation, const char *option,
                                  const char *value);

/* Parses a decimal number from 1 to `max`; false for any other text. */
bool cli_parse_number(const char *text, uint64_t max, uint64_t *out);

/* The same for the value of an option; false with a message. */
bool cli_read_number(const char *option, const char *text, uint64_t max, uint64_t *out);
