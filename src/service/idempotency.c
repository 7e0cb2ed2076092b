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

static enum outcome idempotency_failed(enum db_result failure)
{
    return failure == DB_UNAVAILABLE ? OUTCOME_NO_DATABASE : OUTCOME_UNAVAILABLE;
}

enum outcome idempotency_find(const struct shortener *shortener,
                              const struct create_request *request, int64_t since, struct link *out,
                              struct error *err)
{
    const struct idempotency wanted = idempotency_of(request);
    struct idempotency found = wanted;
    enum db_result result = db_idempotency_find(shortener->db, &found, since, err);
    if (result == DB_MISSING)
        return OUTCOME_OK;
    if (result != DB_OK)
        return idempotency_failed(result);
    if (memcmp(found.fingerprint, wanted.fingerprint, sizeof(found.fingerprint)) != 0) {
        error_set(err, "the Idempotency-Key was used for another body");
        return OUTCOME_KEY_CONFLICT;
    }
    result = db_link_find_id(shortener->db, found.link_id, request->arena, out, err);
    if (result == DB_MISSING) {
        error_set(err, "the link that the Idempotency-Key made has been deleted");
        return OUTCOME_KEY_CONFLICT;
    }
    return result == DB_OK ? OUTCOME_REPEATED : idempotency_failed(result);
}

static bool same_expiry(const struct link_fields *fields, const struct link *draft,
                        const struct link *link)
{
    if (fields->link.target.expires_at == 0 && draft->target.expires_at)
        return link->target.expires_at != 0;
    return link->target.expires_at == draft->target.expires_at;
}

/* Whether all fields that a create sets are equal. Tags are sorted on both sides. */
static bool idempotency_is_same(const struct create_request *request, const struct link *draft,
                                const struct link *link)
{
    enum link_state state = target_state(&link->target, link->used, request->now);
    bool same = state == LINK_LIVE || state == LINK_SCHEDULED;
    for (unsigned i = 0; i < LINK_FIELDS && same; i++) {
        if (link_field_rows[i].is_settable)
            same = i == FIELD_EXPIRES_AT ? same_expiry(&request->fields, draft, link)
                                         : link_field_equal(draft, link, (enum link_field)i);
    }
    return same && (request->fields.custom_alias.len == 0 ||
                    link_has_alias(link, request->fields.custom_alias));
}

enum outcome link_find_equal(const struct shortener *shortener,
                             const struct create_request *request, const struct link *draft,
                             struct link *out, struct error *err)
{
    struct link_page page = { .n = 0 };
    const struct link_destination to = { draft->owner_id, draft->target.long_url };
    enum db_result result = db_links_same_url(shortener->db, &to, request->arena, &page, err);
    if (result != DB_OK && result != DB_MISSING)
        return idempotency_failed(result);
    for (size_t i = 0; i < page.n; i++) {
        if (idempotency_is_same(request, draft, &page.links[i])) {
            *out = page.links[i];
            return OUTCOME_REUSED;
        }
    }
    return OUTCOME_OK;
}
