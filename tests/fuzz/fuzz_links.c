/* SPDX-License-Identifier: MIT */
/* Files of links: what a file is and what its columns are is recognised whatever its bytes are; a
 * link that is read from one is written as CSV that is read as the same link. The first byte of an
 * input selects options, its first line is the map, the rest is the file. */
#include "fuzz.h"
#include "transfer/link_source.h"

enum {
    ARENA_MAX = 16 << 20,
    WRITTEN_MAX = 2 << 20,
};

static FILE *open_text(struct slice text)
{
    /* fmemopen wants a byte, whatever it is. */
    FILE *file =
        text.len ? fmemopen((void *)(uintptr_t)text.at, text.len, "r") : fopen("/dev/null", "r");
    MUST(file != NULL);
    return file;
}

static struct source_options choose(unsigned bits, const char *map, const struct zone *zone)
{
    static const char delimiters[] = { 0, ',', ';', '\t' };
    return (struct source_options){
        .delimiter = delimiters[bits & 3],
        .recognise = bits & 4,
        .skip_unknown = bits & 8,
        .from_spreadsheet = bits & 16,
        .map = *map ? map : NULL,
        .time = { .zone = bits & 32 ? zone : NULL, .order = bits >> 6 & 1 ? DATE_ORDER_MDY : 0 },
        .now = 1800000000,
    };
}

/* Texts whose ends are blank lose them where they are codes, and items of lists that are empty or
 * end with a CR are written otherwise. */
static bool is_plain(const struct link *link)
{
    bool plain = link->code.len > 0 && link->n_aliases == 0 && link->target.long_url.len > 0;
    for (unsigned i = 0; i < link->n_tags && plain; i++)
        plain = link->tags[i].len > 0 && slice_find(link->tags[i], '\n') == link->tags[i].len &&
                link->tags[i].at[link->tags[i].len - 1] != '\r';
    for (size_t i = 0; i < link->code.len && plain; i++)
        plain = link->code.at[i] > ' ' && link->code.at[i] != '\'' && link->code.at[i] != '=';
    return plain && link->target.long_url.at[0] != '\'' && link->target.long_url.at[0] != '=';
}

static void check_again(const struct link *link, struct arena *arena)
{
    struct buf text = buf_in(arena, WRITTEN_MAX);
    link_csv_add_names(&text);
    link_csv_add(&text, link, LINK_CSV_PLAIN);
    struct link_source *source = arena_alloc(arena, sizeof(*source));
    MUST(source != NULL && !text.failed);
    *source = (struct link_source){ .file = open_text(buf_slice(&text)), .format = FORMAT_CSV };
    struct link_record again;
    struct error err = { "" };
    enum source_result result = link_source_next(source, arena, &again, &err);
    MUST(result == SOURCE_RECORD || err.text[0] != '\0');
    /* a text with a NUL, or too long for one record, is refused again */
    for (unsigned i = 0; i < LINK_FIELDS && result == SOURCE_RECORD; i++)
        MUST(link_field_equal(link, &again.link, (enum link_field)i));
    (void)fclose(source->file);
}

static void read_all(struct link_source *source, struct arena *arena, size_t size)
{
    uint64_t line = 0;
    enum source_result result = SOURCE_RECORD;
    for (size_t reads = 0; result == SOURCE_RECORD || result == SOURCE_REFUSED; reads++) {
        struct link_record record;
        struct error err = { "" };
        MUST(reads <= size + 1);
        result = link_source_next(source, arena, &record, &err);
        MUST(source->line >= line && record.changes >> IMPORT_CHANGES == 0);
        line = source->line;
        if (result == SOURCE_REFUSED || result == SOURCE_FAILED)
            MUST(err.text[0] != '\0');
        if (result == SOURCE_RECORD && is_plain(&record.link))
            check_again(&record.link, arena);
        arena_reset(arena);
    }
    MUST(memchr(source->columns.skipped, 0, sizeof(source->columns.skipped)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = fuzz_slice(data, size);
    struct arena *arena = arena_new(ARENA_MAX);
    struct arena *options = arena_new(ARENA_MAX);
    struct zone zone;
    MUST(arena != NULL && options != NULL && zone_parse_offset(SLICE("+05:30"), &zone));
    unsigned bits = fuzz_byte(&rest);
    struct slice map = { rest.at, slice_find(rest, '\n') };
    const char *map_text = arena_copy(options, map);
    struct link_source *source = arena_alloc(options, sizeof(*source));
    MUST(map_text != NULL && source != NULL);
    *source = (struct link_source){ .file = open_text(slice_from(rest, map.len + 1)),
                                    .format = bits & 128 ? FORMAT_JSONL : FORMAT_CSV,
                                    .options = choose(bits, map_text, &zone) };
    read_all(source, arena, size);
    (void)fclose(source->file);
    arena_free(&options);
    arena_free(&arena);
    return 0;
}
