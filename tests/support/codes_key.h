/* SPDX-License-Identifier: MIT */
/* The key from which codes are made, for tests over the fake database. */
#pragma once

#include "base/compiler.h"
#include "db/code_key.h"
#include "fakes/db_fake.h"
#include "link/bijection.h"

static const unsigned char CODE_KEY[BIJECTION_KEY_BYTES] NONSTRING =
    "thirty-two bytes of key material";

/* Stores the key in the fake, as the first migration does in a database. */
static inline void codes_key_store(struct db *db, const unsigned char key[BIJECTION_KEY_BYTES])
{
    db_fake_set_setting(db, CODES_KEY_SETTING,
                        (struct slice){ (const char *)key, BIJECTION_KEY_BYTES });
}
