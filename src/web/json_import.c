/* SPDX-License-Identifier: MIT */
/* Writes the answer to a chunk of an import as JSON. */
#include "web/json_import.h"

#include <json-c/json.h>

#include "web/json_object.h"

/* --- rows --- */

static void note_problem(void *context, const struct import_problem *problem)
{
    const struct import_notes *notes = context;
    struct json_object *o = json_object_new_object();
    json_add(o, "line", json_object_new_uint64(problem->line));
    json_add(o, "code", json_text_or_null(slice_of(problem->code)));
    json_add(o, "kind", json_object_new_string(import_refusal_rows[problem->kind].name));
    json_add(o, "why", json_text(slice_of(problem->why)));
    json_object_array_add(notes->problems, o);
}

static void note_row(void *context, uint64_t line, const struct link *link)
{
    const struct import_notes *notes = context;
    if (json_object_array_length(notes->rows) >= notes->show)
        return;
    struct json_object *tags = json_object_new_array();
    for (unsigned i = 0; i < link->n_tags; i++)
        json_object_array_add(tags, json_text(link->tags[i]));
    struct json_object *o = json_object_new_object();
    json_add(o, "line", json_object_new_uint64(line));
    json_add(o, "code", json_text_or_null(link->code));
    json_add(o, "long_url", json_text(link->target.long_url));
    json_add(o, "title", json_text_or_null(link->title));
    json_add(o, "tags", tags);
    json_add(o, "owner", json_text_or_null(link->owner));
    json_add(o, "created_at", json_time_or_null(link->created_at));
    json_add(o, "expires_at", json_time_or_null(link->target.expires_at));
    json_add(o, "clicks", json_object_new_uint64(link->clicks));
    json_object_array_add(notes->rows, o);
}

void json_import_begin(struct import_notes *notes, struct import *import)
{
    notes->problems = json_object_new_array();
    notes->rows = json_object_new_array();
    import->on_problem = note_problem;
    import->on_row = note_row;
    import->context = notes;
}

void json_import_drop(struct import_notes *notes)
{
    json_object_put(notes->problems);
    json_object_put(notes->rows);
}

/* --- the report --- */

static void add_kind(struct json_object *list, const char *name, const char *text,
                     const struct import_tally *tally)
{
    if (tally->n == 0)
        return;
    struct json_object *o = json_object_new_object();
    json_add(o, "kind", json_object_new_string(name));
    json_add(o, "rows", json_object_new_uint64(tally->n));
    json_add(o, "line", json_object_new_uint64(tally->line));
    json_add(o, "code", json_text_or_null(slice_of(tally->code)));
    json_add(o, "text", json_object_new_string(text));
    json_object_array_add(list, o);
}

static struct json_object *changes_of(const struct import_report *report)
{
    struct json_object *list = json_object_new_array();
    for (unsigned i = 0; i < IMPORT_CHANGES; i++)
        add_kind(list, import_change_rows[i].name, import_change_rows[i].text, &report->changes[i]);
    return list;
}

static struct json_object *refusals_of(const struct import_report *report)
{
    struct json_object *list = json_object_new_array();
    for (unsigned i = 0; i < IMPORT_REFUSALS; i++)
        add_kind(list, import_refusal_rows[i].name, import_refusal_rows[i].text,
                 &report->refusals[i]);
    return list;
}

static void add_counts(struct json_object *o, const struct import *import,
                       const struct import_chunk *chunk)
{
    const struct import_report *report = &import->report;
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {
        { "imported", report->imported },        { "changed", report->changed },
        { "present", report->present },          { "conflicts", report->conflicts },
        { "refused", report->refused },          { "empty_rows", chunk->source.blanks },
        { "users_made", import->owners.n_made },
    };
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        json_add(o, counts[i].name, json_object_new_uint64(counts[i].n));
}

/* What is known of the file. */
static void add_file(struct json_object *o, const struct link_source *source)
{
    const char *whose = source->columns.format;
    if (!whose)
        whose = source->columns.is_foreign ? "other" : "Curt";
    json_add(o, "file", json_object_new_string(whose));
    json_add(o, "format", json_object_new_string(source->format == FORMAT_CSV ? "csv" : "jsonl"));
    json_add(o, "columns_skipped", json_text_or_null(slice_of(source->columns.skipped)));
}

/* Where the next chunk begins. */
static void add_position(struct json_object *o, const struct import_chunk *chunk)
{
    char next[IMPORT_NEXT_MAX];
    const bool goes_on = !chunk->is_done && chunk->position.is_set;
    import_position_write(&chunk->position, next);
    json_add(o, "done", json_object_new_boolean(chunk->is_done));
    json_add(o, "consumed", json_object_new_uint64(chunk->consumed));
    json_add(o, "head", json_object_new_uint64(chunk->position.part.head));
    json_add(o, "next", goes_on ? json_object_new_string(next) : NULL);
}

struct slice json_import(struct import_notes *notes, const struct import *import,
                         const struct import_chunk *chunk)
{
    struct json_object *o = json_object_new_object();
    json_add(o, "dry_run", json_object_new_boolean(import->dry_run));
    add_file(o, &chunk->source);
    add_position(o, chunk);
    add_counts(o, import, chunk);
    json_add(o, "changes", changes_of(&import->report));
    json_add(o, "refusals", refusals_of(&import->report));
    json_add(o, "problems", notes->problems);
    json_add(o, "rows", notes->rows);
    return json_render(notes->x->arena, o);
}
