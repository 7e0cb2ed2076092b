/* SPDX-License-Identifier: MIT */
/* The table of all statements, and the expansion of texts for several rows. */
#include "db/statements.h"

#include <assert.h>
#include <string.h>

#include "base/fnv.h"
#include "db/columns.h"

#define WHOLE_LINK COLUMNS(TARGET_COLUMNS) MORE_COLUMNS(LINK_COLUMNS)
#define LINK_JOINS                                            \
    " LEFT JOIN user ON user.id = link.owner_id"              \
    " LEFT JOIN click_total ON click_total.link_id = link.id" \
    " LEFT JOIN click_limit ON click_limit.link_id = link.id"

/* The id of a deleted link's row in `link`, and that row's owner. */
#define HIDDEN(id)     "(" id " | 9223372036854775808)"
#define SHOWN(id)      "(" id " & 9223372036854775807)"
#define VISIBLE        "link.id < 9223372036854775808"
#define HIDDEN_OWNER   "4294967295"
#define HIDDEN_EXAMPLE "9223372036854775815"

#define DELETED(from)                                                                       \
    "SELECT " WHOLE_LINK                                                                    \
    MORE_COLUMNS(DELETED_COLUMNS) " FROM " from " STRAIGHT_JOIN link ON link.id = " HIDDEN( \
        "deleted_link.link_id") " LEFT JOIN user ON user.id = deleted_link.owner_id"        \
                                " LEFT JOIN click_total ON click_total.link_id = "          \
                                "deleted_link.link_id"                                      \
                                " LEFT JOIN click_limit ON click_limit.link_id = link.id"
/* Parameters: [owner], previous id, time, limit. */
#define DELETED_LIST(key, where, compare, order)         \
    DELETED("deleted_link FORCE INDEX (" key ")")        \
    " WHERE " where "deleted_link.link_id " compare " ?" \
    " AND deleted_link.deleted_at > ? ORDER BY deleted_link.link_id" order " LIMIT ?"

/* The value of link.url_crc for a long URL. */
#define URL_CRC "(CRC32(?) & 16777215)"

/* Entries of lists: their key, ENTRY, whether another entry of the list has the same link, and
 * whether the link has the tag. */
#define ENTRY        MORE_COLUMNS(ENTRY_COLUMNS)
#define ENTRY_LIMIT  " LEFT JOIN click_limit ON click_limit.link_id = link.id"
#define ENTRY_TOTAL  " LEFT JOIN click_total ON click_total.link_id = link.id"
#define ENTRY_LIMITS ENTRY_LIMIT ENTRY_TOTAL
#define ENTRY_TAGGED " EXISTS (SELECT 1 FROM tag WHERE tag.link_id = link.id AND tag.tag = ?)"
#define BY_IDS(from, where, compare, order)                                      \
    "SELECT NULL" ENTRY ", 0, 1 FROM " from ENTRY_LIMITS " WHERE " where compare \
    " ORDER BY " order " LIMIT ?"
#define BY_TAG(key, where, compare, order)                                                 \
    BY_IDS("tag FORCE INDEX (" key ") STRAIGHT_JOIN link ON link.id = tag.link_id", where, \
           " AND tag.link_id " compare " ?", "tag.link_id" order)
/* In the order of a value. Parameters: tag, previous value (twice), previous link, limit. */
#define BY_VALUE(value, from, where, compare, id, order)                                           \
    "SELECT " value ENTRY ", 0," ENTRY_TAGGED " FROM " from " WHERE " where " (" value " " compare \
    " ? OR (" value " = ? AND " id " " compare " ?)) ORDER BY " value order ", " id order          \
    " LIMIT ?"
#define BY_CLICKS(compare, order)                                                \
    BY_VALUE("click_total.clicks",                                               \
             "click_total FORCE INDEX (click_total_clicks)"                      \
             " STRAIGHT_JOIN link ON link.id = click_total.link_id" ENTRY_LIMIT, \
             "click_total.clicks > 0 AND", compare, "click_total.link_id", order)
#define BY_EXPIRY(compare, order)                                       \
    BY_VALUE("link_expiry.expires_at",                                  \
             "link_expiry FORCE INDEX (PRIMARY) STRAIGHT_JOIN link"     \
             " ON link.id = link_expiry.link_id AND link.expires_at = " \
             "link_expiry.expires_at" ENTRY_LIMITS,                     \
             "", compare, "link_expiry.link_id", order)
/* The same by sorting the links of an owner or a tag. Parameters: [owner], [tag], and as above from
 * the value on. */
#define SORT(value, from, where, compare, order)                                          \
    "SELECT " value ENTRY ", 0, 1 FROM " from ENTRY_LIMITS " WHERE " where " AND (" value \
    " " compare " ? OR (" value " = ? AND link.id " compare " ?)) ORDER BY " value order  \
    ", link.id" order " LIMIT ?"
#define OF_OWNER "link FORCE INDEX (link_owner)", "link.owner_id = ?"
#define OF_TAG \
    "tag FORCE INDEX (tag_link) STRAIGHT_JOIN link ON link.id = tag.link_id", "tag.tag = ?"
