/* SPDX-License-Identifier: MIT */
/* Stores rows without codes once, even if two calls have the same row at the same time: each has a
 * key in the transaction of its link. The unique index on the codes does that for other rows. */
#include "service/digest.h"
#include "transfer/import_batch.h"

static bool import_has_key(const struct import *import, const struct import_row *row)
{
    return import->once.len > 0 && !row->has_code;
}

/* A row without a code is the same as another one if owner and long URL are. */
static struct idempotency import_key(const struct import *import, const struct link *link)
{
    const struct slice owner = { (const char *)&link->owner_id, sizeof(link->owner_id) };
    const struct slice name[] = { SLICE("import"), owner, import->once, link->target.long_url };
    struct idempotency key = { .created_at = import->now };
    digest(name, 4, key.key_hash);
    digest(name, 4, key.fingerprint);
    return key;
}

enum db_result import_insert(struct import *import, const struct link *link,
                             const struct import_row *row, struct error *err)
{
    if (!import_has_key(import, row))
        return db_link_insert(import->shortener->db, link, NULL, err);
    const struct idempotency key = import_key(import, link);
    return db_link_insert(import->shortener->db, link, &key, err);
}

/* Puts the first `n` rows in order: those without keys, then those with keys. */
static enum db_result import_part(const struct import *import, struct import_batch *batch,
                                  unsigned n, unsigned *keyless, struct error *err)
{
    struct link *links = arena_alloc(batch->arena, n * sizeof(*links));
    struct import_row *rows = arena_alloc(batch->arena, n * sizeof(*rows));
    unsigned keyed = 0;
    *keyless = 0;
    if (n > 0 && (!links || !rows)) {
        error_set(err, "out of memory");
        return DB_FAILED;
    }
    for (unsigned i = 0; i < n; i++) {
        if (import_has_key(import, &batch->rows[i])) {
            links[keyed] = batch->links[i];
            rows[keyed++] = batch->rows[i];
        } else {
            batch->links[*keyless] = batch->links[i];
            batch->rows[(*keyless)++] = batch->rows[i];
        }
    }
    for (unsigned i = 0; i < keyed; i++) {
        batch->links[*keyless + i] = links[i];
        batch->rows[*keyless + i] = rows[i];
    }
    return DB_OK;
}

enum db_result import_insert_once(struct import *import, struct import_batch *batch, unsigned n,
                                  unsigned *keyless, struct error *err)
{
    *keyless = n;
    if (import->once.len == 0)
        return DB_OK;
    enum db_result result = import_part(import, batch, n, keyless, err);
    if (result != DB_OK || *keyless == n)
        return result;
    const struct link *links = batch->links + *keyless;
    struct idempotency *keys = arena_alloc(batch->arena, (n - *keyless) * sizeof(*keys));
    if (!keys) {
        error_set(err, "out of memory");
        return DB_FAILED;
    }
    for (unsigned i = 0; i < n - *keyless; i++)
        keys[i] = import_key(import, &links[i]);
    result = db_links_insert_once(import->shortener->db, links, keys, n - *keyless, err);
    for (unsigned i = *keyless; i < n; i++)
        batch->results[i] = result;
    return result == DB_TAKEN ? DB_OK : result;
}
