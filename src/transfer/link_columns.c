/* SPDX-License-Identifier: MIT */
/* Finds out what each column of a file is. */
#include "transfer/link_columns.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "text/suggest.h"

enum peer {
#define PEER(id, name, nulls) PEER_##id,
#include "transfer/peer_columns.def"
    PEERS,
};

static const struct {
    const char *name;
    bool has_nulls;
} PEER_ROWS[PEERS] = {
#define PEER(id, its_name, nulls) [PEER_##id] = { its_name, nulls },
#include "transfer/peer_columns.def"
};

#define DETAIL_FIELD(detail)     .field = FIELD_##detail
#define DETAIL_TAGS(detail)      .field = FIELD_##detail
#define DETAIL_SHORT_URL(detail) .field = FIELD_##detail
#define DETAIL_END(detail)       .field = FIELD_##detail
#define DETAIL_LOST(detail)      .change = IMPORT_CHANGE_##detail
#define DETAIL_BANNED(detail)    .field = FIELD_##detail
#define DETAIL_PASSED(detail)    .field = FIELD_##detail

struct peer_column {
    enum peer peer;
    bool is_key;
    const char *name;
    struct link_column column;
};

static const struct peer_column PEER_COLUMNS[] = {
#define PEER_COLUMN(id, name, use, detail) \
    { PEER_##id, false, name, { COLUMN_##use, DETAIL_##use(detail) } },
#define PEER_KEY(id, name, use, detail) \
    { PEER_##id, true, name, { COLUMN_##use, DETAIL_##use(detail) } },
#include "transfer/peer_columns.def"
};

enum { N_PEER_COLUMNS = sizeof(PEER_COLUMNS) / sizeof(PEER_COLUMNS[0]) };

/* State of recognising the columns. */
struct recognition {
    const struct csv_record *names;
    const struct source_options *options;
    struct link_columns *out;
    enum peer peer; /* PEERS: none */
    bool seen[LINK_FIELDS];
    bool done[CSV_FIELDS_MAX]; /* the column is recognised */
    struct error *err;
};

/* --- names --- */

static bool is_filler(char c)
{
    return c == ' ' || c == '_' || c == '-' || c == '.' || c == '\t';
}

/* Whether the names are the same but for letter case and separators of words. */
static bool names_match(struct slice a, struct slice b)
{
    size_t i = 0;
    size_t j = 0;
    for (;;) {
        while (i < a.len && is_filler(a.at[i]))
            i++;
        while (j < b.len && is_filler(b.at[j]))
            j++;
        if (i == a.len || j == b.len)
            return i == a.len && j == b.len;
        if (ascii_to_lower(a.at[i++]) != ascii_to_lower(b.at[j++]))
            return false;
    }
}

static bool header_has(const struct csv_record *names, struct slice name)
{
    for (unsigned i = 0; i < names->n; i++) {
        if (names_match(names->fields[i], name))
            return true;
    }
    return false;
}

static bool find_own(struct slice name, enum link_field *out)
{
    for (unsigned i = 0; i < LINK_FIELDS; i++) {
        *out = (enum link_field)i;
        if (names_match(name, slice_of(link_field_rows[i].name)))
            return true;
    }
    return false;
}

static bool has_field(const struct csv_record *names, enum link_field field)
{
    return header_has(names, slice_of(link_field_rows[field].name));
}

static bool is_peers(const struct csv_record *names, enum peer peer)
{
    for (size_t i = 0; i < N_PEER_COLUMNS; i++) {
        if (PEER_COLUMNS[i].peer == peer && PEER_COLUMNS[i].is_key &&
            !header_has(names, slice_of(PEER_COLUMNS[i].name)))
            return false;
    }
    return true;
}

static void recognise_format(struct recognition *r)
{
    bool has_url = has_field(r->names, FIELD_LONG_URL);
    r->peer = PEERS;
    if (has_url && has_field(r->names, FIELD_CODE))
        return;
    for (unsigned peer = 0; peer < PEERS && r->peer == PEERS; peer++) {
        if (is_peers(r->names, (enum peer)peer))
            r->peer = (enum peer)peer;
    }
    r->out->is_foreign = r->peer != PEERS || r->options->map;
    if (r->peer == PEERS)
        return;
    r->out->format = PEER_ROWS[r->peer].name;
    r->out->has_nulls = PEER_ROWS[r->peer].has_nulls;
}

/* --- assigning --- */

static int cut_length(struct slice name)
{
    return (int)(name.len < 64 ? name.len : 64);
}

static bool sets_field(const struct link_column *column)
{
    return column->use == COLUMN_FIELD || column->use == COLUMN_TAGS ||
           column->use == COLUMN_SHORT_URL || column->use == COLUMN_END;
}

/* Makes column `i` what `column` says. Another column of a field that there is already is an error
 * if `once`, else it is passed over. */
static bool assign_column(struct recognition *r, unsigned i, struct link_column column, bool once)
{
    if (sets_field(&column)) {
        if (r->seen[column.field] && once)
            return error_set(r->err, "the column %s is given twice",
                             link_field_rows[column.field].name);
        if (r->seen[column.field])
            column.use = COLUMN_PASSED;
        r->seen[column.field] = true;
    }
    r->out->at[i] = column;
    r->done[i] = true;
    return true;
}

/* Adds a name to the list of skipped columns, or "..." for all that have no room. */
static void list_skipped(struct link_columns *out, struct slice name)
{
    static const char more[] = ", ...";
    size_t at = strlen(out->skipped);
    size_t room = sizeof(out->skipped) - sizeof(more) - at;
    if (at >= sizeof(more) && strcmp(out->skipped + at + 1 - sizeof(more), more) == 0)
        return;
    int length = cut_length(name);
    bool fits = (size_t)length + 2 <= room;
    (void)snprintf(out->skipped + at, sizeof(out->skipped) - at, "%s%.*s", at ? ", " : "",
                   fits ? length : 3, fits ? name.at : "...");
}

/* --- the map --- */

static bool read_ours(struct slice ours, struct link_column *out, struct error *err)
{
    struct suggestion near = { .typed = ours };
    *out = (struct link_column){ .use = COLUMN_PASSED };
    if (ours.len == 0)
        return true;
    *out = (struct link_column){ .use = COLUMN_SHORT_URL, .field = FIELD_CODE };
    if (names_match(ours, SLICE("short_url")))
        return true;
    if (find_own(ours, &out->field)) {
        out->use = out->field == FIELD_TAGS         ? COLUMN_TAGS
                   : out->field == FIELD_EXPIRES_AT ? COLUMN_END
                                                    : COLUMN_FIELD;
        return true;
    }
    for (unsigned i = 0; i < LINK_FIELDS; i++)
        suggestion_consider(&near, slice_of(link_field_rows[i].name),
                            slice_of(link_field_rows[i].name));
    return error_set(err, "the map names \"%.*s\", which is no field of a link%s%.*s%s",
                     cut_length(ours), ours.at, near.best.len ? " (did you mean " : "",
                     SLICE_ARG(near.best), near.best.len ? "?)" : "");
}

static bool map_column(struct recognition *r, struct slice theirs, struct link_column column)
{
    for (unsigned i = 0; i < r->names->n; i++) {
        if (!r->done[i] && names_match(r->names->fields[i], theirs))
            return assign_column(r, i, column, true);
    }
    return error_set(r->err, "the file has no column \"%.*s\", which the map names",
                     cut_length(theirs), theirs.at);
}

static bool apply_map(struct recognition *r)
{
    struct slice rest = slice_of(r->options->map);
    while (rest.len > 0) {
        struct slice pair = { rest.at, slice_find(rest, ',') };
        size_t equals = slice_find(pair, '=');
        struct link_column column;
        rest = slice_from(rest, pair.len + 1);
        if (equals == pair.len || equals == 0)
            return error_set(r->err, "the map has \"%.*s\", where it needs theirs=ours",
                             cut_length(pair), pair.at);
        if (!read_ours(slice_strip(slice_from(pair, equals + 1)), &column, r->err) ||
            !map_column(r, slice_strip((struct slice){ pair.at, equals }), column))
            return false;
    }
    return true;
}

/* --- the other columns --- */

/* In the order of the table, so that its first column of a field is the one that is used. */
static bool assign_peers(struct recognition *r)
{
    for (size_t k = 0; k < N_PEER_COLUMNS; k++) {
        const struct peer_column *row = &PEER_COLUMNS[k];
        for (unsigned i = 0; i < r->names->n && row->peer == r->peer; i++) {
            if (!r->done[i] && names_match(r->names->fields[i], slice_of(row->name)) &&
                !assign_column(r, i, row->column, false))
                return false;
        }
    }
    return true;
}

static bool is_derived(struct slice name)
{
    static const char *const derived[] = { "short_url", "state", "custom_alias" };
    for (size_t i = 0; i < sizeof(derived) / sizeof(derived[0]); i++) {
        if (names_match(name, slice_of(derived[i])))
            return true;
    }
    return false;
}

static bool refuse_column(struct recognition *r, struct slice name)
{
    struct suggestion near = { .typed = name };
    for (unsigned i = 0; i < LINK_FIELDS; i++)
        suggestion_consider(&near, slice_of(link_field_rows[i].name),
                            slice_of(link_field_rows[i].name));
    return error_set(r->err, "there is no column \"%.*s\"%s%.*s%s", cut_length(name), name.at,
                     near.best.len ? ": did you mean " : ": use --skip-unknown to pass over it",
                     SLICE_ARG(near.best), near.best.len ? "?" : "");
}

static bool assign_own(struct recognition *r)
{
    for (unsigned i = 0; i < r->names->n; i++) {
        struct link_column column = { .use = COLUMN_FIELD };
        struct slice name = slice_strip(r->names->fields[i]);
        if (r->done[i])
            continue;
        if (!find_own(name, &column.field))
            column.use = is_derived(name) ? COLUMN_PASSED : COLUMN_SKIPPED;
        else if (column.field == FIELD_TAGS && r->out->is_foreign)
            column.use = COLUMN_TAGS;
        if (name.len > 0 && column.use != COLUMN_SKIPPED && !assign_column(r, i, column, true))
            return false;
    }
    return true;
}

static bool assign_rest(struct recognition *r)
{
    for (unsigned i = 0; i < r->names->n; i++) {
        struct slice name = slice_strip(r->names->fields[i]);
        if (r->done[i])
            continue;
        r->out->at[i].use = name.len ? COLUMN_SKIPPED : COLUMN_UNNAMED;
        if (name.len > 0 && !r->out->is_foreign && !r->options->skip_unknown)
            return refuse_column(r, name);
        if (name.len > 0)
            list_skipped(r->out, name);
    }
    return true;
}

bool link_columns_read(const struct csv_record *names, const struct source_options *options,
                       struct link_columns *out, struct error *err)
{
    struct recognition r = { .names = names, .options = options, .out = out, .err = err };
    *out = (struct link_columns){ .n = names->n };
    while (out->n > 0 && slice_strip(names->fields[out->n - 1]).len == 0)
        out->n--;
    recognise_format(&r);
    if (!apply_map(&r) || (r.peer != PEERS ? !assign_peers(&r) : !assign_own(&r)))
        return false;
    if (!r.seen[FIELD_LONG_URL])
        return error_set(
            err, "no column of the first line is long_url, nor is it a header that is known: "
                 "say which it is with --map NAME=long_url,NAME=code");
    return assign_rest(&r);
}
