/* SPDX-License-Identifier: MIT */
/* Makes help texts from the table of commands. */
#include "cli/help.h"

#include <string.h>

#include "cli/arguments.h"
#include "cli/option_help.h"
#include "runtime/config.h"
#include "text/suggest.h"

enum {
    LINE_COLUMNS = 80,
    INDENT = 8, /* of further lines of a usage */
    COMMAND_COLUMNS = 16,
    OPTION_COLUMNS = 26,
    TYPED_MAX = 100,
};

static void print_summaries(const char *group, FILE *out)
{
    size_t n;
    const struct command *commands = cli_commands(&n);
    size_t len = group ? strlen(group) : 0;
    for (size_t i = 0; i < n; i++) {
        if (!group ||
            (strncmp(commands[i].words, group, len) == 0 && commands[i].words[len] == ' '))
            fprintf(out, "  %-*s %s\n", COMMAND_COLUMNS, commands[i].words, commands[i].summary);
    }
}

void help_print(FILE *out)
{
    fputs("Usage: curtctl [--config FILE] [--json] [--as USER] COMMAND [...]\n\n", out);
    print_summaries(NULL, out);
    fprintf(out,
            "\n"
            "  --config FILE  the configuration (default: %s)\n",
            config_default_path());
    fputs("  --json         print JSON, for scripts\n"
          "  --as USER      for root: run as this user (doctor, flush, stats and link run as the\n"
          "                 workers' user by default)\n"
          "\n"
          "curtctl help COMMAND lists the arguments of a command; man curtctl describes them.\n"
          "Exit status: 0 success, 1 failure, 2 usage, 3 configuration, 4 not found,\n"
          "             5 database unavailable.\n",
          out);
}

bool help_is_group(const char *word)
{
    size_t n;
    const struct command *commands = cli_commands(&n);
    size_t len = strlen(word);
    for (size_t i = 0; i < n; i++) {
        if (strncmp(commands[i].words, word, len) == 0 && commands[i].words[len] == ' ')
            return true;
    }
    return false;
}

void help_print_group(const char *group, FILE *out)
{
    fprintf(out, "Usage: curtctl %s COMMAND [...]\n\n", group);
    print_summaries(group, out);
    fprintf(out, "\ncurtctl help %s COMMAND lists the arguments of a command.\n", group);
}

void help_print_usage(const struct command *command, FILE *out)
{
    size_t column = (size_t)fprintf(out, "Usage: curtctl %s", command->words);
    for (const char *at = command->arguments; *at != '\0';) {
        size_t len = arguments_unit(at);
        if (column + 1 + len > LINE_COLUMNS)
            column = (size_t)fprintf(out, "\n%*s", INDENT, "") - 1;
        column += (size_t)fprintf(out, " %.*s", (int)len, at);
        at += len;
        at += strspn(at, " ");
    }
    fputc('\n', out);
}

void help_print_command(const struct command *command, FILE *out)
{
    struct argument option;
    help_print_usage(command, out);
    fprintf(out, "\n%s\n", command->summary);
    const char *rest = command->arguments;
    for (const char *gap = "\n"; arguments_next(&rest, &option); gap = "") {
        const char *help = option_help(command->words, option.name);
        int column =
            fprintf(out, "%s  --%.*s %.*s", gap, SLICE_ARG(option.name), SLICE_ARG(option.value)) -
            (int)strlen(gap);
        if (column >= OPTION_COLUMNS)
            column = fprintf(out, "\n") - 1;
        fprintf(out, "%*s%s\n", OPTION_COLUMNS - column, "", help ? help : "");
    }
    fputs("\n--config, --json and --as are options of every command: curtctl --help\n", out);
}

/* The typed command: its first two words. */
static struct slice typed_words(int argc, char **argv, char out[TYPED_MAX])
{
    bool two = argc > 1 && argv[1][0] != '-' && help_is_group(argv[0]);
    snprintf(out, TYPED_MAX, "%s%s%s", argv[0], two ? " " : "", two ? argv[1] : "");
    return slice_of(out);
}

void help_complain_unknown(int argc, char **argv)
{
    char typed[TYPED_MAX];
    struct suggestion suggestion = { .typed = typed_words(argc, argv, typed) };
    size_t n;
    const struct command *commands = cli_commands(&n);
    for (size_t i = 0; i < n; i++) {
        struct slice words = slice_of(commands[i].words);
        struct slice first = { words.at, slice_find(words, ' ') };
        suggestion_consider(&suggestion, words, words);
        suggestion_consider(&suggestion, first, first);
        suggestion_consider(&suggestion, slice_from(words, first.len + 1), words);
    }
    if (suggestion.best.len)
        cli_complain("there is no command \"%s\"; did you mean \"%.*s\"?", typed,
                     SLICE_ARG(suggestion.best));
    else
        cli_complain("there is no command \"%s\"; curtctl --help lists them", typed);
}
