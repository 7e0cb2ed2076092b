/* SPDX-License-Identifier: MIT */
/* Lists in SQL. First the entries are read from the position on, in the order of an index.
 * Conditions that the index does not cover (states, a second condition) are checked here, for a
 * bounded number of entries per page. Then the links of the page are read by their ids. */
#include "db/db_sql_list.h"

enum {
    READ_AT_ONCE = 500, /* maximum entries per statement */
    READ_MAX = 2000,    /* maximum entries per page, except in an order by clicks or expiry */
    READ_GROWTH = 4,    /* growth of the number of entries per statement while few of them match */
};

/* --- entries --- */

/* Reads the value of an entry of LINK_PART_VALUES. Entries read by id have none; among them are
 * links that the index has, too. */
static void read_value(const struct link_query *query, struct list_entry *entry,
                       const struct sql_value *column)
{
    bool has_value =
        link_order_is_by_clicks(query->order) ? entry->clicks > 0 : entry->target.expires_at != 0;
    entry->at.value = column->type == SQL_NULL ? link_order_rest(query->order) : db_sql_int(column);
    entry->is_elsewhere |= column->type == SQL_NULL && has_value;
    entry->is_elsewhere |= query->owner_id != DB_OWNER_ANY && query->owner_id != entry->at.owner_id;
}

/* Whether an entry of LINK_PART_TITLES has a title with all words of the search, of which `key` is
 * the first one that begins with the word by which it was found. */
static bool has_words(const struct list_walk *walk, struct slice key, struct slice title)
{
    struct words words;
    if (!words_find(title, WORDS_OF_TITLE, walk->arena, &words))
        return false;
    size_t first = 0;
    while (first < words.n && !slice_starts_with(words.at[first], walk->word))
        first++;
    return first < words.n && slice_eq(words.at[first], key) &&
           words_fit(walk->query->words, &words);
}

static bool read_entry(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct list_walk *walk = context;
    if (walk->n == walk->room)
        return false;
    struct list_entry *entry = &walk->entries[walk->n++];
    const struct sql_value *key = columns;
    *entry = (struct list_entry){ 0 };
    READ_COLUMNS(ENTRY_COLUMNS, entry, columns + 1);
    columns += 1 + COLUMN_COUNT(ENTRY_COLUMNS);
    entry->is_elsewhere = db_sql_uint(&columns[0]) != 0;
    entry->is_tagged = db_sql_uint(&columns[1]) != 0;
    entry->at.is_set = true;
    entry->at.part = walk->after.part;
    entry->at.key = db_sql_bytes(key);
    if (walk->after.part == LINK_PART_VALUES)
        read_value(walk->query, entry, key);
    if (walk->after.part == LINK_PART_TITLES)
        entry->is_elsewhere |= !has_words(walk, entry->at.key, db_sql_bytes(&columns[2]));
    else if (walk->after.part != LINK_PART_HOSTS)
        entry->at.owner_id = 0;
    if (walk->after.part != LINK_PART_HOSTS)
        entry->at.url_hash = 0;
    return true;
}

enum db_result db_sql_list_read(struct list_walk *walk, const struct sql_query *query)
{
    struct sql_query rows = *query;
    rows.row = read_entry;
    rows.context = walk;
    rows.arena = walk->arena;
    return db_sql_read(walk->db, &rows, walk->err);
}

static bool passes(const struct link_query *query, const struct list_entry *entry)
{
    if (entry->is_elsewhere || (query->tag.len > 0 && !entry->is_tagged))
        return false;
    enum link_state state = target_state(&entry->target, entry->used, query->now);
    return query->states == 0 || (query->states & LINK_STATE_BIT(state)) != 0;
}

/* Adds the matching entries to the page; stops at the first match after the page is full. */
static void list_take(struct list_walk *walk)
{
    for (unsigned i = 0; i < walk->n && !walk->full; i++) {
        const struct list_entry *entry = &walk->entries[i];
        bool passed = passes(walk->query, entry);
        walk->full = passed && walk->n_passed == walk->query->limit;
        if (walk->full)
            break;
        if (passed)
            walk->passed[walk->n_passed++] = entry->at.link_id;
        walk->after = entry->at;
    }
}

/* --- rounds --- */

/* Makes room for the next entries: first for those that the page still needs, and one more. */
static bool list_make_room(struct list_walk *walk)
{
    unsigned wanted = walk->query->limit + 1 - (unsigned)walk->n_passed;
    unsigned more = walk->room * READ_GROWTH;
    more = more < READ_AT_ONCE ? more : READ_AT_ONCE;
    wanted = wanted > more ? wanted : more;
    if (wanted > walk->allocated) {
        walk->entries = arena_alloc(walk->arena, sizeof(*walk->entries) * wanted);
        walk->allocated = walk->entries ? wanted : 0;
    }
    walk->room = wanted;
    return walk->entries != NULL;
}

enum db_result db_sql_list_step(struct list_walk *walk, list_reader *read, bool *end)
{
    if (!list_make_room(walk)) {
        error_set(walk->err, "no memory for the list");
        return DB_FAILED;
    }
    walk->n = 0;
    enum db_result result = read(walk);
    if (result != DB_OK)
        return result;
    walk->n_read += walk->n;
    list_take(walk);
    *end = !walk->full && walk->n < walk->room;
    return DB_OK;
}

bool db_sql_list_has_enough(struct list_walk *walk)
{
    if (walk->n_read >= walk->read_max)
        walk->full = true;
    return walk->full;
}

/* --- the parts --- */

