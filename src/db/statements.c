/* SPDX-License-Identifier: MIT */
/* The table of all statements. Texts are plain SQL that MySQL 8 and MariaDB 10.6 both take; the
 * columns a statement returns are read by position where it is run. */
#include "db/statements.h"

#include <assert.h>
#include <string.h>

#include "base/fnv.h"

/* The columns of read_target in db_sql_link.c. For a link that was never changed, version and
 * updated_at are NULL. */
#define TARGET_COLUMNS                                                         \
    "link.id, link.version, link.redirect_status, link.flags, link.starts_at," \
    " link.expires_at, link.max_clicks, link.long_url"
#define LINK_COLUMNS                                                                    \
    TARGET_COLUMNS ", link.code, link.code_kind, link.title, link.owner_id, user.name," \
                   " link.created_at, link.updated_at, click_total.clicks, click_limit.used"
#define LINK_JOINS                                            \
    " LEFT JOIN user ON user.id = link.owner_id"              \
    " LEFT JOIN click_total ON click_total.link_id = link.id" \
    " LEFT JOIN click_limit ON click_limit.link_id = link.id"

/* The columns of db_sql_read_link_row. */
#define LINK_ROW_COLUMNS "link.id, link.owner_id, link.code, link.version, link.expires_at"
/* The value of link.url_crc for a long URL. */
#define URL_CRC "(CRC32(?) & 16777215)"

/* The columns of an entry of a list (db_sql_list.c): its position, the fields that its state
 * depends on, whether another entry of the list has the same link, and whether the link has the
 * tag. */
#define ENTRY_COLUMNS                                                                          \
    " link.id, link.owner_id, link.url_crc, link.starts_at, link.expires_at, link.max_clicks," \
    " click_limit.used"
#define ENTRY_LIMITS " LEFT JOIN click_limit ON click_limit.link_id = link.id"
#define ENTRY_TAGGED " EXISTS (SELECT 1 FROM tag WHERE tag.link_id = link.id AND tag.tag = ?)"
#define BY_IDS(from, where, compare, order)                                               \
    "SELECT NULL," ENTRY_COLUMNS ", 0, 1 FROM " from ENTRY_LIMITS " WHERE " where compare \
    " ORDER BY " order " LIMIT ?"
#define BY_TAG(key, where, compare, order)                                                 \
    BY_IDS("tag FORCE INDEX (" key ") STRAIGHT_JOIN link ON link.id = tag.link_id", where, \
           " AND tag.link_id " compare " ?", "tag.link_id" order)
/* Parameters: prefix, tag, [owner], prefix, previous alias, end of the prefix, limit. */
#define BY_ALIAS(key, where)                                                                       \
    "SELECT alias.code," ENTRY_COLUMNS ","                                                         \
    " EXISTS (SELECT 1 FROM alias AS earlier WHERE earlier.link_id = alias.link_id"                \
    " AND earlier.code >= ? AND earlier.code < alias.code)," ENTRY_TAGGED                          \
    " FROM alias FORCE INDEX (" key ") STRAIGHT_JOIN link ON link.id = alias.link_id" ENTRY_LIMITS \
    " WHERE " where "alias.code >= ? AND alias.code > ? AND alias.code < ?"                        \
    " ORDER BY alias.code LIMIT ?"
/* Parameters: alias prefix and its end, tag, owner(s), host prefix and its end, …, limit. */
#define BY_HOST(where, order)                                                                  \
    "SELECT link.host," ENTRY_COLUMNS ","                                                      \
    " EXISTS (SELECT 1 FROM alias WHERE alias.link_id = link.id"                               \
    " AND alias.code >= ? AND alias.code < ?)," ENTRY_TAGGED                                   \
    " FROM link FORCE INDEX (link_owner_host)" ENTRY_LIMITS " WHERE " where " ORDER BY " order \
    "link.host, link.url_crc, link.id LIMIT ?"
#define KEY_COLUMNS                                                                           \
    "api_key.id, api_key.user_id, user.name, user.role, api_key.name, api_key.hash,"          \
    " api_key.created_at, api_key.revoked_at, api_key.last_used_at, user.default_ttl_s,"      \
    " user.max_ttl_s, api_key.expires_at, api_key.scope FROM api_key JOIN user ON user.id = " \
    "api_key.user_id"
