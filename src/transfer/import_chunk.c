/* SPDX-License-Identifier: MIT */
/* Reads a chunk as a file of its own, from what the chunk before it has ended with. */
#include "transfer/import_chunk.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"
#include "transfer/import_batch.h"

enum {
    SCRATCH_MAX = 16 * 1024 * 1024,
    FLAGS = 4, /* letters of a position before its numbers */
};

/* --- positions --- */

/* Format, encoding, line ends, and whether it is in a long record; then the numbers. */
void import_position_write(const struct import_position *position, char out[IMPORT_NEXT_MAX])
{
    const struct source_part *part = &position->part;
    snprintf(out, IMPORT_NEXT_MAX, "%c%u%u%u-%" PRIu64 "-%" PRIu64,
             position->format == FORMAT_CSV ? 'c' : 'j', (unsigned)part->encoding,
             part->cr_ends_lines ? 1U : 0U, part->in_long_record ? 1U : 0U, part->head,
             part->lines);
}

static bool position_read_digit(char digit, unsigned max, unsigned *out)
{
    *out = (unsigned)digit - '0';
    return digit >= '0' && *out <= max;
}

bool import_position_read(struct slice text, struct import_position *out)
{
    unsigned encoding;
    unsigned cr;
    unsigned in_long;
    *out = (struct import_position){ .is_set = true, .part = { .resumes = true } };
    if (text.len < FLAGS + 4 || text.len >= IMPORT_NEXT_MAX || text.at[FLAGS] != '-' ||
        (text.at[0] != 'c' && text.at[0] != 'j') ||
        !position_read_digit(text.at[1], TEXT_UTF16_BE, &encoding) ||
        !position_read_digit(text.at[2], 1, &cr) || !position_read_digit(text.at[3], 1, &in_long))
        return false;
    struct slice rest = slice_from(text, FLAGS + 1);
    struct slice head = { rest.at, slice_find(rest, '-') };
    out->format = text.at[0] == 'c' ? FORMAT_CSV : FORMAT_JSONL;
    out->part.encoding = (enum text_encoding)encoding;
    out->part.cr_ends_lines = cr;
    out->part.in_long_record = in_long;
    return number_parse(head, IMPORT_HEAD_MAX, &out->part.head) && head.len < rest.len &&
           number_parse(slice_from(rest, head.len + 1), INT64_MAX, &out->part.lines) &&
           (out->part.head > 0) == (out->format == FORMAT_CSV);
}

/* --- reading --- */

/* Opens the text as a file, which the caller closes; *part goes with the source. */
static bool chunk_open(const struct import_chunk *chunk, struct source_part *part,
                       struct link_source *out)
{
    *part = chunk->position.part;
    part->more = chunk->more;
    *out = (struct link_source){
        .file = fmemopen((void *)(uintptr_t)chunk->text.at, chunk->text.len, "r"),
        .format = chunk->position.is_set ? chunk->position.format : chunk->format,
        .options = chunk->options,
        .part = part,
    };
    return out->file != NULL;
}

size_t import_chunk_rows(const struct import_chunk *chunk)
{
    struct arena *scratch = arena_new(SCRATCH_MAX);
    struct source_part part;
    struct link_source source = { .file = NULL };
    size_t n = 0;
    if (chunk->text.len == 0 || !scratch || !chunk_open(chunk, &part, &source)) {
        arena_free(&scratch);
        return 0;
    }
    for (enum source_result got = SOURCE_RECORD;
         n < IMPORT_CHUNK_ROWS && (got == SOURCE_RECORD || got == SOURCE_REFUSED);) {
        struct link_record record;
        struct error why;
        arena_reset(scratch);
        got = link_source_next(&source, scratch, &record, &why);
        n += got == SOURCE_RECORD || got == SOURCE_REFUSED;
    }
    fclose(source.file);
    arena_free(&scratch);
    return n;
}

/* Refuses a record of which the whole chunk is only a part; its line is skipped. */
static void refuse_long_record(struct import *import, struct import_chunk *chunk,
                               struct source_part *part)
{
    const struct import_row row = { .line = part->lines + 1 };
    struct error why;
    error_set(&why, "the record is longer than %d bytes", IMPORT_CHUNK_RECORD_MAX);
    import_refuse(import, IMPORT_REFUSAL_UNREADABLE, &row, SLICE(""), why.text);
    part->in_long_record = true;
    part->taken = chunk->text.len;
    if (chunk->source.format == FORMAT_CSV)
        part->lines = chunk->source.csv.breaks;
}

/* Whether the names of columns are missing in the chunk, or longer than they may be. */
static bool chunk_lacks_names(const struct import_chunk *chunk, const struct source_part *part)
{
    if (chunk->source.format == FORMAT_JSONL)
        return false;
    if (part->head == 0)
        return chunk->more && chunk->text.len >= IMPORT_CHUNK_RECORD_MAX;
    return part->head > IMPORT_HEAD_MAX;
}

/* Notes where the next chunk begins. DB_FAILED: the file cannot be read in chunks. */
static enum db_result chunk_end(struct import *import, struct import_chunk *chunk,
                                struct source_part *part, struct error *err)
{
    const uint64_t start = chunk->position.part.head;
    const size_t len = chunk->text.len;
    const bool is_nameless = chunk->source.format == FORMAT_CSV && part->head == 0;
    import->file_failed = chunk_lacks_names(chunk, part);
    if (import->file_failed) {
        error_set(err, "the names of the columns are longer than %d bytes", IMPORT_HEAD_MAX);
        return DB_FAILED;
    }
    if (is_nameless && chunk->more)
        part->taken = 0; /* blank lines */
    else if (chunk->more && part->taken <= start && len - start >= IMPORT_CHUNK_RECORD_MAX)
        refuse_long_record(import, chunk, part);
    chunk->is_done = !chunk->more && part->taken == len;
    if (part->encoding != TEXT_UTF8) /* the next chunk begins with a whole unit */
        part->taken -= part->taken % 2;
    chunk->consumed = part->taken > start ? (size_t)(part->taken - start) : 0;
    if (is_nameless || part->taken == 0)
        return DB_OK; /* the next chunk is the first again */
    chunk->position =
        (struct import_position){ .is_set = true, .format = chunk->source.format, .part = *part };
    chunk->position.part.resumes = true;
    return DB_OK;
}

enum db_result import_chunk_run(struct import *import, struct import_chunk *chunk,
                                struct error *err)
{
    struct source_part part;
    chunk->consumed = 0;
    chunk->is_done = chunk->text.len == 0 && !chunk->more;
    if (chunk->text.len == 0)
        return DB_OK;
    if (chunk->text.len < chunk->position.part.head) {
        error_set(err, "the beginning of the file is missing");
        import->file_failed = true;
        return DB_FAILED;
    }
    if (!chunk_open(chunk, &part, &chunk->source)) {
        error_set(err, "out of memory");
        return DB_FAILED;
    }
    import->rows_max = IMPORT_CHUNK_ROWS;
    enum db_result result = import_run(import, &chunk->source, err);
    if (result == DB_OK)
        result = chunk_end(import, chunk, &part, err);
    fclose(chunk->source.file);
    chunk->source.file = NULL;
    chunk->source.part = NULL;
    return result;
}