enum db_result db_sql_list_read_ids(struct list_walk *walk)
{
    static const enum statement_id ids[2][2][2] = {
        { { STATEMENT_LIST_NEWEST, STATEMENT_LIST_OLDEST },
          { STATEMENT_LIST_TAG_NEWEST, STATEMENT_LIST_TAG_OLDEST } },
        { { STATEMENT_LIST_OWNER_NEWEST, STATEMENT_LIST_OWNER_OLDEST },
          { STATEMENT_LIST_OWNER_TAG_NEWEST, STATEMENT_LIST_OWNER_TAG_OLDEST } },
    };
    const struct link_query *query = walk->query;
    bool owned = query->owner_id != DB_OWNER_ANY;
    bool tagged = query->tag.len > 0;
    struct sql_value params[4];
    unsigned n = 0;
    if (owned)
        params[n++] = sql_uint(query->owner_id);
    if (tagged)
        params[n++] = sql_bytes(query->tag);
    params[n++] = sql_uint(walk->after.link_id);
    params[n++] = sql_uint(walk->room);
    const struct sql_query statement = {
        .id = ids[owned][tagged][!link_order_is_down(query->order)],
        .params = params,
        .n_params = n,
    };
    return db_sql_list_read(walk, &statement);
}

static enum db_result read_aliases(struct list_walk *walk)
{
    const struct link_query *query = walk->query;
    bool owned = query->owner_id != DB_OWNER_ANY;
    struct sql_value params[7];
    unsigned n = 0;
    params[n++] = sql_bytes(query->alias_prefix);
    params[n++] = sql_bytes(query->tag);
    if (owned)
        params[n++] = sql_uint(query->owner_id);
    params[n++] = sql_bytes(query->alias_prefix);
    params[n++] = sql_bytes(walk->after.key);
    params[n++] = sql_bytes(walk->alias_end);
    params[n++] = sql_uint(walk->room);
    const struct sql_query statement = {
        .id = owned ? STATEMENT_LIST_OWNER_ALIASES : STATEMENT_LIST_ALIASES,
        .params = params,
        .n_params = n,
    };
    return db_sql_list_read(walk, &statement);
}

enum db_result db_sql_list_walk(struct list_walk *walk, list_reader *read)
{
    bool end = false;
    while (!end && !db_sql_list_has_enough(walk)) {
        enum db_result result = db_sql_list_step(walk, read, &end);
        if (result != DB_OK)
            return result;
    }
    return DB_OK;
}

/* Sets the position before the first entry of `part`, unless it is in that part already. */
static void list_enter(struct list_walk *walk, enum link_part part)
{
    bool downwards = part == LINK_PART_IDS && link_order_is_down(walk->query->order);
    if (!walk->after.is_set || walk->after.part != part)
        walk->after = (struct link_position){ .is_set = true,
                                              .part = part,
                                              .link_id = downwards ? UINT64_MAX : 0 };
}

static enum db_result walk_parts(struct list_walk *walk)
{
    const struct link_query *query = walk->query;
    if (!link_query_searches(query)) {
        if (link_order_has_values(query->order))
            return db_sql_list_ordered(walk);
        list_enter(walk, LINK_PART_IDS);
        return db_sql_list_walk(walk, db_sql_list_read_ids);
    }
    enum link_part from = walk->after.is_set ? walk->after.part : LINK_PART_ALIASES;
    if (query->alias_prefix.len > 0 && from == LINK_PART_ALIASES) {
        list_enter(walk, LINK_PART_ALIASES);
        enum db_result result = db_sql_list_walk(walk, read_aliases);
        if (result != DB_OK || walk->full)
            return result;
    }
    if (query->host_prefix.len > 0 && from != LINK_PART_TITLES) {
        list_enter(walk, LINK_PART_HOSTS);
        enum db_result result = db_sql_list_by_owner(walk);
        if (result != DB_OK || walk->full)
            return result;
    }
    if (walk->word.len == 0)
        return DB_OK;
    list_enter(walk, LINK_PART_TITLES);
    return db_sql_list_by_owner(walk);
}

/* --- the interface --- */

/* The first string after all strings with the prefix; empty when the prefix is empty or memory is
 * out. */
static struct slice end_of(struct slice prefix, struct arena *arena)
{
    while (prefix.len > 0 && (unsigned char)prefix.at[prefix.len - 1] == 0xff)
        prefix.len--;
    char *end = prefix.len > 0 ? arena_copy(arena, prefix) : NULL;
    if (!end)
        return (struct slice){ NULL, 0 };
    end[prefix.len - 1]++;
    return (struct slice){ end, prefix.len };
}

enum db_result db_links_list(struct db *db, const struct link_query *query, struct arena *arena,
                             struct link_page *out, struct error *err)
{
    *out = (struct link_page){ 0 };
    struct list_walk walk = {
        .db = db,
        .query = query,
        .arena = arena,
        .err = err,
        .alias_end = end_of(query->alias_prefix, arena),
        .host_end = end_of(query->host_prefix, arena),
        .word = query->words ? words_longest(query->words) : (struct slice){ NULL, 0 },
        .after = query->after,
        .read_max = READ_MAX,
        .passed = arena_alloc(arena, sizeof(*walk.passed) * DB_PAGE_MAX),
    };
    walk.word_end = end_of(walk.word, arena);
    if (!walk.passed || query->limit == 0 || query->limit > DB_PAGE_MAX) {
        error_set(err, "cannot list %u links on a page", query->limit);
        return DB_FAILED;
    }
    enum db_result result = walk_parts(&walk);
    if (result == DB_OK)
        result = db_sql_links_by_id(walk.db, (struct link_ids){ walk.passed, walk.n_passed }, arena,
                                    out, err);
    out->more = walk.full;
    out->next = walk.after;
    return result;
}

enum db_result db_links_count(struct db *db, uint32_t owner_id, uint64_t *out, struct error *err)
{
    *out = 0;
    return db_sql_read_owner_total(db, owner_id, db_sql_read_uint, out, err);
}
