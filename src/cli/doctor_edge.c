/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks that the access logs of caches in front can be read, and that the caches
 * can be told of changes. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/size_text.h"
#include "edge/edge_target.h"
#include "follow/log_aside.h"
#include "follow/log_names.h"

static const char WHAT[] = "access logs";
static const char CACHES[] = "caches in front";

enum {
    EDGE_TTL_SHORT_S = 60, /* no warning up to this edge_ttl */
    NAMES_ARENA_MAX = LOG_FILES_MAX * (LOG_PATH_MAX + 64),
};

/* The first file that cannot be read; NULL if all can. */
static const char *first_unreadable(const char *const *paths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (access(paths[i], R_OK) != 0 && errno != ENOENT)
            return paths[i];
    }
    return NULL;
}

static void check_files(struct doctor *doctor, const struct log_place *place,
                        const char *const *paths, size_t n)
{
    const char *unreadable = first_unreadable(paths, n);
    if (unreadable)
        doctor_wrong(doctor, WHAT,
                     "let the workers' user read it (usermod -aG adm), or set "
                     "logs_reader = command in [edge] and run "
                     "curt-follow.service",
                     "%s: %s", unreadable, strerror(errno));
    else if (n == 0)
        doctor_warning(doctor, WHAT,
                       "have the cache write it (docs/edge.md), or mend logs "
                       "of [edge]",
                       "%.*s: there is no such log", SLICE_ARG(place->path));
    else
        doctor_ok(doctor, WHAT, "%.*s: %zu file%s", SLICE_ARG(place->path), n, n == 1 ? "" : "s");
}

static void check_place(struct doctor *doctor, const struct log_place *place)
{
    const char *const *paths;
    size_t n;
    struct error err = { "" };
    struct arena *arena = arena_new(NAMES_ARENA_MAX);
    if (arena && log_names_list(place->path, arena, &paths, &n, &err))
        check_files(doctor, place, paths, n);
    else
        doctor_wrong(doctor, WHAT,
                     "let the workers' user read this folder (usermod -aG "
                     "adm), or mend logs of [edge]",
                     "%s", err.text);
    arena_free(&arena);
}

static void check_aside(struct doctor *doctor)
{
    const char *folder = doctor->config->spool.path;
    char size[SIZE_TEXT_BYTES];
    int64_t bytes = log_aside_size(folder);
    if (bytes > 0)
        doctor_warning(doctor, WHAT,
                       "compare them with the format of the log (docs/edge.md), "
                       "then delete the file",
                       "%s/unreadable-log-lines has %s of lines that could not be read", folder,
                       size_text((uint64_t)bytes, size));
}

/* A folder that the workers' user cannot change. */
static void check_folder(struct doctor *doctor, const char *path)
{
    if (access(path, R_OK | W_OK | X_OK) == 0)
        doctor_ok(doctor, CACHES, "%s can be purged", path);
    else if (errno == ENOENT)
        doctor_warning(doctor, CACHES, "start the web server, or mend purge of [edge]",
                       "%s: there is no such folder", path);
    else
        doctor_wrong(doctor, CACHES,
                     "let the workers' user write to it (ReadWritePaths= of curt.service), or set "
                     "purge_by = command in [edge] and run curt-purge.service",
                     "%s: %s", path, strerror(errno));
}

static void check_caches(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct slice list = slice_of(config->edge.purge);
    struct edge_target target;
    struct error err;
    if (!*config->edge.purge && config->cache.edge_ttl_s > EDGE_TTL_SHORT_S)
        doctor_warning(doctor, CACHES,
                       "name the cache in purge of [edge], or make edge_ttl shorter: docs/edge.md",
                       "caches may keep redirects for more than a minute (edge_ttl), and are not "
                       "told of changes");
    if (config->edge.purge_by_command && *config->edge.purge)
        doctor_ok(doctor, CACHES, "are purged by curtctl edge purge");
    while (!config->edge.purge_by_command && edge_target_next(&list, &target, &err)) {
        char path[EDGE_PLACE_MAX + 1];
        (void)snprintf(path, sizeof(path), "%.*s", SLICE_ARG(target.place));
        if (edge_is_folder(target.kind))
            check_folder(doctor, path);
    }
}

void doctor_check_edge(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct slice list = slice_of(config->edge.logs);
    struct log_place place;
    struct error err;
    if (!*config->edge.logs && config->cache.edge_ttl_s)
        doctor_warning(doctor, WHAT,
                       "name the cache's access log in logs of [edge]: "
                       "docs/edge.md",
                       "caches may keep redirects (edge_ttl), and clicks that they answer are not "
                       "counted");
    if (config->edge.logs_by_command && *config->edge.logs)
        doctor_ok(doctor, WHAT, "are read by curtctl clicks follow");
    while (!config->edge.logs_by_command && log_place_next(&list, &place, &err))
        check_place(doctor, &place);
    check_aside(doctor);
    check_caches(doctor);
}
