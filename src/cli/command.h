/* SPDX-License-Identifier: MIT */
/* The table of curtctl's commands, and the functions that all commands use. Each command is in a
 * file of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "db/db.h"
#include "runtime/config.h"

/* Exit statuses. Scripts rely on them, so their meanings must not change. */
enum cli_status {
    CLI_OK = 0,
    CLI_FAILED = 1,      /* the command failed */
    CLI_USAGE = 2,       /* the command line is invalid */
    CLI_CONFIG = 3,      /* the configuration is invalid */
    CLI_MISSING = 4,     /* a named link, key or user does not exist */
    CLI_UNAVAILABLE = 5, /* the database does not answer: try again later */
};

/* A parsed command line: argv[0] is the last word of the command, followed by its options and
 * operands. */
struct invocation {
    const struct command *command;
    const struct config *config; /* NULL only for commands without COMMAND_CONFIG */
    const char *config_path;     /* as --config gave it, or NULL */
    const char *as_user;         /* as --as gave it, or NULL */
    bool json;
    int argc;
    char **argv;
};

/* Flags of a command. */
enum {
    COMMAND_CONFIG = 1,
    COMMAND_AS_WORKERS =
        2, /* root switches to the workers' user first, since the command opens their files */
    COMMAND_MAKES_TABLES = 8, /* missing tables are no error */
    COMMAND_NO_DATABASE = 16,
    COMMAND_LOOKS =
        4, /* it changes nothing, so an untrusted hint of who the workers' user is will do */
};

struct command {
    const char *words;     /* "db migrate" */
    const char *arguments; /* "[--schema DIR]" */
    const char *summary;   /* one line in the list of commands */
    unsigned needs;        /* bit set of COMMAND_… */
    enum cli_status (*run)(const struct invocation *invocation);
};

/* Prints "curtctl: " and the message to stderr. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the usage of the command to stderr; returns CLI_USAGE. */
enum cli_status cli_usage(const struct invocation *invocation);

/* Prints the database's error to stderr; returns the exit status for it. */
enum cli_status cli_db_status(enum db_result result, const struct error *err);

/* The table of commands. */
const struct command *cli_commands(size_t *n);

/* The commands. */
enum cli_status command_cleanup(const struct invocation *invocation);
enum cli_status command_code(const struct invocation *invocation);
enum cli_status command_completion(const struct invocation *invocation);
enum cli_status command_config_check(const struct invocation *invocation);
enum cli_status command_db_migrate(const struct invocation *invocation);
enum cli_status command_db_status(const struct invocation *invocation);
enum cli_status command_doctor(const struct invocation *invocation);
enum cli_status command_export(const struct invocation *invocation);
enum cli_status command_flush(const struct invocation *invocation);
enum cli_status command_import(const struct invocation *invocation);
enum cli_status command_key_create(const struct invocation *invocation);
enum cli_status command_key_list(const struct invocation *invocation);
enum cli_status command_key_revoke(const struct invocation *invocation);
enum cli_status command_key_sign_in(const struct invocation *invocation);
enum cli_status command_link_add(const struct invocation *invocation);
enum cli_status command_link_edit(const struct invocation *invocation);
enum cli_status command_link_list(const struct invocation *invocation);
enum cli_status command_link_lower(const struct invocation *invocation);
enum cli_status command_link_words(const struct invocation *invocation);
enum cli_status command_link_rm(const struct invocation *invocation);
enum cli_status command_link_restore(const struct invocation *invocation);
enum cli_status command_link_qr(const struct invocation *invocation);
enum cli_status command_link_show(const struct invocation *invocation);
enum cli_status command_maintain(const struct invocation *invocation);
enum cli_status command_purge(const struct invocation *invocation);
enum cli_status command_stats(const struct invocation *invocation);
enum cli_status command_user_list(const struct invocation *invocation);
enum cli_status command_user_policy(const struct invocation *invocation);
enum cli_status command_user_rm(const struct invocation *invocation);
enum cli_status command_user_role(const struct invocation *invocation);
