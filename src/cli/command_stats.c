/* SPDX-License-Identifier: MIT */
/* curtctl stats: prints the statistics of a link, or the totals of all links. */
#include <stdio.h>
#include <string.h>

#include "cli/cli_context.h"
#include "cli/identity.h"
#include "cli/json.h"
#include "cli/link_code.h"
#include "cli/options.h"
#include "cli/stats_print.h"
#include "cli/table.h"
#include "files/zone_file.h"
#include "os/clock.h"
#include "service/stats_text.h"

enum {
    ARENA_MAX = 256 * 1024 * 1024,
};

struct stats_options {
    const char *from;
    const char *to;
    const char *unit;
    const char *tz;
    const char *by;
    const char *limit;
    bool csv;
};

static bool stats_read_time(const char *name, const char *text, const struct zone *zone,
                            int64_t *out)
{
    *out = STATS_NO_TIME;
    if (!text || stats_time_read(slice_of(text), zone, out))
        return true;
    cli_complain("--%s is a date, or a date and time like 2027-01-01T00:00:00Z", name);
    return false;
}

static bool stats_read_zone(const char *name, struct arena *arena, struct stats_range *out)
{
    struct error why;
    struct zone *zone = arena_alloc(arena, sizeof(*zone));
    if (!name || strcmp(name, "UTC") == 0)
        return true;
    if (zone && zone_find(slice_of(name), arena, zone, &why)) {
        out->zone = zone;
        out->zone_name = slice_of(name);
        return true;
    }
    cli_complain("stats: --tz \"%s\" %s", name, zone ? why.text : "needs more memory");
    return false;
}

static bool stats_read_range(const struct stats_options *options, struct arena *arena,
                             struct stats_range *out)
{
    int64_t from;
    int64_t to;
    out->unit = STATS_DAY;
    if (options->unit && !stats_unit_read(slice_of(options->unit), &out->unit)) {
        cli_complain("stats: --unit is hour, day, week or month, not \"%s\"", options->unit);
        return false;
    }
    if (!stats_read_zone(options->tz, arena, out) ||
        !stats_read_time("from", options->from, out->zone, &from) ||
        !stats_read_time("to", options->to, out->zone, &to))
        return false;
    if (stats_range_set(out, from, to, clock_now()))
        return true;
    cli_complain("--from must not be after --to, with at most %d units between them",
                 STATS_BUCKETS_MAX);
    return false;
}

static bool stats_read_query(const struct stats_options *options, struct arena *arena,
                             struct stats_query *out)
{
    uint64_t top = STATS_TOP_DEFAULT;
    out->by = STATS_ALL_DIMENSIONS;
    if (options->by && !stats_dimensions_read(slice_of(options->by), &out->by)) {
        cli_complain("--by is referrer, country, browser, os or device, or a comma-separated "
                     "list of them");
        return false;
    }
    if (options->limit && !cli_read_number("limit", options->limit, STATS_TOP_MAX, &top))
        return false;
    out->top = (unsigned)top;
    return stats_read_range(options, arena, &out->range);
}

/* --- totals --- */

static enum cli_status print_totals(const struct invocation *invocation, struct db *db)
{
    struct click_totals totals;
    struct error err = { "" };
    enum db_result result = db_clicks_owner(db, DB_OWNER_ANY, &totals, &err);
    if (result != DB_OK)
        return cli_db_status(result, &err);
    const struct json_member members[] = {
        json_member_number("links", (int64_t)totals.links),
        json_member_number("clicks", (int64_t)totals.clicks),
        json_member_number("visitors", (int64_t)totals.visitors),
        json_member_number("bots", (int64_t)totals.bots),
    };
    const size_t n = sizeof(members) / sizeof(members[0]);
    if (invocation->json)
        json_print_object(members, n);
    for (size_t i = 0; !invocation->json && i < n; i++)
        printf("%s\t%lld\n", members[i].name, (long long)members[i].number);
    return CLI_OK;
}

/* --- a link --- */

/* The request, and what is open to answer it. */
struct stats_job {
    const struct invocation *invocation;
    struct stats_request request;
    bool csv;
    struct db *db;
};

