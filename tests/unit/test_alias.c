/* SPDX-License-Identifier: MIT */
/* The rules of aliases, and the words that no code may spell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "link/alias.h"
#include "link/code.h"
#include "link/link.h"
#include "link/offensive.h"
#include "support/between.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct alias_policy by_default = { ALIAS_LENGTH_MIN_DEFAULT, ALIAS_LENGTH_MAX_DEFAULT,
                                                NULL, false };

static void aliases_by_default(void **state)
{
    (void)state;
    static const struct {
        int line;
        struct slice alias;
        enum alias_verdict verdict;
    } rows[] = {
        { __LINE__, SLICE("abc"), ALIAS_OK },
        { __LINE__, SLICE("Spring-Sale_2026"), ALIAS_OK },
        { __LINE__, SLICE("---"), ALIAS_OK },
        { __LINE__, SLICE("0123456789012345678901234567890123456789012345678-"), ALIAS_OK },
        { __LINE__, SLICE("0123456789012345678901234567890123456789012345678-x"), ALIAS_INVALID },
        { __LINE__, SLICE("ab"), ALIAS_INVALID },
        { __LINE__, SLICE(""), ALIAS_INVALID },
        { __LINE__, SLICE("a b"), ALIAS_INVALID },
        { __LINE__, SLICE(" abc"), ALIAS_INVALID },
        { __LINE__, SLICE("a/b"), ALIAS_INVALID },
        { __LINE__, SLICE("a.b"), ALIAS_INVALID },
        { __LINE__, SLICE("robots.txt"), ALIAS_INVALID },
        { __LINE__, SLICE("abc\n"), ALIAS_INVALID },
        { __LINE__, SLICE("abc\0"), ALIAS_INVALID },
        { __LINE__, SLICE("caf\xC3\xA9"), ALIAS_INVALID },
        { __LINE__, SLICE("admin"), ALIAS_PATH },
        { __LINE__, SLICE("Admin"), ALIAS_PATH },
        { __LINE__, SLICE("API"), ALIAS_PATH },
        { __LINE__, SLICE("administrator"), ALIAS_OK },
        { __LINE__, SLICE("my-admin"), ALIAS_OK },
        { __LINE__, SLICE("healthz"), ALIAS_PATH },
        { __LINE__, SLICE("cgi-bin"), ALIAS_RESERVED },
        { __LINE__, SLICE("blog"), ALIAS_RESERVED },
        { __LINE__, SLICE("Support"), ALIAS_RESERVED },
        { __LINE__, SLICE("holySHITxx"), ALIAS_OFFENSIVE },
        { __LINE__, SLICE("5h1t"), ALIAS_OFFENSIVE },
        { __LINE__, SLICE("Scunthorpe"), ALIAS_OK },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error why = { "" };
        enum alias_verdict verdict = alias_check(rows[i].alias, &by_default, &why);
        if (verdict != rows[i].verdict || (verdict == ALIAS_OK) != (why.text[0] == '\0'))
            fail_msg("line %d: %d, \"%s\"", rows[i].line, (int)verdict, why.text);
        assert_int_equal(alias_check(rows[i].alias, &by_default, NULL), verdict);
    }
}

static void the_lengths_are_the_policys(void **state)
{
    (void)state;
    char longest[CODE_MAX + 1];
    memset(longest, 'x', sizeof longest);
    const struct alias_policy wide = { 1, 1000, NULL, false }, narrow = { 5, 6, NULL, false };
    struct slice at_most = { longest, CODE_MAX }, beyond = { longest, CODE_MAX + 1 };
    assert_int_equal(alias_check(SLICE("x"), &wide, NULL), ALIAS_OK);
    assert_int_equal(alias_check(at_most, &wide, NULL), ALIAS_OK);
    assert_int_equal(alias_check(beyond, &wide, NULL), ALIAS_INVALID);
    assert_int_equal(alias_check(SLICE(""), &wide, NULL), ALIAS_INVALID);
    assert_int_equal(alias_check(SLICE("xxxx"), &narrow, NULL), ALIAS_INVALID);
    assert_int_equal(alias_check(SLICE("xxxxx"), &narrow, NULL), ALIAS_OK);
    assert_int_equal(alias_check(SLICE("xxxxxxx"), &narrow, NULL), ALIAS_INVALID);
}

/* A word is found only if the table is sorted, so this checks its order, too. */
static const char *const reserved[] = {
    ".well-known",
    "about",
    "account",
    "admin",
    "analytics",
    "api",
    "assets",
    "auth",
    "blog",
    "callback",
    "cgi-bin",
    "config",
    "contact",
    "css",
    "curt",
    "curt.fcgi",
    "dashboard",
    "docs",
    "export",
    "favicon.ico",
    "fcgi-bin",
    "flush",
    "health",
    "healthz",
    "help",
    "home",
    "img",
    "import",
    "imprint",
    "index",
    "index.html",
    "js",
    "keys",
    "legal",
    "links",
    "login",
    "logout",
    "metrics",
    "new",
    "oauth",
    "openapi",
    "openapi.json",
    "ping",
    "privacy",
    "qr",
    "readyz",
    "register",
    "rest",
    "robots.txt",
    "search",
    "security.txt",
    "server-info",
    "settings",
    "shorten",
    "signin",
    "signup",
    "server-status",
    "sitemap.xml",
    "static",
    "stats",
    "status",
    "support",
    "terms",
    "urls",
    "user",
    "users",
    "version",
    "well-known",
    "www",
    "yourls-api",
    "yourls-api.php",
};

