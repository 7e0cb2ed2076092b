/* SPDX-License-Identifier: MIT */
/* Checks the tables of the database; the configuration has been checked when it was read. */
#include "app/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "db/migrate.h"

int check_run(const struct config *config)
{
    struct error err = { "" };
    unsigned newest;
    if (migrate_newest(&config->mysql, &newest, &err) != MIGRATE_OK) {
        fprintf(stderr, "curt.fcgi: %s\n", err.text);
        return EXIT_FAILURE;
    }
    enum tables_age age = tables_age(newest);
    if (age == TABLES_MISSING || age == TABLES_OLDER) {
        fprintf(stderr, "curt.fcgi: the tables are %s: run curtctl db migrate\n",
                age == TABLES_OLDER ? "older than the program" : "missing");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
