/* SPDX-License-Identifier: MIT */
/* The options for the fields of a link, of link add and link edit. */
#pragma once

#include "cli/options.h"
#include "link/link_fields.h"

enum link_option {
#define LINK_OPTION(id, name, value, field, usage, help) OPTION_##id,
#include "cli/link_options.def"
    LINK_OPTIONS,
};

/* What was given of each option; one of the two is used, as the option takes a text or none. */
struct link_options {
    const char *text[LINK_OPTIONS]; /* NULL: not given. link add has its URL as an operand */
    bool flag[LINK_OPTIONS];
    struct option_list tags;
};

/* Writes the entries for cli_take_options that fill `given`; returns their number. */
unsigned link_options_list(struct link_options *given, struct cli_option out[LINK_OPTIONS]);

/* Converts the options to fields; borrows from `given`. False, with a message, for an invalid or
 * contradictory option. */
bool link_options_read(const struct link_options *given, int64_t now, struct link_fields *out);