static bool print_text(struct slice text, const char *end)
{
    fwrite(text.at, 1, text.len, stdout);
    fputs(end, stdout);
    return text.len > 0;
}

static bool print_statistics(const struct stats_job *job, const struct statistics *statistics)
{
    struct arena *arena = job->request.link.arena;
    if (job->csv)
        return print_text(stats_csv(statistics, arena), "");
    if (job->invocation->json)
        return print_text(stats_json(statistics, arena), "\n");
    return stats_print(statistics, arena);
}

static enum cli_status print_link(const struct stats_job *job)
{
    struct statistics statistics;
    struct error err = { "" };
    switch (statistics_read(job->db, &job->request, &statistics, &err)) {
    case OUTCOME_OK:
        break;
    case OUTCOME_MISSING:
        cli_complain("no link has the code %.*s", SLICE_ARG(job->request.link.code));
        return CLI_MISSING;
    default:
        cli_complain("%s", err.text);
        return CLI_UNAVAILABLE;
    }
    if (print_statistics(job, &statistics))
        return CLI_OK;
    cli_complain("out of memory");
    return CLI_FAILED;
}

/* Reads and prints the statistics. Clicks pending in a ring that this user may not read are left
 * out, with a message. */
static enum cli_status stats_look(struct stats_job *job)
{
    struct error err;
    struct click_ring *ring = app_ring_find(job->invocation->config, &err);
    if (!ring && err.text[0])
        cli_complain("pending clicks are not included: %s", err.text);
    else
        identity_mind_ring(ring);
    job->request.ring = ring;
    enum cli_status status = print_link(job);
    click_ring_close(&ring);
    return status;
}

static bool is_about_a_link(const struct stats_options *options)
{
    return options->from || options->to || options->unit || options->tz || options->by ||
           options->limit || options->csv;
}

static enum cli_status stats_run(const struct invocation *invocation, struct cli_context *context,
                                 const void *argument)
{
    const struct stats_job *asked = argument;
    struct stats_job job = *asked;
    job.db = context->app.db;
    return job.request.link.code.at ? stats_look(&job) : print_totals(invocation, job.db);
}

/* Reads the options and the operand (NULL: none), and runs the job. */
static enum cli_status stats_begin(struct stats_job *job, const struct stats_options *options,
                                   char **code)
{
    if (!stats_read_query(options, job->request.link.arena, &job->request.query))
        return CLI_USAGE;
    if (code && !cli_read_code(job->invocation->config, code))
        return CLI_MISSING;
    if (code)
        job->request.link.code = slice_of(*code);
    return cli_context_run(job->invocation, APP_DATABASE, stats_run, job);
}

enum cli_status command_stats(const struct invocation *invocation)
{
    struct stats_options options = { 0 };
    const struct cli_option known[] = {
        { .name = "from", .text = &options.from }, { .name = "to", .text = &options.to },
        { .name = "unit", .text = &options.unit }, { .name = "tz", .text = &options.tz },
        { .name = "by", .text = &options.by },     { .name = "limit", .text = &options.limit },
        { .name = "csv", .flag = &options.csv },
    };
    int first;
    if (!cli_take_options(invocation, known, sizeof(known) / sizeof(known[0]), &first))
        return cli_usage(invocation);
    const int operands = invocation->argc - first;
    if (!cli_count_operands(invocation, first, is_about_a_link(&options) ? 1 : 0, 1))
        return cli_usage(invocation);
    if (options.csv && invocation->json) {
        cli_complain("stats: --csv and --json do not go together");
        return CLI_USAGE;
    }
    struct stats_job job = {
        .invocation = invocation,
        .request.link = { .caller = { .role = ROLE_ADMIN },
                          .ignores_case = invocation->config->links.ignores_alias_case,
                          .arena = arena_new(ARENA_MAX) },
        .csv = options.csv,
    };
    enum cli_status status = CLI_FAILED;
    if (job.request.link.arena)
        status = stats_begin(&job, &options, operands ? &invocation->argv[first] : NULL);
    else
        cli_complain("out of memory");
    arena_free(&job.request.link.arena);
    return status;
}
