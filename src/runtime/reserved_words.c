/* SPDX-License-Identifier: MIT */
/* Reads the file of reserved words. */
#include "runtime/reserved_words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool reserved_words_read_all(FILE *file, struct arena *arena, struct slice *text,
                                    struct error *err)
{
    struct stat stat;
    if (fstat(fileno(file), &stat) != 0)
        return error_set(err, "%s", strerror(errno));
    if (stat.st_size > RESERVED_WORDS_MAX)
        return error_set(err, "larger than %d bytes", RESERVED_WORDS_MAX);
    size_t size = (size_t)stat.st_size;
    char *bytes = arena_alloc(arena, size);
    if (!bytes || fread(bytes, 1, size, file) != size)
        return error_set(err, "could not be read to its end");
    *text = (struct slice){ bytes, size };
    return true;
}

bool reserved_words_load(const char *path, struct arena *arena, struct word_list *out,
                         struct error *err)
{
    *out = (struct word_list){ 0 };
    if (!path || !*path)
        return true;
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set(err, "%s: %s", path, strerror(errno));
    struct slice text;
    bool loaded = reserved_words_read_all(file, arena, &text, err);
    if (!loaded) {
        error_prefix(err, path);
    } else if (!word_list_parse(text, arena, out)) {
        error_set(err, "%s: too many words", path);
        loaded = false;
    }
    fclose(file);
    return loaded;
}
