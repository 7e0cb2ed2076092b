/* SPDX-License-Identifier: MIT */
/* Parses and writes CSV records. */
#include "transfer/csv.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "text/escape.h"
#include "text/utf8.h"

/* State of parsing one record. */
struct reading {
    struct csv *csv;
    int delimiter;
    struct buf text; /* the bytes of all fields, one after the other */
    size_t ends[CSV_FIELDS_MAX];
    unsigned n;
    struct error *err;
};

static int csv_next_byte(struct csv *csv)
{
    int byte = text_input_next(&csv->input);
    if (byte == '\r' && csv->cr_ends_lines && text_input_peek(&csv->input) != '\n')
        byte = '\n';
    csv->breaks += byte == '\n';
    return byte;
}

static enum source_result csv_broken(struct reading *reading, const char *why)
{
    error_set(reading->err, "%s", why);
    return SOURCE_REFUSED;
}

bool csv_skip_line(struct csv *csv)
{
    int byte;
    do
        byte = csv_next_byte(csv);
    while (byte != '\n' && byte != EOF);
    return byte == '\n';
}

static bool end_field(struct reading *reading)
{
    if (reading->n == CSV_FIELDS_MAX)
        return false;
    reading->ends[reading->n++] = reading->text.len;
    return true;
}

/* Takes the bytes up to one that may have a meaning. */
static void take_plain(struct reading *reading)
{
    struct slice window = text_input_window(&reading->csv->input);
    size_t n = 0;
    for (; n < window.len; n++) {
        char c = window.at[n];
        if (c == reading->delimiter || c == '"' || c == '\n' || c == '\r')
            break;
    }
    buf_add(&reading->text, (struct slice){ window.at, n });
    text_input_take(&reading->csv->input, n);
}

/* Reads the rest of a quoted field, up to its closing quote. */
static enum source_result read_quoted(struct reading *reading)
{
    for (;;) {
        take_plain(reading);
        int byte = csv_next_byte(reading->csv);
        if (byte == EOF)
            return csv_broken(reading, "a quoted field has no end");
        if (byte == '"') {
            if (text_input_peek(&reading->csv->input) != '"')
                return SOURCE_RECORD;
            csv_next_byte(reading->csv);
        }
        buf_add_byte(&reading->text, (char)byte);
        if (reading->text.failed)
            return csv_broken(reading, "the record is too long");
    }
}

/* Reads a byte; a CR before an LF is part of the line's end. */
static int next_in_line(struct csv *csv)
{
    int byte = csv_next_byte(csv);
    return byte == '\r' && text_input_peek(&csv->input) == '\n' ? csv_next_byte(csv) : byte;
}

static bool ends_field(const struct reading *reading, int byte)
{
    return byte == reading->delimiter || byte == '\n' || byte == EOF;
}

/* Reads one field; *end is the byte after it: the delimiter, '\n' or EOF. */
static enum source_result read_field(struct reading *reading, int *end)
{
    int byte = next_in_line(reading->csv);
    if (byte == '"') {
        enum source_result result = read_quoted(reading);
        if (result != SOURCE_RECORD)
            return result;
        byte = next_in_line(reading->csv);
        if (!ends_field(reading, byte))
            return csv_broken(reading, "text follows a closing quote");
    }
    while (!ends_field(reading, byte)) {
        if (byte == '"' && reading->delimiter != '\t')
            return csv_broken(reading, "a quote within a field that is not quoted");
        buf_add_byte(&reading->text, (char)byte);
        take_plain(reading);
        if (reading->text.failed)
            return csv_broken(reading, "the record is too long");
        byte = next_in_line(reading->csv);
    }
    *end = byte;
    return end_field(reading) ? SOURCE_RECORD : csv_broken(reading, "too many fields");
}

/* Whether the bytes are UTF-8; nearly all are ASCII. */
static bool csv_is_utf8(struct slice text)
{
    unsigned char all = 0;
    for (size_t i = 0; i < text.len; i++)
        all |= (unsigned char)text.at[i];
    return all < 0x80 || utf8_valid(text);
}

