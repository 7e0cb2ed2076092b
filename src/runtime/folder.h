/* SPDX-License-Identifier: MIT */
/* The folder of a Curt that runs wherever it was unpacked (script/hosting): its configuration, its
 * schema and its directory for what waits are beside the program. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"

/* For the program of such a folder, first of all and in one thread: learns from /proc where it
 * lies, or from `argv0` where that is an absolute path, and leaves in the environment CURT_FOLDER,
 * CURT_CONFIG (FOLDER/curt.conf, unless it is set) and MARIADB_PLUGIN_DIR (FOLDER/lib/plugin, where
 * the client library looks for authentication plugins). *is_named is whether the program file is
 * called `name`. */
bool folder_enter(const char *argv0, const char *name, bool *is_named, struct error *err);

/* Where the folder is; NULL for programs that make install has put elsewhere. */
const char *folder_path(void);

/* FOLDER/name, written to `out`, or `installed` itself where there is no folder. */
const char *folder_find(const char *name, const char *installed, char out[PATH_MAX]);
