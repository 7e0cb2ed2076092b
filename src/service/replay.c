/* SPDX-License-Identifier: MIT */
/* Replays the spool batch by batch, and one by one where a batch is refused. */
#include "service/replay.h"

#include "service/digest.h"

enum {
    ARENA_MAX = 4 * REPLAY_BATCH * SPOOL_ENTRY_MAX,
    TRIES_MAX =
        16, /* more changes of a link by others in a row than this: something else is wrong */
};

/* The arguments of a step. */
struct step {
    struct shortener *shortener;
    int64_t now;
    int64_t now_ms;
    struct arena *arena;
    struct replay_done *out;
    struct error *err;
};

/* --- idempotency keys --- */

/* An idempotency key for this create alone. It is a digest of three texts, a client's key one of
 * two, so they never collide. */
static struct idempotency own_key(const struct spool_entry *entry, int64_t now)
{
    const uint64_t id = entry->link.target.link_id;
    const struct slice texts[] = { SLICE("spool"), { (const char *)&id, sizeof(id) }, SLICE("") };
    struct idempotency key = { .created_at = now };
    digest(texts, 3, key.key_hash);
    return key;
}

/* The create's idempotency key. Its time is now, so that it is kept for a day from now, however old
 * the create is. */
static struct idempotency replay_key_of(const struct spool_entry *entry, int64_t now)
{
    if (!entry->has_key)
        return own_key(entry, now);
    struct idempotency key = entry->key;
    key.created_at = now;
    return key;
}

/* --- after the database has answered --- */

/* Counts a link that the database has stored; the local cache keeps its entry fresh until
 * `fresh_until_ms`. */
static void replay_confirm(const struct step *step, const struct link *link, int64_t fresh_until_ms)
{
    step->out->replayed++;
    link_cache_confirm(step->shortener->cache, link, fresh_until_ms);
}

/* Publishes to the caches what the database has for the code. */
static enum db_result correct(const struct step *step, const struct link *link)
{
    struct link other = { .n_aliases = 0 };
    enum db_result result =
        db_resolve(step->shortener->db, link->code, step->arena, &other.target, step->err);
    other.code = link->code;
    if (result == DB_OK)
        link_cache_publish(step->shortener->cache, &other, step->now);
    else if (result == DB_MISSING)
        link_cache_delete(step->shortener->cache, link, step->now);
    return result == DB_MISSING ? DB_OK : result;
}

static enum db_result reject(const struct step *step, const struct spool_entry *entry,
                             const char *why)
{
    enum db_result result = correct(step, &entry->link);
    if (result != DB_OK)
        return result;
    if (!spool_reject(step->shortener->spool, &entry->link, why, step->err))
        return DB_FAILED;
    step->out->rejected++;
    error_set(&step->out->left_out, "%.*s was accepted with 202 and cannot be stored: %s",
              SLICE_ARG(entry->link.code), why);
    return DB_OK;
}

/* --- one by one --- */

static enum db_result insert_alone(const struct step *step, const struct spool_entry *entry,
                                   const struct idempotency *key)
{
    enum db_result result = db_link_insert(step->shortener->db, &entry->link, key, step->err);
    if (result == DB_TAKEN)
        return reject(step, entry, "its code is an alias of another link");
    /* An interrupted replay may have stored it, and its owner changed it since on another host. */
    if (result == DB_OK)
        replay_confirm(step, &entry->link, step->now_ms);
    return result;
}

/* Adds the create's code to `link`, which the same create has stored before. */
static enum db_result add_code(const struct step *step, const struct spool_entry *entry,
                               struct link *link)
{
    struct slice *aliases = arena_alloc(step->arena, (link->n_aliases + 1) * sizeof(*aliases));
    if (!aliases)
        return DB_FAILED;
    enum db_result result =
        db_link_update(step->shortener->db, link, entry->link.code, NULL, step->err);
    if (result != DB_OK)
        return result;
    for (unsigned i = 0; i < link->n_aliases; i++)
        aliases[i] = link->aliases[i];
    aliases[link->n_aliases++] = entry->link.code;
    link->aliases = aliases;
    link->target.version++;
    link_cache_publish(step->shortener->cache, link, step->now);
    step->out->replayed++;
    return DB_OK;
}

/* The idempotency key was used before: by the same create, whose answer was lost when the database
 * became unavailable. */
