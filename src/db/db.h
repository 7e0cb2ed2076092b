/* SPDX-License-Identifier: MIT */
/* The interface of the database. db_sql*.c implement it for MySQL and MariaDB; tests may link
 * tests/fakes/db_fake*.c in their place, a database in memory. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "db/db_types.h"

struct db;
struct sql_options;

/* Makes no connection yet; NULL when memory is out. The strings of the options are borrowed. */
struct db *db_open(const struct sql_options *options);

/* In all calls, results are allocated in `arena`. Every call may open the connection, retries after
 * a lost connection or a deadlock where that is safe, and sets `err` when it fails. */

/* The target of a code, by one statement. DB_MISSING: no link has the code. */
enum db_result db_resolve(struct db *db, struct slice code, struct arena *arena, struct target *out,
                          struct error *err);

/* The targets of up to DB_BULK_MAX codes, by one statement: out[i] is the target of codes->at[i];
 * its link_id is 0 when no link has the code. */
enum db_result db_resolve_many(struct db *db, const struct code_list *codes, struct arena *arena,
                               struct target *out, struct error *err);

/* The whole link of a code, with its tags, aliases and `used`. DB_MISSING: no link has the code. */
enum db_result db_link_find(struct db *db, struct slice code, struct arena *arena, struct link *out,
                            struct error *err);

/* The same by the link's id. */
enum db_result db_link_find_id(struct db *db, uint64_t link_id, struct arena *arena,
                               struct link *out, struct error *err);

/* The aliases and lower-case forms of all links that come after `after`, in the order of their
 * bytes: the first DB_ALIASES_MAX of them. The last page has fewer. */
enum db_result db_aliases_list(struct db *db, struct slice after, struct arena *arena,
                               struct alias_page *out, struct error *err);

/* Stores a link, its code, its aliases (which need not include `code`), their lower-case forms and
 * its tags in one transaction. The caller sets target.link_id and code; `used` and `clicks` are
 * stored too (they are 0 except in an import, and all of `clicks` are clicks_imported). DB_TAKEN:
 * another link has one of the codes. If the answer of an earlier call with the same link_id was
 * lost, DB_OK: the caller may retry, and the link is stored once. `key` may be NULL; otherwise it
 * is stored with the link. DB_REPEATED: another create has used the key; db_idempotency_find finds
 * it, unless it has just been purged: then try again. */
enum db_result db_link_insert(struct db *db, const struct link *link, const struct idempotency *key,
                              struct error *err);

/* Stores up to DB_BULK_MAX links in one transaction and a few round trips, as db_link_insert would
 * one after the other: results[i] is DB_OK or DB_TAKEN. If the call does not return DB_OK,
 * `results` is not set, and the same call may be repeated. If two items have the same code, the
 * later one is DB_TAKEN, even if the earlier one is, because of another code. */
enum db_result db_links_insert_many(struct db *db, const struct link *links, size_t n,
                                    enum db_result *results, struct error *err);

/* Stores up to DB_BULK_MAX links, each with a key, in one transaction and a few round trips: all or
 * none. DB_TAKEN: a code or a key is in use, possibly by an earlier call for the same links whose
 * answer was lost; call db_link_insert for each to find out. */
enum db_result db_links_insert_once(struct db *db, const struct link *links,
                                    const struct idempotency *keys, size_t n, struct error *err);

/* Finds the create after `since` that used key->key_hash, and sets the other members of *key.
 * DB_MISSING: there is none. Its link may have been deleted since. */
enum db_result db_idempotency_find(struct db *db, struct idempotency *key, int64_t since,
                                   struct error *err);

/* The owner's links with exactly this long URL, the newest first, at most DB_SAME_URL_MAX. DB_OK
 * with n = 0 when there is none. */
enum db_result db_links_same_url(struct db *db, const struct link_destination *to,
                                 struct arena *arena, struct link_page *out, struct error *err);

