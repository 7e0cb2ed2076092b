/* SPDX-License-Identifier: MIT */
/* What is true of every answer, for any request. */
#pragma once

#include "web/exchange.h"

/* A known status, well-formed headers, a body of its type; and no 5xx, since every backend is
 * available. */
void fuzz_check_answer(const struct exchange *x);
