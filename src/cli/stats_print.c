/* SPDX-License-Identifier: MIT */
/* Prints two tables with a sparkline between them. */
#include "cli/stats_print.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "cli/sparkline.h"
#include "cli/table.h"

enum {
    TEXT_MAX = 1 << 20,
    CELL_MAX = 64,
};

static struct slice cell(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static struct slice cell(struct arena *arena, const char *format, ...)
{
    struct buf text = buf_in(arena, CELL_MAX);
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    return buf_slice(&text);
}

static struct slice time_cell(const struct stats_range *range, int64_t at, struct arena *arena)
{
    char text[RFC3339_OFFSET_SIZE];
    stats_time_format(range, at, text);
    return cell(arena, "%s", text);
}

/* Prints a table without truncating it to the terminal's width. */
static bool print_whole(const struct table *table, struct arena *arena)
{
    struct buf out = buf_in(arena, TEXT_MAX);
    table_render(table, table_terminal_width(stdout) ? UINT_MAX : 0, &out);
    fwrite(out.at, 1, buf_slice(&out).len, stdout);
    return !out.failed;
}

static bool print_numbers(const struct statistics *statistics, struct arena *arena)
{
    const struct stats_range *range = &statistics->query.range;
    const struct table_row rows[] = {
        { { SLICE("code"), statistics->link.code } },
        { { SLICE("long_url"), statistics->link.target.long_url } },
        { { SLICE("from"), time_cell(range, range->from, arena) } },
        { { SLICE("to"), time_cell(range, range->end, arena) } },
        { { SLICE("unit"), slice_of(stats_unit_name(range->unit)) } },
        { { SLICE("clicks"), cell(arena, "%" PRIu64, statistics->total.clicks) } },
        { { SLICE("visitors"), cell(arena, "%" PRIu64, statistics->total.visitors) } },
        { { SLICE("bots"), cell(arena, "%" PRIu64, statistics->total.bots) } },
        { { SLICE("clicks_imported"), cell(arena, "%" PRIu64, statistics->link.clicks_imported) } },
    };
    struct table table = { .titles = { "FIELD", "VALUE" }, .n_columns = 2 };
    size_t n = sizeof(rows) / sizeof(rows[0]) - (statistics->link.clicks_imported ? 0 : 1);
    for (size_t i = 0; i < n; i++) {
        struct table_row *row = table_add(&table, arena);
        if (!row)
            return false;
        *row = rows[i];
    }
    return print_whole(&table, arena);
}

static bool print_series(const struct statistics *statistics, struct arena *arena)
{
    uint64_t *clicks = arena_alloc(arena, statistics->n * sizeof(*clicks));
    struct buf out = buf_in(arena, TEXT_MAX);
    if (!clicks)
        return false;
    for (size_t i = 0; i < statistics->n; i++)
        clicks[i] = statistics->buckets[i].counts.clicks;
    buf_add_byte(&out, '\n');
    sparkline_render(clicks, statistics->n, table_terminal_width(stdout), sparkline_utf8(), &out);
    fwrite(out.at, 1, buf_slice(&out).len, stdout);
    return !out.failed;
}

static bool stats_print_add_value(struct table *table, const char *name,
                                  const struct click_value *value, uint64_t all,
                                  struct arena *arena)
{
    struct table_row *row = table_add(table, arena);
    if (!row)
        return false;
    row->cells[0] = slice_of(name);
    row->cells[1] = value->value;
    row->cells[2] = cell(arena, "%" PRIu64, value->clicks);
    row->cells[3] = cell(arena, "%.1f %%", 100.0 * (double)value->clicks / (double)all);
    return true;
}

static bool stats_print_add_breakdown(struct table *table, enum click_dimension dimension,
                                      const struct stats_breakdown *by, struct arena *arena)
{
    const char *name = stats_dimension_name(dimension);
    const struct click_value other = { SLICE("other"), by->other };
    uint64_t all = by->other;
    for (unsigned i = 0; i < by->n; i++)
        all += by->values[i].clicks;
    for (unsigned i = 0; i < by->n; i++)
        if (!stats_print_add_value(table, name, &by->values[i], all, arena))
            return false;
    return !by->other || stats_print_add_value(table, name, &other, all, arena);
}

static bool print_breakdowns(const struct statistics *statistics, struct arena *arena)
{
    struct table table = { .titles = { "BY", "VALUE", "CLICKS", "SHARE" }, .n_columns = 4 };
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        if (!stats_print_add_breakdown(&table, (enum click_dimension)i, &statistics->by[i], arena))
            return false;
    if (table.n_rows == 0)
        return true;
    putchar('\n');
    return table_print(&table, arena);
}

bool stats_print(const struct statistics *statistics, struct arena *arena)
{
    return print_numbers(statistics, arena) && print_series(statistics, arena) &&
           print_breakdowns(statistics, arena);
}
