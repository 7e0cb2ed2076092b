/* SPDX-License-Identifier: MIT */
/* Finds out why a command failed in the database, so that scripts know whether to retry or to
 * correct the configuration. */
#pragma once

#include "cli/command.h"

/* Connects to the database after a command ended with `status`. Returns CLI_CONFIG, after a message
 * with the remedy, when it refuses the user or has no tables; else `status`. */
enum cli_status trouble_of_database(const struct invocation *invocation, enum cli_status status);
