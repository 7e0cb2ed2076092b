/* SPDX-License-Identifier: MIT */
/* The table of commands and the way into them. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "config.h"

#define LINK_OPTIONS                                                                            \
    "[--alias CODE] [--expires TIME|none | --ttl TIME] [--starts TIME|none] [--max-clicks "     \
    "N|none] [--status N] [--forward-query|--no-forward-query] [--title TEXT] [--tag TEXT]... " \
    "[--no-tags]"

static const struct command COMMANDS[] = {
    { "link add", "[--owner NAME] [--reuse] " LINK_OPTIONS " URL", "make a link", true,
      command_link_add },
    { "link show", "CODE", "tell all about a link", true, command_link_show },
    { "link list",
      "[--owner NAME] [--tag TEXT] [--search TEXT] [--state live|scheduled|expired|exhausted]... "
      "[--oldest] [--limit N]",
      "list links, the newest first", true, command_link_list },
    { "link edit", "[--url URL] " LINK_OPTIONS " CODE", "change a link", true, command_link_edit },
    { "link rm", "CODE...", "delete links", true, command_link_rm },
    { "key create", "--user NAME [--role user|admin] [--name TEXT]",
      "make an API key and print it, this once", true, command_key_create },
    { "key list", "[--user NAME]", "list API keys", true, command_key_list },
    { "key revoke", "ID...", "end API keys", true, command_key_revoke },
    { "user policy", "[--default-ttl TIME|none] [--max-ttl TIME|none] NAME",
      "tell or change how long a user's links live", true, command_user_policy },
    { "code", "ID|CODE", "translate an id to its code, or back", true, command_code },
    { "export", "[--format jsonl|csv] [--owner NAME] [FILE|-]", "write all links to a file", true,
      command_export },
    { "import", "[--format jsonl|csv] [--owner NAME] FILE|-", "take links from a file", true,
      command_import },
    { "stats",
      "[--from TIME] [--to TIME] [--unit hour|day|month] [--by DIMENSION,...] [--limit N] [--csv] "
      "[CODE]",
      "tell how often a link was clicked, or all of them", true, command_stats },
    { "flush", "", "roll up the clicks that wait on this host", true, command_flush },
    { "purge", "[--share PERCENT]", "delete what expired long ago", true, command_purge },
    { "doctor", "[--schema DIR]", "look at everything that can be wrong, and tell the cure", false,
      command_doctor },
    { "config check", "", "print the effective configuration and where it comes from", true,
      command_config_check },
    { "db migrate", "[--schema DIR]", "create or upgrade the tables", true, command_db_migrate },
    { "db status", "[--schema DIR]", "tell which migrations are applied", true, command_db_status },
    { "completion", "bash|zsh", "print what the shell needs to complete command lines", false,
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

void cli_complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("curtctl: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

enum cli_status cli_usage(const struct invocation *invocation)
{
    fprintf(stderr, "Usage: curtctl %s %s\n", invocation->command->words,
            invocation->command->arguments);
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

static void help(FILE *out)
{
    fputs("Usage: curtctl [--config FILE] [--json] COMMAND [...]\n\n", out);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-14s %s\n", COMMANDS[i].words, COMMANDS[i].summary);
    fputs(
        "\n"
        "  --config FILE  the configuration (default: $CURT_CONFIG, or " CURT_CONFIG_FILE ")\n"
        "  --json         print JSON, for scripts\n"
        "\n"
        "curtctl COMMAND --help tells the arguments of a command; man curtctl tells the rest.\n"
        "Exit status: 0 done, 1 failed, 2 usage, 3 configuration, 4 not found, 5 database away.\n",
        out);
}

/* How many of the arguments the words of `command` take up, or 0 when they are not its words. */
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

/* Takes the options that every command has out of the arguments; false when one lacks its value. */
static bool take_global_options(struct invocation *invocation)
{
    int kept = 0;
    for (int i = 0; i < invocation->argc; i++) {
        char *arg = invocation->argv[i];
        if (strcmp(arg, "--json") == 0) {
            invocation->json = true;
        } else if (strcmp(arg, "--config") == 0) {
            if (++i == invocation->argc)
                return false;
            invocation->config_path = invocation->argv[i];
        } else {
            invocation->argv[kept++] = arg;
        }
    }
    invocation->argc = kept;
    return true;
}

static enum cli_status run(struct invocation *invocation)
{
    struct config *config = NULL;
    struct error err = { "" };
    if (invocation->command->needs_config) {
        config = config_load(invocation->config_path, &err);
        if (!config) {
            cli_complain("%s", err.text);
            return CLI_CONFIG;
        }
    }
    invocation->config = config;
    enum cli_status status = invocation->command->run(invocation);
    config_free(&config);
    return status;
}

static enum cli_status find_and_run(struct invocation *invocation)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        int words = words_match(&COMMANDS[i], invocation->argc, invocation->argv);
        if (words == 0)
            continue;
        invocation->command = &COMMANDS[i];
        invocation->argc -= words - 1;
        invocation->argv += words - 1;
        if (invocation->argc == 2 && strcmp(invocation->argv[1], "--help") == 0) {
            printf("Usage: curtctl %s %s\n\n%s\n", COMMANDS[i].words, COMMANDS[i].arguments,
                   COMMANDS[i].summary);
            return CLI_OK;
        }
        return run(invocation);
    }
    cli_complain("there is no such command; see curtctl --help");
    return CLI_USAGE;
}

int cli_main(int argc, char **argv)
{
    struct invocation invocation = { .argc = argc - 1, .argv = argv + 1 };
    if (!take_global_options(&invocation)) {
        cli_complain("--config needs a file");
        return CLI_USAGE;
    }
    if (invocation.argc == 0) {
        help(stderr);
        return CLI_USAGE;
    }
    if (strcmp(invocation.argv[0], "--help") == 0 || strcmp(invocation.argv[0], "help") == 0) {
        help(stdout);
        return CLI_OK;
    }
    if (strcmp(invocation.argv[0], "--version") == 0) {
        puts("curtctl " PACKAGE_VERSION);
        return CLI_OK;
    }
    return find_and_run(&invocation);
}
