/* SPDX-License-Identifier: MIT */
/* The Idempotency-Key header, by which a repeated request is recognised. */
#pragma once

#include "web/exchange.h"

/* Reads it into *out, which is empty without one; 0, or what refuse_field() returned. */
int idempotency_header_read(struct exchange *x, struct slice *out);
