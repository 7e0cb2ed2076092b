/* SPDX-License-Identifier: MIT */
/* Lists and renames tags. */
#include "service/tags.h"

#include "text/utf8.h"

bool tag_is_valid(struct slice tag)
{
    return tag.len > 0 && tag.len <= LINK_TAG_MAX && utf8_is_line(tag);
}

/* Finds the owner; OUTCOME_MISSING: there is no such user. */
static enum outcome tags_find_owner(struct db *db, const struct tags_request *request, uint32_t *id,
                                    struct error *err)
{
    *id = request->caller.user_id;
    if (request->owner.len == 0 || slice_eq(request->owner, request->caller.user))
        return OUTCOME_OK;
    if (request->caller.role != ROLE_ADMIN) {
        error_set(err, "Only an admin may see or change the tags of others.");
        return OUTCOME_FORBIDDEN;
    }
    struct user user;
    enum db_result found = db_user_find(db, request->owner, request->arena, &user, err);
    if (found == DB_OK)
        *id = user.id;
    return outcome_of(found);
}

enum outcome tags_list(struct db *db, const struct tags_request *request,
                       const struct tag_query *query, struct tag_page *out, struct error *err)
{
    struct tag_query whole = *query;
    *out = (struct tag_page){ .n = 0 };
    enum outcome outcome = tags_find_owner(db, request, &whole.owner_id, err);
    if (outcome == OUTCOME_MISSING)
        return OUTCOME_OK;
    return outcome == OUTCOME_OK ? outcome_of(db_tag_list(db, &whole, request->arena, out, err))
                                 : outcome;
}

enum outcome tags_rename(struct db *db, const struct tags_request *request,
                         const struct tag_rename *rename, struct tag_renamed *out,
                         struct error *err)
{
    struct tag_rename whole = *rename;
    *out = (struct tag_renamed){ 0 };
    whole.now = request->now;
    whole.to = slice_trim(whole.to);
    if (!tag_is_valid(whole.to)) {
        error_set(err, "a tag is 1 to %d bytes of UTF-8 without control characters", LINK_TAG_MAX);
        return OUTCOME_INVALID_FIELD;
    }
    enum outcome outcome = tags_find_owner(db, request, &whole.owner_id, err);
    if (outcome != OUTCOME_OK || slice_eq(whole.from, whole.to))
        return outcome;
    struct tag_renamed batch = { .more = true };
    while (batch.more && out->links < TAGS_RENAME_MAX) {
        enum db_result result = db_tag_rename(db, &whole, &batch, err);
        if (result != DB_OK)
            return outcome_of(result);
        out->links += batch.links;
    }
    out->more = batch.more;
    return out->links || out->more ? OUTCOME_OK : OUTCOME_MISSING;
}
