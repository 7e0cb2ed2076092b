/* SPDX-License-Identifier: MIT */
/* Drafting: checks the fields of a create or change and writes them into a link. Uses memory, the
 * clock and the file of blocked domains alone; the database is not asked. */
#pragma once

#include "service/create.h"

/* Writes the fields in `fields->given` into `link` and leaves the others unchanged. Returns
 * OUTCOME_OK, or why a field is refused, with a sentence in `err`. The alias is checked, not
 * written: whether it is taken is for the database to say. */
enum outcome draft_apply(const struct shortener *shortener, const struct create_request *request,
                         struct link *link, struct error *err);

/* Drafts a new link of the caller's with all fields. It has no id yet, and a code only if it has a
 * custom alias. */
enum outcome draft_new(const struct shortener *shortener, const struct create_request *request,
                       struct link *out, struct error *err);
