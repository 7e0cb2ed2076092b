/* SPDX-License-Identifier: MIT */
/* Compares the schema folder with the table `migration`, and applies missing migrations. */
#include "db/migrate.h"

#include <string.h>

#include <sodium.h>

#include "db/columns.h"
#include "db/migrate_files.h"

enum {
    PLAN_MEMORY_MAX = 64 * 1024 * 1024,
    STATEMENT_TIMEOUT_MS = 24 * 3600 * 1000,
    KEY_BYTES = 32,
};

#define CHECKSUM_BYTES crypto_hash_sha256_BYTES

/* One lock for each database of the server; released when the connection ends. */
#define TAKE_LOCK         "SELECT GET_LOCK(LEFT(CONCAT('curt_migrate.', DATABASE()), 64), 60)"
#define SET_LOCK_TIMEOUTS "SET SESSION innodb_lock_wait_timeout = 60, lock_wait_timeout = 60"
#define FIND_TABLE        "SHOW TABLES LIKE 'migration'"

/* A migration with a file, applied, or both. */
struct item {
    struct migration migration;
    const struct migration_file *file; /* NULL: unknown */
    unsigned char checksum[CHECKSUM_BYTES];
};

/* A row of the table `migration`. */
struct applied {
    struct applied *next;
    unsigned number;
    struct slice name;
    struct slice checksum;
    int64_t applied_at;
};

struct plan {
    const struct migrate_request *request;
    struct sql_options options;
    struct arena *arena;
    struct sql *sql;
    struct migration_files files;
    struct applied *first;
    struct applied **last;
    struct item *items;
    size_t n_items;
    struct error *err;
};

static enum migrate_result migrate_result_of(enum sql_result result)
{
    switch (result) {
    case SQL_OK:
        return MIGRATE_OK;
    case SQL_LOST:
        return MIGRATE_UNAVAILABLE;
    case SQL_RETRY:
        return MIGRATE_BUSY;
    case SQL_DUPLICATE:
    case SQL_ERROR:
    case SQL_REFUSED:
        break;
    }
    return MIGRATE_FAILED;
}

static enum migrate_result out_of_memory(struct plan *plan)
{
    error_set(plan->err, "no memory for the migrations");
    return MIGRATE_FAILED;
}

static void report(const struct plan *plan, enum migrate_event event,
                   const struct migration *migration)
{
    if (plan->request->report)
        plan->request->report(plan->request->context, event, migration);
}

/* --- opening --- */

static bool note_first_cell(void *context, const struct sql_value *columns, unsigned n)
{
    struct slice *out = context;
    /* The cell is valid only during this call; the caller needs only whether it is "1". */
    bool is_one = n > 0 && columns[0].type == SQL_BYTES && slice_eq(columns[0].bytes, SLICE("1"));
    *out = is_one ? SLICE("1") : SLICE("-");
    return false;
}

static enum migrate_result take_lock(struct plan *plan)
{
    struct slice got = { NULL, 0 };
    enum sql_result result = sql_text(plan->sql, SLICE(SET_LOCK_TIMEOUTS), NULL, NULL, plan->err);
    if (result == SQL_OK)
        result = sql_text(plan->sql, SLICE(TAKE_LOCK), note_first_cell, &got, plan->err);
    if (result != SQL_OK)
        return migrate_result_of(result);
    if (slice_eq(got, SLICE("1")))
        return MIGRATE_OK;
    error_set(plan->err, "another migration of this database has been running for a minute");
    return MIGRATE_BUSY;
}

static enum migrate_result plan_open(struct plan *plan)
{
    if (sodium_init() < 0) {
        error_set(plan->err, "libsodium cannot be used");
        return MIGRATE_FAILED;
    }
    plan->last = &plan->first;
    plan->options = *plan->request->sql;
    plan->options.read_timeout_ms = STATEMENT_TIMEOUT_MS;
    plan->options.write_timeout_ms = STATEMENT_TIMEOUT_MS;
    plan->arena = arena_new(PLAN_MEMORY_MAX);
    plan->sql = plan->arena ? sql_new(&plan->options) : NULL;
    if (!plan->sql)
        return out_of_memory(plan);
    return migration_files_read(plan->request->dir, plan->arena, &plan->files, plan->err)
               ? MIGRATE_OK
               : MIGRATE_FAILED;
}

