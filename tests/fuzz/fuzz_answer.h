/* SPDX-License-Identifier: MIT */
/* What holds of every answer, whatever was asked. */
#pragma once

#include "web/exchange.h"

/* A known status, sound headers, a body that is what its type says; and as every backend is well,
 * nobody is told otherwise. */
void fuzz_check_answer(const struct exchange *x);
