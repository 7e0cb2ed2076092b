/* SPDX-License-Identifier: MIT */
/* Stores the links of a batch: looks up which exist, inserts the others in one transaction, and
 * explains those whose codes were taken. */
#include <stdio.h>
#include <string.h>

#include "service/name.h"
#include "transfer/import_batch.h"

enum {
    TRIES = 5,
    COLLISIONS_MAX = 16, /* generated codes that are taken as aliases already */
};

static enum db_result store_result(enum db_result result)
{
    if (result == DB_OK || result == DB_MISSING || result == DB_TAKEN)
        return DB_OK;
    return result == DB_UNAVAILABLE ? DB_UNAVAILABLE : DB_FAILED;
}

/* --- rows --- */

/* The codes of a link: its aliases, then their lower-case forms. */
static unsigned store_n_codes(const struct link *link)
{
    return link->n_aliases + link->n_lowered;
}

static struct slice store_code(const struct link *link, unsigned i)
{
    return i < link->n_aliases ? link->aliases[i] : link->lowered[i - link->n_aliases];
}

/* Remembers the row for those that come after it: its codes, and for a dry run, which cannot find
 * it in the database, its destination. */
static void store_remember_row(struct import *import, const struct link *link,
                               const struct import_row *row)
{
    const struct slice url = link->target.long_url;
    for (unsigned i = 0; i < store_n_codes(link); i++)
        import_seen_add(&import->seen, import_seen_code(store_code(link, i)), url, row->line);
    if (import->dry_run)
        import_seen_add(&import->seen, import_seen_destination(link->owner, url), url, row->line);
}

/* Counts an imported link and publishes it, since the cache may have its codes as absent or as
 * deleted. */
static void store_count_imported(struct import *import, const struct link *link,
                                 const struct import_row *row)
{
    import_report_take(&import->report, row->line, link, row->changes);
    store_remember_row(import, link, row);
    if (!import->dry_run)
        link_cache_publish(import->shortener->cache, link, import->now);
}

/* Reports a row one of whose codes another link has. */
static void store_conflict(struct import *import, const struct link *link,
                           const struct import_row *row, struct slice code)
{
    const struct import_seen_entry *seen = import_seen_find(&import->seen, import_seen_code(code));
    const bool is_code = slice_eq(code, link->code);
    struct error why;
    char other[64] = "another link";
    if (seen)
        snprintf(other, sizeof(other), "line %u of this file", (unsigned)seen->line);
    if (is_code)
        error_set(&why, "%s has this code, and leads elsewhere", other);
    else
        error_set(&why, "%s has its alias %.*s", other, SLICE_ARG(code));
    enum import_refusal kind = seen ? IMPORT_REFUSAL_CODE_TWICE : IMPORT_REFUSAL_CODE_TAKEN;
    import_refuse(import, is_code ? kind : IMPORT_REFUSAL_ALIAS_TAKEN, row, link->code, why.text);
}

/* Handles a row whose code leads to `leads_to` already. */
static void store_pass_over(struct import *import, const struct link *link,
                            const struct import_row *row, struct slice leads_to)
{
    if (slice_eq(leads_to, link->target.long_url))
        import->report.present++;
    else
        store_conflict(import, link, row, link->code);
}

/* --- looking up --- */

/* Some rows of a batch. */
struct store_part {
    struct link *links;
    struct import_row *rows;
    unsigned n;
    struct arena *arena;
};

/* Their codes, and the row of each. */
struct part_codes {
    struct slice *codes;
    unsigned *rows;
    struct target *targets;
    size_t n;
};

static bool store_list_codes(const struct store_part *part, struct part_codes *out)
{
    size_t n = 0;
    for (unsigned i = 0; i < part->n; i++)
        n += store_n_codes(&part->links[i]);
    *out = (struct part_codes){
        .codes = arena_alloc(part->arena, n * sizeof(*out->codes)),
        .rows = arena_alloc(part->arena, n * sizeof(*out->rows)),
        .targets = arena_alloc(part->arena, n * sizeof(*out->targets)),
    };
    if (!out->codes || !out->rows || !out->targets)
        return false;
    for (unsigned i = 0; i < part->n; i++) {
        for (unsigned c = 0; c < store_n_codes(&part->links[i]); c++) {
            out->rows[out->n] = i;
            out->codes[out->n++] = store_code(&part->links[i], c);
        }
    }
    return true;
}

