/* SPDX-License-Identifier: MIT */
/* db_open for programs in which the code under test opens databases itself. */
#include "fakes/db_fake.h"

enum {
    FAKE_LIMIT = 1 << 20,
    FAKE_BLOCK = 100,
};

struct db *db_open(const struct sql_options *options)
{
    (void)options;
    return db_fake_new(FAKE_LIMIT, FAKE_BLOCK);
}
