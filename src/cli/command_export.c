/* SPDX-License-Identifier: MIT */
/* curtctl export: all links, to a file or to stdout. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/export.h"
#include "cli/options.h"
#include "cli/users.h"
#include "runtime/clock.h"
#include "store/db_sql.h"

enum {
    ARENA_MAX = 64 * 1024,
    PATH_BYTES = 4096,
};

struct export_options {
    const char *format;
    const char *owner;
    const char *path; /* NULL: stdout */
};

static bool parse_options(const struct invocation *invocation, struct export_options *out)
{
    const struct cli_option known[] = {
        { .name = "format", .text = &out->format },
        { .name = "owner", .text = &out->owner },
    };
    int first;
    if (!cli_take_options(invocation, known, sizeof(known) / sizeof(known[0]), &first) ||
        !cli_count_operands(invocation, first, 0, 1))
        return false;
    if (first < invocation->argc && strcmp(invocation->argv[first], "-") != 0)
        out->path = invocation->argv[first];
    return true;
}

/* Whose links: everybody's, or those of the user of that name. */
static enum db_result find_owner(struct db *db, const char *name, uint32_t *id, struct error *err)
{
    *id = DB_OWNER_ANY;
    if (!name)
        return DB_OK;
    struct arena *arena = arena_new(ARENA_MAX);
    struct user user = { 0 };
    enum db_result result = cli_find_user(db, name, arena, &user, err);
    *id = user.id;
    arena_free(&arena);
    return result;
}

static enum cli_status write_all(struct export *export, struct error *err)
{
    uint64_t total = 0;
    uint64_t n = 0;
    enum db_result result = db_links_count(export->db, export->owner_id, &total, err);
    if (result != DB_OK)
        return cli_db_status(result, err);
    export->progress = progress_start("exported", total, clock_monotonic_us());
    result = export_run(export, &n, err);
    progress_end(&export->progress);
    if (result == DB_OK && export->out != stdout)
        fprintf(stderr, "%" PRIu64 " links exported\n", n);
    return cli_db_status(result, err);
}

/* Writes to a file beside the one wanted, which takes its place when all is well: nobody ever finds
 * half an export. */
static enum cli_status write_file(struct export *export, const char *path, struct error *err)
{
    char part[PATH_BYTES];
    if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part)) {
        cli_complain("%s: the name is too long", path);
        return CLI_FAILED;
    }
    export->out = fopen(part, "we");
    if (!export->out) {
        cli_complain("%s: %s", part, strerror(errno));
        return CLI_FAILED;
    }
    enum cli_status status = write_all(export, err);
    bool whole = status == CLI_OK && fsync(fileno(export->out)) == 0;
    whole = fclose(export->out) == 0 && whole;
    if (whole && rename(part, path) == 0)
        return CLI_OK;
    if (status == CLI_OK)
        cli_complain("%s: %s", path, strerror(errno));
    unlink(part);
    return status == CLI_OK ? CLI_FAILED : status;
}

enum cli_status command_export(const struct invocation *invocation)
{
    struct export_options options = { .format = "jsonl" };
    struct export export = { .out = stdout, .now = clock_now(), .clock_us = clock_monotonic_us };
    if (!parse_options(invocation, &options))
        return cli_usage(invocation);
    if (!link_format_parse(options.format, &export.format))
        return cli_refuse_choice(invocation, "format", options.format);
    struct error err = { "out of memory" };
    export.db = db_sql_open(&invocation->config->mysql);
    enum db_result result =
        export.db ? find_owner(export.db, options.owner, &export.owner_id, &err) : DB_FAILED;
    enum cli_status status;
    if (result != DB_OK)
        status = cli_db_status(result, &err);
    else if (options.path)
        status = write_file(&export, options.path, &err);
    else
        status = write_all(&export, &err);
    db_close(&export.db);
    return status;
}
