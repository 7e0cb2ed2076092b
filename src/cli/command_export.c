/* SPDX-License-Identifier: MIT */
/* curtctl export: writes all links to a file or to stdout. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cli_context.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/users.h"
#include "os/clock.h"
#include "os/monotonic.h"
#include "os/private_file.h"
#include "transfer/export.h"

enum {
    PATH_BYTES = 4096,
};

static void export_show_progress(void *context, uint64_t done)
{
    progress_step(context, done, monotonic_us());
}

static enum cli_status export_write_all(const struct export *export, struct error *err)
{
    uint64_t total = 0;
    uint64_t n = 0;
    enum db_result result = db_links_count(export->db, export->owner_id, &total, err);
    if (result != DB_OK)
        return cli_db_status(result, err);
    struct progress progress = progress_start("exported", total, monotonic_us());
    struct export shown = *export;
    shown.step = export_show_progress;
    shown.context = &progress;
    result = export_run(&shown, &n, err);
    progress_end(&progress);
    if (result == DB_OK && export->out != stdout)
        fprintf(stderr, "%" PRIu64 " links exported\n", n);
    return cli_db_status(result, err);
}

/* Creates the file anew: an existing one, such as a symbolic link of another user, is removed and
 * not followed. */
static FILE *make_part(const char *part, struct error *err)
{
    const struct private_file file = { .path = part, .noun = "export" };
    int fd;
    if (unlink(part) < 0 && errno != ENOENT) {
        private_file_fail(&file, "remove the unfinished", errno, err);
        return NULL;
    }
    if (private_file_open(&file, O_CREAT | O_EXCL, &fd, err) != PRIVATE_FILE_OK)
        return NULL;
    FILE *out = fdopen(fd, "w");
    if (!out) {
        private_file_fail(&file, "open", errno, err);
        close(fd);
    }
    return out;
}

/* Syncs and closes the file and gives it its name; false on failure. */
static bool export_finish(struct export *export, const char *part, const char *path)
{
    int fd = fileno(export->out);
    int number = fsync(fd) == 0 ? 0 : errno;
    if (!number && !private_file_is_at(part, fd))
        number = EBUSY; /* another process exports to it */
    if (fclose(export->out) != 0 && !number)
        number = errno;
    if (!number && rename(part, path) == 0)
        return true;
    errno = number ? number : errno;
    return false;
}

/* Writes to a file beside the target, which replaces the target at the end: no reader finds half an
 * export. */
static enum cli_status write_file(struct export *export, const char *path, struct error *err)
{
    char part[PATH_BYTES];
    if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
        return cli_fail(CLI_FAILED, "%s: the name is too long", path);
    export->out = make_part(part, err);
    if (!export->out)
        return cli_fail(CLI_FAILED, "%s", err->text);
    enum cli_status status = export_write_all(export, err);
    if (status != CLI_OK)
        fclose(export->out);
    else if (export_finish(export, part, path))
        return CLI_OK;
    else
        cli_complain("%s: %s", path, strerror(errno));
    unlink(part);
    return status == CLI_OK ? CLI_FAILED : status;
}

enum cli_status command_export(const struct invocation *invocation, struct cli_context *context)
{
    const char *path = invocation->n_operands ? invocation->operands[0] : "-";
    bool spreadsheet = cli_option(invocation, "spreadsheet");
    struct user owner = { .id = DB_OWNER_ANY };
    struct export export = {
        .db = context->app.db,
        .out = stdout,
        .csv_form = spreadsheet ? LINK_CSV_SPREADSHEET : LINK_CSV_PLAIN,
        .now = clock_now(),
    };
    struct error err = { "" };
    link_format_choose(cli_option(invocation, "format"), path, &export.format);
    if (spreadsheet && export.format != FORMAT_CSV)
        return cli_fail(CLI_USAGE, "--spreadsheet requires --format csv");
    enum db_result found = cli_option_user(invocation, context, "owner", &owner, &err);
    if (found != DB_OK)
        return cli_db_status(found, &err);
    export.owner_id = owner.id;
    return strcmp(path, "-") == 0 ? export_write_all(&export, &err)
                                  : write_file(&export, path, &err);
}
