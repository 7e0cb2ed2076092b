/* SPDX-License-Identifier: MIT */
/* Prints links as tables or JSON. */
#pragma once

#include "cli/command.h"
#include "cli/table.h"
#include "link/link.h"

/* Prints a link as one JSON object on a line. */
void link_print_json(const struct invocation *invocation, const struct link *link,
                     struct arena *arena);

/* Prints all fields of one link, one per line; as JSON with --json. */
void link_print(const struct invocation *invocation, const struct link *link, struct arena *arena);

/* An empty table of links with its titles. */
struct table link_table(void);

/* Adds a row; false when the table is full. */
bool link_table_add(struct table *table, const struct link *link, struct arena *arena);
