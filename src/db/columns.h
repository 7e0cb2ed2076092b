/* SPDX-License-Identifier: MIT */
/* The columns of results: for each its SQL text, and the member that it is read into. A statement
 * and the function that reads its rows use the same list, so a column is added in one place.
 *
 * A list is a macro that calls FIRST for its first column and NEXT for each other one, with the
 * member, the kind of the value (below) and the text. */
#pragma once

#include <string.h>

#include "db/sql.h"

/* For a link that was never changed, version and updated_at are NULL. */
#define TARGET_COLUMNS(FIRST, NEXT)                     \
    FIRST(link_id, uint, "link.id")                     \
    NEXT(version, version, "link.version")              \
    NEXT(redirect_status, uint, "link.redirect_status") \
    NEXT(flags, uint, "link.flags")                     \
    NEXT(starts_at, int, "link.starts_at")              \
    NEXT(expires_at, int, "link.expires_at")            \
    NEXT(max_clicks, uint, "link.max_clicks")           \
    NEXT(long_url, bytes, "link.long_url")

/* What a whole link has besides its target. */
#define LINK_COLUMNS(FIRST, NEXT)                        \
    FIRST(code, bytes, "link.code")                      \
    NEXT(code_is_alias, uint, "link.code_kind")          \
    NEXT(title, bytes, "link.title")                     \
    NEXT(expired_url, bytes, "link.expired_url")         \
    NEXT(not_started_url, bytes, "link.not_started_url") \
    NEXT(owner_id, uint, "link.owner_id")                \
    NEXT(owner, bytes, "user.name")                      \
    NEXT(created_at, int, "link.created_at")             \
    NEXT(updated_at, int_or_last, "link.updated_at")     \
    NEXT(clicks, uint, "click_total.clicks")             \
    NEXT(clicks_imported, uint, "click_total.imported")  \
    NEXT(used, uint, "click_limit.used")

/* What a deleted link had in their place, and when it was deleted. */
#define DELETED_COLUMNS(FIRST, NEXT)                    \
    FIRST(target.link_id, uint, "deleted_link.link_id") \
    NEXT(owner_id, uint, "deleted_link.owner_id")       \
    NEXT(deleted_at, int, "deleted_link.deleted_at")

/* The aliases or tags of links. An alias whose number is 0 is the lower-case form of another. */
#define ALIAS_COLUMNS(FIRST, NEXT) \
    FIRST(link_id, uint, "link_id") NEXT(text, bytes, "code") NEXT(number, uint, "number")
#define TAG_COLUMNS(FIRST, NEXT) \
    FIRST(link_id, uint, "link_id") NEXT(text, bytes, "tag") NEXT(number, uint, "1")

/* The row of a link that is to be changed. */
#define LINK_ROW_COLUMNS(FIRST, NEXT)     \
    FIRST(link_id, uint, "link.id")       \
    NEXT(owner_id, uint, "link.owner_id") \
    ROW_REST_COLUMNS(NEXT)

#define ROW_REST_COLUMNS(NEXT)               \
    NEXT(code, bytes, "link.code")           \
    NEXT(version, version, "link.version")   \
    NEXT(expires_at, int, "link.expires_at") \
    NEXT(title, bytes, "link.title")

#define EDGE_CHANGE_COLUMNS(FIRST, NEXT) FIRST(id, uint, "id") NEXT(code, bytes, "code")

#define TITLE_COLUMNS(FIRST, NEXT)   \
    FIRST(link_id, uint, "id")       \
    NEXT(owner_id, uint, "owner_id") \
    NEXT(text, bytes, "title")

/* The same of a deleted link, with the id and the owner that it had. */
#define DELETED_ROW_COLUMNS(FIRST, NEXT)          \
    FIRST(link_id, uint, "deleted_link.link_id")  \
    NEXT(owner_id, uint, "deleted_link.owner_id") \
    ROW_REST_COLUMNS(NEXT)

#define CODE_STATE_COLUMNS(FIRST, NEXT) \
    FIRST(link_id, uint, "code.link_id") NEXT(stored_id, uint, "link.id")

#define LINK_OWNER_COLUMNS(FIRST, NEXT) FIRST(link_id, uint, "id") NEXT(owner_id, uint, "owner_id")

#define DELETED_LOCK_COLUMNS(FIRST, NEXT) \
    FIRST(link_id, uint, "link_id") NEXT(owner_id, uint, "owner_id")

/* An entry of a list after its key: its position, the fields that its state depends on,
 * and its clicks. */
