/* SPDX-License-Identifier: MIT */
/* Prints the rows that an import did not take, and its report. */
#include "cli/import_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/json.h"
#include "cli/table.h"
#include "text/escape.h"

enum {
    REPORT_MAX = 64 * 1024, /* bytes of the report as JSON */
};

void import_print_problem(bool json, const struct import_problem *problem, uint64_t n)
{
    const struct import_refusal_row *kind = &import_refusal_rows[problem->kind];
    if (json) {
        const struct json_member members[] = {
            json_member_number("line", (int64_t)problem->line),
            json_member_text("code", slice_of(problem->code)),
            json_member_text("kind", slice_of(kind->name)),
            json_member_text("why", slice_of(problem->why)),
        };
        json_print_object(members, sizeof(members) / sizeof(members[0]));
    } else if (n <= IMPORT_PRINT_ROWS) {
        fprintf(stderr, "line %" PRIu64 ": %s%s%s\n", problem->line, problem->code,
                *problem->code ? ": " : "", problem->why);
    } else if (n == IMPORT_PRINT_ROWS + 1) {
        fprintf(stderr, "further rows are only counted (--json prints all): %s\n", kind->text);
    }
}

/* --- kinds --- */

/* A kind with rows, as it is printed. */
struct printed_kind {
    const char *name;
    const char *text;
    const struct import_tally *tally;
};

static struct printed_kind change_at(const struct import_report *report, unsigned i)
{
    return (struct printed_kind){ import_change_rows[i].name, import_change_rows[i].text,
                                  &report->changes[i] };
}

static struct printed_kind refusal_at(const struct import_report *report, unsigned i)
{
    return (struct printed_kind){ import_refusal_rows[i].name, import_refusal_rows[i].text,
                                  &report->refusals[i] };
}

static struct slice print_number(uint64_t number, struct arena *arena)
{
    struct buf out = buf_in(arena, 32);
    buf_add_uint(&out, number);
    return buf_slice(&out);
}

static void add_kind(struct table *table, const char *what, struct printed_kind kind,
                     struct arena *arena)
{
    struct table_row *row = kind.tally->n ? table_add(table, arena) : NULL;
    if (!row)
        return;
    row->cells[0] = slice_of(what);
    row->cells[1] = print_number(kind.tally->n, arena);
    row->cells[2] = print_number(kind.tally->line, arena);
    row->cells[3] = slice_of(kind.tally->code);
    row->cells[4] = slice_of(kind.text);
}

static void print_kinds(const struct import_report *report, struct arena *arena)
{
    struct table table = { .titles = { "rows", "number", "first line", "code", "why" },
                           .n_columns = 5 };
    for (unsigned i = 0; i < IMPORT_CHANGES; i++)
        add_kind(&table, "changed", change_at(report, i), arena);
    for (unsigned i = 0; i < IMPORT_REFUSALS; i++)
        add_kind(&table,
                 import_refusal_is_conflict((enum import_refusal)i) ? "conflict" : "refused",
                 refusal_at(report, i), arena);
    if (table.n_rows == 0)
        return;
    putchar('\n');
    table_print(&table, arena);
}

/* --- the report --- */

/* A count, and its name in the report. */
struct printed_count {
    const char *name;
    uint64_t n;
};

enum { COUNTS = 5 };

static void list_counts(const struct import_report *report, struct printed_count out[COUNTS])
{
    const struct printed_count all[COUNTS] = {
        { "imported", report->imported }, { "changed", report->changed },
        { "present", report->present },   { "conflicts", report->conflicts },
        { "refused", report->refused },
    };
    for (unsigned i = 0; i < COUNTS; i++)
        out[i] = all[i];
}

static const char *whose_file(const struct link_source *source)
{
    if (source->columns.format)
        return source->columns.format;
    return source->columns.is_foreign ? "other" : "Curt";
}

static void print_for_people(const struct import *import, const struct link_source *source,
                             struct arena *arena)
{
    struct printed_count counts[COUNTS];
    if (source->columns.is_foreign)
        printf("file of\t%s\n", whose_file(source));
    if (source->columns.skipped[0])
        printf("columns passed over\t%s\n", source->columns.skipped);
    list_counts(&import->report, counts);
    for (unsigned i = 0; i < COUNTS; i++)
        printf("%s\t%" PRIu64 "\n", counts[i].name, counts[i].n);
    if (source->blanks)
        printf("empty rows\t%" PRIu64 "\n", source->blanks);
    if (import->make_users)
        printf("users made\t%" PRIu64 "\n", import->owners.n_made);
    print_kinds(&import->report, arena);
    if (import->dry_run)
        fputs("This was a dry run: nothing was written.\n", stderr);
    if (import->dry_run && import->seen.full)
        fprintf(stderr,
                "Rows that are there twice were looked for among the first %zu codes and long URLs "
                "only.\n",
                import->seen.max);
}

static void add_kind_json(struct buf *out, struct printed_kind kind, bool *first)
{
    if (kind.tally->n == 0)
        return;
    buf_printf(out,
               "%s{\"kind\": \"%s\", \"rows\": %" PRIu64 ", \"line\": %" PRIu64 ", \"code\": \"",
               *first ? "" : ", ", kind.name, kind.tally->n, kind.tally->line);
    escape_json(out, slice_of(kind.tally->code));
    buf_add_text(out, "\"}");
    *first = false;
}

static void add_source_json(struct buf *out, const struct link_source *source)
{
    buf_add_text(out, ", \"file\": \"");
    escape_json(out, slice_of(whose_file(source)));
    buf_add_text(out, "\", \"columns_skipped\": \"");
    escape_json(out, slice_of(source->columns.skipped));
    buf_printf(out, "\", \"empty_rows\": %" PRIu64, source->blanks);
}

static void print_for_scripts(const struct import *import, const struct link_source *source,
                              struct arena *arena)
{
    const struct import_report *report = &import->report;
    struct buf out = buf_in(arena, REPORT_MAX);
    struct printed_count counts[COUNTS];
    bool first = true;
    buf_printf(&out, "{\"dry_run\": %s", import->dry_run ? "true" : "false");
    add_source_json(&out, source);
    list_counts(report, counts);
    for (unsigned i = 0; i < COUNTS; i++)
        buf_printf(&out, ", \"%s\": %" PRIu64, counts[i].name, counts[i].n);
    if (import->make_users)
        buf_printf(&out, ", \"users_made\": %" PRIu64, import->owners.n_made);
    buf_add_text(&out, ", \"changes\": [");
    for (unsigned i = 0; i < IMPORT_CHANGES; i++)
        add_kind_json(&out, change_at(report, i), &first);
    first = true;
    buf_add_text(&out, "], \"refusals\": [");
    for (unsigned i = 0; i < IMPORT_REFUSALS; i++)
        add_kind_json(&out, refusal_at(report, i), &first);
    buf_add_text(&out, "]}");
    puts(out.at);
}

void import_print_report(bool json, const struct import *import, const struct link_source *source,
                         struct arena *arena)
{
    if (json)
        print_for_scripts(import, source, arena);
    else
        print_for_people(import, source, arena);
}
