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

enum {
    OWNER_ARENA_MAX = 64 * 1024,
    SOURCE_ARENA_MAX = 1024 * 1024, /* a zone */
};

struct import_options {
    const char *format;
    const char *owner;
    bool make_users;
    bool dry_run;
    bool force;
    bool quiet;
    struct import_source_texts source;
    const char *path; /* "-": stdin */
};

static bool import_parse_options(const struct invocation *invocation, struct import_options *out)
{
    const struct cli_option known[] = {
        { .name = "format", .text = &out->format },
        { .name = "owner", .text = &out->owner },
        { .name = "make-users", .flag = &out->make_users },
        { .name = "dry-run", .flag = &out->dry_run },
        { .name = "force", .flag = &out->force },
        { .name = "quiet", .flag = &out->quiet },
        { .name = "delimiter", .text = &out->source.delimiter },
        { .name = "map", .text = &out->source.map },
        { .name = "time-zone", .text = &out->source.time_zone },
        { .name = "date-order", .text = &out->source.date_order },
        { .name = "skip-unknown", .flag = &out->source.skip_unknown },
        { .name = "spreadsheet", .flag = &out->source.spreadsheet },
    };
    int first;
    if (!cli_take_options(invocation, known, sizeof(known) / sizeof(known[0]), &first) ||
        !cli_count_operands(invocation, first, 1, 1))
        return false;
    out->path = invocation->argv[first];
    return true;
}

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
static enum db_result import_check_owner(struct db *db, const struct import_options *options,
                                         struct error *err)
{
    if (!options->owner || !*options->owner || options->make_users)
        return DB_OK;
    struct arena *arena = arena_new(OWNER_ARENA_MAX);
    struct user user;
    enum db_result result = cli_find_user(db, options->owner, arena, &user, err);
    arena_free(&arena);
    return result;
}

/* The arguments of an import. */
struct import_job {
    const struct import_options *options;
    struct link_source *source;
};

static enum cli_status import_all(const struct invocation *invocation, struct cli_context *context,
                                  const void *argument)
{
    const struct import_job *job = argument;
    const struct import_options *options = job->options;
    struct error err = { "" };
    enum db_result found = import_check_owner(context->app.db, options, &err);
    if (found != DB_OK)
        return cli_db_status(found, &err);
    struct import import = {
        .shortener = &context->app.services.shortener,
        .owner = options->owner,
        .make_users = options->make_users,
        .is_admin = true,
        .force = options->force,
        .dry_run = options->dry_run,
        .now = clock_now(),
        .on_problem = import_show_problem,
        .step = import_show_progress,
    };
    struct import_display display = {
        .json = invocation->json,
        .quiet = options->quiet,
        .import = &import,
        .file = job->source->file,
        .progress = progress_start(options->dry_run ? "checked" : "read", 0, monotonic_us()),
    };
    display.progress.size = size_of(display.file);
    import.context = &display;
    enum db_result result = import_run(&import, job->source, &err);
    progress_end(&display.progress);
    import_print_report(invocation->json, &import, job->source, context->arena);
    return import_status_of(result, &import.report, &err);
}

static enum cli_status import_file(const struct invocation *invocation,
                                   const struct import_options *options, struct link_source *source)
{
    source->file = stdin;
    if (strcmp(options->path, "-") != 0)
        source->file = fopen(options->path, "re");
    if (!source->file) {
        cli_complain("%s: %s", options->path, strerror(errno));
        return CLI_FAILED;
    }
    enum cli_status status = cli_context_run(invocation, APP_COMMAND, import_all,
                                             &(struct import_job){ options, source });
    if (source->file != stdin)
        fclose(source->file);
    return status;
}

enum cli_status command_import(const struct invocation *invocation)
{
    struct import_options options = { 0 };
    struct link_source source = { .line = 0 };
    if (!import_parse_options(invocation, &options))
        return cli_usage(invocation);
    if (!link_format_choose(options.format, options.path, &source.format))
        return cli_refuse_choice(invocation, "format", options.format);
    struct arena *arena = arena_new(SOURCE_ARENA_MAX);
    enum cli_status status = CLI_USAGE;
    if (arena && import_source_choose(invocation, &options.source, arena, &source.options)) {
        source.options.recognise = !options.format;
        status = import_file(invocation, &options, &source);
    }
    arena_free(&arena);
    return status;
}
