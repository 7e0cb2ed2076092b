/* SPDX-License-Identifier: MIT */
/* CSV: records that are read are written as text that is read as the same records. */
#include "fuzz.h"
#include "transfer/csv.h"

enum {
    ARENA_MAX = 8 << 20,
    WRITTEN_MAX = 1 << 20,
};

static FILE *open_text(struct slice text)
{
    /* fmemopen wants a byte, whatever it is. */
    FILE *file =
        text.len ? fmemopen((void *)(uintptr_t)text.at, text.len, "r") : fopen("/dev/null", "r");
    MUST(file != NULL);
    return file;
}

/* Behind a field of its own: a record of nothing but an empty field is an empty line, and a byte
 * order mark at the start of a file is none of its text. */
static void check_again(const struct csv_record *record, struct arena *arena)
{
    struct buf line = buf_in(arena, WRITTEN_MAX);
    buf_add_text(&line, "x");
    for (unsigned i = 0; i < record->n; i++) {
        buf_add_byte(&line, ',');
        csv_add_field(&line, record->fields[i]);
    }
    buf_add_text(&line, "\r\n");
    struct csv csv = { .input = { .file = open_text(buf_slice(&line)) } };
    struct csv_record again;
    struct error err = { "" };
    MUST(csv_read(&csv, arena, &again, &err) == SOURCE_RECORD && again.n == record->n + 1);
    for (unsigned i = 0; i < record->n; i++)
        MUST(slice_eq(again.fields[i + 1], record->fields[i]));
    MUST(csv_read(&csv, arena, &again, &err) == SOURCE_END);
    (void)fclose(csv.input.file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv csv = { .input = { .file = open_text(fuzz_slice(data, size)) } };
    struct arena *arena = arena_new(ARENA_MAX);
    MUST(arena != NULL);
    for (size_t reads = 0;; reads++) {
        MUST(reads <= size);
        struct csv_record record;
        struct error err = { "" };
        uint64_t line = csv.line;
        enum source_result result = csv_read(&csv, arena, &record, &err);
        if (result == SOURCE_END)
            break;
        MUST(result != SOURCE_FAILED && csv.line > line);
        if (result == SOURCE_REFUSED)
            MUST(err.text[0] != '\0');
        else if (record.n < CSV_FIELDS_MAX)
            check_again(&record, arena);
        arena_reset(arena);
    }
    (void)fclose(csv.input.file);
    arena_free(&arena);
    return 0;
}
