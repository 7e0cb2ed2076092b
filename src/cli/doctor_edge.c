/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks that the access logs of caches in front can be read. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/size_text.h"
#include "follow/log_aside.h"
#include "follow/log_names.h"

static const char WHAT[] = "access logs";

enum {
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
}
