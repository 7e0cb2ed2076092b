/* SPDX-License-Identifier: MIT */
/* Pages of lists in the order of ids: keys and users; and of versions downwards: changes. */
#pragma once

#include "web/exchange.h"

enum {
    ID_PAGE_DEFAULT = 100,
    ID_PAGE_MAX = 1000,
};

struct id_page {
    uint32_t after_id; /* 0: from the start */
    unsigned limit;
    uint32_t list; /* which cursors belong to */
};

/* Reads the parameters limit and cursor for the list `name`; 0, or what refuse() returned. */
int id_page_read(struct exchange *x, struct slice name, struct id_page *out);

/* The cursor of the page after the one that ends with last_id; 0: there is none, it is empty. */
struct slice id_page_next(const struct exchange *x, const struct id_page *page, uint32_t last_id);
