/* SPDX-License-Identifier: MIT */
/* Reading options through getopt_long. */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

static bool take(const struct cli_option *option, const char *value)
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

bool cli_take_options(const struct invocation *invocation, const struct cli_option *options,
                      unsigned n, int *first)
{
    struct option known[OPTIONS_MAX + 1] = { 0 };
    for (unsigned i = 0; i < n && i < OPTIONS_MAX; i++) {
        known[i].name = options[i].name;
        known[i].has_arg = options[i].flag ? no_argument : required_argument;
    }
    int index = 0;
    optind = 0; /* starts anew, the order of operands included */
    for (int found;
         (found = getopt_long(invocation->argc, invocation->argv, "", known, &index)) != -1;) {
        if (found != 0 || !take(&options[index], optarg))
            return false;
    }
    *first = optind;
    return true;
}

bool cli_parse_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || number == 0 || number > max)
        return false;
    *out = number;
    return true;
}