static void our_own_routes_are_reserved(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(reserved); i++) {
        if (!code_spells_listed_word(slice_of(reserved[i]), NULL))
            fail_msg("%s", reserved[i]);
    }
}

static const char list_text[] = "# words of this site\n"
                                "\n"
                                "Zebra\r\n"
                                "  apple   # ours\n"
                                "#comment\n"
                                "\tMango\t\n"
                                "apple\n"
                                "two words\n"
                                "with.dot\n"
                                "last";

static void a_list_file_is_read(void **state)
{
    (void)state;
    static const struct slice sorted[] = { SLICE("apple"),     SLICE("last"),     SLICE("mango"),
                                           SLICE("two words"), SLICE("with.dot"), SLICE("zebra") };
    struct arena *arena = arena_new(65536);
    struct word_list list = { 0 };
    assert_true(word_list_parse(slice_of(list_text), arena, &list));
    assert_int_equal(list.n, COUNT(sorted));
    for (size_t i = 0; i < COUNT(sorted); i++)
        assert_true(slice_eq(list.words[i], sorted[i]));
    assert_true(word_list_has(&list, SLICE("MANGO")));
    assert_true(word_list_has(&list, SLICE("zebra")));
    assert_false(word_list_has(&list, SLICE("zebras")));
    assert_false(word_list_has(&list, SLICE("zebr")));
    assert_false(word_list_has(&list, SLICE("")));
    assert_false(word_list_has(NULL, SLICE("zebra")));
    arena_free(&arena);
}

static void words_are_added_to_a_list(void **state)
{
    (void)state;
    static const struct slice texts[] = { SLICE("Pages"), SLICE("banana"), SLICE("pages"),
                                          SLICE("") };
    static const size_t sizes[] = { 1, 2, 2, 2 };
    struct arena *arena = arena_new(65536);
    struct word_list list = { 0 };
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_true(word_list_add(&list, texts[i], arena));
        assert_int_equal(list.n, sizes[i]);
    }
    assert_true(word_list_has(&list, SLICE("PAGES")));
    assert_true(word_list_has(&list, SLICE("banana")));
    arena_free(&arena);
    arena = arena_new(16);
    assert_false(word_list_add(&list, SLICE("apple"), arena));
    assert_int_equal(list.n, 2);
    arena_free(&arena);
}

static void lists_without_words(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "\n", "# only\n#comments", " \r\n\t\n", "#" };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct arena *arena = arena_new(1024);
        struct word_list list = { NULL, 7 };
        assert_true(word_list_parse(slice_of(texts[i]), arena, &list));
        assert_int_equal(list.n, 0);
        assert_false(word_list_has(&list, SLICE("x")));
        arena_free(&arena);
    }
}

static void a_list_that_does_not_fit_is_an_error(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64);
    struct word_list list = { NULL, 7 };
    assert_false(word_list_parse(slice_of(list_text), arena, &list));
    assert_int_equal(list.n, 7);
    arena_free(&arena);
}

static void the_sites_words_are_reserved_too(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct word_list list;
    assert_true(word_list_parse(slice_of(list_text), arena, &list));
    const struct alias_policy policy = { 3, 50, &list, false };
    assert_int_equal(alias_check(SLICE("Apple"), &policy, NULL), ALIAS_LISTED);
    assert_int_equal(alias_check(SLICE("admin"), &policy, NULL), ALIAS_PATH);
    assert_int_equal(alias_check(SLICE("blog"), &policy, NULL), ALIAS_RESERVED);
    assert_int_equal(alias_check(SLICE("pineapple"), &policy, NULL), ALIAS_OK);
    assert_true(code_spells_listed_word(SLICE("zEbRa"), &list));
    assert_false(code_spells_listed_word(SLICE("zEbRa"), NULL));
    arena_free(&arena);
}