static void plan_close(struct plan *plan)
{
    sql_free(&plan->sql);
    arena_free(&plan->arena);
}

/* --- comparing --- */

static bool read_applied(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct plan *plan = context;
    struct applied *row = arena_alloc(plan->arena, sizeof(*row));
    if (!row)
        return false;
    READ_COLUMNS(MIGRATION_COLUMNS, row, columns);
    *plan->last = row;
    plan->last = &row->next;
    return true;
}

static enum migrate_result migrate_read_applied(struct plan *plan)
{
    struct slice found = { NULL, 0 };
    enum sql_result result =
        sql_text(plan->sql, SLICE(FIND_TABLE), note_first_cell, &found, plan->err);
    if (result != SQL_OK || found.len == 0)
        return migrate_result_of(result);
    const struct sql_value params[] = { sql_uint(0) };
    const struct sql_query query = {
        .id = STATEMENT_MIGRATION_LIST,
        .params = params,
        .n_params = 1,
        .row = read_applied,
        .context = plan,
        .arena = plan->arena,
    };
    return migrate_result_of(sql_run(plan->sql, &query, NULL, plan->err));
}

static struct item *add_item(struct plan *plan, unsigned number, struct slice name)
{
    struct item *item = &plan->items[plan->n_items++];
    item->migration = (struct migration){ .number = number, .name = name };
    return item;
}

static void add_both(struct plan *plan, const struct migration_file *file,
                     const struct applied *row)
{
    struct item *item = add_item(plan, file->number, file->name);
    item->file = file;
    item->migration.state = MIGRATION_PENDING;
    crypto_hash_sha256(item->checksum, (const unsigned char *)file->text.at, file->text.len);
    if (!row)
        return;
    struct slice checksum = { (const char *)item->checksum, sizeof(item->checksum) };
    item->migration.state =
        slice_eq(row->checksum, checksum) ? MIGRATION_APPLIED : MIGRATION_CHANGED;
    item->migration.applied_at = row->applied_at;
}

static void add_unknown(struct plan *plan, const struct applied *row)
{
    struct item *item = add_item(plan, row->number, row->name);
    item->migration.state = MIGRATION_UNKNOWN;
    item->migration.applied_at = row->applied_at;
}

/* Merges the ordered lists of files and of applied migrations. */
static enum migrate_result migrate_compare(struct plan *plan)
{
    size_t n_max = plan->files.n;
    for (const struct applied *row = plan->first; row; row = row->next)
        n_max++;
    plan->items = arena_alloc(plan->arena, n_max * sizeof(*plan->items));
    if (!plan->items)
        return out_of_memory(plan);
    const struct applied *row = plan->first;
    for (size_t i = 0; i < plan->files.n; i++) {
        const struct migration_file *file = &plan->files.files[i];
        for (; row && row->number < file->number; row = row->next)
            add_unknown(plan, row);
        bool both = row && row->number == file->number;
        add_both(plan, file, both ? row : NULL);
        if (both)
            row = row->next;
    }
    for (; row; row = row->next)
        add_unknown(plan, row);
    return MIGRATE_OK;
}

/* The result of the comparison; for a refusal, `err` names the migration and the reason. */
static enum migrate_result migrate_check(const struct plan *plan)
{
    enum migrate_result result = MIGRATE_OK;
    for (size_t i = 0; i < plan->n_items; i++) {
        const struct migration *m = &plan->items[i].migration;
        report(plan, MIGRATE_FOUND, m);
        if (m->state == MIGRATION_PENDING && result == MIGRATE_OK)
            result = MIGRATE_PENDING;
        if (m->state != MIGRATION_CHANGED && m->state != MIGRATION_UNKNOWN)
            continue;
        if (result != MIGRATE_REFUSED)
            error_set(plan->err, "migration %04u-%.*s %s", m->number, SLICE_ARG(m->name),
                      m->state == MIGRATION_CHANGED ? "was changed after it was applied"
                                                    : "is in the database and not in the folder");
        result = MIGRATE_REFUSED;
    }
    return result;
}

static enum migrate_result migrate_classify(struct plan *plan)
{
    enum migrate_result result = migrate_read_applied(plan);
    if (result == MIGRATE_OK)
        result = migrate_compare(plan);
    return result == MIGRATE_OK ? migrate_check(plan) : result;
}

/* --- applying --- */

