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

static bool stats_read_time(const struct invocation *invocation, const char *name,
                            const struct zone *zone, int64_t *out)
{
    const char *text = cli_option(invocation, name);
    *out = STATS_NO_TIME;
    if (!text || stats_time_read(slice_of(text), zone, out))
        return true;
    return cli_complain("--%s is a date, or a date and time like 2027-01-01T00:00:00Z", name);
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
    return cli_complain("stats: --tz \"%s\" %s", name, zone ? why.text : "needs more memory");
}

static bool stats_read_range(const struct invocation *invocation, struct arena *arena,
                             struct stats_range *out)
{
    const char *unit = cli_option(invocation, "unit");
    int64_t from;
    int64_t to;
    out->unit = STATS_DAY;
    if (unit)
        stats_unit_read(slice_of(unit), &out->unit);
    if (!stats_read_zone(cli_option(invocation, "tz"), arena, out) ||
        !stats_read_time(invocation, "from", out->zone, &from) ||
        !stats_read_time(invocation, "to", out->zone, &to))
        return false;
    if (stats_range_set(out, from, to, clock_now()))
        return true;
    return cli_complain("--from must not be after --to, with at most %d units between them",
                        STATS_BUCKETS_MAX);
}

static bool stats_read_query(const struct invocation *invocation, struct arena *arena,
                             struct stats_query *out)
{
    const char *by = cli_option(invocation, "by");
    uint64_t top = STATS_TOP_DEFAULT;
    out->by = STATS_ALL_DIMENSIONS;
    if (by && !stats_dimensions_read(slice_of(by), &out->by))
        return cli_complain(
            "--by is referrer, country, browser, os or device, or a comma-separated "
            "list of them");
    if (!cli_option_number(invocation, "limit", STATS_TOP_MAX, &top))
        return false;
    out->top = (unsigned)top;
    return stats_read_range(invocation, arena, &out->range);
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
    if (cli_option(job->invocation, "csv"))
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
        return cli_fail(CLI_MISSING, "no link has the code %.*s",
                        SLICE_ARG(job->request.link.code));
    default:
        return cli_fail(CLI_UNAVAILABLE, "%s", err.text);
    }
    if (print_statistics(job, &statistics))
        return CLI_OK;
    return cli_fail(CLI_FAILED, "out of memory");
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

enum cli_status command_stats(const struct invocation *invocation, struct cli_context *context)
{
    struct stats_job job = {
        .invocation = invocation,
        .request.link = { .caller = { .role = ROLE_ADMIN },
                          .ignores_case = invocation->config->links.ignores_alias_case,
                          .arena = context->arena },
        .db = context->app.db,
    };
    if (invocation->n_operands == 0 && invocation->n_given == 0)
        return print_totals(invocation, job.db);
    if (invocation->n_operands == 0) {
        cli_complain("stats: an argument is missing");
        return cli_usage(invocation);
    }
    if (cli_option(invocation, "csv") && invocation->json)
        return cli_fail(CLI_USAGE, "stats: --csv and --json do not go together");
    if (!stats_read_query(invocation, context->arena, &job.request.query))
        return CLI_USAGE;
    if (!cli_read_code(invocation->config, &invocation->operands[0]))
        return CLI_MISSING;
    job.request.link.code = slice_of(invocation->operands[0]);
    return stats_look(&job);
}
