/* SPDX-License-Identifier: MIT */
/* curt.fcgi --check: checks whether a worker of this program can take over from one of another
 * version. */
#pragma once

#include "runtime/config.h"

/* Checks in the database, within its time-outs, that the tables are of this version or a later one.
 * Prints the problem on standard error. Returns the exit status. */
int check_run(const struct config *config);
