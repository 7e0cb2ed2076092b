/* SPDX-License-Identifier: MIT */
/* curtctl import: creates links from a file or from stdin. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli_context.h"
#include "cli/import_print.h"
#include "cli/import_source.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/users.h"
#include "os/clock.h"
#include "os/monotonic.h"
#include "transfer/import.h"

/* The context of the callbacks. */
struct import_display {
    bool json;
    bool quiet;
    const struct import *import;
    FILE *file;
    struct progress progress;
};

static void import_show_progress(void *context, uint64_t done)
{
    struct import_display *display = context;
    if (!progress_is_due(&display->progress, monotonic_us()))
        return;
    off_t at = display->progress.size ? ftello(display->file) : 0;
    display->progress.read = at > 0 ? (uint64_t)at : 0;
    progress_step(&display->progress, done, monotonic_us());
}

static void import_show_problem(void *context, const struct import_problem *problem)
{
    const struct import_display *display = context;
    if (!display->quiet)
        import_print_problem(display->json, problem,
                             display->import->report.refusals[problem->kind].n);
}

/* The bytes of a regular file; 0: it is none, or empty. */
static uint64_t size_of(FILE *file)
{
    struct stat status;
    bool known = fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode);
    return known && status.st_size > 0 ? (uint64_t)status.st_size : 0;
}

static enum cli_status import_status_of(enum db_result result, const struct import_report *report,
                                        const struct error *err)
{
    if (result != DB_OK)
        cli_complain("%s", err->text);
    if (result == DB_UNAVAILABLE)
        return CLI_UNAVAILABLE;
    return result == DB_OK && report->conflicts == 0 && report->refused == 0 ? CLI_OK : CLI_FAILED;
}

/* Checks that the owner exists, if one is named and is not to be created: otherwise every line
 * would be refused. */
static enum db_result import_check_owner(const struct invocation *invocation,
                                         struct cli_context *context, struct error *err)
{
    const char *owner = cli_option(invocation, "owner");
    struct user user;
    if (!owner || !*owner || cli_option(invocation, "make-users"))
        return DB_OK;
    return cli_find_user(context->app.db, owner, context->arena, &user, err);
}

static enum cli_status import_all(const struct invocation *invocation, struct cli_context *context,
                                  struct link_source *source)
{
    struct error err = { "" };
    enum db_result found = import_check_owner(invocation, context, &err);
    if (found != DB_OK)
        return cli_db_status(found, &err);
    struct import import = {
        .shortener = &context->app.services.shortener,
        .owner = cli_option(invocation, "owner"),
        .make_users = cli_option(invocation, "make-users"),
        .is_admin = true,
        .force = cli_option(invocation, "force"),
        .dry_run = cli_option(invocation, "dry-run"),
        .now = clock_now(),
        .on_problem = import_show_problem,
        .step = import_show_progress,
    };
    struct import_display display = {
        .json = invocation->json,
        .quiet = cli_option(invocation, "quiet"),
        .import = &import,
        .file = source->file,
        .progress = progress_start(import.dry_run ? "checked" : "read", 0, monotonic_us()),
    };
    display.progress.size = size_of(display.file);
    import.context = &display;
    enum db_result result = import_run(&import, source, &err);
    progress_end(&display.progress);
    import_print_report(invocation->json, &import, source, context->arena);
    return import_status_of(result, &import.report, &err);
}

enum cli_status command_import(const struct invocation *invocation, struct cli_context *context)
{
    const char *path = invocation->operands[0];
    const char *format = cli_option(invocation, "format");
    struct link_source source = { .file = stdin };
    link_format_choose(format, path, &source.format);
    if (!import_source_choose(invocation, context->arena, &source.options))
        return CLI_USAGE;
    source.options.recognise = !format;
    if (strcmp(path, "-") != 0)
        source.file = fopen(path, "re");
    if (!source.file)
        return cli_fail(CLI_FAILED, "%s: %s", path, strerror(errno));
    enum cli_status status = import_all(invocation, context, &source);
    if (source.file != stdin)
        fclose(source.file);
    return status;
}
