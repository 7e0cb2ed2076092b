/* SPDX-License-Identifier: MIT */
/* The table of all statements. Texts are plain SQL that MySQL 8 and MariaDB 10.6 both take; the
 * columns a statement returns are read by position where it is run. */
#include "store/statements.h"

#include <assert.h>
#include <stddef.h>

static const struct statement table[STATEMENT_COUNT] = {
    [STATEMENT_PING] = {
        .name = "ping",
        .text = "SELECT 1",
        .reads = true,
    },
    [STATEMENT_RESOLVE] = {
        .name = "resolve",
        .text = "SELECT link.id, link.version, link.redirect_status, link.flags, link.starts_at,"
                " link.expires_at, link.max_clicks, link.long_url"
                " FROM code JOIN link ON link.id = code.link_id"
                " WHERE code.domain_id = ? AND code.code = ?",
        .reads = true,
        .examples = { "1", "'example'" },
    },
    [STATEMENT_LINK_FIND] = {
        .name = "link_find",
        .text = "SELECT link.id, link.version, link.redirect_status, link.flags, link.starts_at,"
                " link.expires_at, link.max_clicks, link.long_url, link.code, link.code_kind, link.title,"
                " link.owner_id, user.name, link.created_at, link.updated_at, link.clicks"
                " FROM code JOIN link ON link.id = code.link_id"
                " LEFT JOIN user ON user.id = link.owner_id"
                " WHERE code.domain_id = ? AND code.code = ?",
        .reads = true,
        .examples = { "1", "'example'" },
    },
    [STATEMENT_CODE_FIND] = {
        .name = "code_find",
        .text = "SELECT link_id FROM code WHERE domain_id = ? AND code = ?",
        .reads = true,
        .examples = { "1", "'example'" },
    },
    [STATEMENT_CODE_INSERT] = {
        .name = "code_insert",
        .text = "INSERT INTO code (domain_id, code, link_id) VALUES (?, ?, ?)",
        .examples = { "1", "'example'", "7" },
    },
    [STATEMENT_LINK_INSERT] = {
        .name = "link_insert",
        .text = "INSERT INTO link (id, url_hash, owner_id, version, redirect_status, flags,"
                " created_at, updated_at, starts_at, expires_at, max_clicks, code_kind, code, title,"
                " long_url)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        .examples = { "7", "1", "1", "1", "302", "0", "1", "1", "NULL", "NULL", "NULL", "0", "'example'", "NULL",
                      "'https://example.org/'" },
    },
    [STATEMENT_SEQUENCE_FIND] = {
        .name = "sequence_find",
        .text = "SELECT next_id, limit_id, block_size FROM sequence WHERE name = ?",
        .reads = true,
        .examples = { "'default'" },
    },
    /* The start of the block comes back as the insert id. limit_id makes sure that the caller knows
     * where the slice ends. */
    [STATEMENT_SEQUENCE_TAKE] = {
        .name = "sequence_take",
        .text = "UPDATE sequence SET next_id = LEAST(limit_id, LAST_INSERT_ID(next_id) + ?)"
                " WHERE name = ? AND limit_id = ? AND next_id < limit_id",
        .examples = { "1000", "'default'", "221861720191104" },
    },
    [STATEMENT_USER_FIND] = {
        .name = "user_find",
        .text = "SELECT id, role FROM user WHERE name = ?",
        .reads = true,
        .examples = { "'somebody'" },
    },
    [STATEMENT_USER_INSERT] = {
        .name = "user_insert",
        .text = "INSERT INTO user (name, role, created_at) VALUES (?, ?, ?)",
        .examples = { "'somebody'", "0", "1" },
    },
    [STATEMENT_KEY_FIND] = {
        .name = "key_find",
        .text = "SELECT api_key.user_id, user.name, user.role, api_key.name, api_key.hash,"
                " api_key.created_at, api_key.revoked_at"
                " FROM api_key JOIN user ON user.id = api_key.user_id"
                " WHERE api_key.id = ?",
        .reads = true,
        .examples = { "1" },
    },
    [STATEMENT_KEY_FIND_HASH] = {
        .name = "key_find_hash",
        .text = "SELECT id FROM api_key WHERE user_id = ? AND hash = ?",
        .reads = true,
        .examples = { "1", "'0123456789abcdef0123456789abcdef'" },
    },
    [STATEMENT_KEY_INSERT] = {
        .name = "key_insert",
        .text = "INSERT INTO api_key (user_id, name, hash, created_at, revoked_at)"
                " VALUES (?, ?, ?, ?, ?)",
        .examples = { "1", "'laptop'", "'0123456789abcdef0123456789abcdef'", "1", "NULL" },
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