/* For each of up to DB_BULK_MAX destinations the id of a link of this owner with exactly this long
 * URL, or 0: ids[i] is that of to->at[i]. One statement for each owner and host among them, and one
 * more for each that many links of the owner share. `arena` is scratch. */
enum db_result db_links_same_urls(struct db *db, const struct destination_list *to,
                                  struct arena *arena, uint64_t *ids, struct error *err);

/* Changes the stored link to `link`: target, title, tags, owner_id and updated_at; the other fields
 * are unchanged. If the owner changes, the link's part of the totals moves to the new owner.
 * link->target.version is the version that the caller read; the stored version is one higher
 * afterwards. `new_alias` (empty: none) becomes the newest alias, also if the link has it already;
 * but if it is the link's generated code, the result is DB_TAKEN. Its lower-case form is added too
 * if that is among link->lowered. All or nothing. DB_STALE: the link has another version now.
 * DB_MISSING: it was deleted. DB_TAKEN: another link has the alias, or that form. If an answer was
 * lost, the stored link is compared with `link`. The caller must check LINK_ALIASES_MAX. With `by`
 * the history of the link gets a change of its destination, if that is another one. */
enum db_result db_link_update(struct db *db, const struct link *link, struct slice new_alias,
                              const struct author *by, struct error *err);

/* Reads changes of a link's destination. The page is empty when there are none, or no such link. */
enum db_result db_history_list(struct db *db, const struct history_query *query,
                               struct arena *arena, struct history_page *out, struct error *err);

/* Gives the stored link the lower-case form of one of its aliases. The link keeps its version.
 * DB_TAKEN: another link has that code, or it is the link's generated code. DB_MISSING, DB_STALE:
 * as in db_link_update. */
enum db_result db_alias_lower(struct db *db, const struct link *link, struct slice lower,
                              struct error *err);

/* Removes an alias from the stored link, which is listed under link->code from then on (another
 * code of the link) and was last changed at link->updated_at; its lower-case form too, unless that
 * is still among the link's codes. If the alias itself is among link->lowered, it remains as the
 * lower-case form of another. link->target.version as in db_link_update. DB_MISSING: the link was
 * deleted, or has no such alias. DB_STALE: as in db_link_update. */
enum db_result db_alias_delete(struct db *db, const struct link *link, struct slice alias,
                               struct error *err);

/* Deletes a link with its codes, tags, counts and roll-ups. `version` as in db_link_update; 0: any
 * version. */
enum db_result db_link_delete(struct db *db, uint64_t link_id, uint32_t version, struct error *err);

/* Deletes a link so that db_link_restore can bring it back. Until it does, or a purge deletes the
 * link for good, no other call finds the link; its codes stay taken, and its clicks are counted.
 * `version` as in db_link_update; 0: any version. DB_MISSING: there is no such link. */
enum db_result db_link_hide(struct db *db, uint64_t link_id, uint32_t version, int64_t now,
                            struct error *err);

/* The whole link of a code that db_link_hide deleted, with deleted_at and its last version.
 * deleted_at is 0 if it can no longer be restored because its owner is gone. DB_MISSING: there is
 * none. */
enum db_result db_deleted_find(struct db *db, struct slice code, struct arena *arena,
                               struct link *out, struct error *err);

/* One page of the links that were deleted after query->deleted_since. Of the other conditions only
 * owner_id counts; `after` is of LINK_PART_IDS. */
enum db_result db_deleted_list(struct db *db, const struct link_query *query, struct arena *arena,
                               struct link_page *out, struct error *err);

/* Brings back a link that was deleted after `since`, with all it had; its version is one higher
 * than that which db_deleted_find returns. DB_MISSING: there is none, or another call has restored
 * it. */
enum db_result db_link_restore(struct db *db, uint64_t link_id, int64_t since, struct error *err);

/* Transfers links from their owner to the user `to`, with their part of the totals, in one
 * transaction. Each gets a new version, changed at `now`. Links that do not exist or have another
 * owner now are skipped, so the same call may be repeated. */
