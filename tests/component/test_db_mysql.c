/* SPDX-License-Identifier: MIT */
/* The database's contract, checked on a real MariaDB. */
#include <stdio.h>

#include "db/db.h"
#include "db/migrate.h"
#include "db_contract.h"
#include "support/mariadb_server.h"

struct real_world {
    struct mariadb_server server;
    char name[16];
    struct sql_options options;
};

static struct db *open_real(struct db_world *world)
{
    struct real_world *real = world->context;
    mariadb_database(&real->server, real->name);
    real->options = mariadb_options(&real->server, real->name);
    struct error err = { "" };
    const struct migrate_request request = { .sql = &real->options, .dir = schema_dir() };
    if (migrate_run(&request, &err) != MIGRATE_OK) {
        printf("# %s\n", err.text);
        return NULL;
    }
    mariadb_run(&real->server, "UPDATE %s.sequence SET limit_id = %d, block_size = %d", real->name,
                CONTRACT_LIMIT, CONTRACT_BLOCK);
    mariadb_run(&real->server, "INSERT INTO %s.setting VALUES ('colour', 0x720064)", real->name);
    real->options.keeps_changes = true;
    return db_open(&real->options);
}

int main(void)
{
    const char *missing = mariadb_missing();
    if (missing) {
        printf("1..0 # SKIP %s\n", missing);
        return 0;
    }
    struct real_world real;
    mariadb_start(&real.server);
    struct db_world world = { .open = open_real, .context = &real };
    int failed = db_contract_run("db_mysql", &world);
    mariadb_stop(&real.server);
    return failed;
}
