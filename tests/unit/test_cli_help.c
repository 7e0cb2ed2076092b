/* SPDX-License-Identifier: MIT */
/* Usage lines and suggestions; every option must have a help text. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/option_help.h"
#include "cli/size_text.h"
#include "text/suggest.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *arguments;
    const char *name;  /* of an option; */
    const char *value; /* its argument; NULL: there is no such option */
    bool choices;
} arguments[] = {
    { "", "a", NULL, false },
    { "CODE", "CODE", NULL, false },
    { "[--schema DIR]", "schema", "DIR", false },
    { "[--schema DIR]", "sche", NULL, false },
    { "--user NAME [--role user|admin]", "user", "NAME", false },
    { "--user NAME [--role user|admin]", "role", "user|admin", true },
    { "[--expires TIME|none | --ttl LENGTH] URL", "expires", "TIME|none", false },
    { "[--expires TIME|none | --ttl LENGTH] URL", "ttl", "LENGTH", false },
    { "[--on|--off] [--tag TEXT]... [--all]", "on", "", false },
    { "[--on|--off] [--tag TEXT]... [--all]", "off", "", false },
    { "[--on|--off] [--tag TEXT]... [--all]", "tag", "TEXT", false },
    { "[--on|--off] [--tag TEXT]... [--all]", "all", "", false },
};

static void options_stand_in_usage_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(arguments); i++) {
        struct argument found;
        bool any = arguments_find(arguments[i].arguments, slice_of(arguments[i].name), &found);
        if (any != (arguments[i].value != NULL))
            fail_msg("row %zu: found %d", i, any);
        if (any && (!slice_eq(found.value, slice_of(arguments[i].value)) ||
                    argument_has_choices(&found) != arguments[i].choices))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(found.value));
    }
}

static const struct {
    const char *arguments;
    int min;
    int max;
} operands[] = {
    { "", 0, 0 },
    { "[--schema DIR]", 0, 0 },
    { "--user NAME [--role user|admin] [--all]", 0, 0 },
    { "CODE", 1, 1 },
    { "ID|CODE", 1, 1 },
    { "NAME user|admin", 2, 2 },
    { "[--csv] [CODE]", 0, 1 },
    { "[--format jsonl|csv] [FILE|-]", 0, 1 },
    { "[--map A=B,...] [--tag TEXT]... FILE|-", 1, 1 },
    { "[--give NAME | --delete] --for NAME NAME", 1, 1 },
    { "CODE...", 1, INT_MAX },
    { "--site NAME [FILE...]", 0, INT_MAX },
};

static void operands_stand_in_usage_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(operands); i++) {
        struct operand_range range = arguments_operands(operands[i].arguments);
        if (range.min != operands[i].min || range.max != operands[i].max)
            fail_msg("row %zu: %d to %d", i, range.min, range.max);
    }
}

static const struct {
    const char *arguments;
    const char *one;
    const char *other;
    bool exclude;
} pairs[] = {
    { "[--on|--off] [--all]", "on", "off", true },
    { "[--on|--off] [--all]", "off", "on", true },
    { "[--on|--off] [--all]", "off", "all", false },
    { "[--on|--off] [--all]", "on", "on", false },
    { "[--ttl LENGTH|none | --at TIME|none | --never]", "ttl", "at", true },
    { "[--ttl LENGTH|none | --at TIME|none | --never]", "ttl", "never", true },
    { "--user NAME [--role user|admin] --site NAME", "user", "role", false },
    { "--user NAME [--role user|admin] --site NAME", "user", "site", false },
    { "--user NAME|ID --site NAME", "user", "site", false },
};

static void alternatives_exclude_each_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(pairs); i++) {
        struct argument one;
        struct argument other;
        assert_true(arguments_find(pairs[i].arguments, slice_of(pairs[i].one), &one));
        assert_true(arguments_find(pairs[i].arguments, slice_of(pairs[i].other), &other));
        if (arguments_exclude(one.name, other.name) != pairs[i].exclude)
            fail_msg("row %zu", i);
    }
}

static void choices_are_whole_words(void **state)
{
    (void)state;
    const struct argument role = { SLICE("role"), SLICE("user|admin") };
    assert_true(argument_is_choice(&role, SLICE("user")));
    assert_true(argument_is_choice(&role, SLICE("admin")));
    assert_false(argument_is_choice(&role, SLICE("")));
    assert_false(argument_is_choice(&role, SLICE("adm")));
    assert_false(argument_is_choice(&role, SLICE("user|admin")));
}

