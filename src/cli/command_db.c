/* SPDX-License-Identifier: MIT */
/* curtctl db: the schema of the database. */
#include <getopt.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/json.h"
#include "store/migrate.h"
#include "text/rfc3339.h"

static const char *state_name(enum migration_state state)
{
    switch (state) {
    case MIGRATION_APPLIED:
        return "applied";
    case MIGRATION_PENDING:
        return "pending";
    case MIGRATION_CHANGED:
        return "changed";
    case MIGRATION_UNKNOWN:
        break;
    }
    return "unknown";
}

static const char *event_name(enum migrate_event event)
{
    switch (event) {
    case MIGRATE_APPLYING:
        return "applying";
    case MIGRATE_APPLIED:
        return "applied";
    case MIGRATE_KEY_MADE:
        return "key_made";
    case MIGRATE_FOUND:
        break;
    }
    return "found";
}

static void print_found(const struct migration *migration)
{
    char when[RFC3339_SIZE] = "";
    if (migration->applied_at)
        rfc3339_format(migration->applied_at, when);
    printf("%04u  %-8s  %-20s  %.*s\n", migration->number, state_name(migration->state), when,
           SLICE_ARG(migration->name));
}

static void print_json(enum migrate_event event, const struct migration *migration)
{
    struct json_member members[5] = { json_member_text("event", slice_of(event_name(event))) };
    size_t n = 1;
    if (migration) {
        members[n++] = json_member_number("number", migration->number);
        members[n++] = json_member_text("name", migration->name);
        members[n++] = json_member_text("state", slice_of(state_name(migration->state)));
        members[n++] = json_member_number("applied_at", migration->applied_at);
    }
    json_print_object(members, n);
}

static void report(void *context, enum migrate_event event, const struct migration *migration)
{
    const struct invocation *invocation = context;
    if (invocation->json)
        print_json(event, migration);
    else if (event == MIGRATE_FOUND)
        print_found(migration);
    else if (event == MIGRATE_KEY_MADE)
        puts("made the key of the codes");
    else
        printf("%s %04u-%.*s\n", event_name(event), migration->number, SLICE_ARG(migration->name));
    fflush(stdout);
}

static enum cli_status status_of(enum migrate_result result, const struct error *err)
{
    switch (result) {
    case MIGRATE_OK:
        return CLI_OK;
    case MIGRATE_PENDING:
        cli_complain("there are migrations to apply: run curtctl db migrate");
        return CLI_FAILED;
    case MIGRATE_UNAVAILABLE:
        cli_complain("%s", err->text);
        return CLI_UNAVAILABLE;
    case MIGRATE_REFUSED:
    case MIGRATE_BUSY:
    case MIGRATE_FAILED:
        break;
    }
    cli_complain("%s", err->text);
    return CLI_FAILED;
}

typedef enum migrate_result migrate_function(const struct migrate_request *, struct error *);

static enum cli_status migrate(const struct invocation *invocation, migrate_function *function)
{
    static const struct option known[] = {
        { "schema", required_argument, NULL, 's' },
        { NULL, 0, NULL, 0 },
    };
    struct migrate_request request = {
        .sql = &invocation->config->mysql,
        .dir = CURT_SCHEMA_DIR,
        .report = report,
        .context = (void *)invocation,
    };
    optind = 1;
    for (int option;
         (option = getopt_long(invocation->argc, invocation->argv, "", known, NULL)) != -1;) {
        if (option != 's')
            return cli_usage(invocation);
        request.dir = optarg;
    }
    if (optind != invocation->argc)
        return cli_usage(invocation);
    struct error err = { "" };
    return status_of(function(&request, &err), &err);
}

enum cli_status command_db_migrate(const struct invocation *invocation)
{
    return migrate(invocation, migrate_run);
}

enum cli_status command_db_status(const struct invocation *invocation)
{
    return migrate(invocation, migrate_status);
}
