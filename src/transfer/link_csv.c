/* SPDX-License-Identifier: MIT */
/* Converts links to CSV records and back. */
#include "transfer/link_csv.h"

#include <string.h>

#include "text/escape.h"
#include "text/utf8.h"

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

/* --- reading --- */

/* A record that is being read. */
struct row {
    const struct link_csv_reading *reading;
    struct link_record *out;
    int64_t lifetime_s; /* of COLUMN_END: a duration; 0: none */
    struct error *err;
};

static void row_changed(struct row *row, enum import_change change)
{
    row->out->changes |= IMPORT_CHANGE_BIT(change);
}

static struct slice strip_counted(struct row *row, struct slice code)
{
    struct slice stripped = utf8_strip(code);
    if (stripped.len != code.len)
        row_changed(row, IMPORT_CHANGE_CODE_TRIMMED);
    return stripped;
}

/* Takes off what spreadsheets, and exports for them, put around a value that has no apostrophe or
 * equals sign at its start itself: 'text, ="text", =HYPERLINK("text"…). */
static struct slice unescape_value(struct row *row, struct slice text)
{
    struct slice rest = text;
    if (text.len == 0 || (text.at[0] != '\'' && text.at[0] != '='))
        return text;
    if (text.at[0] == '\'') {
        row_changed(row, IMPORT_CHANGE_ESCAPE_REMOVED);
        return slice_from(text, 1);
    }
    rest = slice_from(rest, slice_find(rest, '"') + 1);
    struct slice inner = { rest.at, slice_find(rest, '"') };
    struct slice before = { text.at, text.len - rest.len };
    if (inner.len == rest.len ||
        (!slice_eq(before, SLICE("=\"")) && !slice_eq_nocase(before, SLICE("=HYPERLINK(\""))))
        return text;
    row_changed(row, IMPORT_CHANGE_ESCAPE_REMOVED);
    return inner;
}

/* The same for texts, of which only the caller knows whether they are escaped. */
static struct slice unescape_text(struct row *row, struct slice text)
{
    static const char starts[] = { '=', '+', '-', '@', '\'', '\t', '\r', '\n' };
    bool escaped = row->reading->options->from_spreadsheet && text.len > 1 && text.at[0] == '\'' &&
                   memchr(starts, text.at[1], sizeof(starts));
    if (!escaped)
        return text;
    row_changed(row, IMPORT_CHANGE_ESCAPE_REMOVED);
    return slice_from(text, 1);
}

/* Splits a list at `separator`; empty items are dropped. */
static bool split_list(struct row *row, struct slice text, char separator, struct field_value *out)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.at[i] == separator;
    struct slice *items = arena_alloc(row->reading->arena, n * sizeof(*items));
    if (!items)
        return error_set(row->err, "out of memory");
    *out = (struct field_value){ .items = items };
    while (text.len) {
        size_t end = slice_find(text, separator);
        struct slice item = { text.at, end };
        if (separator != '\n')
            item = slice_strip(item);
        else if (item.len && item.at[item.len - 1] == '\r')
            item.len--;
        if (item.len)
            items[out->n_items++] = item;
        text = slice_from(text, end + 1);
    }
    return true;
}

static bool row_read_aliases(struct row *row, struct slice text)
{
    struct field_value value = { 0 };
    if (!split_list(row, unescape_value(row, text), '\n', &value))
        return false;
    struct slice *items = (struct slice *)(uintptr_t)value.items;
    for (unsigned i = 0; i < value.n_items; i++)
        items[i] = strip_counted(row, items[i]);
    return link_field_parse(&row->out->link, FIELD_ALIASES, &value, row->err);
}

static bool row_read_tags(struct row *row, struct slice text, bool one_a_line)
{
    struct field_value value = { 0 };
    char separator = '\n';
    if (!one_a_line && slice_find(text, '\n') == text.len)
        separator = slice_find(text, '|') < text.len ? '|' : ',';
    return split_list(row, unescape_text(row, text), separator, &value) &&
           link_field_parse(&row->out->link, FIELD_TAGS, &value, row->err);
}

static bool row_read_time(struct row *row, enum link_field field, struct slice text)
{
    int64_t seconds;
    const char *why;
    if (!time_text_parse(text, &row->reading->options->time, &seconds, &row->out->changes, &why))
        return error_set(row->err, "%s %s", link_field_rows[field].name, why);
    link_field_put(&row->out->link, field, &(struct field_value){ .number = (uint64_t)seconds });
    return true;
}

static bool row_read_end(struct row *row, struct slice text)
{
    return time_text_parse_duration(text, &row->lifetime_s) ||
           row_read_time(row, FIELD_EXPIRES_AT, text);
}

static bool row_read_short_url(struct row *row, struct slice text)
{
    static const char scheme[] = "://";
    struct slice rest = strip_counted(row, unescape_value(row, text));
    for (size_t i = 0; i + sizeof(scheme) - 1 <= rest.len; i++) {
        if (memcmp(rest.at + i, scheme, sizeof(scheme) - 1) == 0) {
            rest = slice_from(rest, i + sizeof(scheme) - 1);
            break;
        }
    }
    size_t host = slice_find(rest, '/');
    if (host < rest.len) {
        rest = slice_from(rest, host + 1);
        row->out->changes |= IMPORT_CHANGE_BIT(IMPORT_CHANGE_CODE_FROM_URL) |
                             IMPORT_CHANGE_BIT(IMPORT_CHANGE_DOMAIN_DROPPED);
    }
    rest.len = slice_find(rest, '?');
    rest.len = slice_find(rest, '#');
    if (rest.len && rest.at[rest.len - 1] == '/')
        rest.len--;
    row->out->link.code = rest;
    return true;
}