static void every_option_is_explained(void **state)
{
    (void)state;
    size_t n;
    const struct command *commands = cli_commands(&n);
    for (size_t i = 0; i < n; i++) {
        const char *rest = commands[i].arguments;
        for (struct argument option; arguments_next(&rest, &option);) {
            if (!option_help(commands[i].words, option.name))
                fail_msg("%s --%.*s", commands[i].words, SLICE_ARG(option.name));
        }
    }
}

#define LINK_OPTIONS_USAGE                                                                    \
    "[--alias CODE] [--expires TIME|none | --ttl LENGTH] [--starts TIME|none] [--max-clicks " \
    "N|none] [--expired-url URL] [--not-started-url URL] [--status N] "                       \
    "[--forward-query|--no-forward-query] [--extra-path "                                     \
    "404|append|ignore|none] [--title TEXT] [--tag TEXT]... "                                 \
    "[--no-tags] "

/* The usage lines of the two commands that set the fields of a link. */
static void fields_stand_in_usage_lines(void **state)
{
    (void)state;
    size_t n;
    const struct command *commands = cli_commands(&n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(commands[i].words, "link add") == 0)
            assert_string_equal(commands[i].arguments,
                                "[--owner NAME] [--reuse] [--force] " LINK_OPTIONS_USAGE "URL");
        if (strcmp(commands[i].words, "link edit") == 0)
            assert_string_equal(commands[i].arguments,
                                "[--url URL] [--owner NAME] [--force] " LINK_OPTIONS_USAGE "CODE");
    }
    assert_string_equal(option_help("link edit", SLICE("url")), "the long URL");
    assert_string_equal(option_help("link add", SLICE("title")), "a title; '' removes it");
    assert_string_equal(option_help("link add", SLICE("tag")),
                        "a tag; may be given several times; replaces the existing ones");
    assert_string_equal(option_help("link list", SLICE("tag")), "only links with this tag");
}

static const struct {
    const char *typed;
    const char *words[4];
    const char *best; /* NULL: none */
} guesses[] = {
    { "flsh", { "flush", "doctor" }, "flush" },        { "links", { "link", "link list" }, "link" },
    { "aliass", { "alias", "all" }, "alias" },         { "x", { "y", "stats" }, NULL },
    { "foo", { "flush", "doctor", "code" }, NULL },    { "", { "a", "code" }, NULL },
    { "expire", { "expires", "expired" }, "expires" }, /* the first of the nearest */
};

static void what_is_near_is_suggested(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(guesses); i++) {
        struct suggestion suggestion = { .typed = slice_of(guesses[i].typed) };
        for (size_t j = 0; j < 4 && guesses[i].words[j]; j++) {
            struct slice word = slice_of(guesses[i].words[j]);
            suggestion_consider(&suggestion, word, word);
        }
        if (!slice_eq(suggestion.best, slice_of(guesses[i].best)))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(suggestion.best));
    }
}

static const struct {
    uint64_t bytes;
    const char *text;
} sizes[] = {
    { 0, "0 bytes" },           { 1, "1 byte" },
    { 1023, "1023 bytes" },     { 1024, "1.0 KiB" },
    { 1536, "1.5 KiB" },        { 1024 * 1024 - 1, "1.0 MiB" },
    { 64 << 20, "64.0 MiB" },   { UINT64_C(69994905600), "65.2 GiB" },
    { UINT64_MAX, "16.0 EiB" },
};

static void sizes_are_read_by_people(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(sizes); i++) {
        char text[SIZE_TEXT_BYTES];
        assert_string_equal(size_text(sizes[i].bytes, text), sizes[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_in_usage_lines),
        cmocka_unit_test(operands_stand_in_usage_lines),
        cmocka_unit_test(alternatives_exclude_each_other),
        cmocka_unit_test(choices_are_whole_words),
        cmocka_unit_test(every_option_is_explained),
        cmocka_unit_test(fields_stand_in_usage_lines),
        cmocka_unit_test(what_is_near_is_suggested),
        cmocka_unit_test(sizes_are_read_by_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
