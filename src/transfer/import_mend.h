/* SPDX-License-Identifier: MIT */
/* Makes titles and tags of a file fit, where a create would refuse them. */
#pragma once

#include "base/arena.h"
#include "transfer/import_change.h"

/* Changes the title and the tags of record->link, and adds the kinds of the changes to
 * record->changes: line breaks and control characters become spaces, what is too long is cut where
 * a character ends (grapheme_cut), and empty tags and those after the first LINK_TAGS_MAX are
 * dropped. Texts that are not UTF-8 are left for the checks to refuse. New texts are in `arena`;
 * false when it is full. */
bool import_mend(struct link_record *record, struct arena *arena);
