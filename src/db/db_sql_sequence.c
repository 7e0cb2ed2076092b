/* SPDX-License-Identifier: MIT */
/* Blocks of ids from the sequence table: one statement per block, atomic among all hosts by the
 * row's lock. */
#include "db/db_sql_private.h"

#include <stdio.h>

struct sequence_row {
    uint64_t next_id;
    uint64_t limit_id;
    uint64_t block_size;
};

static bool sequence_read_row(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct sequence_row *row = context;
    READ_COLUMNS(SEQUENCE_COLUMNS, row, columns);
    return false;
}

static enum db_result read_sequence(struct db *db, const char *name, struct sequence_row *row,
                                    struct error *err)
{
    enum db_result result = db_sql_find(
        db, SQL_READ(SEQUENCE_FIND, sequence_read_row, row, NULL, sql_bytes(slice_of(name))), err);
    if (result == DB_MISSING) {
        error_set(err, "there is no sequence \"%s\"", name);
        return DB_FAILED;
    }
    return result;
}

/* Reads the properties of the sequence. DB_MISSING: its ids are used up. */
static enum db_result sequence_read_facts(struct db *db, const char *name, struct error *err)
{
    struct sequence_row row = { 0 };
    db->sequence.name[0] = '\0';
    enum db_result result = read_sequence(db, name, &row, err);
    if (result != DB_OK)
        return result;
    if (row.next_id >= row.limit_id) {
        error_set(err, "the sequence \"%s\" is used up", name);
        return DB_MISSING;
    }
    snprintf(db->sequence.name, sizeof(db->sequence.name), "%s", name);
    db->sequence.limit_id = row.limit_id;
    db->sequence.block_size = row.block_size ? (uint32_t)row.block_size : 1;
    return DB_OK;
}

/* Takes a block. If the answer was lost, its ids are wasted and the next block is taken. */
static enum db_result sequence_take(struct db *db, struct sql_done *done, struct error *err)
{
    return db_sql_write(db,
                        SQL_WRITE(SEQUENCE_TAKE, sql_uint(db->sequence.block_size),
                                  sql_bytes(slice_of(db->sequence.name)),
                                  sql_uint(db->sequence.limit_id)),
                        done, err);
}

/* If the statement changes no row, the ids are used up, or an administrator has changed the row:
 * then it is read again. With concurrent changes this takes a few rounds. */
enum db_result db_range_take(struct db *db, const char *name, struct id_range *out,
                             struct error *err)
{
    bool known = slice_eq(slice_of(db->sequence.name), slice_of(name));
    for (unsigned round = 0; round <= DB_SQL_RETRIES_MAX; round++) {
        enum db_result result = known ? DB_OK : sequence_read_facts(db, name, err);
        if (result != DB_OK)
            return result;
        struct sql_done done = { 0 };
        result = sequence_take(db, &done, err);
        if (result != DB_OK)
            return result;
        if (done.affected > 0) {
            uint64_t left = db->sequence.limit_id - done.insert_id;
            uint64_t size = db->sequence.block_size;
            *out =
                (struct id_range){ done.insert_id, done.insert_id + (size < left ? size : left) };
            return DB_OK;
        }
        known = false;
    }
    error_set(err, "the row of sequence \"%s\" keeps changing", name);
    return DB_UNAVAILABLE;
}

enum db_result db_range_left(struct db *db, const char *name, uint64_t *left, struct error *err)
{
    struct sequence_row row = { 0 };
    enum db_result result = read_sequence(db, name, &row, err);
    if (result == DB_OK)
        *left = row.limit_id > row.next_id ? row.limit_id - row.next_id : 0;
    return result;
}
