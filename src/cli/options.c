/* SPDX-License-Identifier: MIT */
/* Parses options with getopt_long. */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cli/arguments.h"
#include "text/suggest.h"

enum {
    CHOICES_MAX = 200,
};

static bool options_take(const struct cli_option *option, const char *value)
{
    if (option->flag) {
        *option->flag = true;
        return true;
    }
    if (option->text) {
        *option->text = value;
        return true;
    }
    if (option->list->n == OPTION_LIST_MAX) {
        cli_complain("--%s is given too often", option->name);
        return false;
    }
    option->list->values[option->list->n++] = slice_of(value);
    return true;
}

/* Prints why `name` is no option. */
static void complain_of(const struct invocation *invocation, const struct cli_option *options,
                        unsigned n, struct slice name)
{
    const char *words = invocation->command->words;
    const char *similar[2] = { NULL, NULL };
    unsigned found = 0;
    struct suggestion suggestion = { .typed = name };
    for (unsigned i = 0; i < n; i++) {
        struct slice known = slice_of(options[i].name);
        if (name.len && slice_starts_with(known, name) && found < 2)
            similar[found++] = options[i].name;
        suggestion_consider(&suggestion, known, known);
    }
    if (found == 2)
        cli_complain("%s: --%.*s may be --%s or --%s", words, SLICE_ARG(name), similar[0],
                     similar[1]);
    else if (found == 1)
        cli_complain("%s: --%s takes no value", words, similar[0]);
    else if (suggestion.best.len)
        cli_complain("%s: there is no option --%.*s; did you mean --%.*s?", words, SLICE_ARG(name),
                     SLICE_ARG(suggestion.best));
    else
        cli_complain("%s: there is no option --%.*s; curtctl help %s lists them", words,
                     SLICE_ARG(name), words);
}

/* Prints what is wrong with the option that getopt has refused; ':' means that its value is
 * missing. */
static void options_refuse(const struct invocation *invocation, const struct cli_option *options,
                           unsigned n, int why)
{
    const char *word = invocation->argv[optind - 1];
    bool is_long = strncmp(word, "--", 2) == 0;
    if (is_long && why == ':')
        cli_complain("%s: %s needs a value", invocation->command->words, word);
    else if (is_long)
        complain_of(invocation, options, n, (struct slice){ word + 2, strcspn(word + 2, "=") });
    else
        cli_complain("%s: there is no option -%c; options begin with two dashes",
                     invocation->command->words, optopt);
}

bool cli_take_options(const struct invocation *invocation, const struct cli_option *options,
                      unsigned n, int *first)
{
    struct option known[OPTIONS_MAX + 1] = { 0 };
    for (unsigned i = 0; i < n && i < OPTIONS_MAX; i++) {
        known[i].name = options[i].name;
        known[i].has_arg = options[i].flag ? no_argument : required_argument;
        known[i].val = (int)i + 1; /* differs between options that begin alike; below ':' and '?' */
    }
    int index = 0;
    optind = 0; /* restarts getopt, the order of operands included */
    for (int found;
         (found = getopt_long(invocation->argc, invocation->argv, ":", known, &index)) != -1;) {
        if (found > OPTIONS_MAX) {
            options_refuse(invocation, options, n, found);
            return false;
        }
        if (!options_take(&options[index], optarg))
            return false;
    }
    *first = optind;
    return true;
}

bool cli_count_operands(const struct invocation *invocation, int first, int min, int max)
{
    int n = invocation->argc - first;
    if (n < min)
        cli_complain("%s: an argument is missing", invocation->command->words);
    else if (n > max)
        cli_complain("%s: \"%s\" is one argument too many", invocation->command->words,
                     invocation->argv[first + max]);
    return n >= min && n <= max;
}

/* "user|admin" as "user or admin". */
static void spell_choices(struct slice choices, char out[CHOICES_MAX])
{
    size_t len = 0;
    out[0] = '\0';
    while (choices.len && len < CHOICES_MAX) {
        size_t end = slice_find(choices, '|');
        struct slice rest = slice_from(choices, end + 1);
        const char *gap = rest.len == 0 ? "" : slice_find(rest, '|') < rest.len ? ", " : " or ";
        len += (size_t)snprintf(out + len, CHOICES_MAX - len, "%.*s%s", (int)end, choices.at, gap);
        choices = rest;
    }
}

enum cli_status cli_refuse_choice(const struct invocation *invocation, const char *option,
                                  const char *value)
{
    const struct command *command = invocation->command;
    struct argument argument;
    char choices[CHOICES_MAX];
    if (arguments_find(command->arguments, slice_of(option), &argument)) {
        spell_choices(argument.value, choices);
        cli_complain("%s: --%s is %s, not \"%s\"", command->words, option, choices, value);
    } else {
        cli_complain("%s: --%s cannot be \"%s\"", command->words, option, value);
    }
    return CLI_USAGE;
}

bool cli_parse_number(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t number;
    if (!number_parse(slice_of(text), max, &number) || number == 0)
        return false;
    *out = number;
    return true;
}

bool cli_read_number(const char *option, const char *text, uint64_t max, uint64_t *out)
{
    if (cli_parse_number(text, max, out))
        return true;
    cli_complain("--%s is a number from 1 to %" PRIu64 ", not \"%s\"", option, max, text);
    return false;
}
