/* SPDX-License-Identifier: MIT */
/* What the two files of lists share; nobody else includes it. */
#pragma once

#include "db/db_sql_private.h"

/* What is read of a link before it is on a page. */
struct list_entry {
    struct link_position at;
    struct target target; /* only what its state depends on */
    uint64_t used;
    bool is_elsewhere; /* another entry stands for this link */
    bool is_tagged;
};

/* A walk along a list, from a position on, until a page is full. */
struct list_walk {
    struct db_sql *db;
    const struct link_query *query;
    struct arena *arena;
    struct error *err;
    struct slice alias_end; /* the first string after all that begin with the prefix */
    struct slice host_end;
    struct link_position after; /* how far it has come */
    struct link_position past;  /* of hosts: where all owners just read end */
    struct list_entry *entries; /* read last */
    unsigned n;
    unsigned room; /* how many were asked for */
    unsigned allocated;
    unsigned n_read;  /* in all, or what took as long */
    uint64_t *passed; /* ids of the page */
    size_t n_passed;
    bool full; /* the page is, or enough was read for it, and there may be more */
};

/* Reads the next entries after the position. */
typedef enum db_result list_reader(struct list_walk *walk);

/* Reads entries by one statement, into the room there is. */
enum db_result db_sql_list_read(struct list_walk *walk, const struct sql_query *query);

/* One round: reads the next entries, takes what passes, and moves the position. *end: there are no
 * more. */
enum db_result db_sql_list_step(struct list_walk *walk, list_reader *read, bool *end);

/* Whether to stop before the list ends. */
bool db_sql_list_has_enough(struct list_walk *walk);

/* The part by hosts. */
enum db_result db_sql_list_hosts(struct list_walk *walk);