static enum sql_result migrate_record(struct plan *plan, const struct item *item)
{
    const struct sql_value params[] = {
        sql_uint(item->migration.number),
        sql_bytes(item->migration.name),
        sql_bytes((struct slice){ (const char *)item->checksum, sizeof(item->checksum) }),
    };
    const struct sql_query query = { .id = STATEMENT_MIGRATION_INSERT,
                                     .params = params,
                                     .n_params = 3 };
    enum sql_result result = sql_run(plan->sql, &query, NULL, plan->err);
    /* In a cluster the lock is local to a node: another migration may have been faster. */
    return result == SQL_DUPLICATE ? SQL_OK : result;
}

static enum migrate_result migrate_apply(struct plan *plan, struct item *item)
{
    report(plan, MIGRATE_APPLYING, &item->migration);
    enum sql_result result = SQL_OK;
    struct slice rest = item->file->text;
    struct slice statement;
    while (result == SQL_OK && migration_statement_next(&rest, &statement))
        result = sql_text(plan->sql, statement, NULL, NULL, plan->err);
    if (result == SQL_OK)
        result = migrate_record(plan, item);
    if (result != SQL_OK) {
        error_prefix(plan->err, item->migration.name.at);
        return migrate_result_of(result);
    }
    item->migration.state = MIGRATION_APPLIED;
    report(plan, MIGRATE_APPLIED, &item->migration);
    return MIGRATE_OK;
}

/* Makes a random key if there is none; the first of several migrations inserts it. */
static enum migrate_result migrate_make_key(struct plan *plan, const char *name, bool *made)
{
    unsigned char key[KEY_BYTES];
    randombytes_buf(key, sizeof(key));
    const struct sql_value params[] = {
        sql_bytes(slice_of(name)),
        sql_bytes((struct slice){ (const char *)key, sizeof(key) }),
    };
    const struct sql_query query = { .id = STATEMENT_SETTING_ADD, .params = params, .n_params = 2 };
    struct sql_done done = { 0 };
    enum sql_result result = sql_run(plan->sql, &query, &done, plan->err);
    sodium_memzero(key, sizeof(key));
    *made = result == SQL_OK && done.affected > 0;
    return migrate_result_of(result);
}

/* Makes the code key and the secret for visitor hashes. */
static enum migrate_result make_keys(struct plan *plan)
{
    bool made;
    enum migrate_result result = migrate_make_key(plan, "code_key", &made);
    if (made)
        report(plan, MIGRATE_KEY_MADE, NULL);
    return result == MIGRATE_OK ? migrate_make_key(plan, "visitor_key", &made) : result;
}

static enum migrate_result apply_all(struct plan *plan)
{
    for (size_t i = 0; i < plan->n_items; i++) {
        struct item *item = &plan->items[i];
        enum migrate_result result =
            item->migration.state == MIGRATION_PENDING ? migrate_apply(plan, item) : MIGRATE_OK;
        if (result != MIGRATE_OK)
            return result;
    }
    return make_keys(plan);
}

enum migrate_result migrate_run(const struct migrate_request *request, struct error *err)
{
    struct plan plan = { .request = request, .err = err };
    enum migrate_result result = plan_open(&plan);
    if (result == MIGRATE_OK)
        result = take_lock(&plan);
    if (result == MIGRATE_OK)
        result = migrate_classify(&plan);
    if (result == MIGRATE_OK || result == MIGRATE_PENDING)
        result = apply_all(&plan);
    plan_close(&plan);
    return result;
}

enum migrate_result migrate_status(const struct migrate_request *request, struct error *err)
{
    struct plan plan = { .request = request, .err = err };
    enum migrate_result result = plan_open(&plan);
    if (result == MIGRATE_OK)
        result = migrate_classify(&plan);
    plan_close(&plan);
    return result;
}

enum migrate_result migrate_newest(const struct sql_options *sql, unsigned *number,
                                   struct error *err)
{
    struct plan plan = { .err = err, .options = *sql };
    *number = 0;
    plan.last = &plan.first;
    plan.arena = arena_new(PLAN_MEMORY_MAX);
    plan.sql = plan.arena ? sql_new(&plan.options) : NULL;
    enum migrate_result result = plan.sql ? migrate_read_applied(&plan) : out_of_memory(&plan);
    for (const struct applied *row = plan.first; row; row = row->next)
        *number = row->number;
    plan_close(&plan);
    return result;
}
