/* SPDX-License-Identifier: MIT */
/* Whether a link may get an alias, before anybody tries: a person is told while typing. */
#pragma once

#include "service/create.h"

/* OUTCOME_OK: at this moment the alias is allowed and no link has it. OUTCOME_INVALID_ALIAS,
 * OUTCOME_RESERVED_ALIAS or OUTCOME_ALIAS_TAKEN, with a sentence for the caller in `err`; or
 * OUTCOME_UNAVAILABLE. A create may still find it taken. */
enum outcome availability_of(const struct shortener *shortener, struct slice alias,
                             struct arena *arena, struct error *err);
