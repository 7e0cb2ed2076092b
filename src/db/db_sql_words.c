/* SPDX-License-Identifier: MIT */
/* The words of titles in SQL: rows that follow the titles of links. */
#include "db/db_sql_private.h"

#include "text/words.h"

/* --- one title --- */

static bool words_of(const struct db_sql_tx *tx, struct slice title, struct words *out)
{
    if (words_find(title, WORDS_OF_TITLE, tx->arena, out))
        return true;
    return error_set(tx->err, "no memory for the words of a title");
}

void db_sql_words_add(struct db_sql_many *many, const struct db_sql_title *title)
{
    struct words words;
    if (!words_of(many->tx, title->text, &words))
        many->result = SQL_ERROR;
    for (size_t i = 0; i < words.n; i++)
        db_sql_many_add(many, sql_uint(title->owner_id), sql_bytes(words.at[i]),
                        sql_uint(title->link_id));
}

enum sql_result db_sql_words_insert(const struct db_sql_tx *tx, const struct db_sql_title *title)
{
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_TITLE_WORD_ADD);
    db_sql_words_add(&many, title);
    return db_sql_many_end(&many);
}

enum sql_result db_sql_words_delete(const struct db_sql_tx *tx, const struct db_sql_title *title)
{
    struct sql_value params[WORDS_MAX + 2];
    struct words words;
    if (!words_of(tx, title->text, &words))
        return SQL_ERROR;
    if (words.n == 0)
        return SQL_OK;
    params[0] = sql_uint(title->owner_id);
    params[1] = sql_uint(title->link_id);
    for (size_t i = 0; i < words.n; i++)
        params[i + 2] = sql_bytes(words.at[i]);
    const struct sql_query query = { .id = STATEMENT_TITLE_WORD_DELETE,
                                     .params = params,
                                     .n_params = (unsigned)words.n + 2,
                                     .rows = (unsigned)words.n };
    return db_sql_tx_run(tx, &query);
}

enum sql_result db_sql_words_move(const struct db_sql_tx *tx,
                                  const struct db_sql_transfer *transfer)
{
    enum sql_result result = SQL_OK;
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_TITLE_WORD_ADD);
    for (size_t i = 0; i < transfer->n && result == SQL_OK; i++) {
        struct db_sql_title title = db_sql_title_of(&transfer->links[i]);
        result = db_sql_words_delete(tx, &title);
        title.owner_id = transfer->to;
        db_sql_words_add(&many, &title);
    }
    enum sql_result ended = db_sql_many_end(&many);
    return result == SQL_OK ? ended : result;
}

/* --- titles from before --- */

struct filling {
    struct db_sql_tx tx;
    uint64_t after;
    unsigned limit;
    struct db_sql_title *titles;
    unsigned n;
    struct title_words_filled done;
};

static bool read_title(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct filling *filling = context;
    struct db_sql_title title;
    READ_COLUMNS(TITLE_COLUMNS, &title, columns);
    filling->done.links++;
    filling->done.last_id = title.link_id;
    if (title.text.len > 0 && filling->n < filling->limit)
        filling->titles[filling->n++] = title;
    return true;
}

static enum sql_result fill(void *context)
{
    struct filling *filling = context;
    filling->n = 0;
    filling->done = (struct title_words_filled){ .last_id = filling->after };
    filling->titles = db_sql_tx_alloc(&filling->tx, filling->limit, sizeof(*filling->titles));
    if (!filling->titles)
        return SQL_ERROR;
    enum sql_result result =
        db_sql_tx_run(&filling->tx, SQL_READ(TITLE_READ, read_title, filling, filling->tx.arena,
                                             sql_uint(filling->after), sql_uint(filling->limit)));
    struct db_sql_many many = db_sql_many_start(&filling->tx, STATEMENT_TITLE_WORD_ADD);
    for (unsigned i = 0; i < filling->n && result == SQL_OK; i++)
        db_sql_words_add(&many, &filling->titles[i]);
    enum sql_result ended = db_sql_many_end(&many);
    filling->done.titles = filling->n;
    filling->done.words = many.affected;
    return result == SQL_OK ? ended : result;
}

enum db_result db_title_words_fill(struct db *db, uint64_t after, unsigned limit,
                                   struct title_words_filled *out, struct error *err)
{
    struct filling filling = { .tx = { .db = db, .err = err }, .after = after, .limit = limit };
    *out = (struct title_words_filled){ .last_id = after };
    if (limit == 0 || limit > DB_OWNED_MAX) {
        error_set(err, "cannot read %u titles at once", limit);
        return DB_FAILED;
    }
    enum db_result result = db_sql_transact_once(&filling.tx, fill, &filling);
    if (result == DB_OK)
        *out = filling.done;
    return result;
}
