/* SPDX-License-Identifier: MIT */
/* Reads limit and cursor, and writes the next cursor. */
#include "web/id_page.h"

#include <assert.h>

#include "web/cursor.h"
#include "web/query.h"

static_assert((int)ID_PAGE_MAX <= (int)DB_PAGE_MAX, "the database lists as many");

int id_page_read(struct exchange *x, struct slice name, struct id_page *out)
{
    enum { LIMIT, CURSOR, N };
    static const char *const names[N] = { "limit", "cursor" };
    struct slice values[N];
    struct link_position after = { .link_id = 0 };
    *out = (struct id_page){ .limit = ID_PAGE_DEFAULT, .list = cursor_list(&name, 1) };
    int status = query_read(x, names, N, values);
    if (status == 0)
        status = query_number(x, names[LIMIT], values[LIMIT], ID_PAGE_MAX, &out->limit);
    if (status)
        return status;
    if (values[CURSOR].at && (!cursor_read(values[CURSOR], out->list, x->arena, &after) ||
                              after.part != LINK_PART_IDS || after.link_id > UINT32_MAX))
        return refuse_field(x, PROBLEM_INVALID_FIELD, names[CURSOR],
                            "This must be the next_cursor of the same list.");
    out->after_id = (uint32_t)after.link_id;
    return 0;
}

struct slice id_page_next(const struct exchange *x, const struct id_page *page, uint32_t last_id)
{
    const struct link_position last = { .link_id = last_id };
    return last_id ? cursor_write(&last, page->list, x->arena) : (struct slice){ NULL, 0 };
}
