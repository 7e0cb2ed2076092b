/* SPDX-License-Identifier: MIT */
/* What goes into the database and comes out of it, besides links. */
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

enum db_result {
    DB_OK,
    DB_MISSING,     /* no such row; for db_range_take: the sequence is used up */
    DB_TAKEN,       /* the unique index says somebody else has it */
    DB_STALE,       /* the link has another version, the source another batch, than expected */
    DB_REPEATED,    /* the idempotency key was used before */
    DB_UNAVAILABLE, /* down, too slow, or lost on the way, retries included: nothing is known */
    DB_FAILED,      /* a refusal that a retry will not cure: a missing table, no permission */
};

enum {
    DB_DOMAIN_DEFAULT = 1,
    DB_SETTING_MAX = 1024,   /* bytes */
    DB_HASH_BYTES = 32,      /* of an idempotency key and of a fingerprint */
    DB_PAGE_MAX = 1000,      /* links or keys in one page */
    DB_BULK_MAX = 1000,      /* links in one db_links_insert_many, codes in one db_resolve_many */
    DB_OWNED_MAX = 500,      /* links in one db_links_give or db_links_delete */
    DB_PURGE_MAX = 1000,     /* rows in one db_purge_batch */
    DB_SAME_URL_MAX = 50,    /* links in one db_links_same_url */
    DB_CLICKS_MAX = 65536,   /* events in one db_clicks_flush */
    DB_SOURCE_BYTES = 16,    /* of a source of clicks */
    DB_POSITIONS_MAX = 8192, /* bytes of a source's positions */
    DB_COMPACT_MAX = 500,    /* rows of each kind in one db_clicks_compact_batch */
};

/* Everybody's, where an owner is asked for. (0 is nobody's: links made without a key.) */
#define DB_OWNER_ANY UINT32_MAX

/* --- users and keys --- */

/* Keys in the order of their ids, `after_id` (0: from the start) excluded. */
struct key_query {
    uint32_t user_id; /* DB_OWNER_ANY: everybody's */
    uint32_t after_id;
    unsigned limit; /* 1 to DB_PAGE_MAX */
};

struct key_page {
    struct api_key *keys;
    size_t n;
    bool more; /* there are keys after the last one here */
};

/* A user with what is the user's. */
struct user_summary {
    struct user user;
    uint64_t keys;   /* valid ones */
    uint64_t links;  /* as db_links_count tells them */
    uint64_t clicks; /* of links that were deleted since, too */
};

/* Users in the order of their ids, `after_id` (0: from the start) excluded. */
struct user_query {
    uint32_t after_id;
    unsigned limit; /* 1 to DB_PAGE_MAX */
    int64_t now;    /* what keys are judged by */
};

struct user_page {
    struct user_summary *users;
    size_t n;
    bool more; /* there are users after the last one here */
};

/* --- idempotency --- */

/* A client's own name for a create. */
struct idempotency {
    unsigned char key_hash[DB_HASH_BYTES];    /* of the owner and the key */
    unsigned char fingerprint[DB_HASH_BYTES]; /* of what was asked for */
    int64_t created_at;
    uint64_t link_id; /* what was made; set by db_idempotency_find */
};

/* --- lists --- */

enum link_order {
    LINK_ORDER_NEWEST, /* by id, the highest first */
    LINK_ORDER_OLDEST,
};

/* Which part of a list a position is in: a search has two. */
enum link_part {
    LINK_PART_IDS,     /* no search: by id */
    LINK_PART_ALIASES, /* a search: first what an alias finds, by alias */
    LINK_PART_HOSTS,   /* then what the host finds, owner by owner, by host */
};

/* The place right after one entry of a list. All zero: before the first. link_position.h makes
 * bytes of it. */
struct link_position {
    bool is_set;
    enum link_part part;
    uint64_t link_id;
    uint32_t owner_id; /* of LINK_PART_HOSTS, as the next one */
    uint32_t url_hash; /* decides among links to one host */
    struct slice key;  /* the alias or the host that was found; empty for LINK_PART_IDS */
};

/* Bits of `states`. */
#define LINK_STATE_BIT(state) (1u << (state))

/* What to list; all conditions must hold. Slices with length 0 ask for nothing. A search (one with
 * a prefix) is in the order of enum link_part, whatever `order` says: a keyset can only follow an
 * index. A link is listed once, also when several aliases, or an alias and its host, begin so. */
