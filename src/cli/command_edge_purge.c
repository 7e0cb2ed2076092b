/* SPDX-License-Identifier: MIT */
/* curtctl edge purge: tells the caches of `edge.purge` of changed links. */
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/end_signal.h"
#include "cli/options.h"
#include "cli/trouble.h"
#include "os/monotonic.h"
#include "upkeep/edge_purger.h"

static void complain_of_cache(void *context, const struct edge_target *target, const char *error)
{
    bool *has_failed = context;
    *has_failed |= error != NULL;
    cli_complain("%s:%.*s: %s", edge_kind_name(target->kind), SLICE_ARG(target->place),
                 error ? error : "takes changes again");
}

/* Until SIGTERM or SIGINT; with --once until all caches have been told of all changes, or one of
 * them has failed. */
static void purge_on(struct edge_purger *purger, bool is_once, const bool *has_failed)
{
    sigset_t signals;
    int64_t pause_ms = 0;
    end_signal_block(&signals);
    while (!end_signal_wait(&signals, pause_ms)) {
        pause_ms = edge_purger_step(purger, monotonic_ms());
        if (is_once && (edge_purger_is_done(purger) || *has_failed))
            break;
    }
}

enum cli_status command_edge_purge(const struct invocation *invocation, struct cli_context *context)
{
    struct error err = { "" };
    bool has_failed = false;
    struct edge_purger purger = {
        .config = invocation->config,
        .db = context->app.db,
        .metrics = metrics_open(context->app.segment, &err),
        .arena = context->arena,
        .note = complain_of_cache,
        .context = &has_failed,
    };
    if (!*invocation->config->edge.purge)
        return cli_fail(CLI_CONFIG, "no caches are configured (purge of [edge])");
    enum db_result result = db_ping(purger.db, &err);
    if (result == DB_OK) {
        edge_purger_open(&purger);
        purge_on(&purger, cli_option(invocation, "once") != NULL, &has_failed);
        edge_purger_close(&purger);
    }
    metrics_close(&purger.metrics);
    return has_failed ? CLI_FAILED : cli_db_status(result, &err);
}
