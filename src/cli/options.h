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
 * argv[*first] on. False, after a complaint of getopt's, when an option is unknown, lacks its value
 * or is given too often. */
bool cli_take_options(const struct invocation *invocation, const struct cli_option *options,
                      unsigned n, int *first);

/* A decimal number from 1 to `max`; false for anything else. */
bool cli_parse_number(const char *text, uint64_t max, uint64_t *out);
