/* SPDX-License-Identifier: MIT */
/* The parameters and results of the database interface (db.h), besides links. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "click/day.h"
#include "click/event.h"
#include "link/account.h"
#include "link/id_range.h"
#include "link/link.h"
#include "text/words.h"

enum db_result {
    DB_OK,
    DB_MISSING,     /* no such row; of db_range_take: the sequence is used up */
    DB_TAKEN,       /* refused by a unique index: another row has the value */
    DB_STALE,       /* the link has another version, the source another batch, or the sequence other
                     * ids, than expected */
    DB_REPEATED,    /* the idempotency key was used before */
    DB_UNAVAILABLE, /* unreachable, timed out, or connection lost, also after retries: the result is
                     * unknown */
    DB_FAILED,      /* an error that a retry does not cure: a missing table, no permission */
};

enum {
    DB_DOMAIN_DEFAULT = 1,
    DB_HASH_BYTES = 32,      /* bytes of the hash of an idempotency key and of a fingerprint */
    DB_PAGE_MAX = 1000,      /* links or keys in one page */
    DB_BULK_MAX = 1000,      /* links in one db_links_insert_many, codes in one db_resolve_many,
                              * destinations in one db_links_same_urls */
    DB_ALIASES_MAX = 1000,   /* rows in one db_aliases_list */
    DB_OWNED_MAX = 500,      /* links in one db_links_transfer or db_links_delete */
    DB_HISTORY_MAX = 100,    /* changes in one db_history_list */
    DB_PURGE_MAX = 1000,     /* rows in one db_purge_batch */
    DB_SEQUENCES_MAX = 1000, /* rows of one db_sequence_list */
    DB_SAME_URL_MAX = 50,    /* links in one db_links_same_url */
    DB_CLICKS_MAX = 65536,   /* events in one db_clicks_flush */
    DB_CHANGES_MAX = 1000,   /* rows in one db_edge_changes, or deleted by one bound */
    DB_SOURCE_BYTES = 16,    /* bytes of the id of a click source */
    DB_POSITIONS_MAX = 8192, /* bytes of a source's positions */
    DB_SESSIONS_MAX =
        100,           /* sessions of a user: one more ends the one that was used least lately */
    DB_TAGS_MAX = 200, /* tags in one page */
    DB_TAG_LINKS_MAX = 10000, /* links of a tag are counted up to this number */
    DB_AGENT_MAX = 64,        /* bytes */
    DB_COMPACT_MAX = 500,     /* rows of each kind in one db_clicks_compact_batch */
};

/* Any owner. (0 is the owner of links that were created without a key.) */
#define DB_OWNER_ANY UINT32_MAX

/* --- sequences --- */

/* A sequence: the ids [next_id, limit_id) are free, and are taken in blocks. */
struct sequence_row {
    struct slice name;
    uint64_t next_id;
    uint64_t limit_id;
    uint64_t block_size; /* ids */
};

struct sequence_list {
    struct sequence_row *rows;
    size_t n;
};

struct sequence_skip {
    const char *name;
    uint64_t by;       /* ids */
    uint64_t at_least; /* an id */
};

struct sequence_move {
    const char *from;
    const char *to;
    uint64_t at;     /* the first id that moves */
    bool adds;       /* `to` is a new sequence */
    bool drops_rest; /* the ids that `to` has left are given up */
};

/* --- users and keys --- */

/* Keys in the order of their ids, `after_id` (0: from the start) excluded. */
struct key_query {
    uint32_t user_id; /* DB_OWNER_ANY: of all users */
    uint32_t after_id;
    unsigned limit; /* 1 to DB_PAGE_MAX */
};

struct key_page {
    struct api_key *keys;
    size_t n;
    bool more; /* there are keys after the last one here */
};

/* A user with its number of keys, links and clicks. */
struct user_summary {
    struct user user;
    uint64_t keys;   /* valid ones */
    uint64_t links;  /* as by db_links_count */
    uint64_t clicks; /* including those of deleted links */
};

/* Users in the order of their ids, `after_id` (0: from the start) excluded. */
struct user_query {
    uint32_t after_id;
    unsigned limit; /* 1 to DB_PAGE_MAX */
    int64_t now;    /* the time for which valid keys are counted */
};