#define OF_OWNER_TAG                                                           \
    "tag FORCE INDEX (tag_owner) STRAIGHT_JOIN link ON link.id = tag.link_id", \
        "tag.owner_id = ? AND tag.tag = ?"
#define ALL_CLICKS                         "COALESCE(click_total.clicks, 0)"
#define EXPIRES_FIRST                      "COALESCE(link.expires_at, 9223372036854775807)"
#define EXPIRES_LAST                       "COALESCE(link.expires_at, -9223372036854775807)"
#define SORT_OF(value, of, compare, order) SORT(value, of, compare, order)
/* Parameters: prefix, tag, [owner], prefix, previous alias, end of the prefix, limit. */
#define BY_ALIAS(key, where)                                                                       \
    "SELECT alias.code" ENTRY ","                                                                  \
    " EXISTS (SELECT 1 FROM alias AS earlier WHERE earlier.link_id = alias.link_id"                \
    " AND earlier.code >= ? AND earlier.code < alias.code)," ENTRY_TAGGED                          \
    " FROM alias FORCE INDEX (" key ") STRAIGHT_JOIN link ON link.id = alias.link_id" ENTRY_LIMITS \
    " WHERE " where "alias.code >= ? AND alias.code > ? AND alias.code < ?"                        \
    " ORDER BY alias.code LIMIT ?"
/* Parameters: alias prefix and its end, tag, owner(s), host prefix and its end, …, limit. */
#define BY_HOST(where, order)                                                                  \
    "SELECT link.host" ENTRY ","                                                               \
    " EXISTS (SELECT 1 FROM alias WHERE alias.link_id = link.id"                               \
    " AND alias.code >= ? AND alias.code < ?)," ENTRY_TAGGED                                   \
    " FROM link FORCE INDEX (link_owner_host)" ENTRY_LIMITS " WHERE " where " ORDER BY " order \
    "link.host, link.url_crc, link.id LIMIT ?"
/* Parameters: alias prefix and its end, host prefix and its end, tag, owner(s), beginning of the
 * word and its end, …, limit. */
#define BY_TITLE(where, order)                                                                 \
    "SELECT title_word.word" ENTRY ","                                                         \
    " (EXISTS (SELECT 1 FROM alias WHERE alias.link_id = link.id"                              \
    " AND alias.code >= ? AND alias.code < ?) OR (link.host >= ? AND link.host < "             \
    "?))," ENTRY_TAGGED ", link.title FROM title_word FORCE INDEX (PRIMARY)"                   \
    " STRAIGHT_JOIN link ON link.id = title_word.link_id"                                      \
    " AND link.owner_id = title_word.owner_id" ENTRY_LIMITS " WHERE " where " ORDER BY " order \
    "title_word.word, title_word.link_id LIMIT ?"
#define KEY_TABLES " FROM api_key JOIN user ON user.id = api_key.user_id"
#define SESSION_TABLES                                          \
    " FROM session JOIN api_key ON api_key.id = session.key_id" \
    " JOIN user ON user.id = api_key.user_id"
/* NULL with the type of counts: with a plain NULL MariaDB makes the column DECIMAL. */
#define NONE           "CAST(NULL AS UNSIGNED)"
#define SOURCE_EXAMPLE "'0123456789abcdef'"
#define HASH_EXAMPLE   "'0123456789abcdef0123456789abcdef'"

/* clang-format off */
#define READ(id, name_, text_, ...) \
    [STATEMENT_##id] = { .name = (name_), .text = text_, .reads = true, .examples = { __VA_ARGS__ } },
#define WRITE(id, name_, text_, ...) \
    [STATEMENT_##id] = { .name = (name_), .text = text_, .examples = { __VA_ARGS__ } },
/* clang-format on */
static const struct statement table[STATEMENT_COUNT] = {
#include "db/statements.def"
};

const struct statement *statement_of(enum statement_id id)
{
    assert((unsigned)id < STATEMENT_COUNT);
    return &table[id];
}

uint64_t statements_number(void)
{
    uint64_t hash = FNV1A_BASIS;
    for (unsigned i = 0; i < STATEMENT_COUNT; i++)
        hash = fnv1a(fnv1a(hash, slice_of(table[i].name)), SLICE("\n"));
    return hash;
}

/* The output buffer for an expanded text. */
struct expansion {
    char *out;
    size_t size;
    size_t len;
};

static void statements_add(struct expansion *to, const char *text, size_t len)
{
    if (to->len < to->size) {
        size_t room = to->size - to->len;
        memcpy(to->out + to->len, text, len < room ? len : room);
    }
    to->len += len;
}

size_t statement_expand(enum statement_id id, unsigned rows, char *out, size_t size)
{
    const char *text = statement_of(id)->text;
    struct expansion to = { out, size, 0 };
    size_t head = strcspn(text, "{");
    statements_add(&to, text, head);
    if (text[head] == '{') {
        const char *part = text + head + 1;
        size_t len = strcspn(part, "}");
        for (unsigned row = 0; row == 0 || row < rows; row++) {
            statements_add(&to, ", ", row > 0 ? 2 : 0);
            statements_add(&to, part, len);
        }
        statements_add(&to, part + len + 1, strlen(part + len + 1));
    }
    if (size > 0)
        out[to.len < size ? to.len : size - 1] = '\0';
    return to.len;
}
