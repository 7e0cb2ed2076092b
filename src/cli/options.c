/* SPDX-License-Identifier: MIT */
/* Parses the arguments of a command by its usage line. */
#include "cli/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "cli/arguments.h"
#include "text/duration.h"
#include "text/rfc3339.h"
#include "text/suggest.h"

enum {
    CHOICES_MAX = 200,
};

/* --- reading --- */

/* Finds the option that `name` is or abbreviates; false with a message. */
static bool options_find(const struct command *command, struct slice name, struct argument *out)
{
    struct argument similar[2];
    unsigned found = 0;
    struct suggestion suggestion = { .typed = name };
    const char *rest = command->arguments;
    if (arguments_find(rest, name, out))
        return true;
    for (struct argument known; arguments_next(&rest, &known);) {
        if (name.len && slice_starts_with(known.name, name) && found < 2)
            similar[found++] = known;
        suggestion_consider(&suggestion, known.name, known.name);
    }
    if (found == 1)
        *out = similar[0];
    else if (found == 2)
        cli_complain("%s: --%.*s may be --%.*s or --%.*s", command->words, SLICE_ARG(name),
                     SLICE_ARG(similar[0].name), SLICE_ARG(similar[1].name));
    else if (suggestion.best.len)
        cli_complain("%s: there is no option --%.*s; did you mean --%.*s?", command->words,
                     SLICE_ARG(name), SLICE_ARG(suggestion.best));
    else
        cli_complain("%s: there is no option --%.*s; curtctl help %s lists them", command->words,
                     SLICE_ARG(name), command->words);
    return found == 1;
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

/* Checks the value (NULL: none) of an option; false with a message. */
static bool options_check(const char *words, const struct argument *option, const char *value)
{
    char choices[CHOICES_MAX];
    if (option->value.len && !value)
        cli_complain("%s: --%.*s needs a value", words, SLICE_ARG(option->name));
    else if (!option->value.len && value)
        cli_complain("%s: --%.*s takes no value", words, SLICE_ARG(option->name));
    else if (argument_has_choices(option) && !argument_is_choice(option, slice_of(value))) {
        spell_choices(option->value, choices);
        cli_complain("%s: --%.*s is %s, not \"%s\"", words, SLICE_ARG(option->name), choices,
                     value);
    } else
        return true;
    return false;
}

/* Checks that the option fits to those before; false with a message. */
static bool options_fit(const struct invocation *invocation, struct slice name)
{
    const char *words = invocation->command->words;
    for (unsigned i = 0; i < invocation->n_given; i++) {
        struct slice other = invocation->given[i].name;
        if (arguments_exclude(other, name))
            return cli_complain("%s: --%.*s and --%.*s exclude each other", words, SLICE_ARG(other),
                                SLICE_ARG(name));
    }
    if (invocation->n_given < OPTIONS_GIVEN_MAX)
        return true;
    return cli_complain("%s: there are more than %d options", words, OPTIONS_GIVEN_MAX);
}

/* Takes the option argv[*i], with its value; false with a message. */
static bool options_take(struct invocation *invocation, int *i)
{
    const struct command *command = invocation->command;
    const char *word = invocation->argv[*i];
    const char *value = NULL;
    struct argument option;
    if (word[1] != '-')
        return cli_complain("%s: there is no option -%c; options begin with two dashes",
                            command->words, word[1]);
    struct slice name = { word + 2, strcspn(word + 2, "=") };
    if (!options_find(command, name, &option))
        return false;
    if (name.at[name.len] == '=')
        value = name.at + name.len + 1;
    else if (option.value.len && *i + 1 < invocation->argc)
        value = invocation->argv[++*i];
    if (!options_check(command->words, &option, value) || !options_fit(invocation, option.name))
        return false;
    invocation->given[invocation->n_given++] =
        (struct option_given){ option.name, value ? value : "" };
    return true;
}

bool cli_read_options(struct invocation *invocation)
{
    const struct command *command = invocation->command;
    const struct operand_range range = arguments_operands(command->arguments);
    bool all_operands = false; /* after "--" */
    invocation->operands = invocation->argv + 1;
    for (int i = 1; i < invocation->argc; i++) {
        char *word = invocation->argv[i];
        if (!all_operands && strcmp(word, "--") == 0)
            all_operands = true;
        else if (all_operands || word[0] != '-' || word[1] == '\0')
            invocation->operands[invocation->n_operands++] = word;
        else if (!options_take(invocation, &i))
            return false;
    }
    int n = invocation->n_operands;
    if (n < range.min)
        cli_complain("%s: an argument is missing", command->words);
    else if (n > range.max)
        cli_complain("%s: \"%s\" is one argument too many", command->words,
                     invocation->operands[range.max]);
    return n >= range.min && n <= range.max;
}

/* --- values --- */

const char *cli_option(const struct invocation *invocation, const char *name)
{
    for (unsigned i = invocation->n_given; i > 0; i--) {
        if (slice_eq(invocation->given[i - 1].name, slice_of(name)))
            return invocation->given[i - 1].value;
    }
    return NULL;
}

unsigned cli_option_values(const struct invocation *invocation, const char *name,
                           struct slice out[OPTIONS_GIVEN_MAX])
{
    unsigned n = 0;
    for (unsigned i = 0; i < invocation->n_given; i++) {
        if (slice_eq(invocation->given[i].name, slice_of(name)))
            out[n++] = slice_of(invocation->given[i].value);
    }
    return n;
}

bool cli_option_number(const struct invocation *invocation, const char *name, uint64_t max,
                       uint64_t *out)
{
    const char *text = cli_option(invocation, name);
    if (!text || cli_parse_number(text, max, out))
        return true;
    return cli_complain("--%s is a number from 1 to %" PRIu64 ", not \"%s\"", name, max, text);
}

bool cli_option_life(const struct invocation *invocation, const char *name, int64_t *seconds)
{
    const char *text = cli_option(invocation, name);
    int64_t ms = 0;
    if (!text)
        return true;
    if (strcmp(text, "none") != 0 &&
        (!duration_parse(slice_of(text), &ms) || ms < 1000 || ms % 1000 != 0))
        return cli_complain("--%s must be a duration like 90s, 24h, 30d or 2w, or none, not \"%s\"",
                            name, text);
    *seconds = ms / 1000;
    return true;
}

bool cli_option_time(const struct invocation *invocation, const char *name, int64_t *seconds)
{
    const char *text = cli_option(invocation, name);
    if (!text)
        return true;
    *seconds = 0;
    if (strcmp(text, "none") == 0)
        return true;
    bool is_time = rfc3339_parse(slice_of(text), seconds);
    if (is_time && *seconds > 0)
        return true;
    return cli_complain("--%s %s; it must be a time like 2027-01-01T00:00:00Z, or none", name,
                        is_time ? "is before 1970" : rfc3339_fault(slice_of(text)));
}

bool cli_parse_number(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t number;
    if (!number_parse(slice_of(text), max, &number) || number == 0)
        return false;
    *out = number;
    return true;
}
