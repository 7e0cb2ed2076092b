/* SPDX-License-Identifier: MIT */
/* Imports links: reads and checks them, and stores them in batches. */
#include "transfer/import.h"

#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"
#include "transfer/import_batch.h"

enum {
    ARENA_MAX = 128 * 1024 * 1024,
    BATCH_BYTES = 16 * 1024 * 1024, /* a batch is stored when it has this many bytes */
};

void import_refuse(struct import *import, enum import_refusal kind, const struct import_row *row,
                   struct slice code, const char *why)
{
    import_report_refuse(&import->report, kind, row->line, code);
    if (!import->on_problem)
        return;
    struct error text;
    char name[CODE_MAX + 1];
    error_set(&text, "%s", why);
    utf8_make_line(text.text);
    snprintf(name, sizeof(name), "%.*s", (int)(code.len < CODE_MAX ? code.len : CODE_MAX),
             code.len ? code.at : "");
    utf8_make_line(name);
    import->on_problem(import->context,
                       &(struct import_problem){ kind, row->line, text.text, name });
}

/* Adds the record to the batch unless it is refused. */
static enum db_result import_add(struct import *import, struct import_batch *batch,
                                 struct link_record *record, uint64_t line, struct error *err)
{
    struct import_row row = { .line = line };
    enum db_result result = import_check(import, record, &row, batch->arena, err);
    if (result == DB_MISSING)
        return DB_OK;
    if (result != DB_OK)
        return result;
    if (import->on_row)
        import->on_row(import->context, line, &record->link);
    batch->rows[batch->n] = row;
    batch->links[batch->n++] = record->link;
    return DB_OK;
}

static enum db_result import_read_all(struct import *import, struct link_source *source,
                                      struct import_batch *batch, struct error *err)
{
    enum db_result result = DB_OK;
    while (result == DB_OK) {
        if (import->rows_max && import->rows_read == import->rows_max)
            return import_store(import, batch, err);
        import->rows_read++;
        struct link_record record = { 0 };
        struct error why = { "" };
        switch (link_source_next(source, batch->arena, &record, &why)) {
        case SOURCE_RECORD:
            result = import_add(import, batch, &record, source->line, err);
            break;
        case SOURCE_REFUSED:
            import_refuse(import, IMPORT_REFUSAL_UNREADABLE,
                          &(struct import_row){ .line = source->line }, record.link.code, why.text);
            break;
        case SOURCE_END:
            import->rows_read--;
            return import_store(import, batch, err);
        case SOURCE_FAILED:
            result = import_store(import, batch, err);
            import->file_failed = result == DB_OK;
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
    struct import_batch *batch = calloc(1, sizeof(*batch));
    import->owners = (struct import_owners){ .db = import->shortener->db,
                                             .make = import->make_users,
                                             .dry_run = import->dry_run,
                                             .seen = &import->seen,
                                             .now = import->now };
    import->seen.max = import->dry_run ? IMPORT_SEEN_MAX : IMPORT_SEEN_NAMED;
    if (import->seen_max)
        import->seen.max = import->seen_max;
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
    import_seen_free(&import->seen);
    return result;
}