static void offensive_words_are_found_within_others(void **state)
{
    (void)state;
    static const struct {
        int line;
        struct slice code;
        bool found;
    } rows[] = {
        { __LINE__, SLICE("fuck"), true },
        { __LINE__, SLICE("xFuCkx7"), true },
        { __LINE__, SLICE("aaP0Rnz"), true },
        { __LINE__, SLICE("B1TCHab"), true },
        { __LINE__, SLICE("xx5LUTx"), true },
        { __LINE__, SLICE("wh0r3"), true },
        { __LINE__, SLICE("fuc"), false },
        { __LINE__, SLICE("fu_ck"), false },
        { __LINE__, SLICE(""), false },
        { __LINE__, SLICE("class"), false },
        { __LINE__, SLICE("Sussex"), false },
        { __LINE__, SLICE("Cockburn"), false },
        { __LINE__, SLICE("assassin"), false },
        { __LINE__, SLICE("analysis"), false },
        { __LINE__, SLICE("Penistone"), false },
        { __LINE__, SLICE("therapist"), false },
        { __LINE__, SLICE("cumulative"), false },
        { __LINE__, SLICE("document"), false },
        { __LINE__, SLICE("grapefruit"), false },
        { __LINE__, SLICE("Niger"), false },
        { __LINE__, SLICE("Nigeria"), false },
        { __LINE__, SLICE("saltwater"), false },
        { __LINE__, SLICE("internazionale"), false },
        { __LINE__, SLICE("snigger"), true }, /* a harmless word that the list refuses */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (offensive_found(rows[i].code) != rows[i].found)
            fail_msg("line %d: %.*s", rows[i].line, SLICE_ARG(rows[i].code));
    }
}

/* An alias, and whether it has an offensive word in it. */
static const struct {
    int line;
    struct slice alias;
    bool found;
} IN_ALIASES[] = {
    { __LINE__, SLICE("pussycat"), false },    { __LINE__, SLICE("Octopussy"), false },
    { __LINE__, SLICE("Matsushita"), false },  { __LINE__, SLICE("matsushita-tv"), false },
    { __LINE__, SLICE("harshit"), false },     { __LINE__, SLICE("Ashita"), false },
    { __LINE__, SLICE("MShita"), false },      { __LINE__, SLICE("Nattaporn2026"), false },
    { __LINE__, SLICE("pornic"), false },      { __LINE__, SLICE("kikeriki"), false },
    { __LINE__, SLICE("beslut"), false },      { __LINE__, SLICE("slutspel"), false },
    { __LINE__, SLICE("whoreads"), false },    { __LINE__, SLICE("bitcheck"), false },
    { __LINE__, SLICE("snigger"), false },     { __LINE__, SLICE("niggardly"), false },
    { __LINE__, SLICE("Tischlampe"), false },  { __LINE__, SLICE("bastardilla"), false },
    { __LINE__, SLICE("Scunthorpe"), false },  { __LINE__, SLICE("bastards"), true },
    { __LINE__, SLICE("pus-sy"), false },      { __LINE__, SLICE("shit"), true },
    { __LINE__, SLICE("SHIT"), true },         { __LINE__, SLICE("Shits"), true },
    { __LINE__, SLICE("5h1t"), true },         { __LINE__, SLICE("p0rn"), true },
    { __LINE__, SLICE("porn2"), true },        { __LINE__, SLICE("2porn"), true },
    { __LINE__, SLICE("my-shit_list"), true }, { __LINE__, SLICE("HolyShit"), true },
    { __LINE__, SLICE("ShitHappens"), true },  { __LINE__, SLICE("holySHITxx"), true },
    { __LINE__, SLICE("shittyday"), true },    { __LINE__, SLICE("whatabullshit"), true },
    { __LINE__, SLICE("pornhubs"), true },     { __LINE__, SLICE("whatthefuck"), true },
    { __LINE__, SLICE("niggers"), true },      { __LINE__, SLICE("my-nigger"), true },
};

static void harmless_aliases_have_no_offensive_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(IN_ALIASES); i++) {
        if (offensive_found_in_alias(IN_ALIASES[i].alias) != IN_ALIASES[i].found)
            fail_msg("line %d: %.*s", IN_ALIASES[i].line, SLICE_ARG(IN_ALIASES[i].alias));
        /* A generated code never has one. */
        if (IN_ALIASES[i].found)
            assert_true(offensive_found(IN_ALIASES[i].alias));
    }
    assert_true(offensive_found(SLICE("pussycat")));
}

