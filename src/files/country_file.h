/* SPDX-License-Identifier: MIT */
/* Which country an address is in, by a database in MaxMind's format (MMDB 2.0) that has it as
 * country.iso_code, country_code or country; any other is a fault. The file is mapped and
 * opened anew when it was replaced, and not before: libmaxminddb lets go of memory where it finds a
 * file broken. Replace it by renaming another one to its name: one that is
 * written over in place may end the worker. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "text/address.h"

enum {
    COUNTRY_CHECK_SECONDS = 60, /* how often it is looked whether the file was replaced */
};

struct country_database;

/* Which file a path names, and which of its contents. */
struct country_stamp {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t modified_s;
    int64_t modified_ns;
};

/* Starts with `path` set (borrowed; NULL or empty: no country is known) and the rest zero. */
struct country_file {
    const char *path;
    struct country_database *database; /* NULL: none could be opened */
    int64_t check_at;                  /* when to look again */
    unsigned loads;                    /* how often a database was opened */
    struct country_stamp refused;      /* the last one that was of no use; not tried again */
    struct error fault; /* why there is none, or an older one than the file; empty otherwise */
};

/* Finds the ISO 3166-1 alpha-2 code; two NULs where it is not known. `now` in seconds. */
void country_find(struct country_file *file, const struct address *address, int64_t now,
                  char out[2]);

/* Whether the file can be opened and has countries: one of its first 10,000 records has. What is
 * wrong with it goes to `err`. */
bool country_file_check(const char *path, struct error *err);

/* Closes the database. */
void country_file_close(struct country_file *file);
