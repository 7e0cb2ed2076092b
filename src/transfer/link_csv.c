/* SPDX-License-Identifier: MIT */
/* Converts links to CSV records and back. */
#include "transfer/link_csv.h"

#include "text/escape.h"

/* Appends a field, plain or escaped for a spreadsheet. */
static void add_text(struct buf *out, struct slice text, enum link_csv_form form)
{
    if (form == LINK_CSV_PLAIN || text.len == 0) {
        csv_add_field(out, text);
        return;
    }
    buf_add_byte(out, '"');
    escape_spreadsheet(out, text);
    buf_add_byte(out, '"');
}

static void add_list(struct buf *out, const struct field_value *value, enum link_csv_form form)
{
    /* Aliases and tags have no control characters, so a line break separates them. Two items or
     * more need quotes; a single one may need them for its own text. */
    if (value->n_items == 1) {
        add_text(out, value->items[0], form);
        return;
    }
    for (unsigned i = 0; i < value->n_items; i++) {
        buf_add_byte(out, i ? '\n' : '"');
        if (i == 0 && form == LINK_CSV_SPREADSHEET)
            escape_spreadsheet(out, value->items[i]);
        else
            escape_csv(out, value->items[i]);
    }
    if (value->n_items)
        buf_add_byte(out, '"');
}

void link_csv_add_names(struct buf *out)
{
    for (unsigned i = 0; i < LINK_FIELDS; i++)
        buf_printf(out, "%s%s", i ? "," : "", link_field_rows[i].name);
    buf_add_text(out, "\r\n");
}

void link_csv_add(struct buf *out, const struct link *link, enum link_csv_form form)
{
    char scratch[FIELD_SCRATCH];
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        struct field_value value = link_field_format(link, (enum link_field)i, scratch);
        if (i)
            buf_add_byte(out, ',');
        if (link_field_rows[i].kind == KIND_LIST)
            add_list(out, &value, form);
        else
            add_text(out, value.text, form);
    }
    buf_add_text(out, "\r\n");
}

bool link_csv_read_names(const struct csv_record *names, struct link_columns *out,
                         struct error *err)
{
    bool seen[LINK_FIELDS] = { false };
    out->n = 0;
    for (unsigned i = 0; i < names->n; i++) {
        enum link_field field;
        struct slice name = slice_trim(names->fields[i]);
        if (!link_field_find(name, &field)) {
            error_set(err, "there is no column \"%.*s\"", (int)(name.len < 64 ? name.len : 64),
                      name.at);
            return false;
        }
        if (seen[field]) {
            error_set(err, "the column %s is given twice", link_field_rows[field].name);
            return false;
        }
        seen[field] = true;
        out->fields[out->n++] = field;
    }
    if (seen[FIELD_CODE] && seen[FIELD_LONG_URL])
        return true;
    error_set(err, "the first line must name the columns, code and long_url among them");
    return false;
}

static bool split_lines(struct slice text, struct arena *arena, struct field_value *out,
                        struct error *err)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.at[i] == '\n';
    struct slice *items = arena_alloc(arena, n * sizeof(*items));
    if (!items) {
        error_set(err, "out of memory");
        return false;
    }
    *out = (struct field_value){ .items = items };
    while (text.len) {
        size_t end = slice_find(text, '\n');
        struct slice item = { text.at, end };
        if (item.len && item.at[item.len - 1] == '\r')
            item.len--;
        if (item.len)
            items[out->n_items++] = item;
        text = slice_from(text, end + 1);
    }
    return true;
}

bool link_csv_read(const struct csv_record *record, const struct link_columns *columns,
                   struct arena *arena, struct link *out, struct error *err)
{
    *out = (struct link){ 0 };
    if (record->n != columns->n) {
        error_set(err, "%u fields where there are %u columns", record->n, columns->n);
        return false;
    }
    for (unsigned i = 0; i < columns->n; i++) {
        enum link_field field = columns->fields[i];
        struct field_value value = { .text = record->fields[i] };
        if (value.text.len == 0)
            continue;
        if (link_field_rows[field].kind == KIND_LIST &&
            !split_lines(record->fields[i], arena, &value, err))
            return false;
        if (!link_field_parse(out, field, &value, err))
            return false;
    }
    return true;
}
