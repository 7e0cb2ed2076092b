/* SPDX-License-Identifier: MIT */
/* Lays out tables. */
#include "cli/table.h"

#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text/utf8.h"

enum {
    GAP = 2,        /* spaces between columns */
    COLUMN_MIN = 4, /* no column is truncated below this */
    WIDTH_DEFAULT = 80,
    TEXT_MAX = 64 * 1024 * 1024,
};

struct range {
    uint32_t first;
    uint32_t last;
};

/* Combining marks and other characters without a width of their own. */
static const struct range ZERO[] = {
    { 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a },
    { 0x064b, 0x065f }, { 0x0900, 0x0902 }, { 0x0941, 0x0948 }, { 0x0e31, 0x0e31 },
    { 0x0e34, 0x0e3a }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200d },
    { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};

/* East Asian wide and full-width characters, and emoji. */
static const struct range WIDE[] = {
    { 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },   { 0xa960, 0xa97c },
    { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
    { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
    { 0x20000, 0x3fffd },
};

/* Characters that must not be written to a terminal: controls, line separators, changes of
 * direction. */
static const struct range UNSAFE[] = {
    { 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x200e, 0x200f },
    { 0x2028, 0x202e }, { 0x2066, 0x2069 }, { 0xfeff, 0xfeff },
};

#define IS_IN(code, ranges) is_in(code, ranges, sizeof(ranges) / sizeof((ranges)[0]))

static bool is_in(uint32_t code, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

/* A character and its width. */
struct glyph {
    size_t bytes;
    unsigned width;
    bool safe;
};

static struct glyph first_glyph(struct slice text)
{
    uint32_t code;
    size_t bytes = utf8_first(text, &code);
    if (bytes == 0)
        return (struct glyph){ 1, 1, false };
    if (IS_IN(code, UNSAFE))
        return (struct glyph){ bytes, 1, false };
    if (IS_IN(code, ZERO))
        return (struct glyph){ bytes, 0, true };
    return (struct glyph){ bytes, IS_IN(code, WIDE) ? 2 : 1, true };
}

unsigned table_text_width(struct slice text)
{
    unsigned width = 0;
    while (text.len) {
        struct glyph glyph = first_glyph(text);
        width += glyph.width;
        text = slice_from(text, glyph.bytes);
    }
    return width;
}

unsigned table_terminal_width(FILE *file)
{
    struct winsize size;
    int fd = fileno(file);
    if (fd < 0 || !isatty(fd))
        return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH_DEFAULT;
    return size.ws_col;
}

struct table_row *table_add(struct table *table, struct arena *arena)
{
    if (!table->rows)
        table->rows = arena_alloc(arena, TABLE_ROWS_MAX * sizeof(*table->rows));
    if (!table->rows || table->n_rows == TABLE_ROWS_MAX)
        return NULL;
    return &table->rows[table->n_rows++];
}

static void table_add_escaped(struct buf *out, struct slice cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        char byte = cell.at[i];
        if (byte == '\t')
            buf_add_text(out, "\\t");
        else if (byte == '\n')
            buf_add_text(out, "\\n");
        else if (byte == '\r')
            buf_add_text(out, "\\r");
        else if (byte == '\\')
            buf_add_text(out, "\\\\");
        else
            buf_add_byte(out, byte);
    }
}

static struct slice cell_of(const struct table *table, unsigned row, unsigned column)
{
    /* Row 0 is the titles. */
    return row == 0 ? slice_of(table->titles[column]) : table->rows[row - 1].cells[column];
}

static void render_tabs(const struct table *table, struct buf *out)
{
    for (unsigned row = 0; row <= table->n_rows; row++) {
        for (unsigned column = 0; column < table->n_columns; column++) {
            if (column)
                buf_add_byte(out, '\t');
            table_add_escaped(out, cell_of(table, row, column));
        }
        buf_add_byte(out, '\n');
    }
}

static void measure(const struct table *table, unsigned widths[TABLE_COLUMNS_MAX])
{
    for (unsigned column = 0; column < table->n_columns; column++) {
        widths[column] = 0;
        for (unsigned row = 0; row <= table->n_rows; row++) {
            unsigned width = table_text_width(cell_of(table, row, column));
            if (width > widths[column])
                widths[column] = width;
        }
    }
}

/* Narrows the widest column until the line fits. */
static void squeeze(unsigned n, unsigned widths[TABLE_COLUMNS_MAX], unsigned available)
{
    for (;;) {
        unsigned total = GAP * (n - 1);
        unsigned widest = 0;
        for (unsigned i = 0; i < n; i++) {
            total += widths[i];
            if (widths[i] > widths[widest])
                widest = i;
        }
        if (total <= available || widths[widest] <= COLUMN_MIN)
            return;
        widths[widest]--;
    }
}

/* Appends `text` in exactly `width` columns, padded or truncated; the last one is not padded. */
static void table_add_cell(struct buf *out, struct slice text, unsigned width, bool last)
{
    bool cut = table_text_width(text) > width;
    unsigned room = cut ? width - 1 : width;
    while (text.len) {
        struct glyph glyph = first_glyph(text);
        if (glyph.width > room)
            break;
        buf_add(out, glyph.safe ? (struct slice){ text.at, glyph.bytes } : SLICE("?"));
        room -= glyph.width;
        text = slice_from(text, glyph.bytes);
    }
    if (cut)
        buf_add_text(out, "\xe2\x80\xa6");
    for (; room && !last; room--)
        buf_add_byte(out, ' ');
}

static void render_aligned(const struct table *table, unsigned width, struct buf *out)
{
    unsigned widths[TABLE_COLUMNS_MAX];
    measure(table, widths);
    squeeze(table->n_columns, widths, width);
    for (unsigned row = 0; row <= table->n_rows; row++) {
        for (unsigned column = 0; column < table->n_columns; column++) {
            bool last = column + 1 == table->n_columns;
            table_add_cell(out, cell_of(table, row, column), widths[column], last);
            if (!last)
                buf_add_text(out, "  ");
        }
        buf_add_byte(out, '\n');
    }
}

void table_render(const struct table *table, unsigned width, struct buf *out)
{
    if (table->n_columns == 0)
        return;
    if (width)
        render_aligned(table, width, out);
    else
        render_tabs(table, out);
}

bool table_print(const struct table *table, struct arena *arena)
{
    struct buf out = buf_in(arena, TEXT_MAX);
    table_render(table, table_terminal_width(stdout), &out);
    struct slice text = buf_slice(&out);
    fwrite(text.at, 1, text.len, stdout);
    return !out.failed;
}
