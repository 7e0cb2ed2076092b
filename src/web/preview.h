/* SPDX-License-Identifier: MIT */
/* The preview of a link, "{code}+": where it leads, before a visitor goes there. */
#pragma once

#include <stdbool.h>

#include "web/exchange.h"

/* Whether the request is a GET or HEAD of a preview, and the site has them. No code ends in '+', so
 * only what is no link can be one. */
bool preview_is_wanted(const struct exchange *x);

/* Answers a request for which preview_is_wanted: with a page, or JSON for clients that do not
 * prefer HTML. It counts no click and uses up none of max_clicks, and does not say where a link
 * with max_clicks leads. A code that does not redirect is refused as it would be without the '+'.
 * Returns the HTTP status, or what refuse() returned. */
int preview_answer(struct exchange *x);
