/* SPDX-License-Identifier: MIT */
/* The table of commands; finds and runs the one that the command line names. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli_context.h"
#include "cli/help.h"
#include "cli/identity.h"
#include "cli/options.h"
#include "cli/trouble.h"
#include "config.h"

#define HOST_COMMAND (COMMAND_CONFIG | COMMAND_AS_WORKERS)

/* The usage of the options that link add and link edit have in common. */
#define LINK_OPTION(name, field, usage, help) usage
static const char LINK_ADD_USAGE[] = "[--owner NAME] [--reuse] [--force] "
#include "cli/link_options.def"
                                     "URL";
#define LINK_OPTION(name, field, usage, help) usage
static const char LINK_EDIT_USAGE[] = "[--url URL] [--owner NAME] [--force] "
#include "cli/link_options.def"
                                      "CODE";

static const struct command COMMANDS[] = {
    { "link add", LINK_ADD_USAGE, "create a link", HOST_COMMAND, APP_COMMAND, command_link_add },
    { "link show", "CODE", "show all fields of a link", COMMAND_CONFIG, APP_COMMAND,
      command_link_show },
    { "link list",
      "[--owner NAME] [--tag TEXT] [--search TEXT] "
      "[--state live|scheduled|expired|exhausted|deleted]... "
      "[--order created|-created|clicks|-clicks|expires|-expires] [--oldest] [--limit N]",
      "list links, the newest first", COMMAND_CONFIG, APP_DATABASE, command_link_list },
    { "link qr",
      "[--format svg|png] [--size N] [--level L|M|Q|H] [--margin N] [--dark RRGGBB] "
      "[--light RRGGBB] [--logo] CODE",
      "draw the short URL as a QR code, to standard output", COMMAND_CONFIG, APP_DATABASE,
      command_link_qr },
    { "link edit", LINK_EDIT_USAGE, "change a link", HOST_COMMAND, APP_COMMAND, command_link_edit },
    { "link rm", "CODE...", "delete links", HOST_COMMAND, APP_COMMAND, command_link_rm },
    { "link restore", "CODE...", "restore links that were deleted lately", HOST_COMMAND,
      APP_COMMAND, command_link_restore },
    { "link history", "CODE", "list who changed where a link leads", COMMAND_CONFIG, APP_DATABASE,
      command_link_history },
    { "link lower", "[--dry-run]",
      "give aliases their lower-case form, for links.alias_case = ignore", HOST_COMMAND,
      APP_COMMAND, command_link_lower },
    { "link words", "", "store the words of titles from before a search found them", COMMAND_CONFIG,
      APP_DATABASE, command_link_words },
    { "key create",
      "--user NAME [--role user|admin] [--scope read|create|manage]"
      " [--expires-at TIME|none | --ttl LENGTH|none] [--name TEXT] [--sign-in]",
      "create an API key and print it; it is shown only once", COMMAND_CONFIG, APP_DATABASE,
      command_key_create },
    { "key list", "[--user NAME]", "list API keys", COMMAND_CONFIG, APP_DATABASE,
      command_key_list },
    { "key revoke", "ID...", "revoke API keys", HOST_COMMAND, APP_FOUND_SEGMENT | APP_DATABASE,
      command_key_revoke },
    { "key sign-in", "ID", "print a link that signs a browser in with a key, once", COMMAND_CONFIG,
      APP_DATABASE, command_key_sign_in },
    { "user list", "", "list users with their keys, links and clicks", COMMAND_CONFIG, APP_DATABASE,
      command_user_list },
    { "user role", "NAME user|admin", "change a user's role", HOST_COMMAND, APP_DATABASE,
      command_user_role },
    { "user rm", "[--give-links-to NAME | --delete-links] NAME",
      "delete a user, its keys, and its links or give them away", HOST_COMMAND, APP_COMMAND,
      command_user_rm },
    { "user policy", "[--default-ttl LENGTH|none] [--max-ttl LENGTH|none] NAME",
      "show or change the lifetimes of a user's links", HOST_COMMAND, APP_DATABASE,
      command_user_policy },
    { "code", "ID|CODE", "translate an id to its code, or back", COMMAND_CONFIG, APP_DATABASE,
      command_code },
    { "export", "[--format jsonl|csv] [--spreadsheet] [--owner NAME] [FILE|-]",
      "write all links to a file", COMMAND_CONFIG, APP_DATABASE, command_export },
    { "import",
      "[--format jsonl|csv] [--owner NAME] [--make-users] [--dry-run] [--force] [--quiet] "
      "[--map THEIRS=OURS,...] [--delimiter CHARACTER] [--time-zone ZONE] [--date-order dmy|mdy] "
      "[--skip-unknown] [--spreadsheet] FILE|-",
      "create links from a file", COMMAND_CONFIG, APP_COMMAND, command_import },
    { "stats",
      "[--from TIME] [--to TIME] [--unit hour|day|week|month] [--tz ZONE] [--by DIMENSION,...] "
      "[--limit N] [--csv] [CODE]",
      "show the click statistics of a link, or the totals", HOST_COMMAND, APP_DATABASE,
      command_stats },
    { "clicks follow", "[--once]", "count clicks from the access logs of caches in front",
      COMMAND_CONFIG, APP_FOUND_SEGMENT | APP_DATABASE, command_clicks_follow },
    { "clicks append", "FILE", "append standard input to a log that is rotated", 0, 0,
      command_clicks_append },
    { "edge purge", "[--once]", "tell caches in front of changed links", COMMAND_CONFIG,
      APP_FOUND_SEGMENT | APP_DATABASE, command_edge_purge },
    { "flush", "", "flush this host's pending clicks to the database", HOST_COMMAND, APP_DATABASE,
      command_flush },
    { "maintain", "", "run all maintenance tasks once, for hosts with plain CGI", HOST_COMMAND,
      APP_DATABASE, command_maintain },
    { "purge", "[--share PERCENT]", "delete links that expired long ago", COMMAND_CONFIG,
      APP_DATABASE, command_purge },
    { "sequence list", "", "list the sequences that ids of links come from", COMMAND_CONFIG,
      APP_DATABASE, command_sequence_list },
    { "sequence split", "[--at ID] NAME NEW", "make a sequence of a part of another one's ids",
      COMMAND_CONFIG, APP_DATABASE, command_sequence_split },
    { "sequence give", "--at ID [--drop-rest] FROM TO",
      "move the last ids of a sequence to one that is used up", COMMAND_CONFIG, APP_DATABASE,
      command_sequence_give },
    { "sequence skip", "[--by N]", "move on past all ids in use, after a restore", HOST_COMMAND,
      APP_DATABASE, command_sequence_skip },
    { "cleanup", "", "remove this host's files if nothing in them is pending",
      HOST_COMMAND | COMMAND_NO_DATABASE, 0, command_cleanup },
    { "doctor", "[--schema DIR]", "check the installation, and print problems with remedies",
      COMMAND_AS_WORKERS | COMMAND_LOOKS, 0, command_doctor },
    { "config check", "", "print the effective configuration and where it comes from",
      HOST_COMMAND | COMMAND_LOOKS | COMMAND_NO_DATABASE, 0, command_config_check },
    { "db migrate", "[--schema DIR]", "create or upgrade the tables",
      COMMAND_CONFIG | COMMAND_MAKES_TABLES, 0, command_db_migrate },
    { "db status", "[--schema DIR]", "show which migrations are applied",
      COMMAND_CONFIG | COMMAND_MAKES_TABLES, 0, command_db_status },
    { "completion", "bash|zsh", "print the completion script of a shell", 0, 0,
      command_completion },
};