static enum db_result store_resolve_codes(struct import *import, const struct part_codes *codes,
                                          struct arena *arena, struct error *err)
{
    enum db_result result = DB_OK;
    for (size_t from = 0; from < codes->n && result == DB_OK; from += DB_BULK_MAX) {
        size_t n = codes->n - from < DB_BULK_MAX ? codes->n - from : DB_BULK_MAX;
        const struct code_list list = { codes->codes + from, n };
        int tries = 0;
        do
            result =
                db_resolve_many(import->shortener->db, &list, arena, codes->targets + from, err);
        while (result == DB_UNAVAILABLE && ++tries < TRIES);
    }
    return store_result(result);
}

/* Finds out which of the codes exist. */
static enum db_result store_look_up_codes(struct import *import, const struct store_part *part,
                                          struct error *err)
{
    struct part_codes codes;
    if (!store_list_codes(part, &codes)) {
        error_set(err, "out of memory");
        return DB_FAILED;
    }
    enum db_result result = store_resolve_codes(import, &codes, part->arena, err);
    for (size_t i = 0; i < codes.n && result == DB_OK; i++) {
        struct import_row *row = &part->rows[codes.rows[i]];
        const struct target *target = &codes.targets[i];
        if (target->link_id == 0)
            continue;
        if (slice_eq(codes.codes[i], part->links[codes.rows[i]].code)) {
            row->link_id = target->link_id;
            row->leads_to = target->long_url;
        } else if (row->taken.len == 0) {
            row->taken = codes.codes[i];
        }
    }
    return result;
}

/* The rows without codes, and their destinations. */
struct part_destinations {
    struct link_destination *at;
    unsigned *rows;
    uint64_t *ids;
    size_t n;
};

static bool store_list_destinations(const struct store_part *part, struct part_destinations *out)
{
    *out = (struct part_destinations){
        .at = arena_alloc(part->arena, part->n * sizeof(*out->at)),
        .rows = arena_alloc(part->arena, part->n * sizeof(*out->rows)),
        .ids = arena_alloc(part->arena, part->n * sizeof(*out->ids)),
    };
    if (!out->at || !out->rows || !out->ids)
        return false;
    for (unsigned i = 0; i < part->n; i++) {
        const struct link *link = &part->links[i];
        if (part->rows[i].has_code || link->owner_id == IMPORT_OWNER_NEW)
            continue;
        out->rows[out->n] = i;
        out->at[out->n++] = (struct link_destination){ link->owner_id, link->target.long_url };
    }
    return true;
}

/* Finds for rows without codes the links of their owners with the same long URL. */
static enum db_result store_look_up_destinations(struct import *import,
                                                 const struct store_part *part, struct error *err)
{
    struct part_destinations to;
    if (!store_list_destinations(part, &to)) {
        error_set(err, "out of memory");
        return DB_FAILED;
    }
    const struct destination_list list = { to.at, to.n };
    enum db_result result = DB_OK;
    for (int tries = 0; tries < TRIES && to.n > 0; tries++) {
        result = db_links_same_urls(import->shortener->db, &list, part->arena, to.ids, err);
        if (result != DB_UNAVAILABLE)
            break;
    }
    for (size_t i = 0; i < to.n && result == DB_OK; i++)
        part->rows[to.rows[i]].link_id = to.ids[i];
    return store_result(result);
}

/* Sets what the rows say of the database. */
static enum db_result store_look_up(struct import *import, const struct store_part *part,
                                    struct error *err)
{
    for (unsigned i = 0; i < part->n; i++) {
        part->rows[i].link_id = 0;
        part->rows[i].taken.len = 0;
    }
    enum db_result result = store_look_up_codes(import, part, err);
    return result == DB_OK ? store_look_up_destinations(import, part, err) : result;
}

