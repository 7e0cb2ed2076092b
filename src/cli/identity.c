/* SPDX-License-Identifier: MIT */
/* Switches from root to the workers' user. */
#include "cli/identity.h"

#include <stdlib.h>
#include <unistd.h>

/* Reads the configuration again as the current user, since defaults such as the spool's path depend
 * on it. Where it is not readable, root's stays in use. */
static void read_again(const char *path, struct config **config, struct identity *identity)
{
    struct error err = { "" };
    struct config *own = config_load(path, &err);
    identity->readable = own != NULL;
    if (!own)
        return;
    config_free(config);
    *config = own;
}

static bool become(const struct invocation *invocation, struct config **config,
                   struct identity *identity, struct error *err)
{
    struct config *theirs =
        config_load_for(invocation->config_path, (unsigned)identity->user.uid, err);
    if (!theirs)
        return false;
    config_free(config);
    *config = theirs;
    identity->became = workers_user_become(&identity->user, err);
    if (identity->became)
        read_again(invocation->config_path, config, identity);
    return identity->became;
}

/* Finds the user of --as; false with the reason. */
static bool find_named(const char *name, struct workers_user *out, struct error *err)
{
    if (!workers_user_named(name, out, err))
        return false;
    if (geteuid() == 0 || geteuid() == out->uid)
        return true;
    return error_set(err, "--as %s: only root can run as another user", name);
}

struct config *identity_load(const struct invocation *invocation, struct identity *out,
                             enum cli_status *status, struct error *err)
{
    *out = (struct identity){ .readable = true };
    *status = CLI_USAGE;
    if (invocation->as_user && !find_named(invocation->as_user, &out->user, err))
        return NULL;
    *status = CLI_CONFIG;
    struct config *config = config_load(invocation->config_path, err);
    if (!config || geteuid() != 0)
        return config;
    if (!out->user.known && invocation->command->needs & COMMAND_AS_WORKERS)
        workers_user_find(config, &out->user);
    bool sure = out->user.trusted || invocation->command->needs & COMMAND_LOOKS;
    if (out->user.known && sure && out->user.uid != 0 && !become(invocation, &config, out, err))
        config_free(&config);
    return config;
}

void identity_mind_ring(const struct click_ring *ring)
{
    if (!ring && geteuid() == 0)
        cli_complain(
            "root's workers have recorded no clicks here: give the workers' user with --as");
}
