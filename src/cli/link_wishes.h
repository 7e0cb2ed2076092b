/* SPDX-License-Identifier: MIT */
/* The options that say what a link is to be, of link add and of link edit. */
#pragma once

#include "cli/options.h"
#include "service/shorten.h"

enum {
    LINK_WISHES_OPTIONS = 13,
};

/* The options as they were given. */
struct link_options {
    const char *url; /* of link edit alone; link add has it as its operand */
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

/* Writes the entries for cli_take_options that fill `given`; returns how many they are. */
unsigned link_options_list(struct link_options *given, struct cli_option out[LINK_WISHES_OPTIONS]);

/* What is wished for; borrows from `given`. False, after a complaint, for what cannot be read or
 * does not go together. */
bool link_options_read(const struct link_options *given, int64_t now, struct wishes *out);
