/* SPDX-License-Identifier: MIT */
/* Finds the folder and stores it in the environment, which a program executed next inherits. */
#include "runtime/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXECUTABLE "/proc/self/exe"

static const char VARIABLE[] = "CURT_FOLDER";

static bool find_program(const char *argv0, char out[PATH_MAX])
{
    ssize_t n = readlink(EXECUTABLE, out, PATH_MAX);
    if (n > 0 && n < PATH_MAX) {
        out[n] = '\0';
        return true;
    }
    return argv0 && *argv0 == '/' && snprintf(out, PATH_MAX, "%s", argv0) < PATH_MAX;
}

static bool set(const char *variable, const char *folder, const char *name, int overwrite)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    return setenv(variable, path, overwrite) == 0;
}

bool folder_enter(const char *argv0, const char *name, bool *is_named, struct error *err)
{
    char program[PATH_MAX];
    char *slash = find_program(argv0, program) ? strrchr(program, '/') : NULL;
    if (!slash)
        return error_set(err, "the path of this program is unknown: call it by its absolute path");
    *is_named = strcmp(slash + 1, name) == 0;
    *slash = '\0';
    if (setenv(VARIABLE, program, 1) == 0 && set("CURT_CONFIG", program, "curt.conf", 0) &&
        set("MARIADB_PLUGIN_DIR", program, "lib/plugin", 1))
        return true;
    return error_set(err, "%.200s: %s", program, strerror(errno));
}

const char *folder_find(const char *name, const char *installed, char out[PATH_MAX])
{
    const char *folder = getenv(VARIABLE);
    if (!folder || !*folder || snprintf(out, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return installed;
    return out;
}
