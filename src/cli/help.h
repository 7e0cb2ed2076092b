/* SPDX-License-Identifier: MIT */
/* Prints the help of curtctl and of its commands. */
#pragma once

#include <stdio.h>

#include "cli/command.h"

/* Prints all commands, and the global options. */
void help_print(FILE *out);

/* Whether a command of two words begins with this word ("link"). */
bool help_is_group(const char *word);

/* Prints the commands of two words whose first word is `group`. */
void help_print_group(const char *group, FILE *out);

/* Prints the usage of a command, in lines of at most 80 columns. */
void help_print_usage(const struct command *command, FILE *out);

/* Prints the usage, the summary, and a line for each option. */
void help_print_command(const struct command *command, FILE *out);

/* Prints that there is no such command, and the one that was probably meant. */
void help_complain_unknown(int argc, char **argv);