struct link_query {
    uint32_t owner_id; /* DB_OWNER_ANY: everybody's */
    struct slice tag;
    struct slice alias_prefix; /* bytes as they are: aliases have upper and lower case */
    struct slice host_prefix;  /* in lower case; a leading "www." of a host never counts */
    unsigned states;           /* LINK_STATE_BITs; 0: any state */
    int64_t now;               /* what states are judged by */
    enum link_order order;
    unsigned limit; /* 1 to DB_PAGE_MAX */
    struct link_position after;
};

/* Whose link leads where: what a link that is there already is looked for by. */
struct link_destination {
    uint32_t owner_id;
    struct slice long_url;
};

/* Codes, in any order; one may be there twice. */
struct code_list {
    const struct slice *at;
    size_t n;
};

/* Some links of an owner. */
struct owned_links {
    uint32_t owner_id;
    const uint64_t *ids;
    size_t n; /* at most DB_OWNED_MAX */
};

/* A page. It may be short, even empty, and yet not be the last: a filter that lets little through
 * is given up after some thousand entries, and `next` says where to go on. */
struct link_page {
    struct link *links;
    size_t n;
    bool more;                 /* the list goes on at `next` */
    struct link_position next; /* its key lives in the arena of the page */
};

/* --- purging --- */

struct purge {
    int64_t expired_before;     /* links that expired before this time go; 0: none */
    int64_t idempotency_before; /* likewise the idempotency keys made before it; 0: none */
    unsigned limit;             /* rows of each kind, 1 to DB_PURGE_MAX */
};

struct purge_done {
    unsigned links;
    unsigned idempotency_keys;
    bool more; /* a batch was full: there may be more to do at once */
};

/* --- clicks --- */

/* A batch of events that a source (a host's ring, a spill file) has for the roll-ups. */
struct click_flush {
    struct slice source;    /* DB_SOURCE_BYTES that are the source's own for ever */
    uint64_t batch;         /* 1 for the source's first batch, then one more each time */
    struct slice positions; /* how far the source is rolled up with this batch: its own bytes, at
                             * most DB_POSITIONS_MAX */
    struct click_event *events; /* are sorted on the way */
    size_t n;                   /* at most DB_CLICKS_MAX; 0 stores the positions alone */
    struct arena *arena;        /* for up to about 150 bytes an event */
    int64_t now;
};

struct click_flushed {
    uint64_t clicks;  /* by people, counted now */
    uint64_t bots;    /* likewise */
    uint64_t dropped; /* events of links that do not exist (any more): counted nowhere */
    uint64_t rows;    /* roll-ups that were made or changed */
};

/* How far a source has been rolled up. */
struct click_source {
    uint64_t batch; /* the last one */
    struct slice positions;
};

/* Stored, so never renumbered. */
enum click_unit {
    CLICK_UNIT_DAY = 0,
    CLICK_UNIT_MONTH = 1,
};

/* The roll-ups of a link with from <= at < end, in days since the epoch; days that were folded are
 * in their month, which is at its first day. */
struct click_query {
    uint64_t link_id;
    uint32_t from_day;
    uint32_t end_day;
    struct slice source; /* of which is told, too, how far it is in these rows; empty: of none */
};

struct click_row {
    enum click_unit unit;
    uint32_t at;
    struct click_counts total;
    struct slice detail; /* for click_day_decode */
};

/* Of one moment, whatever is flushed or folded meanwhile. First the days, then the months, both in
 * the order of time. */
struct click_rows {
    struct click_row *rows;
    size_t n;
    struct click_source source; /* batch 0: nothing of it was rolled up */
};

/* What an owner has. The clicks of links that were deleted since stay in it. */
struct click_totals {
    uint64_t links;
    uint64_t clicks;
    uint64_t visitors;
    uint64_t bots;
};

/* What is kept how long. */
struct click_compact {
    uint32_t hourly_before; /* days before it lose their hours and their sketch */
    uint32_t daily_before;  /* days before it are added to their month; 0: none. (A month is begun
                             * with any of its days; the first of a month folds whole months.) */
    unsigned limit;         /* rows of each kind, 1 to DB_COMPACT_MAX */
};

struct click_compact_done {
    unsigned compacted; /* days that lost their hours */
    unsigned merged;    /* days that were added to their month */
    bool more;          /* a batch was full: there may be more to do at once */
};
