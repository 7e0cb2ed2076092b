/* SPDX-License-Identifier: MIT */
/* Reads links from JSON Lines and CSV. */
#include "transfer/link_source.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "text/utf8.h"
#include "transfer/link_json.h"

bool link_format_choose(const char *name, const char *path, enum link_format *out)
{
    if (!name) {
        const char *end = path ? strrchr(path, '.') : NULL;
        *out = end && strcasecmp(end, ".csv") == 0 ? FORMAT_CSV : FORMAT_JSONL;
        return true;
    }
    *out = strcmp(name, "csv") == 0 ? FORMAT_CSV : FORMAT_JSONL;
    return *out == FORMAT_CSV || strcmp(name, "jsonl") == 0;
}

/* Reads the next non-empty line, without its line break. */
static enum source_result read_line(struct link_source *source, struct arena *arena,
                                    struct slice *out, struct error *err)
{
    struct buf line = buf_in(arena, SOURCE_LINE_MAX);
    int byte;
    do {
        source->line++;
        line.len = 0;
        while ((byte = getc_unlocked(source->file)) != '\n' && byte != EOF)
            buf_add_byte(&line, (char)byte);
        *out = slice_trim((struct slice){ line.at, line.len });
        if (source->line == 1 && slice_starts_with(*out, SLICE(UTF8_BYTE_ORDER_MARK)))
            *out = slice_from(*out, sizeof(UTF8_BYTE_ORDER_MARK) - 1);
        if (out->len && out->at[out->len - 1] == '\r')
            out->len--;
    } while (byte != EOF && out->len == 0 && !line.failed);
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
                                    struct link *out, struct error *err)
{
    struct slice line;
    enum source_result result = read_line(source, arena, &line, err);
    if (result != SOURCE_RECORD)
        return result;
    return link_json_read(line, arena, out, err) ? SOURCE_RECORD : SOURCE_REFUSED;
}

static enum source_result link_source_read_record(struct link_source *source, struct arena *arena,
                                                  struct csv_record *record, struct error *err)
{
    enum source_result result = csv_read(&source->csv, arena, record, err);
    source->line = source->csv.line;
    return result;
}

static enum source_result next_csv(struct link_source *source, struct arena *arena,
                                   struct link *out, struct error *err)
{
    struct csv_record record;
    if (!source->csv.file) {
        source->csv.file = source->file;
        enum source_result names = link_source_read_record(source, arena, &record, err);
        if (names == SOURCE_END)
            return SOURCE_END;
        if (names != SOURCE_RECORD || !link_csv_read_names(&record, &source->columns, err))
            return SOURCE_FAILED;
    }
    enum source_result result = link_source_read_record(source, arena, &record, err);
    if (result != SOURCE_RECORD)
        return result;
    return link_csv_read(&record, &source->columns, arena, out, err) ? SOURCE_RECORD
                                                                     : SOURCE_REFUSED;
}

enum source_result link_source_next(struct link_source *source, struct arena *arena,
                                    struct link_record *out, struct error *err)
{
    *out = (struct link_record){ .changes = 0 };
    enum source_result result = source->format == FORMAT_CSV
                                    ? next_csv(source, arena, &out->link, err)
                                    : next_json(source, arena, &out->link, err);
    if (out->link.clicks)
        out->changes |= IMPORT_CHANGE_BIT(IMPORT_CHANGE_CLICKS_TOTAL);
    return result;
}
