/* SPDX-License-Identifier: MIT */
/* All services over the in-memory fakes, for targets that send requests, and the checks of every
 * answer. */
#pragma once

#include "web/exchange.h"

struct fuzz_site;

/* A site at https://s.example/s with the users root (an admin), ann and bob, and a few links of
 * ann's. Every one is the same as the one before. */
struct fuzz_site *fuzz_site_new(void);

/* Frees the site and sets *site to NULL. */
void fuzz_site_free(struct fuzz_site **site);

/* Its database. The links are 1, 2 and 3 there: "spring", "summer", and one without an alias. */
struct db *fuzz_site_db(struct fuzz_site *site);

/* What is sent. `headers` are lines "Name: value"; without an X-Api-Key among them ann is asking,
 * and a value of @root, @ann or @bob there stands for that user's key. Without a Content-Type the
 * body is JSON. */
struct fuzz_request {
    struct slice method;
    struct slice target;
    struct slice headers;
    struct slice body;
};

/* Dispatches the request and checks that the answer is one that Curt may give. The answer is the
 * site's and lives until the next one. */
const struct exchange *fuzz_site_send(struct fuzz_site *site, const struct fuzz_request *sent);