enum db_result db_links_transfer(struct db *db, const struct owned_links *links, uint32_t to,
                                 int64_t now, struct error *err);

/* Deletes links of an owner, likewise. */
enum db_result db_links_delete(struct db *db, const struct owned_links *links, struct error *err);

/* Uses one of the `max_clicks` redirects of a link. DB_MISSING: all are used (or the link was
 * deleted). Never allows more than `max_clicks`; a lost answer may have used one without a
 * redirect. */
enum db_result db_link_use(struct db *db, uint64_t link_id, uint64_t max_clicks, struct error *err);

/* One page of a list. */
enum db_result db_links_list(struct db *db, const struct link_query *query, struct arena *arena,
                             struct link_page *out, struct error *err);

/* Adds the words of titles that have none, which a program without title_word has stored: of the
 * next links after the id `after`, at most `limit` (1 to DB_OWNED_MAX). May be repeated. */
enum db_result db_title_words_fill(struct db *db, uint64_t after, unsigned limit,
                                   struct title_words_filled *out, struct error *err);

/* One page of the tags of an owner's links. */
enum db_result db_tag_list(struct db *db, const struct tag_query *query, struct arena *arena,
                           struct tag_page *out, struct error *err);

/* Renames a tag in up to DB_OWNED_MAX links of the owner, in one transaction. Each gets a new
 * version, changed at rename->now; a link that has the new tag already keeps it. Links that no
 * longer have the tag are skipped, so the same call may be repeated. */
enum db_result db_tag_rename(struct db *db, const struct tag_rename *rename,
                             struct tag_renamed *out, struct error *err);

/* The number of links of an owner (or DB_OWNER_ANY), from the stored totals. */
enum db_result db_links_count(struct db *db, uint32_t owner_id, uint64_t *out, struct error *err);

/* One batch of a purge, in one short transaction. Several hosts may purge at the same time: they
 * get different rows. The expiry of a link is checked again under its row lock, so that a link
 * whose expiry was extended meanwhile is kept. */
enum db_result db_purge_batch(struct db *db, const struct purge *purge, struct purge_done *out,
                              struct error *err);

/* Flushes a batch of events: adds them to the roll-ups and stores the source's batch number and
 * positions in the same transaction, so that each event counts exactly once. Flushes of all hosts
 * are serialised; including the wait a flush may take ten seconds. DB_STALE: the last batch of the
 * source is not the one before this one (db_clicks_source returns it; a batch whose answer was lost
 * may have been stored), and nothing was changed. An event of a day that is already compacted is
 * added to the compacted record; for a day that is already merged into its month a new record of
 * the day is made, which the next compaction merges. */
enum db_result db_clicks_flush(struct db *db, const struct click_flush *flush,
                               struct click_flushed *out, struct error *err);

/* The last batch of a source that was stored; DB_MISSING when there was none. */
enum db_result db_clicks_source(struct db *db, struct slice source, struct arena *arena,
                                struct click_source *out, struct error *err);

/* Deletes a source that will have no more batches. */
enum db_result db_clicks_source_drop(struct db *db, struct slice source, struct error *err);

/* Deletes the sources that `purge` names. */
enum db_result db_clicks_sources_purge(struct db *db, const struct click_source_purge *purge,
                                       struct error *err);

/* The roll-ups of a link. DB_OK with n = 0 when there is none. */
enum db_result db_clicks_read(struct db *db, const struct click_query *query, struct arena *arena,
                              struct click_rows *out, struct error *err);

/* The stored totals of an owner (or DB_OWNER_ANY). */
enum db_result db_clicks_owner(struct db *db, uint32_t owner_id, struct click_totals *out,
                               struct error *err);

/* Compacts one batch of roll-ups, in one short transaction that is serialised with the flushes.
 * Several hosts may compact at the same time. */
enum db_result db_clicks_compact_batch(struct db *db, const struct click_compact *compact,
                                       struct click_compact_done *out, struct error *err);

