/* SPDX-License-Identifier: MIT */
/* Parses usage lines. */
#include "cli/arguments.h"

#include <limits.h>
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

size_t arguments_unit(const char *at)
{
    size_t len = 0;
    int depth = 0;
    for (; at[len] != '\0' && (depth > 0 || at[len] != ' '); len++)
        depth += (at[len] == '[') - (at[len] == ']');
    return len;
}

struct operand_range arguments_operands(const char *arguments)
{
    struct operand_range range = { 0, 0 };
    struct argument option;
    for (const char *at = arguments; *at != '\0'; at += strspn(at, " ")) {
        struct slice unit = { at, arguments_unit(at) };
        if (slice_starts_with(unit, SLICE("--"))) {
            arguments_next(&at, &option);
            continue;
        }
        at += unit.len;
        if (slice_starts_with(unit, SLICE("[-")))
            continue;
        range.min += unit.at[0] != '[';
        range.max = slice_find(unit, '.') < unit.len ? INT_MAX : range.max + 1;
    }
    return range;
}

bool arguments_exclude(struct slice name, struct slice other)
{
    const char *first = name.at < other.at ? name.at : other.at;
    const char *second = name.at < other.at ? other.at : name.at;
    const char *before = second - strlen("--");
    if (first == second || strcspn(first, "[]") < (size_t)(second - first))
        return false;
    return before[-1] == '|' || (before[-1] == ' ' && before[-2] == '|');
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

bool argument_is_choice(const struct argument *argument, struct slice value)
{
    for (struct slice rest = argument->value; rest.len;) {
        struct slice word = { rest.at, slice_find(rest, '|') };
        if (slice_eq(word, value))
            return true;
        rest = slice_from(rest, word.len + 1);
    }
    return false;
}
