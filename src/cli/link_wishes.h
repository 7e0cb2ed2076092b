/* SPDX-License-Identifier: MIT */
/* The options for the fields of a link, of link add and link edit. */
#pragma once

#include "cli/options.h"
#include "service/create.h"

enum {
    LINK_WISHES_OPTIONS = 13,
};

/* The texts of the options. */
struct link_options {
    const char *url; /* only of link edit; link add has it as its operand */
    const char *alias;
    const char *expires;
    const char *ttl;
    const char *starts;
    const char *max_clicks;
    const char *status;
    const char *title;
    bool forward_query;
    bool no_forward_query;
    bool no_tags;
    struct option_list tags;
};

/* Writes the entries for cli_take_options that fill `given`; returns their number. */
unsigned link_options_list(struct link_options *given, struct cli_option out[LINK_WISHES_OPTIONS]);

/* Converts the options to fields; borrows from `given`. False, with a message, for an invalid or
 * contradictory option. */
bool link_options_read(const struct link_options *given, int64_t now, struct wishes *out);