enum {
    N_COMMANDS = sizeof(COMMANDS) / sizeof(COMMANDS[0]),
};

const struct command *cli_commands(size_t *n)
{
    *n = N_COMMANDS;
    return COMMANDS;
}

static void print_complaint(const char *format, va_list args)
{
    fputs("curtctl: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

bool cli_complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_complaint(format, args);
    va_end(args);
    return false;
}

enum cli_status cli_fail(enum cli_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_complaint(format, args);
    va_end(args);
    return status;
}

enum cli_status cli_usage(const struct invocation *invocation)
{
    help_print_usage(invocation->command, stderr);
    return CLI_USAGE;
}

enum cli_status cli_db_status(enum db_result result, const struct error *err)
{
    if (result == DB_OK)
        return CLI_OK;
    cli_complain("%s", err->text);
    if (result == DB_MISSING)
        return CLI_MISSING;
    return result == DB_UNAVAILABLE ? CLI_UNAVAILABLE : CLI_FAILED;
}

/* The number of arguments that the words of `command` match; 0: they do not match. */
static int words_match(const struct command *command, int argc, char **argv)
{
    const char *words = command->words;
    for (int i = 0; i < argc; i++) {
        size_t len = strcspn(words, " ");
        if (strlen(argv[i]) != len || strncmp(argv[i], words, len) != 0)
            return 0;
        if (words[len] == '\0')
            return i + 1;
        words += len + 1;
    }
    return 0;
}

/* Reads the value of a global option from "--name=VALUE" or the next argument. False, with a
 * message, when it is missing. */
static bool cli_take_value(const struct invocation *invocation, int *i, const char *name,
                           const char **out)
{
    const char *arg = invocation->argv[*i];
    size_t len = strlen(name);
    if (arg[len] == '=')
        *out = arg + len + 1;
    else if (*i + 1 < invocation->argc)
        *out = invocation->argv[++*i];
    if (*out && **out)
        return true;
    return cli_complain("%s needs %s", name, strcmp(name, "--as") == 0 ? "a user" : "a file");
}

static bool is_option(const char *arg, const char *name)
{
    size_t len = strlen(name);
    return strncmp(arg, name, len) == 0 && (arg[len] == '\0' || arg[len] == '=');
}

/* Removes the global options from the arguments; false with a message. */
static bool take_global_options(struct invocation *invocation)
{
    int kept = 0;
    bool sound = true;
    for (int i = 0; i < invocation->argc && sound; i++) {
        char *arg = invocation->argv[i];
        if (strcmp(arg, "--json") == 0)
            invocation->json = true;
        else if (is_option(arg, "--config"))
            sound = cli_take_value(invocation, &i, "--config", &invocation->config_path);
        else if (is_option(arg, "--as"))
            sound = cli_take_value(invocation, &i, "--as", &invocation->as_user);
        else
            invocation->argv[kept++] = arg;
    }
    invocation->argc = kept;
    return sound;
}

static enum cli_status cli_run(struct invocation *invocation)
{
    struct config *config = NULL;
    struct error err = { "" };
    struct identity identity;
    enum cli_status status = CLI_OK;
    if (!cli_read_options(invocation))
        return cli_usage(invocation);
    if (invocation->command->needs & COMMAND_CONFIG) {
        config = identity_load(invocation, &identity, &status, &err);
        if (!config) {
            cli_complain("%s", err.text);
            return status;
        }
    }
    invocation->config = config;
    status = trouble_of_database(invocation, cli_context_run(invocation));
    config_free(&config);
    return status;
}

static bool is_help(const char *arg)
{
    return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

/* Whether help on the command is requested: by its first argument, or by --help as the last. */
static bool asks_for_help(const struct invocation *invocation)
{
    int last = invocation->argc - 1;
    return last > 0 && (is_help(invocation->argv[1]) ||
                        (last > 1 && strcmp(invocation->argv[last], "--help") == 0));
}

/* Finds the command that the arguments begin with, and removes its words from them. */
static bool cli_find(struct invocation *invocation)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        int words = words_match(&COMMANDS[i], invocation->argc, invocation->argv);
        if (words == 0)
            continue;
        invocation->command = &COMMANDS[i];
        invocation->argc -= words - 1;
        invocation->argv += words - 1;
        return true;
    }
    return false;
}

