/* SPDX-License-Identifier: MIT */
/* Adds the clicks of a batch to roll-ups, in SQL: of links, and of the series of owners. */
#include "db/db_sql_private.h"

#include <stdlib.h>

int db_sql_roll_order(const void *a, const void *b)
{
    const struct db_sql_roll *left = a;
    const struct db_sql_roll *right = b;
    if (left->day != right->day)
        return left->day < right->day ? -1 : 1;
    return (left->link_id > right->link_id) - (left->link_id < right->link_id);
}

/* Adds the events to their roll-up, and stores the increase in `roll`. */
static bool roll_add(struct db_sql_roll *roll, struct click_rollup *row, struct arena *arena)
{
    struct click_counts gained;
    if (!click_rollup_add(row, roll->groups, arena, &gained))
        return false;
    roll->gained = (struct db_sql_sums){
        .clicks = (int64_t)gained.clicks,
        .visitors = (int64_t)gained.visitors,
        .bots = (int64_t)gained.bots,
    };
    return true;
}

/* Updates the next roll-ups of one day, as many as one statement takes. */
static enum sql_result roll_some(const struct db_sql_tx *tx, struct db_sql_roll *rolls, unsigned n)
{
    struct click_rollup rows[DB_SQL_MANY_ROWS];
    for (unsigned i = 0; i < n; i++)
        rows[i] = (struct click_rollup){ .link_id = rolls[i].link_id, .at = rolls[i].day };
    arena_reset(tx->arena);
    enum sql_result result = db_sql_roll_lock(tx, rows, n);
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_CLICK_ROLLUP_STORE);
    for (unsigned i = 0; i < n && result == SQL_OK; i++) {
        if (!roll_add(&rolls[i], &rows[i], tx->arena)) {
            error_set(tx->err, "no memory for the clicks");
            return SQL_ERROR;
        }
        db_sql_roll_store(&many, &rows[i]);
    }
    return result == SQL_OK ? db_sql_many_end(&many) : result;
}

enum sql_result db_sql_roll_up(const struct db_sql_tx *tx, struct db_sql_roll *rolls, size_t n)
{
    enum sql_result result = SQL_OK;
    if (n > 1)
        qsort(rolls, n, sizeof(*rolls), db_sql_roll_order);
    for (size_t at = 0, next; at < n && result == SQL_OK; at = next) {
        next = at + 1;
        while (next < n && next - at < DB_SQL_MANY_ROWS && rolls[next].day == rolls[at].day)
            next++;
        result = roll_some(tx, &rolls[at], (unsigned)(next - at));
    }
    return result;
}
