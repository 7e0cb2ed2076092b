/* SPDX-License-Identifier: MIT */
/* Finds the country of an address in a database of MaxMind's format (MMDB 2.0) that has it as
 * country.iso_code, country_code or country; other databases are refused. The file is mapped, and
 * opened again only after it was replaced, because libmaxminddb leaks memory when it refuses a
 * damaged file. Replace the file by renaming another one to its name: if it is overwritten in
 * place, workers may crash (SIGBUS). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "files/file_identity.h"
#include "text/address.h"

enum {
    COUNTRY_CHECK_SECONDS = 60, /* the interval of checks whether the file was replaced */
};

struct country_database;

/* Initialise `path` (borrowed; NULL or empty: no country is known), and the rest with zeros. */
struct country_file {
    const char *path;
    struct country_database *database; /* NULL: none is open */
    int64_t check_at;                  /* time of the next check */
    unsigned loads;                    /* the number of times that a database was opened */
    struct file_identity refused;      /* the last version that was refused; it is not opened
                                        * again */
    struct error fault; /* why no database is open, or an older one than the file; empty
                         * otherwise */
};

/* Sets `out` to the ISO 3166-1 alpha-2 code, or to two NULs when the country is unknown. `now` is
 * in seconds. */
void country_find(struct country_file *file, const struct address *address, int64_t now,
                  char out[2]);

/* Whether the file can be opened and has countries: at least one of its first 10,000 records has
 * one. Otherwise `err` has the reason. */
bool country_file_check(const char *path, struct error *err);

/* Closes the database. */
void country_file_close(struct country_file *file);
