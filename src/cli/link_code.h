/* SPDX-License-Identifier: MIT */
/* The link that an argument names: by its code, or by a short URL as copied from a browser. */
#pragma once

#include <stdbool.h>

#include "cli/cli_context.h"
#include "service/manage.h"

/* Sets *text, whose bytes it changes, to the code in it: itself, or the part after base_url (or one
 * of own_domains), with or without a scheme, and with '/', query or fragment after it removed.
 * False, with a message, for any other URL. */
bool cli_read_code(const struct config *config, char **text);

/* A request for the link of that code, by an operator, who may do what an admin may. */
struct manage_request cli_link_request(struct cli_context *context, const char *code);

/* The exit status for the outcome of such a request; prints what was wrong. */
enum cli_status cli_link_status(enum outcome outcome, const char *code, const struct error *err);
