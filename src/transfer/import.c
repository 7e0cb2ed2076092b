/* SPDX-License-Identifier: MIT */
/* Imports links: reads and checks them, stores them in batches, and reports conflicts. */
#include "transfer/import.h"

#include <stdlib.h>
#include <string.h>

#include "link/code.h"
#include "service/draft.h"

enum {
    ARENA_MAX = 128 * 1024 * 1024,
    BATCH_BYTES = 16 * 1024 * 1024, /* a batch is stored when it has this many bytes */
    TRIES = 5,
};

struct batch {
    struct arena *arena;
    bool fits; /* the link that was checked last is added to the batch */
    unsigned n;
    struct link links[IMPORT_BATCH];
    uint64_t lines[IMPORT_BATCH];
    struct target targets[IMPORT_BATCH]; /* the targets of their codes before the import */
    enum db_result results[IMPORT_BATCH];
};

static void import_refuse(struct import *import, uint64_t line, struct slice code, const char *why)
{
    import->counts.refused++;
    import->report(import->context, line, code, why);
}

static void conflict(struct import *import, uint64_t line, struct slice code, const char *why)
{
    import->counts.conflicts++;
    import->report(import->context, line, code, why);
}

static enum db_result result_of(enum db_result result)
{
    if (result == DB_OK || result == DB_MISSING || result == DB_TAKEN)
        return DB_OK;
    return result == DB_UNAVAILABLE ? DB_UNAVAILABLE : DB_FAILED;
}

/* --- checking one link --- */

static bool check_code(const struct import *import, struct slice code, struct error *why)
{
    const struct alias_policy policy = {
        .min_length = 1,
        .max_length = CODE_MAX,
        .reserved = import->shortener->aliases.reserved,
    };
    if (code.len == 0) {
        error_set(why, "code is missing");
        return false;
    }
    return alias_check(code, &policy, why) == ALIAS_OK;
}

/* Makes `code` the first of the aliases, since every imported code is an alias. */
static bool complete_aliases(struct link *link, struct arena *arena, struct error *why)
{
    struct slice *all = arena_alloc(arena, (link->n_aliases + 1) * sizeof(*all));
    unsigned n = 0;
    bool has_code = link_has_alias(link, link->code);
    if (!all || (!has_code && link->n_aliases == LINK_ALIASES_MAX)) {
        error_set(why, all ? "aliases are too many" : "out of memory");
        return false;
    }
    if (!has_code)
        all[n++] = link->code;
    for (unsigned i = 0; i < link->n_aliases; i++)
        all[n++] = link->aliases[i];
    link->aliases = all;
    link->n_aliases = n;
    link->code_is_alias = true;
    return true;
}

static bool check_codes(const struct import *import, struct link *link, struct arena *arena,
                        struct error *why)
{
    bool fine = check_code(import, link->code, why);
    for (unsigned i = 0; i < link->n_aliases && fine; i++)
        fine = check_code(import, link->aliases[i], why);
    return fine && complete_aliases(link, arena, why);
}

/* Checks a link by the rules of creates, except its times, which may be in the past. */
static bool import_check_fields(const struct import *import, struct link *link, struct arena *arena,
                                struct error *why)
{
    const unsigned times = FIELD_BIT(FIELD_STARTS_AT) | FIELD_BIT(FIELD_EXPIRES_AT);
    const struct create_request request = {
        .fields = { .given = link_fields_settable & ~times, .link = *link },
        .now = import->now,
        .arena = arena,
    };
    if (link->target.long_url.len == 0) {
        error_set(why, "long_url is missing");
        return false;
    }
    return draft_apply(import->shortener, &request, link, why) == OUTCOME_OK;
}

static void complete(const struct import *import, struct link *link)
{
    link->target.version = 1;
    if (link->created_at == 0)
        link->created_at = import->now;
    if (link->updated_at < link->created_at)
        link->updated_at = link->created_at;
    if (link->target.max_clicks == 0)
        link->used = 0;
}

