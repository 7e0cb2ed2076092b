/* SPDX-License-Identifier: MIT */
/* Why a command failed that works on the database: whoever scripts it has to know whether to try
 * again or to mend something. */
#pragma once

#include "cli/command.h"

/* Asks the database itself, after a command ended with `status`. CLI_CONFIG, after a sentence with
 * the cure, when it lets us in no more or has no tables; else `status`. */
enum cli_status trouble_of_database(const struct invocation *invocation, enum cli_status status);
