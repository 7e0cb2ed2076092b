/* SPDX-License-Identifier: MIT */
/* Exporting links: the oldest first, page by page, in constant memory. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "cli/link_csv.h"
#include "cli/link_source.h"
#include "cli/progress.h"
#include "db/db.h"

/* Start it with all members set. */
struct export
{
    struct db *db;
    FILE *out;
    enum link_format format;
    enum link_csv_form csv_form; /* for FORMAT_CSV */
    uint32_t owner_id;           /* DB_OWNER_ANY: everybody's */
    int64_t now;
    struct progress progress;
    int64_t (*clock_us)(void); /* monotonic, for the progress */
};

/* Writes all links. `*n` is how many were written; what was written before an error stays. Links
 * that are made or deleted meanwhile may be in or not, each whole. DB_FAILED, too, when the file
 * cannot be written. */
enum db_result export_run(struct export *export, uint64_t *n, struct error *err);
