/* SPDX-License-Identifier: MIT */
/* Walks a cache's folder, and deletes the files of changed links. */
#include "edge/cache_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dirent.h>
#include <sys/stat.h>

#include "base/fnv.h"
#include "base/hex.h"

enum {
    HEAD_BYTES = 4096, /* of a file, which have the beginning of its entry's name */
    NGINX_NAME_BYTES = 32,
    ROOM_MIN = 1024,
};

/* --- what is known of files --- */

/* The slot of a name, or the free one where it belongs. */
static struct cache_file *slot_of(const struct cache_folder *folder, uint64_t name)
{
    size_t at = (size_t)(name * UINT64_C(0x9e3779b97f4a7c15)) & (folder->room - 1);
    while (folder->known[at].name && folder->known[at].name != name)
        at = (at + 1) & (folder->room - 1);
    return &folder->known[at];
}

/* Makes room for one more. */
static bool grow(struct cache_folder *folder)
{
    struct cache_folder old = *folder;
    if (folder->n_known < folder->room / 4 * 3)
        return true;
    bool forgets = folder->n_known >= CACHE_FOLDER_FILES_MAX;
    folder->room = forgets || !folder->room ? ROOM_MIN : folder->room * 2;
    folder->n_known = forgets ? 0 : folder->n_known;
    folder->known = calloc(folder->room, sizeof(*folder->known));
    if (!folder->known) {
        *folder = old;
        return false;
    }
    for (size_t i = 0; i < old.room && !forgets; i++) {
        if (old.known[i].name)
            *slot_of(folder, old.known[i].name) = old.known[i];
    }
    free(old.known);
    return true;
}

/* --- files --- */

/* Whether the file is an entry, rather than one that is still being written. */
static bool is_entry(enum edge_kind kind, struct slice name)
{
    const struct slice header = SLICE(".header");
    if (kind == EDGE_APACHE)
        return name.len > header.len && slice_eq(slice_from(name, name.len - header.len), header);
    for (size_t i = 0; i < name.len; i++) {
        if (hex_value(name.at[i]) == HEX_NONE)
            return false;
    }
    return name.len == NGINX_NAME_BYTES;
}

/* Takes what precedes `text`, and `text` itself, off the bytes. */
static bool skip_past(struct slice *bytes, struct slice text)
{
    const char *found = memmem(bytes->at, bytes->len, text.at, text.len);
    if (!found)
        return false;
    *bytes = slice_from(*bytes, (size_t)(found - bytes->at) + text.len);
    return true;
}

/* The path of the entry's name: nginx writes "KEY: ", the value of fastcgi_cache_key, which is a
 * host and the target of the request; mod_cache_disk a URL. */
static bool find_path(enum edge_kind kind, struct slice bytes, struct slice *out)
{
    if (!skip_past(&bytes, kind == EDGE_APACHE ? SLICE("://") : SLICE("\nKEY: ")))
        return false;
    bytes.len = slice_find(bytes, '\n');
    *out = slice_from(bytes, slice_find(bytes, '/'));
    return out->len > 0;
}

/* One walk through the folder. */
struct walk {
    struct cache_folder *folder;
    const uint64_t *wanted; /* in ascending order */
    size_t n_wanted;
    struct error *err;
    bool failed;
};

static void note_failure(struct walk *walk, const char *name)
{
    if (errno == ENOENT)
        return; /* the server has deleted it */
    if (!walk->failed)
        error_set(walk->err, "%s: %s: %s", walk->folder->path, name, strerror(errno));
    walk->failed = true;
}