struct user_page {
    struct user_summary *users;
    size_t n;
    bool more; /* there are users after the last one here */
};

/* --- sessions --- */

/* A browser that has signed in with an API key, whose rights it has. */
struct session {
    uint32_t id;
    unsigned char hash[KEY_HASH_BYTES]; /* of its secret */
    struct api_key key;
    int64_t created_at;
    int64_t last_used_at; /* as stored by db_session_touch */
    struct slice agent;   /* names of the browser and the system, at most DB_AGENT_MAX bytes */
};

/* A user's sessions, the one that was used last first. */
struct session_list {
    struct session *sessions;
    size_t n;
};

/* A token that signs in once. */
struct sign_in {
    unsigned char hash[KEY_HASH_BYTES]; /* of the token */
    uint32_t key_id;
    int64_t expires_at; /* the first second in which it is no longer valid */
};

/* --- idempotency --- */

/* A create with an idempotency key. */
struct idempotency {
    unsigned char key_hash[DB_HASH_BYTES];    /* of the owner and the key */
    unsigned char fingerprint[DB_HASH_BYTES]; /* of the requested link */
    int64_t created_at;
    uint64_t link_id; /* the link created; set by db_idempotency_find */
};

/* --- lists --- */

enum link_order {
    LINK_ORDER_NEWEST, /* by id, the highest first */
    LINK_ORDER_OLDEST,
    LINK_ORDER_MOST_CLICKS, /* by the stored total, equal ones by id, the highest first */
    LINK_ORDER_LEAST_CLICKS,
    LINK_ORDER_EXPIRES_FIRST, /* by expiry, equal ones by id; links that never expire come last */
    LINK_ORDER_EXPIRES_LAST,  /* the latest expiry first; links that never expire come last, too */
};

/* Whether a list in this order goes from higher to lower values and ids. */
static inline bool link_order_is_down(enum link_order order)
{
    return order == LINK_ORDER_NEWEST || order == LINK_ORDER_MOST_CLICKS ||
           order == LINK_ORDER_EXPIRES_LAST;
}

/* Whether the order is by clicks or expiry, not by id alone. */
static inline bool link_order_has_values(enum link_order order)
{
    return order > LINK_ORDER_OLDEST;
}

static inline bool link_order_is_by_clicks(enum link_order order)
{
    return order == LINK_ORDER_MOST_CLICKS || order == LINK_ORDER_LEAST_CLICKS;
}

/* The value of a link without clicks, or without expiry. */
static inline int64_t link_order_rest(enum link_order order)
{
    if (link_order_is_by_clicks(order))
        return 0;
    return order == LINK_ORDER_EXPIRES_LAST ? -INT64_MAX : INT64_MAX;
}

/* The part of a list that a position is in: a search has three parts. */
enum link_part {
    LINK_PART_IDS,     /* no search: by id */
    LINK_PART_ALIASES, /* a search, first part: links with a matching alias, by alias */
    LINK_PART_HOSTS,   /* a search, second part: links with a matching host, by owner, then by
                        * host */
    LINK_PART_VALUES,  /* no search: by clicks or expiry, then by id */
    LINK_PART_TITLES,  /* a search, third part: links with the words in their titles, by owner, then
                        * by word */
};

/* A position in a list, directly after one entry. All zero: before the first entry. link_position.h
 * encodes it. */
struct link_position {
    bool is_set;
    enum link_part part;
    uint64_t link_id;
    uint32_t owner_id; /* only of LINK_PART_HOSTS and LINK_PART_TITLES */
    uint32_t url_hash; /* only of LINK_PART_HOSTS: orders links to the same host */
    int64_t value;     /* only of LINK_PART_VALUES: clicks or expiry, or link_order_rest */
    struct slice key;  /* the matching alias, host or word; empty for the other parts */
};

/* Bits of `states`. */
#define LINK_STATE_BIT(state) (1u << (state))

/* The links to list: those that match all conditions. An empty slice is no condition. A search (a
 * query with a prefix) is in the order of enum link_part and ignores `order`, because keyset
 * pagination must follow an index. A link is listed once, even if several of its aliases, or an
 * alias and its host or title, match. In an order by clicks a link that is clicked between two
 * pages may move past the position, and then be listed twice or not at all; no other link is. */