/* Checks a link. batch->fits: it is added to the batch; otherwise it was reported, or the result is
 * not DB_OK. */
static enum db_result import_check(struct import *import, struct link *link, struct batch *batch,
                                   uint64_t line, struct error *err)
{
    struct error why = { "" };
    batch->fits = false;
    struct slice owner = import->owner ? slice_of(import->owner) : link->owner;
    if (!check_codes(import, link, batch->arena, &why) ||
        !import_check_fields(import, link, batch->arena, &why)) {
        import_refuse(import, line, link->code, why.text);
        return DB_OK;
    }
    complete(import, link);
    enum db_result found =
        import_owner_find(&import->owners, owner, batch->arena, &link->owner_id, err);
    if (found == DB_MISSING)
        import_refuse(import, line, link->code, err->text);
    link->owner = owner;
    batch->fits = found == DB_OK;
    return result_of(found);
}

/* --- storing a batch --- */

static enum db_result import_insert(struct import *import, struct batch *batch, struct error *err)
{
    enum db_result result = DB_FAILED;
    for (int tries = 0; tries < TRIES; tries++) {
        result = db_links_insert_many(import->shortener->db, batch->links, batch->n, batch->results,
                                      err);
        if (result != DB_UNAVAILABLE)
            break;
    }
    return result;
}

/* Counts an imported link and publishes it, since the cache may have its codes as absent or as
 * deleted. */
static void count_imported(struct import *import, const struct link *link)
{
    import->counts.imported++;
    link_cache_publish(import->shortener->cache, link, import->now);
}

/* Handles a link whose code exists. */
static void pass_over(struct import *import, const struct link *link, uint64_t line,
                      struct slice leads_to)
{
    if (slice_eq(leads_to, link->target.long_url))
        import->counts.present++;
    else
        conflict(import, line, link->code, "another link has this code");
}

/* Finds the other link that has one of the codes of `link`; DB_MISSING when there is none. */
static enum db_result find_other(struct import *import, struct arena *arena,
                                 const struct link *link, struct slice *code, struct error *err)
{
    for (unsigned i = 0; i < link->n_aliases; i++) {
        struct link other;
        enum db_result result =
            db_link_find(import->shortener->db, link->aliases[i], arena, &other, err);
        if (result == DB_OK)
            *code = link->aliases[i];
        if (result != DB_MISSING)
            return result;
    }
    return DB_MISSING;
}

/* Handles a link of the batch that could not be stored because one of its codes exists. */
static enum db_result import_handle_taken(struct import *import, struct batch *batch, unsigned i,
                                          struct error *err)
{
    const struct link *link = &batch->links[i];
    struct link other;
    enum db_result result =
        db_link_find(import->shortener->db, link->code, batch->arena, &other, err);
    if (result == DB_OK) {
        pass_over(import, link, batch->lines[i], other.target.long_url);
        return DB_OK;
    }
    struct slice code;
    if (result == DB_MISSING)
        result = find_other(import, batch->arena, link, &code, err);
    if (result == DB_OK) {
        struct error why;
        error_set(&why, "another link has its alias %.*s", SLICE_ARG(code));
        conflict(import, batch->lines[i], link->code, why.text);
        return DB_OK;
    }
    /* no link has them: the link of this batch that did was refused itself */
    if (result == DB_MISSING)
        result = db_link_insert(import->shortener->db, link, NULL, err);
    if (result == DB_TAKEN)
        conflict(import, batch->lines[i], link->code, "another link was given one of its codes");
    if (result == DB_OK)
        count_imported(import, link);
    return result_of(result);
}

/* Reads the targets of the batch's codes. */
static enum db_result import_look_up(struct import *import, struct batch *batch, struct error *err)
{
    struct slice codes[IMPORT_BATCH];
    for (unsigned i = 0; i < batch->n; i++)
        codes[i] = batch->links[i].code;
    const struct code_list list = { codes, batch->n };
    enum db_result result = DB_FAILED;
    for (int tries = 0; tries < TRIES; tries++) {
        result = db_resolve_many(import->shortener->db, &list, batch->arena, batch->targets, err);
        if (result != DB_UNAVAILABLE)
            break;
    }
    return result;
}