/* The code of a file that is not known yet; it is remembered once it can be read. */
static uint64_t read_code(struct walk *walk, int folder, const char *name, uint64_t hash)
{
    char head[HEAD_BYTES];
    struct slice path;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));
    if (n < 0)
        note_failure(walk, name);
    if (fd >= 0)
        close(fd);
    if (n <= 0 || !find_path(walk->folder->kind, (struct slice){ head, (size_t)n }, &path))
        return 0;
    uint64_t code = edge_path_hash(path, walk->folder->base_path);
    if (grow(walk->folder)) {
        struct cache_file *slot = slot_of(walk->folder, hash);
        walk->folder->n_known += slot->name == 0;
        *slot = (struct cache_file){ hash, code };
    }
    return code;
}

static uint64_t code_of(struct walk *walk, int folder, const char *name)
{
    uint64_t hash = fnv1a_nonzero(slice_of(name));
    const struct cache_file *slot = walk->folder->room ? slot_of(walk->folder, hash) : NULL;
    return slot && slot->name ? slot->code : read_code(walk, folder, name, hash);
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* nginx keeps files of its cache open (open_file_cache) and uses one for up to a second after it
 * was deleted. But it reads when the entry expires with each answer: as the second number of the
 * file, whose first is the version of the format. */
static void expire_open_file(int folder, const char *name)
{
    enum { VERSION_MIN = 3, VERSION_MAX = 5 };
    const int64_t never = 0;
    int64_t version = 0;
    int fd = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    if (sizeof(long) == sizeof(version) && pread(fd, &version, sizeof(version), 0) > 0 &&
        version >= VERSION_MIN && version <= VERSION_MAX)
        (void)!pwrite(fd, &never, sizeof(never), sizeof(version));
    close(fd);
}

/* Deletes the file; of mod_cache_disk's, the body beside it, too. */
static void delete_file(struct walk *walk, int folder, const char *name)
{
    if (walk->folder->kind == EDGE_NGINX_FOLDER)
        expire_open_file(folder, name);
    if (unlinkat(folder, name, 0) < 0)
        note_failure(walk, name);
    if (walk->folder->kind == EDGE_APACHE) {
        char body[NAME_MAX + 1];
        (void)snprintf(body, sizeof(body), "%.*s.data", (int)(strlen(name) - strlen(".header")),
                       name);
        if (unlinkat(folder, body, 0) < 0)
            note_failure(walk, body);
    }
}

/* --- the walk --- */

static bool is_folder(int folder, const struct dirent *entry)
{
    struct stat found;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(folder, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(found.st_mode);
}

static void walk_file(struct walk *walk, int folder, const char *name)
{
    if (!is_entry(walk->folder->kind, slice_of(name)))
        return;
    uint64_t code = code_of(walk, folder, name);
    if (code && bsearch(&code, walk->wanted, walk->n_wanted, sizeof(code), by_number))
        delete_file(walk, folder, name);
}

/* NOLINTNEXTLINE(misc-no-recursion): CACHE_FOLDER_DEPTH_MAX at most */
static void walk_folder(struct walk *walk, int parent, const char *name, unsigned depth)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth ? O_NOFOLLOW : 0));
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        note_failure(walk, name);
        if (fd >= 0)
            close(fd);
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        if (!is_folder(fd, entry))
            walk_file(walk, fd, entry->d_name);
        else if (depth < CACHE_FOLDER_DEPTH_MAX)
            walk_folder(walk, fd, entry->d_name, depth + 1);
    }
    closedir(folder);
}

bool cache_folder_purge(struct cache_folder *folder, const struct edge_codes *codes,
                        struct error *err)
{
    uint64_t wanted[EDGE_CODES_MAX];
    struct walk walk = { .folder = folder, .wanted = wanted, .n_wanted = codes->n, .err = err };
    for (size_t i = 0; i < codes->n; i++)
        wanted[i] = edge_code_hash(codes->at[i]);
    qsort(wanted, codes->n, sizeof(*wanted), by_number);
    walk_folder(&walk, AT_FDCWD, folder->path, 0);
    return !walk.failed;
}

void cache_folder_close(struct cache_folder *folder)
{
    free(folder->known);
    folder->known = NULL;
    folder->n_known = folder->room = 0;
}