/* Whether the row is settled by what the database has; then it is counted. */
static bool store_settled(struct import *import, const struct link *link,
                          const struct import_row *row)
{
    if (row->link_id && !row->has_code)
        import->report.present++;
    else if (row->link_id)
        store_pass_over(import, link, row, row->leads_to);
    else if (row->taken.len)
        store_conflict(import, link, row, row->taken);
    return row->link_id || row->taken.len;
}

/* --- a dry run --- */

/* The same for what the rows before it would have stored. */
static bool store_settled_by_file(struct import *import, const struct link *link,
                                  const struct import_row *row)
{
    const struct slice url = link->target.long_url;
    if (!row->has_code) {
        bool same = import_seen_find(&import->seen, import_seen_destination(link->owner, url));
        import->report.present += same;
        return same;
    }
    const struct import_seen_entry *entry =
        import_seen_find(&import->seen, import_seen_code(link->code));
    if (entry && import_seen_is(entry, url))
        import->report.present++;
    else if (entry)
        store_conflict(import, link, row, link->code);
    for (unsigned i = 0; i < store_n_codes(link) && !entry; i++) {
        entry = import_seen_find(&import->seen, import_seen_code(store_code(link, i)));
        if (entry)
            store_conflict(import, link, row, store_code(link, i));
    }
    return entry != NULL;
}

static void store_dry(struct import *import, const struct import_batch *batch)
{
    for (unsigned i = 0; i < batch->n; i++) {
        const struct link *link = &batch->links[i];
        const struct import_row *row = &batch->rows[i];
        /* A code that an earlier row would have taken is not taken from the database, so the order
         * of the two does not matter. */
        if (!store_settled(import, link, row) && !store_settled_by_file(import, link, row))
            store_count_imported(import, link, row);
    }
}

/* --- one link --- */

static enum db_result store_name_row(struct import *import, struct link *link,
                                     const struct import_row *row, struct arena *arena,
                                     struct error *err)
{
    link->code_is_alias = row->has_code;
    switch (name_link(import->shortener->codes, arena, link, err)) {
    case OUTCOME_OK:
        return DB_OK;
    case OUTCOME_EXHAUSTED:
        return DB_FAILED;
    default:
        return DB_UNAVAILABLE;
    }
}

/* Stores one link of the batch after the others: it may be the same as one of them, share a code
 * with one, or its code was taken meanwhile. */
static enum db_result store_single(struct import *import, struct import_batch *batch, unsigned i,
                                   struct error *err)
{
    struct link *link = &batch->links[i];
    struct import_row *row = &batch->rows[i];
    const struct store_part part = { link, row, 1, batch->arena };
    enum db_result result = store_look_up(import, &part, err);
    if (result != DB_OK || store_settled(import, link, row))
        return result;
    result = DB_TAKEN;
    for (int tries = 0; tries < COLLISIONS_MAX && result == DB_TAKEN; tries++) {
        result = store_name_row(import, link, row, batch->arena, err);
        if (result == DB_OK)
            result = import_insert(import, link, row, err);
        if (result == DB_REPEATED) {
            import->report.present++;
            return DB_OK;
        }
        if (result == DB_TAKEN && row->has_code) {
            import_refuse(import, IMPORT_REFUSAL_CODE_TAKEN, row, link->code,
                          "another link was given one of its codes");
            return DB_OK;
        }
    }
    if (result == DB_TAKEN) {
        error_set(err, "%d generated codes in a row were taken", COLLISIONS_MAX);
        return DB_FAILED;
    }
    if (result == DB_OK)
        store_count_imported(import, link, row);
    return store_result(result);
}

/* --- a batch --- */

/* The rows before one in its batch. Hashes that collide make a row wait needlessly. */
struct store_before {
    struct import_seen seen;    /* codes and destinations */
    struct import_seen waiting; /* destinations of rows without codes that wait */
};

/* Whether the row has to wait for one before it: it shares a code with that, or its destination
 * where one of them has no code. Adds it to those before. */