struct link_query {
    uint32_t owner_id; /* DB_OWNER_ANY: of all users */
    struct slice tag;
    struct slice alias_prefix; /* compared byte by byte, case-sensitive */
    struct slice host_prefix;  /* in lower case; a leading "www." of a host is ignored */
    const struct words *words; /* each is the beginning of a word of the title (text/words.h); NULL
                                * or n = 0: titles are not searched */
    unsigned states;           /* LINK_STATE_BITs; 0: any state */
    int64_t now;               /* the time for which states are computed */
    enum link_order order;
    unsigned limit; /* 1 to DB_PAGE_MAX */
    struct link_position after;
    int64_t deleted_since; /* only of db_deleted_list: links deleted after this time */
};

/* Whether the query has a search text. */
static inline bool link_query_searches(const struct link_query *query)
{
    return query->alias_prefix.len > 0 || query->host_prefix.len > 0 ||
           (query->words && query->words->n > 0);
}

/* An owner and a long URL, to find an existing link. */
struct link_destination {
    uint32_t owner_id;
    struct slice long_url;
};

/* Destinations in any order, possibly with duplicates. */
struct destination_list {
    const struct link_destination *at;
    size_t n;
};

/* A tag, and how many links of the owner have it. */
struct tag_count {
    struct slice tag;
    uint64_t links; /* DB_TAG_LINKS_MAX: so many or more */
};

/* The tags of an owner's links in the order of their bytes, `after` (empty: from the start)
 * excluded. */
struct tag_query {
    uint32_t owner_id;
    struct slice after;
    unsigned limit; /* 1 to DB_TAGS_MAX */
};

struct tag_page {
    struct tag_count *tags;
    size_t n;
    bool more; /* there are tags after the last one here */
};

/* A tag that becomes another one in all links of the owner. */
struct tag_rename {
    uint32_t owner_id;
    struct slice from;
    struct slice to; /* another text */
    int64_t now;
};

struct tag_renamed {
    unsigned links;
    bool more; /* call again at once */
};

struct title_words_filled {
    uint64_t last_id; /* of the links that were read; the same as before: there are no more */
    unsigned links;   /* read */
    unsigned titles;  /* of these links */
    uint64_t words;   /* added */
};

/* An alias of a link, or a lower-case form of one. */
struct alias_row {
    uint64_t link_id;
    struct slice code;
    bool is_lowered;
};

/* At most DB_ALIASES_MAX rows. */
struct alias_page {
    struct alias_row *rows;
    size_t n;
};

/* Codes in any order, possibly with duplicates. */
struct code_list {
    const struct slice *at;
    size_t n;
};

/* Links of one owner, by their ids. */
struct owned_links {
    uint32_t owner_id;
    const uint64_t *ids;
    size_t n; /* at most DB_OWNED_MAX */
};

/* A page of a list. It may have fewer links than `limit`, or none, and not be the last: reading
 * stops after some thousand entries that the filter excludes, and continues at `next`. */
struct link_page {
    struct link *links;
    size_t n;
    bool more;                 /* the list goes on at `next` */
    struct link_position next; /* its key is in the arena of the page */
};

/* --- history --- */

/* Who changes a link. */
struct author {
    struct slice user; /* empty: an operator on the command line */
    uint32_t key_id;   /* 0: none */
};

/* A change of a link's destination. */
struct destination_change {
    uint32_t version; /* of the link, after the change */
    int64_t changed_at;
    struct slice user;
    uint32_t key_id;
    struct slice old_url;
    struct slice new_url;
};

/* The changes of a link, the newest first, from `below_version` (excluded; 0: all) down. */
struct history_query {
    uint64_t link_id;
    uint32_t below_version;
    unsigned limit; /* 1 to DB_HISTORY_MAX */
};

struct history_page {
    struct destination_change *changes;
    size_t n;
    bool more; /* the link has earlier ones */
};

/* --- purging --- */

struct purge {
    int64_t expired_before;     /* deletes links that expired before this time; 0: none */
    int64_t deleted_before;     /* deletes links that db_link_hide deleted before this time, for
                                 * good; 0: none */
    int64_t idempotency_before; /* deletes idempotency keys created before this time; 0: none */
    int64_t sessions_before;    /* deletes sessions last used before this time; 0: none */
    int64_t sign_ins_before;    /* deletes tokens that expired before this time; 0: none */
    int64_t changes_before;     /* deletes changes of destinations before this time; 0: none */
    unsigned limit;             /* rows of each kind, 1 to DB_PURGE_MAX */
};

