/* SPDX-License-Identifier: MIT */
/* Handles imports of files of links, in chunks. */
#include "files/zone_file.h"
#include "transfer/import_chunk.h"
#include "web/handlers.h"
#include "web/idempotency_header.h"
#include "web/json_body.h"
#include "web/json_import.h"
#include "web/json_out.h"
#include "web/limit.h"
#include "web/managing.h"
#include "web/query.h"
#include "web/refusal.h"

enum import_parameter {
    NEXT,
    MORE,
    DRY_RUN,
    SHOW,
    FORMAT,
    DELIMITER,
    MAP,
    TIME_ZONE,
    DATE_ORDER,
    SKIP_UNKNOWN,
    SPREADSHEET,
    OWNER,
    KEEP_OWNERS,
    MAKE_USERS,
    FORCE,
    N_PARAMETERS
};

static const char *const NAMES[N_PARAMETERS] = {
    [NEXT] = "next",
    [MORE] = "more",
    [DRY_RUN] = "dry_run",
    [SHOW] = "show",
    [FORMAT] = "format",
    [DELIMITER] = "delimiter",
    [MAP] = "map",
    [TIME_ZONE] = "time_zone",
    [DATE_ORDER] = "date_order",
    [SKIP_UNKNOWN] = "skip_unknown",
    [SPREADSHEET] = "spreadsheet",
    [OWNER] = "owner",
    [KEEP_OWNERS] = "keep_owners",
    [MAKE_USERS] = "make_users",
    [FORCE] = "force",
};

/* What the request says. */
struct import_request {
    struct slice values[N_PARAMETERS];
    struct import import;
    struct import_chunk chunk;
    unsigned show;
    bool keep_owners;
};

static int import_refuse_value(struct exchange *x, enum import_parameter which, const char *why)
{
    return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[which], why);
}

/* --- how the file is read --- */

static int read_delimiter(struct exchange *x, struct slice value, char *out)
{
    if (!value.at)
        return 0;
    if (slice_eq_nocase(value, SLICE("tab")))
        *out = '\t';
    else if (value.len == 1 && strchr(",;|", value.at[0]))
        *out = value.at[0];
    else
        return import_refuse_value(x, DELIMITER, "This must be one of , ; | and tab.");
    return 0;
}

static int read_zone(struct exchange *x, struct slice value, const struct zone **out)
{
    struct error why;
    if (!value.at)
        return 0;
    struct zone *zone = arena_alloc(x->arena, sizeof(*zone));
    if (!zone)
        return refuse(x, PROBLEM_INTERNAL, NULL);
    *out = zone;
    if (zone_find(query_with_plus(x, value), x->arena, zone, &why))
        return 0;
    return import_refuse_value(x, TIME_ZONE, "This is not a time zone that this system knows.");
}

static int read_format(struct exchange *x, struct slice value, struct import_chunk *out)
{
    out->options.recognise = !value.at;
    if (link_format_of(value, &out->format) || !value.at)
        return 0;
    return import_refuse_value(x, FORMAT, "This must be jsonl or csv.");
}

static int read_order(struct exchange *x, struct slice value, enum date_order *out)
{
    if (!value.at)
        return 0;
    *out = slice_eq(value, SLICE("mdy")) ? DATE_ORDER_MDY : DATE_ORDER_DMY;
    if (*out == DATE_ORDER_MDY || slice_eq(value, SLICE("dmy")))
        return 0;
    return import_refuse_value(x, DATE_ORDER, "This must be dmy or mdy.");
}

static int read_map(struct exchange *x, struct slice value, const char **out)
{
    *out = value.at ? arena_copy(x->arena, value) : NULL;
    return value.at && !*out ? refuse(x, PROBLEM_INTERNAL, NULL) : 0;
}

static int read_source(struct exchange *x, struct import_request *r)
{
    struct import_chunk *chunk = &r->chunk;
    struct source_options *options = &chunk->options;
    const struct slice *values = r->values;
    options->now = x->now;
    chunk->text = x->request->body;
    int status = read_format(x, values[FORMAT], chunk);
    if (status == 0)
        status = read_delimiter(x, values[DELIMITER], &options->delimiter);
    if (status == 0)
        status = read_map(x, values[MAP], &options->map);
    if (status == 0)
        status = read_zone(x, values[TIME_ZONE], &options->time.zone);
    if (status == 0)
        status = read_order(x, values[DATE_ORDER], &options->time.order);
    if (status == 0)
        status = query_flag(x, NAMES[SKIP_UNKNOWN], values[SKIP_UNKNOWN], &options->skip_unknown);
    if (status == 0)
        status = query_flag(x, NAMES[SPREADSHEET], values[SPREADSHEET], &options->from_spreadsheet);
    if (status == 0)
        status = query_flag(x, NAMES[MORE], values[MORE], &chunk->more);
    if (status == 0 && values[NEXT].at && !import_position_read(values[NEXT], &chunk->position))
        status = import_refuse_value(x, NEXT, "This must be the next of the answer before.");
    return status;
}

