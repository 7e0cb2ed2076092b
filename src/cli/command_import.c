/* SPDX-License-Identifier: MIT */
/* curtctl import: creates links from a file or from stdin. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/cli_context.h"
#include "cli/import_source.h"
#include "cli/json.h"
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
    struct import_source_texts source;
    const char *path; /* "-": stdin */
};

static bool import_parse_options(const struct invocation *invocation, struct import_options *out)
{
    const struct cli_option known[] = {
        { .name = "format", .text = &out->format },
        { .name = "owner", .text = &out->owner },
        { .name = "make-users", .flag = &out->make_users },
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
    struct progress progress;
};

static void import_show_progress(void *context, uint64_t done)
{
    struct import_display *display = context;
    progress_step(&display->progress, done, monotonic_us());
}

static void report_line(void *context, uint64_t line, struct slice code, const char *why)
{
    const struct import_display *display = context;
    if (!display->json) {
        fprintf(stderr, "line %" PRIu64 ": %.*s%s%s\n", line, SLICE_ARG(code), code.len ? ": " : "",
                why);
        return;
    }
    const struct json_member members[] = {
        json_member_number("line", (int64_t)line),
        json_member_text("code", code),
        json_member_text("why", slice_of(why)),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

static void print_counts(const struct invocation *invocation, const struct import *import)
{
    const struct import_counts *counts = &import->counts;
    uint64_t users = import->owners.n_made;
    if (!invocation->json) {
        printf("imported\t%" PRIu64 "\npresent\t%" PRIu64 "\nconflicts\t%" PRIu64
               "\nrefused\t%" PRIu64 "\n",
               counts->imported, counts->present, counts->conflicts, counts->refused);
        if (import->make_users)
            printf("users made\t%" PRIu64 "\n", users);
        return;
    }
    const struct json_member members[] = {
        json_member_number("imported", (int64_t)counts->imported),
        json_member_number("present", (int64_t)counts->present),
        json_member_number("conflicts", (int64_t)counts->conflicts),
        json_member_number("refused", (int64_t)counts->refused),
        json_member_number("users_made", (int64_t)users),
    };
    size_t n = sizeof(members) / sizeof(members[0]);
    json_print_object(members, import->make_users ? n : n - 1);
}

static enum cli_status import_status_of(enum db_result result, const struct import_counts *counts,
                                        const struct error *err)
{
    if (result != DB_OK)
        cli_complain("%s", err->text);
    if (result == DB_UNAVAILABLE)
        return CLI_UNAVAILABLE;
    return result == DB_OK && counts->conflicts == 0 && counts->refused == 0 ? CLI_OK : CLI_FAILED;
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
    struct import_display display = {
        .json = invocation->json,
        .progress = progress_start("read", 0, monotonic_us()),
    };
    struct import import = {
        .shortener = &context->app.services.shortener,
        .owner = options->owner,
        .make_users = options->make_users,
        .now = clock_now(),
        .report = report_line,
        .context = &display,
        .step = import_show_progress,
    };
    enum db_result result = import_run(&import, job->source, &err);
    progress_end(&display.progress);
    print_counts(invocation, &import);
    return import_status_of(result, &import.counts, &err);
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
