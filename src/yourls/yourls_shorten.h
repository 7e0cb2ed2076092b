/* SPDX-License-Identifier: MIT */
/* The action `shorturl`, and what the actions have in common. */
#pragma once

#include "yourls/yourls.h"

/* "2026-11-29 02:43:51" and a NUL. */
#define YOURLS_TIME_SIZE 20

/* Writes a time in UTC. */
void yourls_format_time(int64_t at, char out[YOURLS_TIME_SIZE]);

/* The short URL of a code, in the arena; empty when that is full. */
struct slice yourls_short_url(const struct yourls_call *call, struct slice code);

/* The title, or the long URL of a link without one. */
struct slice yourls_title(const struct link *link);

/* The caller's link of a code; for admins any link. */
enum outcome yourls_find(const struct yourls_call *call, struct slice code, struct link *out,
                         struct error *err);

/* Makes a link, or says why not. */
struct yourls_answer yourls_shorten(const struct yourls_call *call, struct error *err);