static bool store_waits(struct store_before *before, const struct link *link,
                        const struct import_row *row)
{
    const struct slice url = link->target.long_url;
    const uint64_t destination = import_seen_destination(link->owner, url);
    bool waits =
        import_seen_find(row->has_code ? &before->waiting : &before->seen, destination) != NULL;
    for (unsigned i = 0; i < store_n_codes(link); i++) {
        uint64_t key = import_seen_code(store_code(link, i));
        waits = waits || import_seen_find(&before->seen, key);
        import_seen_add(&before->seen, key, url, row->line);
    }
    import_seen_add(&before->seen, destination, url, row->line);
    waits = waits || before->seen.full;
    if (waits && !row->has_code)
        import_seen_add(&before->waiting, destination, url, row->line);
    return waits;
}

/* Puts the rows that the database does not settle at the start of the batch: first those that can
 * be stored together, *together of them, which get ids here (existing links use none), then those
 * that wait. */
static enum db_result store_sort(struct import *import, struct import_batch *batch,
                                 unsigned *together, struct error *err)
{
    struct store_before before = { { .max = IMPORT_SEEN_MAX }, { .max = IMPORT_SEEN_MAX } };
    struct store_part later = {
        .links = arena_alloc(batch->arena, batch->n * sizeof(*later.links)),
        .rows = arena_alloc(batch->arena, batch->n * sizeof(*later.rows)),
    };
    unsigned n = 0;
    enum db_result result = later.links && later.rows ? DB_OK : DB_FAILED;
    if (result != DB_OK)
        error_set(err, "out of memory");
    for (unsigned i = 0; i < batch->n && result == DB_OK; i++) {
        const struct link link = batch->links[i];
        const struct import_row row = batch->rows[i];
        if (store_settled(import, &link, &row))
            continue;
        if (store_waits(&before, &link, &row)) {
            later.links[later.n] = link;
            later.rows[later.n++] = row;
            continue;
        }
        batch->links[n] = link;
        batch->rows[n] = row;
        result = store_name_row(import, &batch->links[n], &row, batch->arena, err);
        n++;
    }
    for (unsigned i = 0; i < later.n; i++) {
        batch->links[n + i] = later.links[i];
        batch->rows[n + i] = later.rows[i];
    }
    batch->n = n + later.n;
    *together = n;
    import_seen_free(&before.seen);
    import_seen_free(&before.waiting);
    return result;
}

static enum db_result store_together(struct import *import, struct import_batch *batch, unsigned n,
                                     struct error *err)
{
    enum db_result result = DB_OK;
    for (int tries = 0; tries < TRIES && n > 0; tries++) {
        result = db_links_insert_many(import->shortener->db, batch->links, n, batch->results, err);
        if (result != DB_UNAVAILABLE)
            break;
    }
    return store_result(result);
}

static enum db_result store_new(struct import *import, struct import_batch *batch,
                                struct error *err)
{
    unsigned n = 0;
    unsigned keyless = 0;
    enum db_result result = store_sort(import, batch, &n, err);
    if (result == DB_OK)
        result = store_result(import_insert_once(import, batch, n, &keyless, err));
    if (result == DB_OK)
        result = store_together(import, batch, keyless, err);
    for (unsigned i = 0; i < batch->n && result == DB_OK; i++) {
        if (i < n && batch->results[i] == DB_OK)
            store_count_imported(import, &batch->links[i], &batch->rows[i]);
        else
            result = store_single(import, batch, i, err);
    }
    return result;
}

enum db_result import_store(struct import *import, struct import_batch *batch, struct error *err)
{
    const struct store_part all = { batch->links, batch->rows, batch->n, batch->arena };
    enum db_result result = batch->n ? store_look_up(import, &all, err) : DB_OK;
    if (result == DB_OK && import->dry_run)
        store_dry(import, batch);
    else if (result == DB_OK && batch->n)
        result = store_new(import, batch, err);
    batch->n = 0;
    arena_reset(batch->arena);
    if (import->step)
        import->step(import->context, import_report_rows(&import->report));
    return result;
}
