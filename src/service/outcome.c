/* SPDX-License-Identifier: MIT */
/* Turns results of the database into outcomes. */
#include "service/outcome.h"

enum outcome outcome_of(enum db_result result)
{
    switch (result) {
    case DB_OK:
        return OUTCOME_OK;
    case DB_MISSING:
        return OUTCOME_MISSING;
    case DB_STALE:
        return OUTCOME_STALE;
    case DB_TAKEN:
    case DB_REPEATED:
    case DB_UNAVAILABLE:
    case DB_FAILED:
        break;
    }
    return OUTCOME_UNAVAILABLE;
}
