/* SPDX-License-Identifier: MIT */
/* What curtctl says of itself and of its commands. */
#pragma once

#include <stdio.h>

#include "cli/command.h"

/* All commands, and the options that every one has. */
void help_print(FILE *out);

/* Whether some command's first word, of two, is this: "link". */
bool help_is_group(const char *word);

/* The commands of a group. */
void help_print_group(const char *group, FILE *out);

/* The usage of a command, in lines of at most 80 columns. */
void help_print_usage(const struct command *command, FILE *out);

/* The usage, what it does, and a line for each of its options. */
void help_print_command(const struct command *command, FILE *out);

/* Complains that the words are no command, and names the one that may have been meant. */
void help_complain_unknown(int argc, char **argv);
