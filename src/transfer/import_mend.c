/* SPDX-License-Identifier: MIT */
/* Makes titles and tags fit. */
#include "transfer/import_mend.h"

#include "text/grapheme.h"
#include "text/utf8.h"

/* What a text may have at most, and the kinds of changes to it. */
struct mend_rule {
    size_t max;
    enum import_change line;
    enum import_change cut;
};

static const struct mend_rule TITLE = { LINK_TITLE_MAX, IMPORT_CHANGE_TITLE_LINE,
                                        IMPORT_CHANGE_TITLE_CUT };
static const struct mend_rule TAG = { LINK_TAG_MAX, IMPORT_CHANGE_TAG_LINE, IMPORT_CHANGE_TAG_CUT };

static bool mend_text(struct slice *text, const struct mend_rule *rule, uint64_t *changes,
                      struct arena *arena)
{
    *text = slice_strip(*text);
    if (!utf8_valid(*text))
        return true;
    if (!utf8_is_line(*text)) {
        char *line = arena_alloc(arena, text->len);
        if (!line)
            return false;
        *text = slice_trim((struct slice){ line, utf8_blank_controls(*text, line) });
        *changes |= IMPORT_CHANGE_BIT(rule->line);
    }
    if (text->len > rule->max) {
        *text = slice_trim(grapheme_cut(*text, rule->max));
        *changes |= IMPORT_CHANGE_BIT(rule->cut);
    }
    return true;
}

static bool mend_tags(struct link *link, uint64_t *changes, struct arena *arena)
{
    struct slice *tags = arena_alloc(arena, link->n_tags * sizeof(*tags));
    unsigned n = 0;
    for (unsigned i = 0; i < link->n_tags && tags; i++) {
        struct slice tag = link->tags[i];
        if (!mend_text(&tag, &TAG, changes, arena))
            return false;
        if (tag.len == 0 || n == LINK_TAGS_MAX)
            *changes |=
                IMPORT_CHANGE_BIT(tag.len ? IMPORT_CHANGE_TAGS_DROPPED : IMPORT_CHANGE_TAG_EMPTY);
        else
            tags[n++] = tag;
    }
    link->tags = tags;
    link->n_tags = n;
    return tags != NULL;
}

bool import_mend(struct link_record *record, struct arena *arena)
{
    return mend_text(&record->link.title, &TITLE, &record->changes, arena) &&
           (record->link.n_tags == 0 || mend_tags(&record->link, &record->changes, arena));
}