/* Prints help on what the arguments name: a command, a group of commands, or all. */
static enum cli_status help_on(struct invocation *invocation)
{
    if (invocation->argc == 0)
        help_print(stdout);
    else if (cli_find(invocation))
        help_print_command(invocation->command, stdout);
    else if (invocation->argc == 1 && help_is_group(invocation->argv[0]))
        help_print_group(invocation->argv[0], stdout);
    else {
        help_complain_unknown(invocation->argc, invocation->argv);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static enum cli_status find_and_run(struct invocation *invocation)
{
    if (cli_find(invocation)) {
        if (!asks_for_help(invocation))
            return cli_run(invocation);
        help_print_command(invocation->command, stdout);
        return CLI_OK;
    }
    if (!help_is_group(invocation->argv[0])) {
        help_complain_unknown(invocation->argc, invocation->argv);
    } else if (invocation->argc == 1) {
        help_print_group(invocation->argv[0], stderr);
    } else if (is_help(invocation->argv[1])) {
        help_print_group(invocation->argv[0], stdout);
        return CLI_OK;
    } else {
        help_complain_unknown(invocation->argc, invocation->argv);
    }
    return CLI_USAGE;
}

int cli_main(int argc, char **argv)
{
    struct invocation invocation = { .argc = argc - 1, .argv = argv + 1 };
    if (!take_global_options(&invocation))
        return CLI_USAGE;
    if (invocation.argc == 0) {
        help_print(stderr);
        return CLI_USAGE;
    }
    const char *first = invocation.argv[0];
    if (is_help(first) || strcmp(first, "help") == 0) {
        invocation.argc--;
        invocation.argv++;
        return help_on(&invocation);
    }
    if (strcmp(first, "--version") == 0 || strcmp(first, "version") == 0) {
        puts("curtctl " PACKAGE_VERSION);
        return CLI_OK;
    }
    return find_and_run(&invocation);
}
