/* SPDX-License-Identifier: MIT */
/* Parses usage lines. */
#include "cli/arguments.h"

#include <string.h>

#include "base/ascii.h"

/* The characters that end a name, and those that end a value. */
static const char NAME_ENDS[] = " ]|=";
static const char VALUE_ENDS[] = " ]";

bool arguments_next(const char **rest, struct argument *out)
{
    const char *at = strstr(*rest, "--");
    if (!at)
        return false;
    at += strlen("--");
    out->name = (struct slice){ at, strcspn(at, NAME_ENDS) };
    at += out->name.len;
    out->value = SLICE("");
    if (*at == ' ' && !strchr("[|-", at[1])) {
        out->value = (struct slice){ at + 1, strcspn(at + 1, VALUE_ENDS) };
        at = out->value.at + out->value.len;
    }
    *rest = at;
    return true;
}

bool arguments_find(const char *arguments, struct slice name, struct argument *out)
{
    while (arguments_next(&arguments, out)) {
        if (slice_eq(out->name, name))
            return true;
    }
    return false;
}

bool argument_has_choices(const struct argument *argument)
{
    struct slice value = argument->value;
    for (size_t i = 0; i < value.len; i++) {
        if (ascii_is_upper(value.at[i]))
            return false;
    }
    return slice_find(value, '|') < value.len;
}
