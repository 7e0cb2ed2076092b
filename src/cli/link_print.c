/* SPDX-License-Identifier: MIT */
/* Prints links in tables, lines and JSON. */
#include "cli/link_print.h"

#include <limits.h>
#include <stdio.h>

#include "base/buf.h"
#include "os/clock.h"
#include "transfer/link_json.h"

enum {
    JSON_MAX = 1024 * 1024,
    LINES_MAX = 1024 * 1024,
    URL_MAX_HERE = 2048,
};

static struct slice link_short_url(const struct invocation *invocation, const struct link *link,
                                   struct arena *arena)
{
    struct buf url = buf_in(arena, URL_MAX_HERE);
    buf_printf(&url, "%s/%.*s", invocation->config->server.base_url, SLICE_ARG(link->code));
    return buf_slice(&url);
}

static struct slice state_of(const struct link *link)
{
    return slice_of(link_state_at(link, clock_now()));
}

void link_print_json(const struct invocation *invocation, const struct link *link,
                     struct arena *arena)
{
    struct buf text = buf_in(arena, JSON_MAX);
    const struct link_json_extra extra = {
        .short_url = link_short_url(invocation, link, arena),
        .state = state_of(link),
    };
    link_json_add(&text, link, &extra);
    buf_add_byte(&text, '\n');
    struct slice line = buf_slice(&text);
    fwrite(line.at, 1, line.len, stdout);
}

/* The items of a list, separated by commas. */
static struct slice joined(const struct field_value *value, struct arena *arena)
{
    struct buf text = buf_in(arena, LINES_MAX);
    for (unsigned i = 0; i < value->n_items; i++) {
        if (i)
            buf_add_text(&text, ", ");
        buf_add(&text, value->items[i]);
    }
    return buf_slice(&text);
}

static struct slice field_text(const struct link *link, enum link_field field, struct arena *arena)
{
    char scratch[FIELD_SCRATCH];
    struct field_value value = link_field_format(link, field, scratch);
    if (link_field_rows[field].kind == KIND_LIST)
        return joined(&value, arena);
    return slice_of(arena_copy(arena, value.text));
}

static void add_line(struct table *table, const char *name, struct slice value, struct arena *arena)
{
    struct table_row *row = table_add(table, arena);
    if (row)
        row->cells[0] = slice_of(name);
    if (row)
        row->cells[1] = value;
}

void link_print(const struct invocation *invocation, const struct link *link, struct arena *arena)
{
    if (invocation->json) {
        link_print_json(invocation, link, arena);
        return;
    }
    struct table table = { .titles = { "FIELD", "VALUE" }, .n_columns = 2 };
    add_line(&table, "short_url", link_short_url(invocation, link, arena), arena);
    add_line(&table, "state", state_of(link), arena);
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        enum link_field field = (enum link_field)i;
        add_line(&table, link_field_rows[field].name, field_text(link, field, arena), arena);
    }
    /* Values are not truncated to the terminal's width here. */
    struct buf out = buf_in(arena, LINES_MAX);
    table_render(&table, table_terminal_width(stdout) ? UINT_MAX : 0, &out);
    struct slice text = buf_slice(&out);
    fwrite(text.at, 1, text.len, stdout);
}

struct table link_table(void)
{
    return (struct table){
        .titles = { "CODE", "STATE", "CLICKS", "CREATED", "EXPIRES", "OWNER", "LONG URL" },
        .n_columns = 7,
    };
}

bool link_table_add(struct table *table, const struct link *link, struct arena *arena)
{
    struct table_row *row = table_add(table, arena);
    if (!row)
        return false;
    row->cells[0] = link->code;
    row->cells[1] = state_of(link);
    row->cells[2] = field_text(link, FIELD_CLICKS, arena);
    row->cells[3] = field_text(link, FIELD_CREATED_AT, arena);
    row->cells[4] = field_text(link, FIELD_EXPIRES_AT, arena);
    row->cells[5] = link->owner;
    row->cells[6] = link->target.long_url;
    return true;
}
