/* SPDX-License-Identifier: MIT */
/* Reads links from JSON Lines and CSV. */
#include "transfer/link_source.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "text/utf8.h"
#include "transfer/file_kind.h"
#include "transfer/link_json.h"

bool link_format_of(struct slice name, enum link_format *out)
{
    *out = slice_eq(name, SLICE("csv")) ? FORMAT_CSV : FORMAT_JSONL;
    return *out == FORMAT_CSV || slice_eq(name, SLICE("jsonl"));
}

bool link_format_choose(const char *name, const char *path, enum link_format *out)
{
    if (name)
        return link_format_of(slice_of(name), out);
    const char *end = path ? strrchr(path, '.') : NULL;
    *out = end && strcasecmp(end, ".csv") == 0 ? FORMAT_CSV : FORMAT_JSONL;
    return true;
}

/* --- parts --- */

/* Notes how far the file has been read, with `lines` line breaks. A record that the end of a part
 * has cut off is not taken. */
static enum source_result link_source_mark(struct link_source *source, enum source_result result,
                                           uint64_t lines)
{
    struct source_part *part = source->part;
    if (!part || result == SOURCE_FAILED)
        return result;
    if (part->more && source->csv.input.ended && result != SOURCE_END)
        return SOURCE_END;
    part->taken = text_input_offset(&source->csv.input);
    part->lines = lines;
    return result;
}

/* --- JSON Lines --- */

/* Reads the next non-empty line, without its line break. */
static enum source_result read_line(struct link_source *source, struct arena *arena,
                                    struct slice *out, struct error *err)
{
    struct text_input *input = &source->csv.input;
    struct buf line = buf_in(arena, SOURCE_LINE_MAX);
    bool ended;
    do {
        struct slice window;
        source->line++;
        line.len = 0;
        ended = false;
        while (!ended && (window = text_input_window(input)).len > 0) {
            struct slice part = { window.at, slice_find(window, '\n') };
            ended = part.len < window.len;
            buf_add(&line, part);
            text_input_take(input, part.len + ended);
        }
        *out = slice_trim((struct slice){ line.at, line.len });
        if (out->len && out->at[out->len - 1] == '\r')
            out->len--;
    } while (ended && out->len == 0 && !line.failed);
    if (ferror(source->file)) {
        error_set(err, "reading: %s", strerror(errno));
        return SOURCE_FAILED;
    }
    if (line.failed) {
        error_set(err, "the line is longer than %d bytes", SOURCE_LINE_MAX);
        return SOURCE_REFUSED;
    }
    return out->len ? SOURCE_RECORD : SOURCE_END;
}

static enum source_result next_json(struct link_source *source, struct arena *arena,
                                    struct link_record *out, struct error *err)
{
    const struct link_json_reading reading = { arena, source->options.skip_unknown };
    struct slice line;
    enum source_result result = read_line(source, arena, &line, err);
    result = link_source_mark(source, result, source->line - (source->csv.input.ended ? 1 : 0));
    if (result != SOURCE_RECORD)
        return result;
    return link_json_read(line, &reading, out, err) ? SOURCE_RECORD : SOURCE_REFUSED;
}

/* --- CSV --- */

static enum source_result link_source_read_record(struct link_source *source, struct arena *arena,
                                                  struct csv_record *record, struct error *err)
{
    enum source_result result = csv_read(&source->csv, arena, record, err);
    source->line = source->csv.line;
    return link_source_mark(source, result, source->csv.breaks);
}

static bool is_blank(const struct csv_record *record)
{
    bool blank = true;
    for (unsigned i = 0; i < record->n && blank; i++)
        blank = slice_strip(record->fields[i]).len == 0;
    return blank;
}

/* Reads the next record that has a value. */
static enum source_result read_row(struct link_source *source, struct arena *arena,
                                   struct csv_record *record, struct error *err)
{
    for (;;) {
        enum source_result result = link_source_read_record(source, arena, record, err);
        if (result != SOURCE_RECORD || !is_blank(record))
            return result;
        source->blanks++;
    }
}

/* The length of the first line of `text` with its end; 0: it has none. */
static size_t first_line(struct slice text)
{
    size_t n = slice_find(text, '\n');
    size_t cr = slice_find(text, '\r');
    if (cr + 1 < n)
        n = cr;
    return n < text.len ? n + 1 : 0;
}