/* NULL with the type of counts: with a plain NULL MariaDB makes the column DECIMAL. */
#define NONE           "CAST(NULL AS UNSIGNED)"
#define ROLLUP_COLUMNS "link_id, at, stage, clicks, visitors, bots, detail"
#define SUMS                                       \
    "CAST(COALESCE(SUM(links), 0) AS SIGNED),"     \
    " CAST(COALESCE(SUM(clicks), 0) AS SIGNED),"   \
    " CAST(COALESCE(SUM(visitors), 0) AS SIGNED)," \
    " CAST(COALESCE(SUM(bots), 0) AS SIGNED)"
#define SOURCE_EXAMPLE "'0123456789abcdef'"
#define HASH_EXAMPLE   "'0123456789abcdef0123456789abcdef'"

static const struct statement table[STATEMENT_COUNT] = {
    [STATEMENT_PING] = {
        .name = "ping",
        .text = "SELECT 1",
        .reads = true,
    },
    [STATEMENT_RESOLVE] = {
        .name = "resolve",
        .text = "SELECT " TARGET_COLUMNS " FROM code JOIN link ON link.id = code.link_id"
                " WHERE code.domain_id = ? AND code.code = ?",
        .reads = true,
        .examples = { "1", "'example'" },
    },
    [STATEMENT_RESOLVE_MANY] = {
        .name = "resolve_many",
        .text = "SELECT " TARGET_COLUMNS ", code.code"
                " FROM code FORCE INDEX (PRIMARY) JOIN link ON link.id = code.link_id"
                " WHERE code.domain_id = ? AND code.code IN ({?})",
        .reads = true,
        .examples = { "1", "'example'" },
    },
    [STATEMENT_LINK_FIND] = {
        .name = "link_find",
        .text = "SELECT " LINK_COLUMNS " FROM code JOIN link ON link.id = code.link_id" LINK_JOINS
                " WHERE code.domain_id = ? AND code.code = ?",
        .reads = true,
        .examples = { "1", "'example'" },
    },
    [STATEMENT_LINK_FIND_ID] = {
        .name = "link_find_id",
        .text = "SELECT " LINK_COLUMNS " FROM link" LINK_JOINS " WHERE link.id = ?",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_LINK_FIND_IDS] = {
        .name = "link_find_ids",
        .text = "SELECT " LINK_COLUMNS " FROM link FORCE INDEX (PRIMARY)" LINK_JOINS
                " WHERE link.id IN ({?})",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_LINK_SAME_URL] = {
        .name = "link_same_url",
        .text = "SELECT " LINK_COLUMNS " FROM link FORCE INDEX (link_owner_host)" LINK_JOINS
                " WHERE link.owner_id = ? AND link.host = ? AND link.url_crc = " URL_CRC
                " AND link.long_url = ? ORDER BY link.id DESC LIMIT ?",
        .reads = true,
        .examples = { "7", "'example.org'", "'https://example.org/7'", "'https://example.org/7'", "50" },
    },
    [STATEMENT_ALIAS_FIND] = {
        .name = "alias_find",
        .text = "SELECT link_id, code FROM alias FORCE INDEX (PRIMARY)"
                " WHERE link_id IN ({?}) ORDER BY link_id, number",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_TAG_FIND] = {
        .name = "tag_find",
        .text = "SELECT link_id, tag FROM tag FORCE INDEX (PRIMARY)"
                " WHERE link_id IN ({?}) ORDER BY link_id, tag",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_CODE_FIND] = {
        .name = "code_find",
        .text = "SELECT link_id FROM code WHERE domain_id = ? AND code IN ({?})",
        .reads = true,
        .examples = { "1", "'example'" },
    },
    [STATEMENT_CODE_INSERT] = {
        .name = "code_insert",
        .text = "INSERT INTO code (domain_id, code, link_id) VALUES {(?, ?, ?)}",
        .examples = { "1", "'example'", "7" },
    },
    /* The same for many codes; taken codes are skipped. */
    [STATEMENT_CODE_ADD] = {
        .name = "code_add",
        .text = "INSERT IGNORE INTO code (domain_id, code, link_id) VALUES {(?, ?, ?)}",
        .examples = { "1", "'example'", "7" },
    },
    /* The links that have the codes, and whether each of these links is stored. */
    [STATEMENT_CODE_STATE] = {
        .name = "code_state",
        .text = "SELECT code.link_id, link.id FROM code LEFT JOIN link ON link.id = code.link_id"
                " WHERE code.domain_id = ? AND code.code IN ({?})",
        .reads = true,
        .examples = { "1", "'example'" },
    },
    [STATEMENT_CODE_DELETE] = {
        .name = "code_delete",
        .text = "DELETE code FROM code FORCE INDEX (PRIMARY)"
                " WHERE code.domain_id = ? AND code.code IN ({?})",
        .examples = { "1", "'example'" },
    },
    [STATEMENT_CODE_RETURN] = {
        .name = "code_return",
        .text = "DELETE FROM code WHERE domain_id = ? AND code = ? AND link_id = ?",
        .examples = { "1", "'example'", "7" },
    },
    [STATEMENT_LINK_INSERT] = {
        .name = "link_insert",
        .text = "INSERT INTO link (id, owner_id, version, redirect_status, flags,"
                " created_at, updated_at, starts_at, expires_at, max_clicks, code_kind, code,"
                " title, long_url) VALUES {(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)}",
        .examples = { "7", "1", "NULL", "302", "0", "1", "NULL", "NULL", "NULL", "NULL", "0",
                      "'example'", "NULL", "'https://example.org/'" },
    },
    [STATEMENT_LINK_LOCK] = {
        .name = "link_lock",
        .text = "SELECT " LINK_ROW_COLUMNS " FROM link WHERE id = ? FOR UPDATE",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_LINK_LOCK_OWNED] = {
        .name = "link_lock_owned",
        .text = "SELECT " LINK_ROW_COLUMNS " FROM link FORCE INDEX (PRIMARY)"
                " WHERE link.owner_id = ? AND link.id IN ({?}) ORDER BY link.id FOR UPDATE",
        .reads = true,
        .examples = { "1", "7" },
    },
    [STATEMENT_LINK_OF_OWNER] = {
        .name = "link_of_owner",
        .text = "SELECT id FROM link FORCE INDEX (link_owner) WHERE owner_id = ? LIMIT 1",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_LINK_GIVE] = {
        .name = "link_give",
        .text = "UPDATE link FORCE INDEX (PRIMARY) SET owner_id = ?,"
                " version = COALESCE(version, 1) + ?, updated_at = ? WHERE id IN ({?})",
        .examples = { "2", "1", "5", "7" },
    },
    [STATEMENT_LINK_UPDATE] = {
        .name = "link_update",
        .text = "UPDATE link SET version = COALESCE(version, 1) + 1, redirect_status = ?,"
                " flags = ?, updated_at = ?, starts_at = ?, expires_at = ?, max_clicks = ?,"
                " title = ?, long_url = ? WHERE id = ?",
        .examples = { "302", "0", "1", "NULL", "NULL", "NULL", "NULL",
                      "'https://example.org/'", "7" },
    },
    /* Also deletes the row in link_expiry. */
    [STATEMENT_LINK_DELETE] = {
        .name = "link_delete",
        .text = "DELETE link, link_expiry FROM link FORCE INDEX (PRIMARY) LEFT JOIN link_expiry"
                " ON link_expiry.expires_at = link.expires_at AND link_expiry.link_id = link.id"
                " WHERE link.id IN ({?})",
        .examples = { "7" },
    },
    [STATEMENT_LINK_EXPIRY_ADD] = {
        .name = "link_expiry_add",
        .text = "INSERT IGNORE INTO link_expiry (expires_at, link_id) VALUES {(?, ?)}",
        .examples = { "1", "7" },
    },
    [STATEMENT_LINK_EXPIRY_DELETE] = {
        .name = "link_expiry_delete",
        .text = "DELETE FROM link_expiry WHERE expires_at = ? AND link_id = ?",
        .examples = { "1", "7" },
    },
    [STATEMENT_ALIAS_INSERT] = {
        .name = "alias_insert",
        .text = "INSERT INTO alias (link_id, code, number, owner_id) VALUES {(?, ?, ?, ?)}",
        .examples = { "7", "'example'", "1", "1" },
    },
    /* Makes an alias the newest: a new one, or one that the link has. */
    [STATEMENT_ALIAS_RENEW] = {
        .name = "alias_renew",
        .text = "INSERT INTO alias (link_id, code, number, owner_id)"
                " SELECT ?, ?, COALESCE(MAX(mine.number), 0) + 1, ? FROM alias AS mine"
                " WHERE mine.link_id = ? ON DUPLICATE KEY UPDATE number = VALUES(number)",
        .examples = { "7", "'example'", "1", "7" },
    },
    [STATEMENT_ALIAS_GIVE] = {
        .name = "alias_give",
        .text = "UPDATE alias FORCE INDEX (PRIMARY) SET owner_id = ? WHERE link_id IN ({?})",
        .examples = { "2", "7" },
    },
    [STATEMENT_ALIAS_DELETE] = {
        .name = "alias_delete",
        .text = "DELETE alias FROM alias FORCE INDEX (PRIMARY) WHERE alias.link_id IN ({?})",
        .examples = { "7" },
    },
    [STATEMENT_TAG_INSERT] = {
        .name = "tag_insert",
        .text = "INSERT INTO tag (link_id, tag, owner_id) VALUES {(?, ?, ?)}",
        .examples = { "7", "'example'", "1" },
    },
    [STATEMENT_TAG_GIVE] = {
        .name = "tag_give",
        .text = "UPDATE tag FORCE INDEX (PRIMARY) SET owner_id = ? WHERE link_id IN ({?})",
        .examples = { "2", "7" },
    },
    [STATEMENT_TAG_DELETE] = {
        .name = "tag_delete",
        .text = "DELETE tag FROM tag FORCE INDEX (PRIMARY) WHERE tag.link_id IN ({?})",
        .examples = { "7" },
    },
    /* An existing row keeps its count. */
    [STATEMENT_CLICK_LIMIT_ADD] = {
        .name = "click_limit_add",
        .text = "INSERT IGNORE INTO click_limit (link_id, used) VALUES {(?, ?)}",
        .examples = { "7", "0" },
    },
    [STATEMENT_CLICK_LIMIT_USE] = {
        .name = "click_limit_use",
        .text = "UPDATE click_limit SET used = used + 1 WHERE link_id = ? AND used < ?",
        .examples = { "7", "100" },
    },
    [STATEMENT_CLICK_LIMIT_DELETE] = {
        .name = "click_limit_delete",
        .text = "DELETE click_limit FROM click_limit FORCE INDEX (PRIMARY)"
                " WHERE click_limit.link_id IN ({?})",
        .examples = { "7" },
    },
    /* No row when another transaction has locked it. */
    [STATEMENT_CLICK_GATE] = {
        .name = "click_gate",
        .text = "SELECT id FROM click_gate WHERE id = 1 FOR UPDATE SKIP LOCKED",
        .reads = true,
    },
    [STATEMENT_CLICK_GATE_FIND] = {
        .name = "click_gate_find",
        .text = "SELECT id FROM click_gate WHERE id = 1",
        .reads = true,
    },
    [STATEMENT_CLICK_SOURCE_FIND] = {
        .name = "click_source_find",
        .text = "SELECT batch, positions FROM click_source WHERE source = ?",
        .reads = true,
        .examples = { SOURCE_EXAMPLE },
    },
    [STATEMENT_CLICK_SOURCE_STORE] = {
        .name = "click_source_store",
        .text = "INSERT INTO click_source (source, batch, positions, updated_at)"
                " VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE batch = VALUES(batch),"
                " positions = VALUES(positions), updated_at = VALUES(updated_at)",
        .examples = { SOURCE_EXAMPLE, "1", "'here'", "1" },
    },
    [STATEMENT_CLICK_SOURCE_DROP] = {
        .name = "click_source_drop",
        .text = "DELETE FROM click_source WHERE source = ?",
        .examples = { SOURCE_EXAMPLE },
    },
    /* In the order of the links, in which all transactions lock them. */
    [STATEMENT_CLICK_ROLLUP_LOCK] = {
        .name = "click_rollup_lock",
        .text = "SELECT " ROLLUP_COLUMNS " FROM click_rollup FORCE INDEX (PRIMARY)"
                " WHERE unit = ? AND at = ? AND link_id IN ({?}) ORDER BY link_id FOR UPDATE",
        .reads = true,
        .examples = { "0", "20000", "7" },
    },
    [STATEMENT_CLICK_ROLLUP_STORE] = {
        .name = "click_rollup_store",
        .text = "INSERT INTO click_rollup (link_id, unit, at, stage, clicks, visitors, bots, detail)"
                " VALUES {(?, ?, ?, ?, ?, ?, ?, ?)} ON DUPLICATE KEY UPDATE"
                " stage = VALUES(stage), clicks = VALUES(clicks), visitors = VALUES(visitors),"
                " bots = VALUES(bots), detail = VALUES(detail)",
        .examples = { "7", "0", "20000", "0", "1", "1", "0", "'detail'" },
    },
    /* One statement reads one snapshot: a day that is being merged into its month, or a batch that
     * is being stored, is neither missing nor counted twice. */
    [STATEMENT_CLICK_ROLLUP_READ] = {
        .name = "click_rollup_read",
        .text = "SELECT unit, at, clicks, visitors, bots, detail"
                " FROM click_rollup FORCE INDEX (PRIMARY)"
                " WHERE link_id = ? AND unit IN (0, 1) AND at >= ? AND at < ?"
                " UNION ALL SELECT " NONE ", " NONE ", batch, " NONE ", " NONE ", positions"
                " FROM click_source WHERE source = ?",
        .reads = true,
        .examples = { "7", "20000", "20090", "'0123456789abcdef'" },
    },
    /* The rows to compact or to merge. */
    [STATEMENT_CLICK_ROLLUP_STAGE] = {
        .name = "click_rollup_stage",
        .text = "SELECT " ROLLUP_COLUMNS " FROM click_rollup FORCE INDEX (click_rollup_stage)"
                " WHERE stage = ? AND at < ? ORDER BY at LIMIT ? FOR UPDATE",
        .reads = true,
        .examples = { "0", "20", "500" },
    },
    /* The number of roll-ups of each link, with which a purge limits its batches. */
    [STATEMENT_CLICK_ROLLUP_COUNT] = {
        .name = "click_rollup_count",
        .text = "SELECT link_id, COUNT(*) FROM click_rollup FORCE INDEX (PRIMARY)"
                " WHERE link_id IN ({?}) GROUP BY link_id ORDER BY link_id",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_CLICK_ROLLUP_DELETE] = {
        .name = "click_rollup_delete",
        .text = "DELETE click_rollup FROM click_rollup FORCE INDEX (PRIMARY)"
                " WHERE click_rollup.link_id IN ({?})",
        .examples = { "7" },
    },
    [STATEMENT_CLICK_DAY_DELETE] = {
        .name = "click_day_delete",
        .text = "DELETE click_rollup FROM click_rollup FORCE INDEX (PRIMARY)"
                " WHERE click_rollup.unit = 0 AND click_rollup.at = ?"
                " AND click_rollup.link_id IN ({?})",
        .examples = { "20000", "7" },
    },
    [STATEMENT_CLICK_TOTAL_ADD] = {
        .name = "click_total_add",
        .text = "INSERT INTO click_total (link_id, clicks, visitors, bots) VALUES {(?, ?, ?, ?)}"
                " ON DUPLICATE KEY UPDATE clicks = clicks + VALUES(clicks),"
                " visitors = visitors + VALUES(visitors), bots = bots + VALUES(bots)",
        .examples = { "7", "1", "1", "0" },
    },
    [STATEMENT_CLICK_TOTAL_SUM] = {
        .name = "click_total_sum",
        .text = "SELECT CAST(COALESCE(SUM(clicks), 0) AS SIGNED),"
                " CAST(COALESCE(SUM(visitors), 0) AS SIGNED),"
                " CAST(COALESCE(SUM(bots), 0) AS SIGNED)"
                " FROM click_total FORCE INDEX (PRIMARY) WHERE link_id IN ({?})",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_CLICK_TOTAL_DELETE] = {
        .name = "click_total_delete",
        .text = "DELETE click_total FROM click_total FORCE INDEX (PRIMARY)"
                " WHERE click_total.link_id IN ({?})",
        .examples = { "7" },
    },
    /* The owners of existing links, which are locked until the end of the transaction. */
    [STATEMENT_LINK_OWNERS] = {
        .name = "link_owners",
        .text = "SELECT id, owner_id FROM link FORCE INDEX (PRIMARY) WHERE id IN ({?})"
                " ORDER BY id LOCK IN SHARE MODE",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_TOTAL_ADD] = {
        .name = "total_add",
        .text = "INSERT INTO owner_total (owner_id, shard, links, clicks, visitors, bots)"
                " VALUES {(?, ?, ?, ?, ?, ?)} ON DUPLICATE KEY UPDATE"
                " links = links + VALUES(links), clicks = clicks + VALUES(clicks),"
                " visitors = visitors + VALUES(visitors), bots = bots + VALUES(bots)",
        .examples = { "7", "0", "1", "0", "0", "0" },
    },
    [STATEMENT_TOTAL_DELETE] = {
        .name = "total_delete",
        .text = "DELETE FROM owner_total WHERE owner_id = ?",
        .examples = { "7" },
    },
    [STATEMENT_TOTAL_OWNER] = {
        .name = "total_owner",
        .text = "SELECT " SUMS " FROM owner_total WHERE owner_id = ?",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_TOTAL_ALL] = {
        .name = "total_all",
        .text = "SELECT " SUMS " FROM owner_total FORCE INDEX (PRIMARY) WHERE owner_id >= 0",
        .reads = true,
    },
    [STATEMENT_TOTAL_OWNERS] = {
        .name = "total_owners",
        .text = "SELECT DISTINCT owner_id FROM owner_total FORCE INDEX (PRIMARY)"
                " WHERE owner_id >= ? ORDER BY owner_id LIMIT ?",
        .reads = true,
        .examples = { "7", "200" },
    },
    [STATEMENT_IDEMPOTENCY_FIND] = {
        .name = "idempotency_find",
        .text = "SELECT link_id, fingerprint, created_at FROM idempotency"
                " WHERE key_hash = ? AND created_at > ?",
        .reads = true,
        .examples = { HASH_EXAMPLE, "0" },
    },
    [STATEMENT_IDEMPOTENCY_FORGET] = {
        .name = "idempotency_forget",
        .text = "DELETE FROM idempotency WHERE key_hash = ? AND created_at <= ?",
        .examples = { HASH_EXAMPLE, "0" },
    },
    [STATEMENT_IDEMPOTENCY_INSERT] = {
        .name = "idempotency_insert",
        .text = "INSERT INTO idempotency (key_hash, fingerprint, link_id, created_at)"
                " VALUES {(?, ?, ?, ?)}",
        .examples = { HASH_EXAMPLE, HASH_EXAMPLE, "7", "1" },
    },
    [STATEMENT_IDEMPOTENCY_PURGE] = {
        .name = "idempotency_purge",
        .text = "DELETE FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT ?",
        .examples = { "20", "500" },
    },
    [STATEMENT_LINK_EXPIRED] = {
        .name = "link_expired",
        .text = "SELECT " LINK_ROW_COLUMNS " FROM link_expiry FORCE INDEX (PRIMARY) STRAIGHT_JOIN link"
                " ON link.id = link_expiry.link_id AND link.expires_at = link_expiry.expires_at"
                " WHERE link_expiry.expires_at < ? ORDER BY link_expiry.expires_at LIMIT ?"
                " FOR UPDATE SKIP LOCKED",
        .reads = true,
        .examples = { "20", "500" },
    },
    [STATEMENT_LIST_NEWEST] = {
        .name = "list_newest",
        .text = BY_IDS("link FORCE INDEX (PRIMARY)", "link.id < ?", "", "link.id DESC"),
        .reads = true,
        .examples = { "9000000000", "21" },
    },
    [STATEMENT_LIST_OLDEST] = {
        .name = "list_oldest",
        .text = BY_IDS("link FORCE INDEX (PRIMARY)", "link.id > ?", "", "link.id"),
        .reads = true,
        .examples = { "7", "21" },
    },
    [STATEMENT_LIST_OWNER_NEWEST] = {
        .name = "list_owner_newest",
        .text = BY_IDS("link FORCE INDEX (link_owner)", "link.owner_id = ?", " AND link.id < ?", "link.id DESC"),
        .reads = true,
        .examples = { "7", "9000000000", "21" },
    },
    [STATEMENT_LIST_OWNER_OLDEST] = {
        .name = "list_owner_oldest",
        .text = BY_IDS("link FORCE INDEX (link_owner)", "link.owner_id = ?", " AND link.id > ?", "link.id"),
        .reads = true,
        .examples = { "7", "7", "21" },
    },
    [STATEMENT_LIST_TAG_NEWEST] = {
        .name = "list_tag_newest",
        .text = BY_TAG("tag_link", "tag.tag = ?", "<", " DESC"),
        .reads = true,
        .examples = { "'example'", "9000000000", "21" },
    },
    [STATEMENT_LIST_TAG_OLDEST] = {
        .name = "list_tag_oldest",
        .text = BY_TAG("tag_link", "tag.tag = ?", ">", ""),
        .reads = true,
        .examples = { "'example'", "7", "21" },
    },
    [STATEMENT_LIST_OWNER_TAG_NEWEST] = {
        .name = "list_owner_tag_newest",
        .text = BY_TAG("tag_owner", "tag.owner_id = ? AND tag.tag = ?", "<", " DESC"),
        .reads = true,
        .examples = { "7", "'example'", "9000000000", "21" },
    },
    [STATEMENT_LIST_OWNER_TAG_OLDEST] = {
        .name = "list_owner_tag_oldest",
        .text = BY_TAG("tag_owner", "tag.owner_id = ? AND tag.tag = ?", ">", ""),
        .reads = true,
        .examples = { "7", "'example'", "7", "21" },
    },
    [STATEMENT_LIST_ALIASES] = {
        .name = "list_aliases",
        .text = BY_ALIAS("alias_code", ""),
        .reads = true,
        .examples = { "'exa'", "'example'", "'exa'", "'exa'", "'exb'", "21" },
    },
    [STATEMENT_LIST_OWNER_ALIASES] = {
        .name = "list_owner_aliases",
        .text = BY_ALIAS("alias_owner_code", "alias.owner_id = ? AND "),
        .reads = true,
        .examples = { "'exa'", "'example'", "7", "'exa'", "'exa'", "'exb'", "21" },
    },
    [STATEMENT_LIST_HOSTS] = {
        .name = "list_hosts",
        .text = BY_HOST("link.owner_id IN ({?}) AND link.host >= ? AND link.host < ?", "link.owner_id, "),
        .reads = true,
        .examples = { "'exa'", "'exb'", "'example'", "7", "'exa'", "'exb'", "21" },
    },
    [STATEMENT_LIST_OWNER_HOSTS] = {
        .name = "list_owner_hosts",
        .text = BY_HOST("link.owner_id = ? AND link.host >= ? AND link.host < ? AND (link.host > ?"
                        " OR (link.host = ? AND (link.url_crc > ?"
                        " OR (link.url_crc = ? AND link.id > ?))))", ""),
        .reads = true,
        .examples = { "'exa'", "'exb'", "'example'", "7", "'exa'", "'exb'", "'exa'", "'exa'", "0", "0", "0", "21" },
    },
    [STATEMENT_SEQUENCE_FIND] = {
        .name = "sequence_find",
        .text = "SELECT next_id, limit_id, block_size FROM sequence WHERE name = ?",
        .reads = true,
        .examples = { "'default'" },
    },
    /* Returns the start of the block as the insert id. The condition on limit_id ensures that the
     * caller knows the end of the sequence. */
    [STATEMENT_SEQUENCE_TAKE] = {
        .name = "sequence_take",
        .text = "UPDATE sequence SET next_id = LEAST(limit_id, LAST_INSERT_ID(next_id) + ?)"
                " WHERE name = ? AND limit_id = ? AND next_id < limit_id",
        .examples = { "1000", "'default'", "221861720191104" },
    },
    [STATEMENT_USER_FIND] = {
        .name = "user_find",
        .text = "SELECT id, role, created_at, default_ttl_s, max_ttl_s FROM user WHERE name = ?",
        .reads = true,
        .examples = { "'somebody'" },
    },
    [STATEMENT_USER_FIND_ID] = {
        .name = "user_find_id",
        .text = "SELECT id FROM user WHERE id = ?",
        .reads = true,
        .examples = { "7" },
    },
    [STATEMENT_USER_INSERT] = {
        .name = "user_insert",
        .text = "INSERT INTO user (name, role, created_at) VALUES (?, ?, ?)",
        .examples = { "'somebody'", "0", "1" },
    },
    [STATEMENT_USER_SET_POLICY] = {
        .name = "user_set_policy",
        .text = "UPDATE user SET default_ttl_s = ?, max_ttl_s = ? WHERE id = ?",
        .examples = { "NULL", "86400", "7" },
    },
    [STATEMENT_USER_LIST] = {
        .name = "user_list",
        .text = "SELECT user.id, user.role, user.created_at, user.default_ttl_s, user.max_ttl_s,"
                " user.name, (SELECT COUNT(*) FROM api_key FORCE INDEX (api_key_user)"
                " WHERE api_key.user_id = user.id AND api_key.revoked_at IS NULL"
                " AND (api_key.expires_at IS NULL OR api_key.expires_at > ?)),"
                " (SELECT CAST(COALESCE(SUM(links), 0) AS SIGNED) FROM owner_total"
                " WHERE owner_total.owner_id = user.id),"
                " (SELECT CAST(COALESCE(SUM(clicks), 0) AS SIGNED) FROM owner_total"
                " WHERE owner_total.owner_id = user.id)"
                " FROM user FORCE INDEX (PRIMARY) WHERE user.id > ? ORDER BY user.id LIMIT ?",
        .reads = true,
        .examples = { "5", "7", "21" },
    },
    /* Serialises changes of roles. */
    [STATEMENT_USER_LOCK_ADMINS] = {
        .name = "user_lock_admins",
        .text = "SELECT id FROM user FORCE INDEX (PRIMARY) WHERE id > 0 AND role = 1"
                " ORDER BY id FOR UPDATE",
        .reads = true,
    },
    [STATEMENT_USER_SET_ROLE] = {
        .name = "user_set_role",
        .text = "UPDATE user SET role = ? WHERE id = ?",
        .examples = { "1", "7" },
    },
    [STATEMENT_USER_DELETE] = {
        .name = "user_delete",
        .text = "DELETE FROM user WHERE id = ?",
        .examples = { "7" },
    },
    [STATEMENT_KEY_FIND] = {
        .name = "key_find",
        .text = "SELECT " KEY_COLUMNS " WHERE api_key.id = ?",
        .reads = true,
        .examples = { "1" },
    },
    [STATEMENT_KEY_LIST] = {
        .name = "key_list",
        .text = "SELECT STRAIGHT_JOIN " KEY_COLUMNS
                " WHERE api_key.id > ? ORDER BY api_key.id LIMIT ?",
        .reads = true,
        .examples = { "7", "21" },
    },
    [STATEMENT_KEY_LIST_USER] = {
        .name = "key_list_user",
        .text = "SELECT " KEY_COLUMNS
                " WHERE api_key.user_id = ? AND api_key.id > ? ORDER BY api_key.id LIMIT ?",
        .reads = true,
        .examples = { "7", "7", "21" },
    },
    [STATEMENT_KEY_FIND_HASH] = {
        .name = "key_find_hash",
        .text = "SELECT id FROM api_key WHERE user_id = ? AND hash = ?",
        .reads = true,
        .examples = { "1", "'0123456789abcdef0123456789abcdef'" },
    },
    [STATEMENT_KEY_COUNT] = {
        .name = "key_count",
        .text = "SELECT COUNT(*) FROM api_key FORCE INDEX (api_key_user) WHERE user_id = ?"
                " AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
        .reads = true,
        .examples = { "7", "5" },
    },
    [STATEMENT_KEY_INSERT] = {
        .name = "key_insert",
        .text = "INSERT INTO api_key (user_id, name, hash, created_at, revoked_at, expires_at, scope)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
        .examples = { "1", "'laptop'", "'0123456789abcdef0123456789abcdef'", "1", "NULL", "NULL",
                      "0" },
    },
    [STATEMENT_KEY_REVOKE] = {
        .name = "key_revoke",
        .text = "UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
        .examples = { "1", "7" },
    },
    [STATEMENT_KEY_TOUCH] = {
        .name = "key_touch",
        .text = "UPDATE api_key SET last_used_at = ?"
                " WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)",
        .examples = { "1", "7", "1" },
    },
    [STATEMENT_KEY_DELETE_USER] = {
        .name = "key_delete_user",
        .text = "DELETE FROM api_key WHERE user_id = ?",
        .examples = { "7" },
    },
    [STATEMENT_SETTING_GET] = {
        .name = "setting_get",
        .text = "SELECT value FROM setting WHERE name = ?",
        .reads = true,
        .examples = { "'code_key'" },
    },
    [STATEMENT_SETTING_ADD] = {
        .name = "setting_add",
        .text = "INSERT IGNORE INTO setting (name, value) VALUES (?, ?)",
        .examples = { "'code_key'", "'value'" },
    },
    /* The primary's clock, because the clocks of hosts differ. */
    [STATEMENT_HEARTBEAT_WRITE] = {
        .name = "heartbeat_write",
        .text = "INSERT INTO heartbeat (id, at_ms)"
                " VALUES (1, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED))"
                " ON DUPLICATE KEY UPDATE at_ms = VALUES(at_ms)",
    },
    [STATEMENT_HEARTBEAT_READ] = {
        .name = "heartbeat_read",
        .text = "SELECT at_ms FROM heartbeat WHERE id = 1",
        .reads = true,
    },
    [STATEMENT_MIGRATION_LIST] = {
        .name = "migration_list",
        .text = "SELECT number, name, checksum, applied_at FROM migration WHERE number > ?"
                " ORDER BY number",
        .reads = true,
        .examples = { "0" },
    },
    [STATEMENT_MIGRATION_INSERT] = {
        .name = "migration_insert",
        .text = "INSERT INTO migration (number, name, checksum, applied_at)"
                " VALUES (?, ?, ?, UNIX_TIMESTAMP())",
        .examples = { "9999", "'example'", "'0123456789abcdef0123456789abcdef'" },
    },
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