#define ENTRY_COLUMNS(FIRST, NEXT)                   \
    FIRST(at.link_id, uint, "link.id")               \
    NEXT(at.owner_id, uint, "link.owner_id")         \
    NEXT(at.url_hash, uint, "link.url_crc")          \
    NEXT(target.starts_at, int, "link.starts_at")    \
    NEXT(target.expires_at, int, "link.expires_at")  \
    NEXT(target.max_clicks, uint, "link.max_clicks") \
    NEXT(used, uint, "click_limit.used")             \
    NEXT(clicks, uint, "click_total.clicks")

#define SOURCE_COLUMNS(FIRST, NEXT) FIRST(batch, uint, "batch") NEXT(positions, bytes, "positions")

#define ROLLUP_COLUMNS(FIRST, NEXT)        \
    FIRST(link_id, uint, "link_id")        \
    NEXT(at, uint, "at")                   \
    NEXT(stage, uint, "stage")             \
    NEXT(total.clicks, uint, "clicks")     \
    NEXT(total.visitors, uint, "visitors") \
    NEXT(total.bots, uint, "bots")         \
    NEXT(detail, bytes, "detail")

/* The roll-ups of one link, and a row of its source: CLICK_ROLLUP_READ unites both. */
#define CLICK_ROW_COLUMNS(FIRST, NEXT)     \
    FIRST(unit, uint, "unit")              \
    NEXT(at, uint, "at")                   \
    NEXT(total.clicks, uint, "clicks")     \
    NEXT(total.visitors, uint, "visitors") \
    NEXT(total.bots, uint, "bots")         \
    NEXT(detail, bytes, "detail")

#define ROLLUP_COUNT_COLUMNS(FIRST, NEXT) \
    FIRST(link_id, uint, "link_id") NEXT(rollups, uint, "COUNT(*)")

/* Sums are DECIMAL to the server, and NULL over no rows. */
#define SUM_OF(column) "CAST(COALESCE(SUM(" column "), 0) AS SIGNED)"

#define CLICK_SUM_COLUMNS(FIRST, NEXT)      \
    FIRST(clicks, int, SUM_OF("clicks"))    \
    NEXT(visitors, int, SUM_OF("visitors")) \
    NEXT(bots, int, SUM_OF("bots"))
#define TOTAL_COLUMNS(FIRST, NEXT) FIRST(links, int, SUM_OF("links")) CLICK_SUM_COLUMNS(NEXT, NEXT)

#define SAME_URL_COLUMNS(FIRST, NEXT) \
    FIRST(link_id, uint, "link.id")   \
    NEXT(long_url, bytes, "link.long_url")

#define HISTORY_COLUMNS(FIRST, NEXT)    \
    FIRST(version, uint, "version")     \
    NEXT(changed_at, int, "changed_at") \
    NEXT(key_id, uint, "key_id")        \
    NEXT(user, bytes, "user_name")      \
    NEXT(old_url, bytes, "old_url")     \
    NEXT(new_url, bytes, "new_url")

#define IDEMPOTENCY_COLUMNS(FIRST, NEXT)    \
    FIRST(link_id, uint, "link_id")         \
    NEXT(fingerprint, array, "fingerprint") \
    NEXT(created_at, int, "created_at")

#define SEQUENCE_COLUMNS(FIRST, NEXT) \
    FIRST(next_id, uint, "next_id")   \
    NEXT(limit_id, uint, "limit_id")  \
    NEXT(block_size, uint, "block_size")

#define SEQUENCE_ROW_COLUMNS(FIRST, NEXT) FIRST(name, bytes, "name") SEQUENCE_COLUMNS(NEXT, NEXT)

#define USER_COLUMNS(FIRST, NEXT)                    \
    FIRST(id, uint, "id")                            \
    NEXT(role, uint, "role")                         \
    NEXT(created_at, int, "created_at")              \
    NEXT(policy.default_ttl_s, int, "default_ttl_s") \
    NEXT(policy.max_ttl_s, int, "max_ttl_s")

/* Parameter: the time for which valid keys are counted. */
#define USER_SUMMARY_COLUMNS(FIRST, NEXT)                                     \
    FIRST(user.id, uint, "user.id")                                           \
    NEXT(user.role, uint, "user.role")                                        \
    NEXT(user.created_at, int, "user.created_at")                             \
    NEXT(user.policy.default_ttl_s, int, "user.default_ttl_s")                \
    NEXT(user.policy.max_ttl_s, int, "user.max_ttl_s")                        \
    NEXT(user.name, bytes, "user.name")                                       \
    NEXT(keys, uint,                                                          \
         "(SELECT COUNT(*) FROM api_key FORCE INDEX (api_key_user)"           \
         " WHERE api_key.user_id = user.id AND api_key.revoked_at IS NULL"    \
         " AND (api_key.expires_at IS NULL OR api_key.expires_at > ?))")      \
    NEXT(links, uint,                                                         \
         "(SELECT " SUM_OF("links") " FROM owner_total"                       \
                                    " WHERE owner_total.owner_id = user.id)") \
    NEXT(clicks, uint,                                                        \
         "(SELECT " SUM_OF("clicks") " FROM owner_total"                      \
                                     " WHERE owner_total.owner_id = user.id)")