/* The next block of the sequence `name`; DB_MISSING when its ids are used up. */
enum db_result db_range_take(struct db *db, const char *name, struct id_range *out,
                             struct error *err);

/* The row of the sequence, without its name; DB_FAILED when there is none. */
enum db_result db_sequence_find(struct db *db, const char *name, struct sequence_row *out,
                                struct error *err);

/* Reads all sequences in the order of their names. DB_FAILED when there are more than
 * DB_SEQUENCES_MAX. */
enum db_result db_sequence_list(struct db *db, struct arena *arena, struct sequence_list *out,
                                struct error *err);

/* Moves a sequence on by `by` ids, and further if an id from there on may be in use: to
 * `at_least`, and past the last link below its limit. *next is set to its next id then. If it is
 * called twice, it moves on twice. */
enum db_result db_sequence_skip(struct db *db, const struct sequence_skip *skip, uint64_t *next,
                                struct error *err);

/* Moves the free ids of `from` from `at` on to `to`. With `adds` `to` is a new sequence: DB_TAKEN
 * when it exists. Otherwise its own ids must be used up, or end at `at`, or `drops_rest` gives them
 * up. DB_STALE when the ids of either do not allow it; DB_MISSING when there is no such sequence.
 * The error is a sentence in each case. */
enum db_result db_sequence_move(struct db *db, const struct sequence_move *move, struct error *err);

/* The key of this id, with its user's role and policy; DB_MISSING when there is none. */
enum db_result db_key_find(struct db *db, uint32_t key_id, struct arena *arena, struct api_key *out,
                           struct error *err);

/* Stores a key, and its user if there is none of that name (an existing user keeps its role). */
enum db_result db_key_insert(struct db *db, struct api_key *key, struct error *err);

/* One page of keys. */
enum db_result db_key_list(struct db *db, const struct key_query *query, struct arena *arena,
                           struct key_page *out, struct error *err);

/* The number of keys of `user_id` that are valid at `now`. */
enum db_result db_key_count(struct db *db, uint32_t user_id, int64_t now, uint64_t *out,
                            struct error *err);

/* Revokes a key of `user_id` (DB_OWNER_ANY: of any user). The time of a key that is already revoked
 * does not change. DB_MISSING: there is no such key. */
enum db_result db_key_revoke(struct db *db, uint32_t key_id, uint32_t user_id, int64_t revoked_at,
                             struct error *err);

/* Stores the time of a key's last use; a time before the stored one changes nothing. */
enum db_result db_key_touch(struct db *db, uint32_t key_id, int64_t used_at, struct error *err);

/* Stores a session of the key session->key.id, or, with `token` (may be NULL; a hash), of the key
 * that the token is for; the token is used up in the same transaction. The caller sets hash,
 * created_at and agent; the other members are set here, texts in `arena`. If the user has
 * DB_SESSIONS_MAX sessions, those that were used least lately end. DB_MISSING: the key is revoked
 * or has expired, or there is no such token (any more). A lost answer may be retried: the session
 * is stored once. */
enum db_result db_session_insert(struct db *db, struct session *session, const unsigned char *token,
                                 struct arena *arena, struct error *err);

/* The session with this hash of KEY_HASH_BYTES, and its key, which may be revoked or have expired.
 * DB_MISSING: there is none. */
enum db_result db_session_find(struct db *db, const unsigned char *hash, struct arena *arena,
                               struct session *out, struct error *err);

/* Stores the time of a session's last use; a time before the stored one changes nothing. */
enum db_result db_session_touch(struct db *db, uint32_t session_id, int64_t used_at,
                                struct error *err);

/* The sessions of a user, of revoked and expired keys too; at most DB_SESSIONS_MAX. */
enum db_result db_session_list(struct db *db, uint32_t user_id, struct arena *arena,
                               struct session_list *out, struct error *err);

