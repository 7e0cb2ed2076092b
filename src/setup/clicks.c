/* SPDX-License-Identifier: MIT */
/* Derives the paths of the click ring and of the spill directory. */
#include "setup/clicks.h"

#include <stdio.h>

enum { PATH_BYTES = 1100 };

typedef enum private_file_result open_ring(const char *path, struct click_ring **out,
                                           struct error *err);

static struct click_ring *open_with(open_ring *open, const struct config *config, struct error *err)
{
    struct click_ring *ring = NULL;
    char path[PATH_BYTES];
    error_set(err, "%s", "");
    if (!config->segment.path || !*config->segment.path)
        return NULL;
    int n = snprintf(path, sizeof(path), "%s.clicks", config->segment.path);
    if (n < 0 || n >= (int)sizeof(path))
        error_set(err, "the name of the click ring beside %.100s is too long",
                  config->segment.path);
    else
        open(path, &ring, err);
    return ring;
}

struct click_ring *clicks_open_ring(const struct config *config, struct error *err)
{
    return open_with(click_ring_open, config, err);
}

struct click_ring *clicks_find_ring(const struct config *config, struct error *err)
{
    return open_with(click_ring_find, config, err);
}

const char *clicks_spill_dir(const struct config *config)
{
    return config->spool.path;
}