static bool row_read_field(struct row *row, enum link_field field, struct slice text)
{
    struct link *link = &row->out->link;
    struct field_value value = { .text = text };
    switch (link_field_rows[field].kind) {
    case KIND_TEXT:
        value.text = field == FIELD_CODE ? strip_counted(row, unescape_value(row, text))
                                         : unescape_text(row, text);
        break;
    case KIND_URL:
        value.text = unescape_value(row, text);
        break;
    case KIND_LIST:
        return field == FIELD_TAGS ? row_read_tags(row, text, true) : row_read_aliases(row, text);
    case KIND_TIME:
        return row_read_time(row, field, unescape_value(row, text));
    case KIND_COUNT:
    case KIND_STATUS:
    case KIND_FLAG:
    case KIND_WORD:
        value.text = slice_strip(unescape_value(row, text));
        break;
    }
    return value.text.len == 0 || link_field_parse(link, field, &value, row->err);
}

/* Whether the value of a property says that the link does not have it. */
static bool says_nothing(struct slice text)
{
    static const char *const nothing[] = { "", "0", "false", "no", "null", "[]", "{}", "f", "n" };
    text = slice_strip(text);
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
        if (slice_eq_nocase(text, slice_of(nothing[i])))
            return true;
    }
    return false;
}

static bool row_read_unnamed(struct row *row)
{
    if (row->reading->columns->is_foreign || row->reading->options->skip_unknown) {
        row_changed(row, IMPORT_CHANGE_COLUMN_SKIPPED);
        return true;
    }
    return error_set(row->err, "there is a value in a column without a name");
}

static bool row_read_value(struct row *row, const struct link_column *column, struct slice text)
{
    switch (column->use) {
    case COLUMN_FIELD:
        return row_read_field(row, column->field, text);
    case COLUMN_TAGS:
        return row_read_tags(row, text, false);
    case COLUMN_SHORT_URL:
        return row_read_short_url(row, text);
    case COLUMN_END:
        return row_read_end(row, text);
    case COLUMN_LOST:
        if (!says_nothing(text))
            row_changed(row, column->change);
        return true;
    case COLUMN_BANNED:
        if (says_nothing(text))
            return true;
        return error_set(row->err, "the link is banned");
    case COLUMN_SKIPPED:
        row_changed(row, IMPORT_CHANGE_COLUMN_SKIPPED);
        return true;
    case COLUMN_UNNAMED:
        return row_read_unnamed(row);
    case COLUMN_PASSED:
        break;
    }
    return true;
}

/* Whether the record has as many fields as there are columns, as far as they have values. */
static bool row_fits(struct row *row, const struct csv_record *record)
{
    unsigned n = row->reading->columns->n;
    bool fits = record->n >= n || !row->reading->is_cut_off;
    for (unsigned i = n; i < record->n; i++)
        fits = fits && slice_strip(record->fields[i]).len == 0;
    if (!fits)
        error_set(row->err, "%u fields where there are %u columns%s", record->n, n,
                  record->n < n ? ", and the file ends there" : "");
    if (fits && record->n < n)
        row_changed(row, IMPORT_CHANGE_ROW_SHORT);
    return fits;
}

/* Finds the code of a row that is refused, so that it can be named. */
static void name_refused(const struct row *row, const struct csv_record *record)
{
    const struct link_columns *columns = row->reading->columns;
    struct error ignored = { "" };
    struct row named = { .reading = row->reading, .out = row->out, .err = &ignored };
    for (unsigned i = 0; i < columns->n && i < record->n; i++) {
        const struct link_column *column = &columns->at[i];
        if (column->field == FIELD_CODE &&
            (column->use == COLUMN_FIELD || column->use == COLUMN_SHORT_URL))
            (void)row_read_value(&named, column, record->fields[i]);
    }
}

static bool is_null(struct slice text)
{
    return slice_eq(text, SLICE("NULL")) || slice_eq(text, SLICE("\\N"));
}

/* What only the whole row says. */
static void complete_row(struct row *row)
{
    struct link *link = &row->out->link;
    if (row->lifetime_s > 0) {
        link->target.expires_at =
            row->lifetime_s + (link->created_at ? link->created_at : row->reading->options->now);
        row_changed(row, IMPORT_CHANGE_TIME_RELATIVE);
    }
    /* the limit of other shorteners counts all clicks */
    if (row->reading->columns->is_foreign && link->target.max_clicks)
        link->used = link->clicks;
}

bool link_csv_read(const struct csv_record *record, const struct link_csv_reading *reading,
                   struct link_record *out, struct error *err)
{
    const struct link_columns *columns = reading->columns;
    struct row row = { .reading = reading, .out = out, .err = err };
    *out = (struct link_record){ .changes = 0 };
    bool fine = row_fits(&row, record);
    for (unsigned i = 0; i < columns->n && i < record->n && fine; i++) {
        struct slice text = record->fields[i];
        if (text.len > 0 && !(columns->has_nulls && is_null(text)))
            fine = row_read_value(&row, &columns->at[i], text);
    }
    if (fine)
        complete_row(&row);
    else
        name_refused(&row, record);
    return fine;
}
