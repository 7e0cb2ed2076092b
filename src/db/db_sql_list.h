/* SPDX-License-Identifier: MIT */
/* Private declarations shared by db_sql_list*.c. */
#pragma once

#include "db/db_sql_private.h"

/* An entry of a list: the fields of a link that decide whether it is on the page. */
struct list_entry {
    struct link_position at;
    struct target target; /* only the fields that its state depends on */
    uint64_t used;
    uint64_t clicks;   /* by the stored total */
    bool is_elsewhere; /* another entry of the list has this link, or the list does not */
    bool is_tagged;
};

/* The reading of a list from a position on, until a page is full. */
struct list_walk {
    struct db *db;
    const struct link_query *query;
    struct arena *arena;
    struct error *err;
    struct slice alias_end; /* the first string after all strings with the prefix */
    struct slice host_end;
    struct slice word; /* the longest word of the search, by which titles are found */
    struct slice word_end;
    struct link_position after; /* the current position */
    struct link_position past;  /* of a part by owners: the position after all owners just read */
    struct list_entry *entries; /* the entries read last */
    unsigned n;
    unsigned room; /* how many entries were requested */
    unsigned allocated;
    unsigned read_max; /* entries read for a page, at most about so many */
    unsigned n_read;   /* entries read in all, and the cost of other reads in entries */
    uint64_t *passed;  /* ids of the links on the page */
    size_t n_passed;
    bool full; /* the page is full, or read_max entries were read, and the list may have more */
};

/* Reads the next entries after the position. */
typedef enum db_result list_reader(struct list_walk *walk);

/* Runs one statement and stores its rows in `entries`, up to `room`. */
enum db_result db_sql_list_read(struct list_walk *walk, const struct sql_query *query);

/* Reads the next entries, adds the matching ones to the page, and advances the position. *end is
 * set at the end of the list. */
enum db_result db_sql_list_step(struct list_walk *walk, list_reader *read, bool *end);

/* Reads and advances until the page is full, read_max entries were read, or the list is at its end.
 */
enum db_result db_sql_list_walk(struct list_walk *walk, list_reader *read);

/* Reads entries by id, in the direction of the order. */
enum db_result db_sql_list_read_ids(struct list_walk *walk);

/* Whether the page is full, or read_max entries were read. */
bool db_sql_list_has_enough(struct list_walk *walk);

/* Lists LINK_PART_VALUES. */
enum db_result db_sql_list_ordered(struct list_walk *walk);

/* Lists LINK_PART_HOSTS or LINK_PART_TITLES, as the position says. */
enum db_result db_sql_list_by_owner(struct list_walk *walk);
