/* SPDX-License-Identifier: MIT */
/* Checks the list of access logs and their formats. */
#pragma once

#include "runtime/config.h"

/* False with the reason, and *key is the key of [edge] at fault. */
bool config_edge_check(const struct config_edge *edge, const char **key, struct error *err);
