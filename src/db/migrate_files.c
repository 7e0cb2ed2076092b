/* SPDX-License-Identifier: MIT */
/* Reading the schema folder, and splitting a file into statements. */
#include "db/migrate_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"

/* --- the folder --- */

static bool is_sql_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return entry->d_name[0] != '.' && len > 4 && strcmp(entry->d_name + len - 4, ".sql") == 0;
}

static int list_filter(const struct dirent *entry)
{
    return is_sql_file(entry);
}

/* Sorts by bytes, not by the locale; with four leading digits this is the order of the numbers. */
static int list_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Parses number and name of "NNNN-name.sql". */
static bool parse_name(const char *file_name, struct arena *arena, struct migration_file *out)
{
    struct slice s = slice_of(file_name);
    if (s.len < 10 || s.len > 9 + MIGRATION_NAME_MAX || s.at[4] != '-')
        return false;
    uint64_t number;
    if (!number_parse((struct slice){ s.at, 4 }, UINT16_MAX, &number))
        return false;
    out->number = (unsigned)number;
    struct slice name = { s.at + 5, s.len - 9 };
    char *copy = arena_copy(arena, name);
    out->name = (struct slice){ copy, name.len };
    return copy && out->number > 0;
}

static bool migrate_files_read_all(int fd, char *at, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, at + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static bool read_file(int dir_fd, const char *name, struct arena *arena, struct slice *out,
                      struct error *err)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
    struct stat st;
    bool ok = fd >= 0 && fstat(fd, &st) == 0;
    if (ok && (!S_ISREG(st.st_mode) || st.st_size > MIGRATION_FILE_MAX)) {
        errno = EFBIG;
        ok = false;
    }
    char *at = ok ? arena_alloc(arena, (size_t)st.st_size + 1) : NULL;
    ok = at && migrate_files_read_all(fd, at, (size_t)st.st_size);
    if (ok)
        *out = (struct slice){ at, (size_t)st.st_size };
    else
        error_set(err, "%s: %s", name, errno ? strerror(errno) : "cannot be read whole");
    if (fd >= 0)
        close(fd);
    return ok;
}

/* The result of scandir. */
struct listing {
    int dir_fd;
    struct dirent **entries;
    size_t n;
};

static bool read_listed(const struct listing *listing, struct arena *arena,
                        struct migration_files *out, struct error *err)
{
    out->files = arena_alloc(arena, listing->n * sizeof(*out->files));
    if (!out->files)
        return error_set(err, "no memory for the migrations");
    for (out->n = 0; out->n < listing->n; out->n++) {
        struct migration_file *file = &out->files[out->n];
        const char *name = listing->entries[out->n]->d_name;
        if (!parse_name(name, arena, file))
            return error_set(err, "%s: a migration is named NNNN-name.sql", name);
        if (out->n > 0 && file->number == file[-1].number)
            return error_set(err, "%s: there are two migrations with this number", name);
        errno = 0;
        if (!read_file(listing->dir_fd, name, arena, &file->text, err))
            return false;
    }
    return true;
}

bool migration_files_read(const char *dir, struct arena *arena, struct migration_files *out,
                          struct error *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct dirent **entries = NULL;
    int n = fd >= 0 ? scandir(dir, &entries, list_filter, list_order) : -1;
    bool ok = n > 0;
    if (n < 0)
        error_set(err, "%s: %s", dir, strerror(errno));
    else if (n == 0)
        error_set(err, "%s: there are no migrations", dir);
    else
        ok = read_listed(&(struct listing){ fd, entries, (size_t)n }, arena, out, err);
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* --- statements --- */

/* The length of the comment or white space at the start of `s`; 0 for anything else. */
static size_t blank_length(struct slice s)
{
    static const struct slice end_of_comment = { "*/", 2 };
    if (slice_find(SLICE(" \t\r\n;"), s.at[0]) < 5)
        return 1;
    if (slice_starts_with(s, SLICE("--")) || s.at[0] == '#')
        return slice_find(s, '\n');
    if (!slice_starts_with(s, SLICE("/*")))
        return 0;
    const char *end = memmem(s.at + 2, s.len - 2, end_of_comment.at, end_of_comment.len);
    return end ? (size_t)(end - s.at) + end_of_comment.len : s.len;
}

/* The length of the quoted text at the start of `s`. A text with a doubled quote is read as two
 * texts, which gives the same result. */
static size_t quoted_length(struct slice s)
{
    for (size_t i = 1; i < s.len; i++) {
        if (s.at[i] == '\\' && s.at[0] != '`')
            i++;
        else if (s.at[i] == s.at[0])
            return i + 1;
    }
    return s.len;
}

static size_t piece_length(struct slice s)
{
    if (slice_find(SLICE("'\"`"), s.at[0]) < 3)
        return quoted_length(s);
    size_t blank = blank_length(s);
    return blank ? blank : 1;
}

bool migration_statement_next(struct slice *rest, struct slice *out)
{
    for (size_t n; rest->len > 0 && (n = blank_length(*rest)) > 0;)
        *rest = slice_from(*rest, n);
    if (rest->len == 0)
        return false;
    struct slice s = *rest;
    while (s.len > 0 && s.at[0] != ';')
        s = slice_from(s, piece_length(s));
    *out = (struct slice){ rest->at, rest->len - s.len };
    *rest = slice_from(s, 1);
    return true;
}
