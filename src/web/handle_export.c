/* SPDX-License-Identifier: MIT */
/* Handles exports of links, in chunks. */
#include "base/buf.h"
#include "text/escape.h"
#include "transfer/export.h"
#include "web/cursor.h"
#include "web/handlers.h"
#include "web/managing.h"
#include "web/query.h"
#include "web/refusal.h"

enum {
    LINK_HEADER_MAX = 1024,
};

/* The parameters. A cursor is valid for the same values of all of them. */
enum export_parameter {
    FORMAT,
    SPREADSHEET,
    OWNER,
    EXPORT_PARAMETERS,
    CURSOR = EXPORT_PARAMETERS,
    N_PARAMETERS
};

static const char *const NAMES[N_PARAMETERS] = {
    [FORMAT] = "format", [SPREADSHEET] = "spreadsheet", [OWNER] = "owner", [CURSOR] = "cursor"
};

static int export_read_format(struct exchange *x, const struct slice *values, struct export *out)
{
    bool spreadsheet = false;
    if (!link_format_of(values[FORMAT], &out->format) && values[FORMAT].at)
        return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[FORMAT], "This must be jsonl or csv.");
    int status = query_flag(x, NAMES[SPREADSHEET], values[SPREADSHEET], &spreadsheet);
    out->csv_form = spreadsheet ? LINK_CSV_SPREADSHEET : LINK_CSV_PLAIN;
    if (status == 0 && spreadsheet && out->format != FORMAT_CSV)
        return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[SPREADSHEET],
                            "Only format=csv is for spreadsheets.");
    return status;
}

/* Adds the address of the next chunk, relative to that of this one (RFC 8288). */
static void export_add_next(struct exchange *x, const struct slice *values, struct slice cursor)
{
    struct buf link = buf_in(x->arena, LINK_HEADER_MAX);
    buf_add_text(&link, "<?");
    for (unsigned i = 0; i < EXPORT_PARAMETERS; i++) {
        if (!values[i].at)
            continue;
        buf_printf(&link, "%s=", NAMES[i]);
        escape_url(&link, values[i], "%&+#;=,<>\"");
        buf_add_byte(&link, '&');
    }
    buf_printf(&link, "cursor=%.*s>; rel=\"next\"", SLICE_ARG(cursor));
    http_header_add(&x->response, "Link", buf_slice(&link));
}

int handle_export(struct exchange *x)
{
    struct slice values[N_PARAMETERS];
    struct export export = {
        .db = x->services->db,
        .owner_id = x->caller.role == ROLE_ADMIN ? DB_OWNER_ANY : x->caller.user_id,
        .now = x->now,
    };
    struct link_position after = { 0 };
    int status = query_read(x, NAMES, N_PARAMETERS, values);
    if (status == 0)
        status = export_read_format(x, values, &export);
    if (status == 0)
        status = managing_find_owner(x, values[OWNER], &export.owner_id);
    if (status)
        return status;
    const uint32_t list = cursor_list(values, EXPORT_PARAMETERS);
    if (values[CURSOR].at &&
        (!cursor_read(values[CURSOR], list, x->arena, &after) || after.part != LINK_PART_IDS))
        return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[CURSOR],
                            "This must be the cursor of the same export.");
    struct export_chunk chunk;
    enum db_result result = export_chunk(&export, &after, x->arena, &chunk, &x->err);
    if (result != DB_OK)
        return refuse_outcome(x, outcome_of(result), NULL);
    if (chunk.more)
        export_add_next(x, values, cursor_write(&chunk.next, list, x->arena));
    respond_body(x,
                 export.format == FORMAT_CSV ? "text/csv; charset=utf-8" : "application/x-ndjson",
                 chunk.text);
    return 200;
}