struct purge_done {
    unsigned links;
    unsigned idempotency_keys;
    unsigned sessions; /* tokens included */
    unsigned changes;  /* of destinations */
    bool more;         /* a batch was full: call again at once */
};

/* --- clicks --- */

/* A batch of events from a click source (a host's ring, or a spill file). */
struct click_flush {
    struct slice source;        /* the source's id, of DB_SOURCE_BYTES */
    uint64_t batch;             /* 1 for the source's first batch, then one more each time */
    struct slice positions;     /* the source's positions after this batch, opaque, at most
                                 * DB_POSITIONS_MAX bytes */
    struct click_event *events; /* are sorted by the flush */
    size_t n;                   /* at most DB_CLICKS_MAX; 0 stores the positions alone */
    struct arena *arena;        /* for up to about 300 bytes an event */
    int64_t now;
};

struct click_flushed {
    uint64_t clicks;  /* clicks by people that were counted */
    uint64_t bots;    /* clicks by bots that were counted */
    uint64_t dropped; /* events of links that do not exist (any more), not counted */
    uint64_t rows;    /* roll-ups that were created or changed */
};

/* The last stored batch of a click source. */
struct click_source {
    uint64_t batch; /* its number */
    struct slice positions;
};

/* A change that caches in front have to be told of: the answers for a code are another. */
struct edge_change {
    uint64_t id; /* ascending, with gaps; one may appear after higher ones, whose transaction ended
                  * earlier */
    struct slice code;
};

struct edge_change_page {
    struct edge_change *at;
    size_t n;
};

/* How long, and how many, changes are kept. */
struct edge_bound {
    int64_t max_age_s;
    uint64_t max;
};

/* Which sources a purge deletes. Logs are told from rings and spill files, which have other
 * lengths, by the length of their positions. */
struct click_source_purge {
    unsigned char part;   /* those whose ids begin with this byte */
    size_t positions_len; /* and whose positions have so many bytes, */
    int64_t before;       /* with the last batch before this time */
};

/* Stored, so never renumbered. */
enum click_unit {
    CLICK_UNIT_DAY = 0,
    CLICK_UNIT_MONTH = 1,
};

/* The id under which the roll-ups of all links of an owner are stored (DB_OWNER_ANY: of all links
 * of all owners), as if they were those of one link; no link has such an id. A click counts for the
 * owner that its link has when it is stored, and remains there when the link is deleted or given
 * away. Links without an owner count in DB_OWNER_ANY only. */
static inline uint64_t click_series_id(uint32_t owner_id)
{
    return UINT64_C(1) << 62 | owner_id;
}

/* The roll-ups of a link with from_day <= at < end_day, in days since the epoch. Days that were
 * merged are in the roll-up of their month, whose `at` is its first day. */
struct click_query {
    uint64_t link_id;
    uint32_t from_day;
    uint32_t end_day;
    struct slice source; /* also return the last batch of this source that the rows contain; empty:
                          * none */
};

struct click_row {
    enum click_unit unit;
    uint32_t at;
    struct click_counts total;
    struct slice detail; /* for click_day_decode */
};

/* A consistent snapshot: first the days, then the months, each in the order of time. */
struct click_rows {
    struct click_row *rows;
    size_t n;
    struct click_source source; /* batch 0: none of its batches is stored */
};

/* The totals of an owner. They include the clicks of deleted links. */
struct click_totals {
    uint64_t links;
    uint64_t clicks;
    uint64_t visitors;
    uint64_t bots;
};

/* The limits of retention. */
struct click_compact {
    uint32_t hourly_before; /* compact days before this one: delete their hours and sketch */
    uint32_t daily_before;  /* merge days before this one into their month; 0: none. (The first day
                             * of a month here merges whole months only.) */
    unsigned limit;         /* rows of each kind, 1 to DB_COMPACT_MAX */
};

struct click_compact_done {
    unsigned compacted; /* days that lost their hours */
    unsigned merged;    /* days that were added to their month */
    bool more;          /* a batch was full: call again at once */
};
