/* SPDX-License-Identifier: MIT */
/* Allocates the id of a new link, and its code unless it has an alias. */
#include "service/name.h"

enum outcome name_link(struct codes *codes, struct arena *arena, struct link *link,
                       struct error *err)
{
    char code[CODE_MAX + 1];
    enum outcome outcome = link->code_is_alias
                               ? codes_next_id(codes, &link->target.link_id, err)
                               : codes_next(codes, &link->target.link_id, code, err);
    if (outcome != OUTCOME_OK || link->code_is_alias)
        return outcome;
    const char *copy = arena_copy(arena, slice_of(code));
    link->code = slice_of(copy);
    return copy ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
}
