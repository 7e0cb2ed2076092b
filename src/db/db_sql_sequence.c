/* SPDX-License-Identifier: MIT */
/* Blocks of ids from the sequence table: one statement per block, atomic among all hosts by the
 * row's lock. */
#include "db/db_sql_private.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    SEQUENCE_ROUNDS_MAX = 6, /* reads of a row that administrators keep changing */
};

/* --- blocks --- */

static bool sequence_read_row(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct sequence_row *row = context;
    READ_COLUMNS(SEQUENCE_COLUMNS, row, columns);
    return false;
}

enum db_result db_sequence_find(struct db *db, const char *name, struct sequence_row *out,
                                struct error *err)
{
    *out = (struct sequence_row){ .block_size = 0 };
    enum db_result result = db_sql_find(
        db, SQL_READ(SEQUENCE_FIND, sequence_read_row, out, NULL, sql_bytes(slice_of(name))), err);
    if (result == DB_MISSING) {
        error_set(err, "there is no sequence \"%s\"", name);
        return DB_FAILED;
    }
    return result;
}

/* Reads the properties of the sequence. DB_MISSING: its ids are used up. */
static enum db_result sequence_read_facts(struct db *db, const char *name, struct error *err)
{
    struct sequence_row row;
    db->sequence.name[0] = '\0';
    enum db_result result = db_sequence_find(db, name, &row, err);
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
    for (unsigned round = 0; round < SEQUENCE_ROUNDS_MAX; round++) {
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

/* --- for administrators --- */

struct sequences_read {
    struct sequence_list *list;
    bool is_full;
};

static bool read_next_sequence(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct sequences_read *read = context;
    read->is_full = read->list->n == DB_SEQUENCES_MAX;
    if (read->is_full)
        return false;
    struct sequence_row *row = &read->list->rows[read->list->n++];
    READ_COLUMNS(SEQUENCE_ROW_COLUMNS, row, columns);
    return true;
}

enum db_result db_sequence_list(struct db *db, struct arena *arena, struct sequence_list *out,
                                struct error *err)
{
    *out =
        (struct sequence_list){ .rows = arena_alloc(arena, sizeof(*out->rows) * DB_SEQUENCES_MAX) };
    struct sequences_read read = { .list = out };
    if (!out->rows) {
        error_set(err, "no memory for the sequences");
        return DB_FAILED;
    }
    enum db_result result =
        db_sql_read(db,
                    SQL_READ(SEQUENCE_LIST, read_next_sequence, &read, arena, sql_bytes(SLICE("")),
                             sql_uint(DB_SEQUENCES_MAX + 1)),
                    err);
    if (result == DB_OK && read.is_full) {
        error_set(err, "there are more than %d sequences", DB_SEQUENCES_MAX);
        return DB_FAILED;
    }
    return result;
}

enum db_result db_sequence_skip(struct db *db, const struct sequence_skip *skip, uint64_t *next,
                                struct error *err)
{
    struct sequence_row row;
    uint64_t last = 0;
    enum db_result result = db_sequence_find(db, skip->name, &row, err);
    if (result == DB_OK)
        result = db_sql_read(
            db, SQL_READ(SEQUENCE_LAST_LINK, db_sql_read_uint, &last, NULL, sql_uint(row.limit_id)),
            err);
    const uint64_t at_least = skip->at_least > last ? skip->at_least : last + 1;
    if (result == DB_OK)
        result = db_sql_write(db,
                              SQL_WRITE(SEQUENCE_SKIP, sql_uint(skip->by), sql_uint(at_least),
                                        sql_bytes(slice_of(skip->name))),
                              NULL, err);
    if (result == DB_OK)
        result = db_sequence_find(db, skip->name, &row, err);
    *next = row.next_id;
    return result;
}

/* --- moving ids --- */

struct moving {
    struct db_sql_tx tx;
    const struct sequence_move *move;
    struct sequence_row from;
    struct sequence_row to;
    bool has_from;
    bool has_to;
};

static bool read_side(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct moving *moving = context;
    struct sequence_row row = { .block_size = 0 };
    READ_COLUMNS(SEQUENCE_ROW_COLUMNS, &row, columns);
    if (slice_eq(row.name, slice_of(moving->move->from))) {
        moving->from = row;
        moving->has_from = true;
    }
    if (slice_eq(row.name, slice_of(moving->move->to))) {
        moving->to = row;
        moving->has_to = true;
    }
    return true;
}

static enum sql_result refuse_move(struct moving *moving, enum db_result refusal)
{
    const struct sequence_move *move = moving->move;
    struct error *err = moving->tx.err;
    if (refusal == DB_TAKEN)
        error_set(err, "the sequence \"%s\" exists", move->to);
    else if (refusal == DB_MISSING)
        error_set(err, "there is no sequence \"%s\"", moving->has_from ? move->to : move->from);
    return db_sql_refuse(&moving->tx, refusal);
}

/* Whether the ids fit to those of both sequences; otherwise sets the error. */
static bool may_move(const struct moving *moving)
{
    const struct sequence_move *move = moving->move;
    struct error *err = moving->tx.err;
    const struct sequence_row *from = &moving->from;
    const struct sequence_row *to = &moving->to;
    if (move->at < from->next_id || move->at >= from->limit_id)
        return error_set(err,
                         "the sequence \"%s\" has the ids from %" PRIu64 " to %" PRIu64
                         ", and %" PRIu64 " is not one of them",
                         move->from, from->next_id, from->limit_id, move->at);
    if (move->adds)
        return true;
    if (move->at < to->next_id)
        return error_set(err,
                         "the sequence \"%s\" is at id %" PRIu64
                         " already, and a sequence never goes back: split \"%s\" instead, and set "
                         "links.sequence to the new one",
                         move->to, to->next_id, move->from);
    if (to->next_id < to->limit_id && to->limit_id != move->at && !move->drops_rest)
        return error_set(err, "the sequence \"%s\" has %" PRIu64 " ids left, which it would lose",
                         move->to, to->limit_id - to->next_id);
    return true;
}

static enum sql_result store_move(struct moving *moving)
{
    const struct sequence_move *move = moving->move;
    const struct sequence_row *from = &moving->from;
    const bool extends = moving->has_to && moving->to.limit_id == move->at;
    const struct sql_value to = sql_bytes(slice_of(move->to));
    enum sql_result result =
        db_sql_tx_run(&moving->tx, SQL_WRITE(SEQUENCE_SET, sql_uint(from->next_id),
                                             sql_uint(move->at), sql_bytes(slice_of(move->from))));
    if (result != SQL_OK)
        return result;
    if (move->adds)
        return db_sql_tx_run(&moving->tx,
                             SQL_WRITE(SEQUENCE_INSERT, to, sql_uint(move->at),
                                       sql_uint(from->limit_id), sql_uint(from->block_size)));
    return db_sql_tx_run(&moving->tx,
                         SQL_WRITE(SEQUENCE_SET, sql_uint(extends ? moving->to.next_id : move->at),
                                   sql_uint(from->limit_id), to));
}

static enum sql_result move_body(void *context)
{
    struct moving *moving = context;
    const struct sequence_move *move = moving->move;
    moving->has_from = false;
    moving->has_to = false;
    enum sql_result result = db_sql_tx_run(
        &moving->tx, SQL_READ(SEQUENCE_LOCK, read_side, moving, moving->tx.arena,
                              sql_bytes(slice_of(move->from)), sql_bytes(slice_of(move->to))));
    if (result != SQL_OK)
        return result;
    if (!moving->has_from || (!move->adds && !moving->has_to))
        return refuse_move(moving, DB_MISSING);
    if (move->adds && moving->has_to)
        return refuse_move(moving, DB_TAKEN);
    if (!may_move(moving))
        return refuse_move(moving, DB_STALE);
    return store_move(moving);
}

enum db_result db_sequence_move(struct db *db, const struct sequence_move *move, struct error *err)
{
    struct moving moving = { .tx = { .db = db, .err = err }, .move = move };
    return db_sql_transact_once(&moving.tx, move_body, &moving);
}
