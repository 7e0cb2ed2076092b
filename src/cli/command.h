/* SPDX-License-Identifier: MIT */
/* The table of curtctl's commands, and the functions that all commands use. Each command is in a
 * file of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
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

enum {
    OPTIONS_GIVEN_MAX = 128,
};

/* An option of the command line: its name in the usage line of the command, and its value; "" for
 * one that takes none. */
struct option_given {
    struct slice name;
    const char *value;
};

/* A parsed command line. */
struct invocation {
    const struct command *command;
    const struct config *config; /* NULL only for commands without COMMAND_CONFIG */
    const char *config_path;     /* as --config gave it, or NULL */
    const char *as_user;         /* as --as gave it, or NULL */
    bool json;
    int argc;    /* argv[0] is the last word of the command, followed by its options and operands */
    char **argv; /* in another order after cli_read_options */
    struct option_given given[OPTIONS_GIVEN_MAX];
    unsigned n_given;
    int n_operands;
    char **operands;
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

struct cli_context;

/* Runs a command in its open context; returns the exit status. */
typedef enum cli_status cli_command(const struct invocation *invocation,
                                    struct cli_context *context);

struct command {
    const char *words;     /* "db migrate" */
    const char *arguments; /* "[--schema DIR]": the options and operands that it takes */
    const char *summary;   /* one line in the list of commands */
    unsigned needs;        /* bit set of COMMAND_… */
    unsigned opens;        /* bit set of enum app_need: the parts of the context */
    cli_command *run;
};

/* Prints "curtctl: " and the message to stderr; returns false. */
bool cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the same; returns `status`. */
enum cli_status cli_fail(enum cli_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints the usage of the command to stderr; returns CLI_USAGE. */
enum cli_status cli_usage(const struct invocation *invocation);

/* Prints the database's error to stderr; returns the exit status for it. */
enum cli_status cli_db_status(enum db_result result, const struct error *err);

/* The table of commands. */
const struct command *cli_commands(size_t *n);

/* The commands. */
cli_command command_cleanup;
cli_command command_clicks_append;
cli_command command_clicks_follow;
cli_command command_edge_purge;
cli_command command_code;
cli_command command_completion;
cli_command command_config_check;
cli_command command_db_migrate;
cli_command command_db_status;
cli_command command_doctor;
cli_command command_export;
cli_command command_flush;
cli_command command_import;
cli_command command_key_create;
cli_command command_key_list;
cli_command command_key_revoke;
cli_command command_key_sign_in;
cli_command command_link_add;
cli_command command_link_edit;
cli_command command_link_history;
cli_command command_link_list;
cli_command command_link_lower;
cli_command command_link_words;
cli_command command_link_rm;
cli_command command_link_restore;
cli_command command_link_qr;
cli_command command_link_show;
cli_command command_maintain;
cli_command command_purge;
cli_command command_sequence_give;
cli_command command_sequence_list;
cli_command command_sequence_skip;
cli_command command_sequence_split;
cli_command command_stats;
cli_command command_user_list;
cli_command command_user_policy;
cli_command command_user_rm;
cli_command command_user_role;
