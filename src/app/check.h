/* SPDX-License-Identifier: MIT */
/* curt.fcgi --check: whether a worker of this program could take over from one of another. */
#pragma once

#include "runtime/config.h"

/* Asks the database, within its time-outs, whether its tables are of this version or a later one.
 * Says on standard error what is in the way. Returns the exit status. */
int check_run(const struct config *config);
