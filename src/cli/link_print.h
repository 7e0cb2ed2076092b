/* SPDX-License-Identifier: MIT */
/* Showing links to people and to scripts. */
#pragma once

#include "cli/command.h"
#include "cli/table.h"
#include "link/link.h"

/* A link as one JSON object on a line. */
void link_print_json(const struct invocation *invocation, const struct link *link,
                     struct arena *arena);

/* All about one link, a line a field; JSON when that was asked for. */
void link_print(const struct invocation *invocation, const struct link *link, struct arena *arena);

/* The titles of a table of links. */
struct table link_table(void);

/* One more row of it; false when it is full. */
bool link_table_add(struct table *table, const struct link *link, struct arena *arena);
