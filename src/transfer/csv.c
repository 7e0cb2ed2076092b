/* SPDX-License-Identifier: MIT */
/* Parses and writes CSV records. */
#include "transfer/csv.h"

#include <errno.h>
#include <string.h>

#include "text/escape.h"

/* State of parsing one record. */
struct reading {
    struct csv *csv;
    struct buf text; /* the bytes of all fields, one after the other */
    size_t ends[CSV_FIELDS_MAX];
    unsigned n;
    struct error *err;
};

static int csv_next_byte(struct csv *csv)
{
    int byte = getc_unlocked(csv->file);
    if (byte == '\n')
        csv->breaks++;
    return byte;
}

static int peek_byte(struct csv *csv)
{
    int byte = getc_unlocked(csv->file);
    if (byte != EOF)
        ungetc(byte, csv->file);
    return byte;
}

static enum source_result csv_broken(struct reading *reading, const char *why)
{
    error_set(reading->err, "%s", why);
    return SOURCE_REFUSED;
}

/* Skips the rest of the line, so that the next record starts on a new line. */
static void skip_line(struct csv *csv)
{
    int byte;
    do
        byte = csv_next_byte(csv);
    while (byte != '\n' && byte != EOF);
}

static bool end_field(struct reading *reading)
{
    if (reading->n == CSV_FIELDS_MAX)
        return false;
    reading->ends[reading->n++] = reading->text.len;
    return true;
}

/* Reads the rest of a quoted field, up to its closing quote. */
static enum source_result read_quoted(struct reading *reading)
{
    for (;;) {
        int byte = csv_next_byte(reading->csv);
        if (byte == EOF)
            return csv_broken(reading, "a quoted field has no end");
        if (byte == '"') {
            if (peek_byte(reading->csv) != '"')
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
    return byte == '\r' && peek_byte(csv) == '\n' ? csv_next_byte(csv) : byte;
}

/* Reads one field; *end is the byte after it: ',', '\n' or EOF. */
static enum source_result read_field(struct reading *reading, int *end)
{
    int byte = next_in_line(reading->csv);
    if (byte == '"') {
        enum source_result result = read_quoted(reading);
        if (result != SOURCE_RECORD)
            return result;
        byte = next_in_line(reading->csv);
        if (byte != ',' && byte != '\n' && byte != EOF)
            return csv_broken(reading, "text follows a closing quote");
    }
    for (; byte != ',' && byte != '\n' && byte != EOF; byte = next_in_line(reading->csv)) {
        if (byte == '"')
            return csv_broken(reading, "a quote within a field that is not quoted");
        buf_add_byte(&reading->text, (char)byte);
        if (reading->text.failed)
            return csv_broken(reading, "the record is too long");
    }
    *end = byte;
    return end_field(reading) ? SOURCE_RECORD : csv_broken(reading, "too many fields");
}

static enum source_result csv_read_record(struct reading *reading)
{
    int end = ',';
    while (end == ',') {
        enum source_result result = read_field(reading, &end);
        if (result == SOURCE_RECORD)
            continue;
        if (end == ',')
            skip_line(reading->csv);
        return result;
    }
    return SOURCE_RECORD;
}

/* Skips empty lines and a byte order mark; false at the end. */
static bool find_record(struct csv *csv)
{
    if (csv->breaks == 0 && csv->line == 0 && peek_byte(csv) == 0xef) {
        for (int i = 0; i < 3; i++)
            csv_next_byte(csv);
    }
    for (;;) {
        int byte = peek_byte(csv);
        if (byte == EOF)
            return false;
        if (byte != '\n' && byte != '\r')
            break;
        csv_next_byte(csv);
    }
    csv->line = csv->breaks + 1;
    return true;
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
        return ferror(csv->file) ? fail_read(err) : SOURCE_END;
    struct reading reading = { .csv = csv, .text = buf_in(arena, CSV_RECORD_MAX), .err = err };
    enum source_result result = csv_read_record(&reading);
    if (ferror(csv->file))
        return fail_read(err);
    if (result != SOURCE_RECORD)
        return result;
    size_t begin = 0;
    out->n = reading.n;
    for (unsigned i = 0; i < reading.n; i++) {
        size_t len = reading.ends[i] - begin;
        out->fields[i] = (struct slice){ len ? reading.text.at + begin : "", len };
        begin = reading.ends[i];
    }
    return SOURCE_RECORD;
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
