/* SPDX-License-Identifier: MIT */
/* Finds the link of a repeated idempotency key, and a link that equals a draft. */
#include "service/idempotency.h"

#include <assert.h>

#include "service/digest.h"

static_assert((int)DIGEST_BYTES == (int)DB_HASH_BYTES, "a digest fits its column");

struct idempotency idempotency_of(const struct create_request *request)
{
    struct idempotency key = { .created_at = request->now };
    const struct slice owner = { (const char *)&request->caller.user_id,
                                 sizeof(request->caller.user_id) };
    const struct slice name[] = { owner, request->idempotency_key };
    digest(name, 2, key.key_hash);
    digest(&request->body, 1, key.fingerprint);
    return key;
}

static enum create_outcome outcome_of(enum db_result failure)
{
    return failure == DB_UNAVAILABLE ? CREATE_NO_DATABASE : CREATE_UNAVAILABLE;
}

enum create_outcome idempotency_find(const struct shortener *shortener,
                                     const struct create_request *request, int64_t since,
                                     struct link *out, struct error *err)
{
    const struct idempotency wanted = idempotency_of(request);
    struct idempotency found = wanted;
    enum db_result result = db_idempotency_find(shortener->db, &found, since, err);
    if (result == DB_MISSING)
        return CREATE_OK;
    if (result != DB_OK)
        return outcome_of(result);
    if (memcmp(found.fingerprint, wanted.fingerprint, sizeof(found.fingerprint)) != 0) {
        error_set(err, "the Idempotency-Key was used for another body");
        return CREATE_KEY_CONFLICT;
    }
    result = db_link_find_id(shortener->db, found.link_id, request->arena, out, err);
    if (result == DB_MISSING) {
        error_set(err, "the link that the Idempotency-Key made has been deleted");
        return CREATE_KEY_CONFLICT;
    }
    return result == DB_OK ? CREATE_REPEATED : outcome_of(result);
}

static bool idempotency_has_alias(const struct link *link, struct slice alias)
{
    for (unsigned i = 0; i < link->n_aliases; i++) {
        if (slice_eq(link->aliases[i], alias))
            return true;
    }
    return alias.len == 0;
}

/* Tags are sorted on both sides. */
static bool idempotency_same_tags(const struct link *a, const struct link *b)
{
    if (a->n_tags != b->n_tags)
        return false;
    for (unsigned i = 0; i < a->n_tags; i++) {
        if (!slice_eq(a->tags[i], b->tags[i]))
            return false;
    }
    return true;
}

static bool same_expiry(const struct wishes *wishes, const struct link *draft,
                        const struct link *link)
{
    if (wishes->expires_at == 0 && draft->target.expires_at)
        return link->target.expires_at != 0;
    return link->target.expires_at == draft->target.expires_at;
}

static bool idempotency_is_same(const struct create_request *request, const struct link *draft,
                                const struct link *link)
{
    const struct target *a = &draft->target;
    const struct target *b = &link->target;
    enum link_state state = target_state(b, link->used, request->now);
    return (state == LINK_LIVE || state == LINK_SCHEDULED) && slice_eq(a->long_url, b->long_url) &&
           a->redirect_status == b->redirect_status && a->flags == b->flags &&
           a->starts_at == b->starts_at && a->max_clicks == b->max_clicks &&
           slice_eq(draft->title, link->title) && same_expiry(&request->wishes, draft, link) &&
           idempotency_same_tags(draft, link) &&
           idempotency_has_alias(link, request->wishes.custom_alias);
}

enum create_outcome link_find_equal(const struct shortener *shortener,
                                    const struct create_request *request, const struct link *draft,
                                    struct link *out, struct error *err)
{
    struct link_page page = { .n = 0 };
    const struct link_destination to = { draft->owner_id, draft->target.long_url };
    enum db_result result = db_links_same_url(shortener->db, &to, request->arena, &page, err);
    if (result != DB_OK && result != DB_MISSING)
        return outcome_of(result);
    for (size_t i = 0; i < page.n; i++) {
        if (idempotency_is_same(request, draft, &page.links[i])) {
            *out = page.links[i];
            return CREATE_REUSED;
        }
    }
    return CREATE_OK;
}
