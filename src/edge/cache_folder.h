/* SPDX-License-Identifier: MIT */
/* The folder in which nginx (proxy_cache_path, fastcgi_cache_path) or Apache (mod_cache_disk) keeps
 * its cache, one file for each entry. A file has the name of its entry, from which the server made
 * the file's own name: so a file name has to be read once, and stands for the same code for ever.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "edge/edge_codes.h"
#include "edge/edge_target.h"

enum {
    CACHE_FOLDER_FILES_MAX = 1 << 20, /* file names that are remembered (16 bytes each); of more,
                                       * all are forgotten and read again */
    CACHE_FOLDER_DEPTH_MAX = 8,       /* folders within one another */
};

struct cache_file {
    uint64_t name; /* hash of the file name; 0: the slot is free */
    uint64_t code; /* edge_path_hash; 0: none */
};

/* The caller sets the first members, which are borrowed; the rest starts as zero. */
struct cache_folder {
    enum edge_kind kind;    /* EDGE_NGINX_FOLDER or EDGE_APACHE */
    const char *path;       /* absolute */
    struct slice base_path; /* of the site: "" or "/s" */

    struct cache_file *known;
    size_t n_known, room; /* a power of two */
};

/* Deletes all entries of the codes. A folder that does not exist is empty. False with the reason if
 * a file cannot be read or deleted; the others are deleted. */
bool cache_folder_purge(struct cache_folder *folder, const struct edge_codes *codes,
                        struct error *err);

/* Frees what the folder has allocated. */
void cache_folder_close(struct cache_folder *folder);
