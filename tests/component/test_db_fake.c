/* SPDX-License-Identifier: MIT */
/* The database's contract, checked on the fake. test_db_fake_failures tests the failures that it
 * can produce. */
#include "db_contract.h"
#include "fakes/db_fake.h"

static struct db *open_fake(struct db_world *world)
{
    (void)world;
    struct db *db = db_fake_new(CONTRACT_LIMIT, CONTRACT_BLOCK);
    db_fake_set_setting(db, "colour", SLICE("r\0d"));
    return db;
}

int main(void)
{
    struct db_world world = { .open = open_fake };
    return db_contract_run("db_fake", &world);
}