#define KEY_COLUMNS(FIRST, NEXT)                          \
    FIRST(id, uint, "api_key.id")                         \
    NEXT(user_id, uint, "api_key.user_id")                \
    NEXT(user, bytes, "user.name")                        \
    NEXT(role, uint, "user.role")                         \
    NEXT(name, bytes, "api_key.name")                     \
    NEXT(hash, array, "api_key.hash")                     \
    NEXT(created_at, int, "api_key.created_at")           \
    NEXT(revoked_at, int, "api_key.revoked_at")           \
    NEXT(last_used_at, int, "api_key.last_used_at")       \
    NEXT(policy.default_ttl_s, int, "user.default_ttl_s") \
    NEXT(policy.max_ttl_s, int, "user.max_ttl_s")         \
    NEXT(expires_at, int, "api_key.expires_at")           \
    NEXT(scope, uint, "api_key.scope")

#define SESSION_COLUMNS(FIRST, NEXT)                \
    FIRST(id, uint, "session.id")                   \
    NEXT(hash, array, "session.hash")               \
    NEXT(created_at, int, "session.created_at")     \
    NEXT(last_used_at, int, "session.last_used_at") \
    NEXT(agent, bytes, "session.agent")

#define MIGRATION_COLUMNS(FIRST, NEXT) \
    FIRST(number, uint, "number")      \
    NEXT(name, bytes, "name")          \
    NEXT(checksum, bytes, "checksum")  \
    NEXT(applied_at, int, "applied_at")

/* The text of a list, and the same after other columns. */
#define COLUMNS(list)                   list(COLUMN_TEXT, COLUMN_MORE)
#define MORE_COLUMNS(list)              list(COLUMN_MORE, COLUMN_MORE)
#define COLUMN_TEXT(member, kind, text) text
#define COLUMN_MORE(member, kind, text) ", " text

/* The number of columns of a list. */
#define COLUMN_COUNT(list)             (0 list(COLUMN_ONE, COLUMN_ONE))
#define COLUMN_ONE(member, kind, text) +1

/* Reads the columns of a list, from `row` on, into the members of *out. */
#define READ_COLUMNS(list, out, row)             \
    do {                                         \
        __typeof__(out) into_ = (out);           \
        const struct sql_value *column_ = (row); \
        list(COLUMN_READ, COLUMN_READ)           \
    } while (0)
#define COLUMN_READ(member, kind, text) COLUMN_READ_##kind(into_->member, column_++);

/* The kinds: NULL is 0 or an empty slice; a version of NULL is 1; int_or_last is the column before
 * if it is NULL; an array of bytes is left as it is by a value of another length. */
#define COLUMN_READ_uint(member, column)        (member) = (__typeof__(member))db_sql_uint(column)
#define COLUMN_READ_int(member, column)         (member) = (__typeof__(member))db_sql_int(column)
#define COLUMN_READ_bytes(member, column)       (member) = db_sql_bytes(column)
#define COLUMN_READ_version(member, column)     (member) = db_sql_version(column)
#define COLUMN_READ_int_or_last(member, column) (member) = db_sql_int_or_last(column)
#define COLUMN_READ_array(member, column)       db_sql_copy(column, member, sizeof(member))

/* The value of a column; NULL is 0 or an empty slice. */
static inline int64_t db_sql_int(const struct sql_value *value)
{
    return value->type == SQL_INT || value->type == SQL_UINT ? value->i : 0;
}

static inline uint64_t db_sql_uint(const struct sql_value *value)
{
    return (uint64_t)db_sql_int(value);
}

static inline struct slice db_sql_bytes(const struct sql_value *value)
{
    return value->type == SQL_BYTES ? value->bytes : (struct slice){ NULL, 0 };
}

static inline uint32_t db_sql_version(const struct sql_value *value)
{
    return value->type == SQL_NULL ? 1 : (uint32_t)db_sql_uint(value);
}

static inline int64_t db_sql_int_or_last(const struct sql_value *value)
{
    return db_sql_int(value->type == SQL_NULL ? value - 1 : value);
}

static inline void db_sql_copy(const struct sql_value *value, unsigned char *out, size_t size)
{
    struct slice bytes = db_sql_bytes(value);
    if (bytes.len == size)
        memcpy(out, bytes.at, size);
}
