/* SPDX-License-Identifier: MIT */
/* Finding the files of logs. */
#include "follow/log_names.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <sys/stat.h>

/* --- the list --- */

static bool is_between_places(char c)
{
    return c == ' ' || c == ',' || c == '\t';
}

bool log_place_next(struct slice *list, struct log_place *out, struct error *err)
{
    size_t begin = 0, end = 0;
    err->text[0] = '\0';
    while (begin < list->len && is_between_places(list->at[begin]))
        begin++;
    *list = slice_from(*list, begin);
    while (end < list->len && !is_between_places(list->at[end]))
        end++;
    struct slice word = { list->at, end };
    if (end == 0)
        return false;
    *list = slice_from(*list, end);
    size_t colon = slice_find(word, ':');
    out->kind = log_kind_of((struct slice){ word.at, colon });
    out->path = slice_from(word, colon + 1);
    if (out->kind == LOG_KINDS)
        return error_set(
            err,
            "\"%.*s\": the log's kind is nginx, apache, varnish, lighttpd, cloudflare, "
            "cloudfront or fastly",
            SLICE_ARG(word));
    if (out->path.len > LOG_PATH_MAX || !slice_starts_with(out->path, SLICE("/")))
        return error_set(err, "\"%.*s\": the path is not absolute, or has more than %d bytes",
                         SLICE_ARG(word), LOG_PATH_MAX);
    return true;
}

/* --- the files --- */

struct log_name {
    const char *path;
    int64_t changed_ns;
};

struct log_names {
    struct arena *arena;
    struct slice folder; /* with the slash at its end */
    struct slice name;
    struct log_name *found;
    size_t n;
};

/* Whether an entry of the folder belongs to the log. */
static bool is_of_log(const struct log_names *names, const char *entry)
{
    struct slice text = slice_of(entry), name = names->name;
    if (entry[0] == '.')
        return false;
    if (name.len == 0)
        return true;
    char pattern[LOG_PATH_MAX + 1];
    (void)snprintf(pattern, sizeof(pattern), "%.*s", SLICE_ARG(name));
    if (slice_find(name, '*') < name.len)
        return fnmatch(pattern, entry, 0) == 0;
    return slice_starts_with(text, name) &&
           (text.len == name.len || text.at[name.len] == '.' || text.at[name.len] == '-');
}

static int by_change(const void *a, const void *b)
{
    const struct log_name *x = a, *y = b;
    if (x->changed_ns != y->changed_ns)
        return x->changed_ns < y->changed_ns ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* Of too many, forgets the older half. */
static void make_room(struct log_names *names)
{
    qsort(names->found, names->n, sizeof(*names->found), by_change);
    memmove(names->found, names->found + names->n / 2,
            (names->n - names->n / 2) * sizeof(*names->found));
    names->n -= names->n / 2;
}

static bool log_names_add(struct log_names *names, const char *entry)
{
    char path[2 * LOG_PATH_MAX];
    struct stat status;
    int len = snprintf(path, sizeof(path), "%.*s%s", SLICE_ARG(names->folder), entry);
    if (len < 0 || (size_t)len >= sizeof(path) || stat(path, &status) != 0 ||
        !S_ISREG(status.st_mode))
        return true;
    if (names->n == LOG_FILES_MAX)
        make_room(names);
    names->found[names->n] = (struct log_name){
        arena_copy(names->arena, (struct slice){ path, (size_t)len }),
        (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec,
    };
    return names->found[names->n++].path != NULL;
}

static bool read_folder(struct log_names *names, struct error *err)
{
    char path[LOG_PATH_MAX + 2];
    (void)snprintf(path, sizeof(path), "%.*s", SLICE_ARG(names->folder));
    DIR *dir = opendir(path);
    bool has_room = true;
    if (!dir)
        return error_set(err, "%s: %s", path, strerror(errno));
    for (const struct dirent *entry = readdir(dir); entry && has_room; entry = readdir(dir))
        has_room = !is_of_log(names, entry->d_name) || log_names_add(names, entry->d_name);
    closedir(dir);
    if (!has_room)
        error_set(err, "%s: too many files", path);
    return has_room;
}

bool log_names_list(struct slice path, struct arena *arena, const char *const **out, size_t *n,
                    struct error *err)
{
    size_t slash = path.len;
    while (slash > 0 && path.at[slash - 1] != '/')
        slash--;
    struct log_names names = {
        .arena = arena,
        .folder = { path.at, slash },
        .name = slice_from(path, slash),
        .found = malloc(LOG_FILES_MAX * sizeof(*names.found)),
    };
    bool is_read = names.found && slash > 0 && slash <= LOG_PATH_MAX && read_folder(&names, err);
    const char **paths = is_read ? arena_alloc(arena, (names.n + 1) * sizeof(*paths)) : NULL;
    if (paths) {
        qsort(names.found, names.n, sizeof(*names.found), by_change);
        for (size_t i = 0; i < names.n; i++)
            paths[i] = names.found[i].path;
        *out = paths;
        *n = names.n;
    } else if (is_read || !names.found) {
        error_set(err, "out of memory");
    }
    free(names.found);
    return paths != NULL;
}
