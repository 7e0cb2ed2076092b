/* SPDX-License-Identifier: MIT */
/* Answers of a database for what it cannot do yet. */
#pragma once

#include "store/db.h"

void db_missing_fill(struct db_ops *ops);