/* --- what is done with it --- */

/* Refuses what only an admin may ask for. */
static int refuse_for_users(struct exchange *x, const struct import_request *r)
{
    static const enum import_parameter admins[] = { KEEP_OWNERS, MAKE_USERS, FORCE };
    const bool asked[] = { r->keep_owners, r->import.make_users, r->import.force };
    for (size_t i = 0; i < sizeof(admins) / sizeof(admins[0]); i++) {
        if (asked[i] && x->caller.role != ROLE_ADMIN)
            return refuse_field(x, PROBLEM_FORBIDDEN, NAMES[admins[i]],
                                "Only an admin may ask for this.");
    }
    if (r->import.make_users && !r->keep_owners)
        return import_refuse_value(x, MAKE_USERS, "This goes together with keep_owners.");
    if (r->import.make_users && !auth_scope_allows(x->caller.scope, KEY_SCOPE_MANAGE))
        return refuse_field(x, PROBLEM_FORBIDDEN, NAMES[MAKE_USERS],
                            "This needs a key with the scope manage.");
    return 0;
}

static int read_owner(struct exchange *x, struct import_request *r)
{
    uint32_t id;
    struct slice name = r->values[OWNER].at ? r->values[OWNER] : x->caller.user;
    if (r->keep_owners)
        return r->values[OWNER].at
                   ? import_refuse_value(x, OWNER, "This does not go together with keep_owners.")
                   : 0;
    int status = managing_find_owner(x, name, &id);
    if (status)
        return status;
    r->import.owner = arena_copy(x->arena, name);
    return r->import.owner ? 0 : refuse(x, PROBLEM_INTERNAL, NULL);
}

static int read_import(struct exchange *x, struct import_request *r)
{
    struct import *import = &r->import;
    *import = (struct import){
        .shortener = &x->services->shortener,
        .is_admin = x->caller.role == ROLE_ADMIN,
        .policy = x->caller.policy,
        .now = x->now,
    };
    int status = query_flag(x, NAMES[DRY_RUN], r->values[DRY_RUN], &import->dry_run);
    if (status == 0)
        status = query_flag(x, NAMES[KEEP_OWNERS], r->values[KEEP_OWNERS], &r->keep_owners);
    if (status == 0)
        status = query_flag(x, NAMES[MAKE_USERS], r->values[MAKE_USERS], &import->make_users);
    if (status == 0)
        status = query_flag(x, NAMES[FORCE], r->values[FORCE], &import->force);
    if (status == 0)
        status = query_number(x, NAMES[SHOW], r->values[SHOW], IMPORT_SHOW_MAX, &r->show);
    if (status == 0)
        status = refuse_for_users(x, r);
    if (status == 0)
        status = read_owner(x, r);
    if (status == 0)
        status = idempotency_header_read(x, &import->once);
    return status;
}

static int import_run_request(struct exchange *x, struct import_request *r)
{
    struct import_notes notes = { .x = x, .show = r->show };
    struct error why = { "" };
    json_import_begin(&notes, &r->import);
    enum db_result result = import_chunk_run(&r->import, &r->chunk, &why);
    if (result == DB_OK) {
        respond_body(x, JSON_TYPE, json_import(&notes, &r->import, &r->chunk));
        return x->response.body.len ? 200 : refuse(x, PROBLEM_INTERNAL, NULL);
    }
    json_import_drop(&notes);
    if (r->import.file_failed)
        return refuse_field(x, PROBLEM_INVALID_FIELD, "body", why.text);
    x->err = why;
    return refuse_outcome(x, outcome_of(result), NULL);
}

int handle_import(struct exchange *x)
{
    struct import_request *r = arena_alloc(x->arena, sizeof(*r));
    if (!r)
        return refuse(x, PROBLEM_INTERNAL, NULL);
    *r = (struct import_request){ .show = 0 };
    int status = refuse_body(x, true);
    if (status == 0)
        status = query_read(x, NAMES, N_PARAMETERS, r->values);
    if (status == 0)
        status = read_source(x, r);
    if (status == 0)
        status = read_import(x, r);
    size_t rows = status || r->import.dry_run ? 0 : import_chunk_rows(&r->chunk);
    if (status == 0 && rows > 0)
        status = limit_links(x, rows);
    return status ? status : import_run_request(x, r);
}