/* Keeps the links with free codes in the batch, and gives them ids; existing links use none. */
static enum db_result keep_new(struct import *import, struct batch *batch, struct error *err)
{
    unsigned n = 0;
    for (unsigned i = 0; i < batch->n; i++) {
        struct link *link = &batch->links[n];
        *link = batch->links[i];
        batch->lines[n] = batch->lines[i];
        if (batch->targets[i].link_id) {
            pass_over(import, link, batch->lines[n], batch->targets[i].long_url);
            continue;
        }
        enum outcome next = codes_next_id(import->shortener->codes, &link->target.link_id, err);
        if (next != OUTCOME_OK)
            return next == OUTCOME_EXHAUSTED ? DB_FAILED : DB_UNAVAILABLE;
        n++;
    }
    batch->n = n;
    return DB_OK;
}

static enum db_result insert_batch(struct import *import, struct batch *batch, struct error *err)
{
    enum db_result result = result_of(import_look_up(import, batch, err));
    if (result == DB_OK)
        result = keep_new(import, batch, err);
    if (result == DB_OK && batch->n > 0)
        result = result_of(import_insert(import, batch, err));
    for (unsigned i = 0; i < batch->n && result == DB_OK; i++) {
        if (batch->results[i] == DB_OK)
            count_imported(import, &batch->links[i]);
        else
            result = import_handle_taken(import, batch, i, err);
    }
    return result;
}

static enum db_result import_store(struct import *import, struct batch *batch, struct error *err)
{
    enum db_result result = batch->n ? insert_batch(import, batch, err) : DB_OK;
    batch->n = 0;
    arena_reset(batch->arena);
    const struct import_counts *counts = &import->counts;
    if (import->step)
        import->step(import->context,
                     counts->imported + counts->present + counts->conflicts + counts->refused);
    return result;
}

/* --- all of it --- */

static enum db_result import_add(struct import *import, struct batch *batch, struct link *link,
                                 uint64_t line, struct error *err)
{
    enum db_result result = import_check(import, link, batch, line, err);
    if (result != DB_OK || !batch->fits)
        return result;
    batch->lines[batch->n] = line;
    batch->links[batch->n++] = *link;
    return DB_OK;
}

static enum db_result import_read_all(struct import *import, struct link_source *source,
                                      struct batch *batch, struct error *err)
{
    enum db_result result = DB_OK;
    while (result == DB_OK) {
        struct link_record record;
        struct error why = { "" };
        switch (link_source_next(source, batch->arena, &record, &why)) {
        case SOURCE_RECORD:
            result = import_add(import, batch, &record.link, source->line, err);
            break;
        case SOURCE_REFUSED:
            import_refuse(import, source->line, record.link.code, why.text);
            break;
        case SOURCE_END:
            return import_store(import, batch, err);
        case SOURCE_FAILED:
            result = import_store(import, batch, err);
            *err = result == DB_OK ? why : *err;
            return result == DB_OK ? DB_FAILED : result;
        }
        /* refused links use memory, too */
        bool full = batch->n == IMPORT_BATCH || arena_used(batch->arena) >= BATCH_BYTES;
        if (result == DB_OK && full)
            result = import_store(import, batch, err);
    }
    return result;
}

enum db_result import_run(struct import *import, struct link_source *source, struct error *err)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    import->owners = (struct import_owners){ .db = import->shortener->db,
                                             .make = import->make_users,
                                             .now = import->now };
    if (batch)
        batch->arena = arena_new(ARENA_MAX);
    enum db_result result = DB_FAILED;
    if (batch && batch->arena)
        result = import_read_all(import, source, batch, err);
    else
        error_set(err, "out of memory");
    if (batch)
        arena_free(&batch->arena);
    free(batch);
    return result;
}
