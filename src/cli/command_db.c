/* SPDX-License-Identifier: MIT */
/* curtctl db: creates, upgrades and shows the schema of the database. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/json.h"
#include "cli/options.h"
#include "db/migrate.h"
#include "runtime/folder.h"
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

static void db_print_json(enum migrate_event event, const struct migration *migration)
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

struct reporting {
    const struct invocation *invocation;
    bool applies;   /* pending migrations are printed when they are applied */
    bool in_a_line; /* a line is open that "done" ends */
};

/* Prints a migration once. */
static void db_print_text(struct reporting *reporting, enum migrate_event event,
                          const struct migration *migration)
{
    switch (event) {
    case MIGRATE_FOUND:
        if (!reporting->applies || migration->state != MIGRATION_PENDING)
            print_found(migration);
        break;
    case MIGRATE_APPLYING:
        printf("%04u  applying %.*s ... ", migration->number, SLICE_ARG(migration->name));
        reporting->in_a_line = true;
        break;
    case MIGRATE_APPLIED:
        puts("done");
        reporting->in_a_line = false;
        break;
    case MIGRATE_KEY_MADE:
        puts("created the code key");
        break;
    }
}

static void db_report(void *context, enum migrate_event event, const struct migration *migration)
{
    struct reporting *reporting = context;
    if (reporting->invocation->json)
        db_print_json(event, migration);
    else
        db_print_text(reporting, event, migration);
    fflush(stdout);
}

static enum cli_status db_status_of(enum migrate_result result, const struct error *err)
{
    switch (result) {
    case MIGRATE_OK:
        return CLI_OK;
    case MIGRATE_PENDING:
        return cli_fail(CLI_FAILED, "migrations are pending: run curtctl db migrate");
    case MIGRATE_UNAVAILABLE:
        return cli_fail(CLI_UNAVAILABLE, "%s", err->text);
    case MIGRATE_REFUSED:
    case MIGRATE_BUSY:
    case MIGRATE_FAILED:
        break;
    }
    return cli_fail(CLI_FAILED, "%s", err->text);
}

typedef enum migrate_result migrate_function(const struct migrate_request *, struct error *);

static enum cli_status migrate(const struct invocation *invocation, migrate_function *function)
{
    const char *schema = cli_option(invocation, "schema");
    char place[PATH_MAX];
    struct reporting reporting = { .invocation = invocation, .applies = function == migrate_run };
    struct migrate_request request = {
        .sql = &invocation->config->mysql,
        .dir = schema ? schema : folder_find("schema", CURT_SCHEMA_DIR, place),
        .report = db_report,
        .context = &reporting,
    };
    if (access(request.dir, R_OK | X_OK) != 0)
        return cli_fail(CLI_CONFIG, "%s: %s; name the folder of the migrations with --schema",
                        request.dir, strerror(errno));
    struct error err = { "" };
    enum migrate_result result = function(&request, &err);
    if (reporting.in_a_line)
        putchar('\n');
    return db_status_of(result, &err);
}

enum cli_status command_db_migrate(const struct invocation *invocation, struct cli_context *context)
{
    (void)context;
    return migrate(invocation, migrate_run);
}

enum cli_status command_db_status(const struct invocation *invocation, struct cli_context *context)
{
    (void)context;
    return migrate(invocation, migrate_status);
}