static enum db_result join(const struct step *step, const struct spool_entry *entry)
{
    struct db *db = step->shortener->db;
    const struct idempotency own = own_key(entry, step->now);
    struct idempotency used = entry->key;
    enum db_result result = db_idempotency_find(db, &used, INT64_MIN, step->err);
    for (int tries = 0; tries < TRIES_MAX && result == DB_OK; tries++) {
        struct link link;
        if (memcmp(used.fingerprint, entry->key.fingerprint, sizeof(used.fingerprint)) != 0)
            return insert_alone(step, entry, &own); /* one key, two different requests: two links */
        result = db_link_find_id(db, used.link_id, step->arena, &link, step->err);
        if (result == DB_MISSING)
            return reject(step, entry, "the link that its Idempotency-Key made has been deleted");
        if (result == DB_OK && link.n_aliases >= LINK_ALIASES_MAX)
            return insert_alone(step, entry, &own);
        if (result == DB_OK)
            result = add_code(step, entry, &link);
        if (result == DB_TAKEN)
            return reject(step, entry, "its code is an alias of another link");
        if (result != DB_STALE && result != DB_MISSING)
            return result;
        result = DB_OK; /* another process has just changed or deleted it */
    }
    return result == DB_OK || result == DB_MISSING ? DB_UNAVAILABLE : result;
}

static enum db_result replay_one(const struct step *step, const struct spool_entry *entry)
{
    const struct idempotency key = replay_key_of(entry, step->now);
    enum db_result result = insert_alone(step, entry, &key);
    return result == DB_REPEATED ? join(step, entry) : result;
}

/* Replays the batch one by one. If the database refuses some entries, they are rejected; if it
 * refuses all of them, the database is at fault and none is. */
static enum db_result replay_each(const struct step *step, const struct spool_batch *batch)
{
    struct spool_entry **refused =
        arena_alloc(step->arena, (batch->n + 1) * sizeof(struct spool_entry *));
    size_t n = 0;
    enum db_result result = refused ? DB_OK : DB_FAILED;
    for (size_t i = 0; i < batch->n && refused; i++) {
        result = replay_one(step, &batch->entries[i]);
        if (result == DB_FAILED)
            refused[n++] = &batch->entries[i];
        else if (result != DB_OK)
            return result;
    }
    if (n == 0)
        return result;
    if (n == batch->n)
        return DB_FAILED;
    result = DB_OK;
    for (size_t i = 0; i < n && result == DB_OK; i++)
        result = reject(step, refused[i], "the database refuses it");
    return result;
}

/* --- batches --- */

static enum db_result replay_batch(const struct step *step, const struct spool_batch *batch)
{
    struct link *links = arena_alloc(step->arena, batch->n * sizeof(*links));
    struct idempotency *keys = arena_alloc(step->arena, batch->n * sizeof(*keys));
    if (!links || !keys) {
        error_set(step->err, "no memory to replay the spool");
        return DB_FAILED;
    }
    for (size_t i = 0; i < batch->n; i++) {
        links[i] = batch->entries[i].link;
        keys[i] = replay_key_of(&batch->entries[i], step->now);
    }
    enum db_result result =
        db_links_insert_once(step->shortener->db, links, keys, batch->n, step->err);
    if (result == DB_TAKEN || result == DB_FAILED)
        return replay_each(step, batch);
    for (size_t i = 0; i < batch->n && result == DB_OK; i++)
        replay_confirm(step, &links[i], step->now_ms + step->shortener->cache->policy.ttl_ms);
    return result;
}

static enum db_result replay_next(const struct step *step)
{
    struct spool *spool = step->shortener->spool;
    struct spool_batch batch;
    if (!spool_next(spool, REPLAY_BATCH, step->arena, &batch, &step->out->left_out))
        return DB_OK;
    enum db_result result = replay_batch(step, &batch);
    if (result == DB_OK && !spool_done(spool, &batch, step->err))
        result = DB_FAILED;
    step->out->more = result == DB_OK;
    return result;
}

enum db_result replay_step(struct shortener *shortener, int64_t now, int64_t now_ms,
                           struct replay_done *out, struct error *err)
{
    const struct metric_labels none = { 0 };
    const struct step step = { shortener, now, now_ms, arena_new(ARENA_MAX), out, err };
    *out = (struct replay_done){ .more = false };
    if (!step.arena) {
        error_set(err, "no memory to replay the spool");
        return DB_FAILED;
    }
    enum db_result result = replay_next(&step);
    metrics_add(shortener->metrics, METRIC_SPOOL_REPLAYED, none, out->replayed);
    metrics_add(shortener->metrics, METRIC_SPOOL_REJECTED, none, out->rejected);
    struct arena *arena = step.arena;
    arena_free(&arena);
    return result;
}