/* Takes a first line "sep=;", which spreadsheets understand: the delimiter is in it. */
static void take_separator_line(struct link_source *source)
{
    static const char prefix[] = "sep=";
    struct slice head = text_input_window(&source->csv.input);
    struct slice line = { head.at, first_line(head) };
    struct slice text = line;
    while (text.len > 0 && (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r'))
        text.len--;
    if (text.len > 2 && text.at[0] == '"' && text.at[text.len - 1] == '"')
        text = (struct slice){ text.at + 1, text.len - 2 };
    if (text.len != sizeof(prefix) || text.at[sizeof(prefix) - 1] == '"' ||
        !slice_eq_nocase((struct slice){ text.at, sizeof(prefix) - 1 }, SLICE("sep=")))
        return;
    source->csv.delimiter = text.at[sizeof(prefix) - 1];
    text_input_take(&source->csv.input, line.len);
    source->csv.breaks++;
}

static enum source_result begin_csv(struct link_source *source, struct arena *arena,
                                    struct error *err)
{
    struct csv_record record;
    csv_recognise(&source->csv, text_input_window(&source->csv.input));
    if (source->part && source->part->resumes)
        source->csv.cr_ends_lines = source->part->cr_ends_lines;
    take_separator_line(source);
    if (source->options.delimiter)
        source->csv.delimiter = source->options.delimiter;
    enum source_result names = read_row(source, arena, &record, err);
    if (names == SOURCE_END)
        return SOURCE_END;
    bool known = names == SOURCE_RECORD &&
                 link_columns_read(&record, &source->options, &source->columns, err);
    return known ? SOURCE_RECORD : SOURCE_FAILED;
}

static enum source_result next_csv(struct link_source *source, struct arena *arena,
                                   struct link_record *out, struct error *err)
{
    struct csv_record record;
    enum source_result result = read_row(source, arena, &record, err);
    if (result != SOURCE_RECORD)
        return result;
    const struct link_csv_reading reading = { &source->columns, &source->options, arena,
                                              source->csv.is_cut_off };
    return link_csv_read(&record, &reading, out, err) ? SOURCE_RECORD : SOURCE_REFUSED;
}

/* --- all of it --- */

/* Goes on with what the part before has ended with. */
static void resume_json(struct link_source *source)
{
    source->csv.input.begun = true;
    source->csv.input.encoding = source->part->encoding;
    source->line = source->part->lines;
}

/* Reads the names again, and goes on after them. */
static enum source_result resume_csv(struct link_source *source, struct arena *arena,
                                     struct error *err)
{
    const uint64_t lines = source->part->lines;
    enum source_result begun = begin_csv(source, arena, err);
    if (begun != SOURCE_RECORD || source->part->taken != source->part->head) {
        error_set(err, "the beginning of the file is not what it was");
        return SOURCE_FAILED;
    }
    source->part->lines = source->csv.breaks = lines;
    return SOURCE_RECORD;
}

/* Skips the rest of the line in a record that was refused. */
static void skip_long_record(struct link_source *source)
{
    struct source_part *part = source->part;
    source->csv.breaks = part->lines;
    part->in_long_record = !csv_skip_line(&source->csv);
    part->lines = source->csv.breaks;
    part->taken = text_input_offset(&source->csv.input);
    if (source->format == FORMAT_JSONL)
        source->line = part->lines;
}

static enum source_result link_source_resume(struct link_source *source, struct arena *arena,
                                             struct error *err)
{
    enum source_result result = SOURCE_RECORD;
    source->begun = true;
    source->csv.input.file = source->file;
    if (source->format == FORMAT_CSV)
        result = resume_csv(source, arena, err);
    else
        resume_json(source);
    if (result == SOURCE_RECORD && source->part->in_long_record)
        skip_long_record(source);
    return result;
}

/* Recognises what the file is; SOURCE_RECORD: it can be read. */
static enum source_result link_source_begin(struct link_source *source, struct arena *arena,
                                            struct error *err)
{
    const char *why = NULL;
    source->begun = true;
    source->csv.input.file = source->file;
    enum file_kind kind = file_kind_recognise(text_input_window(&source->csv.input), &why);
    if (kind == FILE_KIND_OTHER) {
        error_set(err, "the file %s", why);
        return SOURCE_FAILED;
    }
    if (source->options.recognise)
        source->format = kind == FILE_KIND_JSON ? FORMAT_JSONL : FORMAT_CSV;
    if (source->format == FORMAT_CSV && kind == FILE_KIND_JSON) {
        error_set(err, "the file has JSON: use --format jsonl");
        return SOURCE_FAILED;
    }
    enum source_result begun = SOURCE_RECORD;
    if (source->format == FORMAT_CSV)
        begun = begin_csv(source, arena, err);
    if (source->part && begun == SOURCE_RECORD) {
        source->part->encoding = source->csv.input.encoding;
        source->part->cr_ends_lines = source->csv.cr_ends_lines;
        source->part->head = source->format == FORMAT_CSV ? source->part->taken : 0;
    }
    return begun;
}

enum source_result link_source_next(struct link_source *source, struct arena *arena,
                                    struct link_record *out, struct error *err)
{
    *out = (struct link_record){ .changes = 0 };
    if (!source->begun) {
        const bool resumes = source->part && source->part->resumes;
        enum source_result begun = resumes ? link_source_resume(source, arena, err)
                                           : link_source_begin(source, arena, err);
        if (begun != SOURCE_RECORD)
            return begun;
    }
    enum source_result result = source->format == FORMAT_CSV ? next_csv(source, arena, out, err)
                                                             : next_json(source, arena, out, err);
    if (out->link.clicks)
        out->changes |= IMPORT_CHANGE_BIT(IMPORT_CHANGE_CLICKS_TOTAL);
    return result;
}
