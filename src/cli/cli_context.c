/* SPDX-License-Identifier: MIT */
/* Opens what commands need, as the configuration says. */
#include "cli/cli_context.h"

#include <errno.h>
#include <unistd.h>

#include "cli/workers_user.h"

enum {
    ARENA_MAX = 256 * 1024 * 1024,
};

static bool cli_context_open(struct cli_context *context, const struct config *config,
                             unsigned needs, struct error *err)
{
    *context = (struct cli_context){ .arena = arena_new(ARENA_MAX) };
    if (!context->arena)
        error_set(err, "out of memory");
    return context->arena && (!needs || app_context_open(&context->app, config, needs, NULL, err));
}

enum cli_status cli_context_run(const struct invocation *invocation)
{
    const unsigned needs = invocation->command->opens;
    struct cli_context context;
    struct error err = { "" };
    enum cli_status status = needs & APP_LINKS ? CLI_CONFIG : CLI_FAILED;
    if (cli_context_open(&context, invocation->config, needs, &err))
        status = invocation->command->run(invocation, &context);
    else
        cli_complain("%s", err.text);
    app_context_close(&context.app);
    arena_free(&context.arena);
    return status;
}

/* Whether workers of this host have a segment that could not be written. */
static bool cli_context_leaves_stale(const struct cli_context *context, const struct config *config)
{
    const char *path = config->segment.path;
    struct workers_user workers;
    if (context->app.local || !config->segment.local_bytes || !path || !*path)
        return false;
    workers_user_find(config, &workers);
    return access(path, F_OK) == 0 || errno == EACCES ||
           (workers.known && workers.uid != geteuid());
}

void cli_context_mind_stale(const struct cli_context *context, const struct config *config)
{
    unsigned ms = config->cache.local_ttl_ms;
    if (ms && cli_context_leaves_stale(context, config))
        cli_complain(
            "done; workers of this host may use the old state for up to %u.%u s (cache.local_ttl)",
            ms / 1000, ms % 1000 / 100);
}
