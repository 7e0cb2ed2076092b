/* SPDX-License-Identifier: MIT */
/* The folder of a relocatable installation (script/hosting): configuration, schema and the
 * directory of spool files are beside the program. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"

/* For the program of such a folder, before anything else and in one thread: finds its path in
 * /proc, or in `argv0` where that is absolute, and sets in the environment CURT_FOLDER, CURT_CONFIG
 * (FOLDER/curt.conf, unless it is set) and MARIADB_PLUGIN_DIR (FOLDER/lib/plugin, where the client
 * library looks for authentication plugins). *is_named: the program file is called `name`. */
bool folder_enter(const char *argv0, const char *name, bool *is_named, struct error *err);

/* FOLDER/name, written to `out`, or `installed` itself for programs that `make
 * install` has installed. */
const char *folder_find(const char *name, const char *installed, char out[PATH_MAX]);
