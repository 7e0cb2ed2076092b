/* SPDX-License-Identifier: MIT */
/* curtctl link lower: gives aliases their lower-case forms. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "os/clock.h"
#include "os/monotonic.h"
#include "service/lower_aliases.h"

static void lower_print(const struct invocation *invocation, const struct lower_aliases *work)
{
    const char *added = work->looks ? "missing" : "added";
    const struct json_member members[] = {
        json_member_number("aliases", (int64_t)work->aliases),
        json_member_number(added, (int64_t)work->added),
        json_member_number("present", (int64_t)work->present),
        json_member_number("conflicts", (int64_t)work->conflicts),
    };
    const size_t n = sizeof(members) / sizeof(members[0]);
    if (invocation->json)
        json_print_object(members, n);
    for (size_t i = 0; !invocation->json && i < n; i++)
        printf("%s\t%" PRId64 "\n", members[i].name, members[i].number);
}

static void lower_conflict(void *context, struct slice alias, struct slice lower)
{
    progress_end(context);
    cli_complain("%.*s: another link has %.*s", SLICE_ARG(alias), SLICE_ARG(lower));
}

static void lower_progress(void *context, uint64_t done)
{
    progress_step(context, done, monotonic_us());
}

enum cli_status command_link_lower(const struct invocation *invocation, struct cli_context *context)
{
    struct progress progress = progress_start("aliases read", 0, monotonic_us());
    struct lower_aliases work = {
        .db = context->app.db,
        .cache = &context->app.cache,
        .looks = cli_option(invocation, "dry-run"),
        .now = clock_now(),
        .arena = context->arena,
        .conflict = lower_conflict,
        .step = lower_progress,
        .context = &progress,
    };
    struct error err = { "" };
    enum db_result result = lower_aliases_run(&work, &err);
    progress_end(&progress);
    lower_print(invocation, &work);
    if (work.added && !work.looks)
        cli_context_mind_stale(context, invocation->config);
    if (result == DB_OK && work.conflicts)
        return CLI_FAILED;
    return cli_db_status(result, &err);
}