/* An alias that a list has, and what the refusal says: the rule. */
static const struct {
    int line;
    struct slice alias;
    const char *says;
    bool is_policy;
} RULES[] = {
    { __LINE__, SLICE("api"), "the alias \"api\" is a path of Curt itself", false },
    { __LINE__, SLICE("Shorten"), "the alias \"Shorten\" is a path of Curt itself", false },
    { __LINE__, SLICE("a b"),
      "an alias is made of the letters A-Z and a-z, digits, \"_\" and \"-\"", false },
    { __LINE__, SLICE("contact"), "the alias \"contact\" is reserved: a site is likely to need it",
      true },
    { __LINE__, SLICE("Mango"), "the alias \"Mango\" is in this site's list of reserved words",
      true },
    { __LINE__, SLICE("my-shit"), "the alias \"my-shit\" has an offensive word in it", true },
};

static void a_refusal_names_its_rule(void **state)
{
    (void)state;
    struct arena *arena = arena_new(65536);
    struct word_list list;
    assert_true(word_list_parse(slice_of(list_text), arena, &list));
    const struct alias_policy policy = { 3, 50, &list, false };
    for (size_t i = 0; i < COUNT(RULES); i++) {
        struct error why = { "" };
        enum alias_verdict verdict = alias_check(RULES[i].alias, &policy, &why);
        if (alias_is_policy(verdict) != RULES[i].is_policy || strcmp(why.text, RULES[i].says) != 0)
            fail_msg("line %d: %s", RULES[i].line, why.text);
    }
    arena_free(&arena);
}

/* The list must stay short, so that few ids are wasted: fewer than one in 1,000 random codes may be
 * refused. */
static void few_generated_codes_are_lost(void **state)
{
    (void)state;
    struct code_scheme scheme = { .length = 7 };
    bijection_init(&scheme.bijection, (const unsigned char *)"0123456789abcdef0123456789abcdef");
    unsigned lost = 0;
    for (uint64_t id = 1; id <= 100000; id++) {
        char code[CODE_MAX + 1];
        assert_true(code_from_id(&scheme, id, code));
        lost += code_spells_listed_word(slice_of(code), NULL);
    }
    assert_between(lost, 1, 99);
}

static void lower_case_is_of_ascii(void **state)
{
    (void)state;
    static const struct {
        const char *alias, *lower;
    } rows[] = {
        { "spring", "spring" }, { "Spring", "spring" },     { "SPRING-2_Z", "spring-2_z" },
        { "@[`{", "@[`{" },     { "\xc3\x84", "\xc3\x84" },
    };
    struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice alias = slice_of(rows[i].alias);
        struct slice lower = alias_lower(alias, arena);
        if (!slice_eq(lower, slice_of(rows[i].lower)))
            fail_msg("%s: %.*s", rows[i].alias, SLICE_ARG(lower));
        assert_true((lower.at == alias.at) == slice_eq(lower, alias));
    }
    arena_free(&arena);
    arena = arena_new(1);
    assert_null(alias_lower(SLICE("Spring-in-capitals"), arena).at);
    arena_free(&arena);
}

static void lower_case_forms_are_distinct(void **state)
{
    (void)state;
    static const struct slice aliases[] = { SLICE("Spring"), SLICE("SPRING"), SLICE("summer"),
                                            SLICE("Winter"), SLICE("winter") };
    struct arena *arena = arena_new(65536);
    struct link link = { .aliases = aliases, .n_aliases = COUNT(aliases) };
    assert_true(alias_lower_all(&link, arena));
    assert_int_equal(link.n_lowered, 1);
    assert_true(slice_eq(link.lowered[0], SLICE("spring")));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aliases_by_default),
        cmocka_unit_test(the_lengths_are_the_policys),
        cmocka_unit_test(our_own_routes_are_reserved),
        cmocka_unit_test(a_list_file_is_read),
        cmocka_unit_test(words_are_added_to_a_list),
        cmocka_unit_test(lists_without_words),
        cmocka_unit_test(a_list_that_does_not_fit_is_an_error),
        cmocka_unit_test(the_sites_words_are_reserved_too),
        cmocka_unit_test(offensive_words_are_found_within_others),
        cmocka_unit_test(harmless_aliases_have_no_offensive_word),
        cmocka_unit_test(a_refusal_names_its_rule),
        cmocka_unit_test(few_generated_codes_are_lost),
        cmocka_unit_test(lower_case_is_of_ascii),
        cmocka_unit_test(lower_case_forms_are_distinct),
    };
    return cmocka_run_group_tests_name("aliases", tests, NULL, NULL);
}