static enum source_result csv_read_record(struct reading *reading)
{
    int end = reading->delimiter;
    while (end == reading->delimiter) {
        enum source_result result = read_field(reading, &end);
        if (result == SOURCE_RECORD)
            continue;
        if (end == reading->delimiter) /* the next record starts on a new line */
            (void)csv_skip_line(reading->csv);
        return result;
    }
    reading->csv->is_cut_off = end == EOF;
    if (!csv_is_utf8(buf_slice(&reading->text)))
        return csv_broken(reading, "the text is not UTF-8: save the file as \"CSV UTF-8\"");
    return SOURCE_RECORD;
}

/* Skips empty lines; false at the end. */
static bool find_record(struct csv *csv)
{
    for (;;) {
        int byte = text_input_peek(&csv->input);
        if (byte == EOF)
            return false;
        if (byte != '\n' && byte != '\r')
            break;
        csv_next_byte(csv);
    }
    csv->line = csv->breaks + 1;
    return true;
}

/* Says how many lines a refused record has, if there are several: a quote that is never closed
 * takes the rows after it. */
static void count_lines(const struct csv *csv, struct error *err)
{
    uint64_t lines = csv->breaks >= csv->line ? csv->breaks - csv->line + 1 : 1;
    struct error why = *err;
    if (lines > 1)
        error_set(err, "%.200s, and has taken %" PRIu64 " lines", why.text, lines);
}

static enum source_result fail_read(struct error *err)
{
    error_set(err, "reading: %s", strerror(errno));
    return SOURCE_FAILED;
}

enum source_result csv_read(struct csv *csv, struct arena *arena, struct csv_record *out,
                            struct error *err)
{
    if (!find_record(csv))
        return ferror(csv->input.file) ? fail_read(err) : SOURCE_END;
    struct reading reading = { .csv = csv,
                               .delimiter = csv->delimiter ? csv->delimiter : ',',
                               .text = buf_in(arena, CSV_RECORD_MAX),
                               .err = err };
    enum source_result result = csv_read_record(&reading);
    if (ferror(csv->input.file))
        return fail_read(err);
    if (result != SOURCE_RECORD) {
        count_lines(csv, err);
        return result;
    }
    size_t begin = 0;
    out->n = reading.n;
    for (unsigned i = 0; i < reading.n; i++) {
        size_t len = reading.ends[i] - begin;
        out->fields[i] = (struct slice){ len ? reading.text.at + begin : "", len };
        begin = reading.ends[i];
    }
    return SOURCE_RECORD;
}

void csv_recognise(struct csv *csv, struct slice head)
{
    static const char delimiters[] = ",;\t|";
    size_t counts[sizeof(delimiters) - 1] = { 0 };
    bool quoted = false;
    csv->cr_ends_lines = slice_find(head, '\n') == head.len;
    while (head.len > 0 && (head.at[0] == '\n' || head.at[0] == '\r'))
        head = slice_from(head, 1);
    for (size_t i = 0; i < head.len; i++) {
        char c = head.at[i];
        quoted ^= c == '"';
        if (!quoted && (c == '\n' || c == '\r'))
            break;
        const char *found = quoted || !c ? NULL : strchr(delimiters, c);
        if (found)
            counts[found - delimiters]++;
    }
    size_t best = 0;
    for (size_t i = 1; i < sizeof(counts) / sizeof(counts[0]); i++) {
        if (counts[i] > counts[best])
            best = i;
    }
    csv->delimiter = delimiters[best];
}

void csv_add_field(struct buf *out, struct slice field)
{
    bool quoted = false;
    for (size_t i = 0; i < field.len && !quoted; i++)
        quoted = strchr(",\"\r\n", field.at[i]) != NULL;
    if (!quoted) {
        buf_add(out, field);
        return;
    }
    buf_add_byte(out, '"');
    escape_csv(out, field);
    buf_add_byte(out, '"');
}