/* Deletes a session of the user. DB_MISSING: there is no such session. If an answer was lost, the
 * result may be DB_MISSING although this call has deleted it. */
enum db_result db_session_delete(struct db *db, uint32_t user_id, uint32_t session_id,
                                 struct error *err);

/* Deletes all sessions of the user. */
enum db_result db_session_delete_all(struct db *db, uint32_t user_id, struct error *err);

/* Stores a token that signs in once. */
enum db_result db_sign_in_insert(struct db *db, const struct sign_in *token, struct error *err);

/* The user of this name; DB_MISSING when there is none. */
enum db_result db_user_find(struct db *db, struct slice name, struct arena *arena, struct user *out,
                            struct error *err);

/* Sets the user's policy; DB_MISSING when there is no such user. */
enum db_result db_user_set_policy(struct db *db, uint32_t user_id, const struct user_policy *policy,
                                  struct error *err);

/* One page of users. */
enum db_result db_user_list(struct db *db, const struct user_query *query, struct arena *arena,
                            struct user_page *out, struct error *err);

/* Adds a user and sets user->id. DB_TAKEN: the name exists. */
enum db_result db_user_add(struct db *db, struct user *user, struct error *err);

/* Sets a user's role. DB_MISSING: there is no such user. DB_TAKEN: it is the last admin and stays
 * one. */
enum db_result db_user_set_role(struct db *db, uint32_t user_id, enum user_role role,
                                struct error *err);

/* Deletes a user without links, with its keys and sessions. Its deleted links are the heir's from
 * then on; without an heir they can no longer be restored. The rest of its totals (clicks of
 * deleted links) is added to those of the user `heir_id` (0: of links without an owner).
 * DB_MISSING: there is no such user. DB_TAKEN: it is the last admin. DB_STALE: it has links. */
enum db_result db_user_delete(struct db *db, uint32_t user_id, uint32_t heir_id, struct error *err);

/* The changes of links after the id `after`, at most DB_CHANGES_MAX. Only databases that are
 * opened with keeps_changes keep changes: db_link_update, db_alias_delete, db_link_hide,
 * db_link_delete and db_links_delete, one for each code that the link had. */
enum db_result db_edge_changes(struct db *db, uint64_t after, struct arena *arena,
                               struct edge_change_page *out, struct error *err);

/* The id of the newest change; 0: there is none. */
enum db_result db_edge_newest(struct db *db, uint64_t *id, struct error *err);

/* Deletes changes that are too old, and the oldest of those that are too many, up to
 * DB_CHANGES_MAX of each; *dropped is the number of the latter. */
enum db_result db_edge_changes_bound(struct db *db, const struct edge_bound *bound,
                                     uint64_t *dropped, struct error *err);

/* The change up to which a cache in front has been told of all; 0: none was stored. */
enum db_result db_edge_position(struct db *db, uint64_t target, uint64_t *position,
                                struct error *err);
enum db_result db_edge_position_set(struct db *db, uint64_t target, uint64_t position,
                                    struct error *err);

/* The value of a setting, any bytes. DB_MISSING when there is none. */
enum db_result db_setting_get(struct db *db, const char *name, struct arena *arena,
                              struct slice *out, struct error *err);

/* Writes the time of the database's clock to the heartbeat, in ms since the epoch; *at_ms is set to
 * the stored value. */
enum db_result db_heartbeat_write(struct db *db, int64_t *at_ms, struct error *err);

/* Reads the heartbeat; DB_MISSING when none was written. */
enum db_result db_heartbeat_read(struct db *db, int64_t *at_ms, struct error *err);

/* Checks that the server answers. */
enum db_result db_ping(struct db *db, struct error *err);

/* Closes the connection if it was not used for the configured idle time. `now_ms` is monotonic.
 * Fast when there is nothing to do. */
void db_close_idle(struct db *db, int64_t now_ms);

/* Closes the database; sets *db to NULL. *db may be NULL. */
void db_close(struct db **db);
