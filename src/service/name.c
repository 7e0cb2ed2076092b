/* SPDX-License-Identifier: MIT */
/* Allocates the id of a new link, and its code unless it has an alias. */
#include "service/name.h"

enum create_outcome name_link(struct codes *codes, struct arena *arena, struct link *link,
                              struct error *err)
{
    char code[CODE_MAX + 1];
    enum sequence_result result = link->code_is_alias
                                      ? codes_next_id(codes, &link->target.link_id, err)
                                      : codes_next(codes, &link->target.link_id, code, err);
    if (result != SEQUENCE_OK)
        return result == SEQUENCE_EXHAUSTED ? CREATE_EXHAUSTED : CREATE_UNAVAILABLE;
    if (link->code_is_alias)
        return CREATE_OK;
    const char *copy = arena_copy(arena, slice_of(code));
    link->code = slice_of(copy);
    return copy ? CREATE_OK : CREATE_UNAVAILABLE;
}
