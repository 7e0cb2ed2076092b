/* SPDX-License-Identifier: MIT */
/* What is left of the spool after a power failure. The test has its own fsync and fdatasync. They
 * record what a disk has on which nothing but synced data ever arrives: contents as of the last
 * sync of their file, names as of the last sync of their directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "spool/spool.h"
#include "support/between.h"
#include "support/host_files.h"

enum {
    MAX_BYTES = 1 << 20,
    ARENA_MAX = 16 << 20,
    FILES_MAX = 32,
};

/* --- the disk --- */

struct disk_file {
    ino_t inode;
    char name[SPOOL_NAME_MAX]; /* as its directory had it when that was synced; "": it had not */
    char *bytes;               /* as of the file's last sync; NULL: there was none */
    size_t n;
};

static struct disk {
    struct disk_file files[FILES_MAX];
    unsigned syncs;
    unsigned until_failure; /* the sync with this number, from 1, fails; 0: none */
    bool has_directory;     /* the spool's own name was synced */
    char path[64];          /* of the spool */
} disk;

static struct disk_file *file_with(ino_t inode)
{
    for (unsigned i = 0; i < FILES_MAX; i++) {
        struct disk_file *file = &disk.files[i];
        if (file->inode == inode || file->inode == 0) {
            file->inode = inode;
            return file;
        }
    }
    fail_msg("more files than expected");
    return NULL;
}

static void keep_content(int fd, const struct stat *st)
{
    struct disk_file *file = file_with(st->st_ino);
    free(file->bytes);
    file->n = (size_t)st->st_size;
    file->bytes = malloc(file->n + 1);
    assert_non_null(file->bytes);
    assert_int_equal(pread(fd, file->bytes, file->n, 0), file->n);
}

static void keep_names(const struct stat *st)
{
    struct stat spool;
    struct stat entry_st;
    const struct dirent *entry;
    if (stat(disk.path, &spool) != 0)
        return;
    disk.has_directory = true; /* the spool is synced itself, or the directory it is in */
    if (spool.st_ino != st->st_ino)
        return;
    for (unsigned i = 0; i < FILES_MAX; i++)
        disk.files[i].name[0] = '\0';
    DIR *dir = opendir(disk.path);
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        if (fstatat(dirfd(dir), entry->d_name, &entry_st, 0) == 0 && S_ISREG(entry_st.st_mode))
            snprintf(file_with(entry_st.st_ino)->name, SPOOL_NAME_MAX, "%.63s", entry->d_name);
    }
    closedir(dir);
}

static int sync_to_disk(int fd)
{
    struct stat st;
    disk.syncs++;
    if (disk.syncs == disk.until_failure) {
        errno = EIO;
        return -1;
    }
    assert_int_equal(fstat(fd, &st), 0);
    if (S_ISDIR(st.st_mode))
        keep_names(&st);
    else
        keep_content(fd, &st);
    return 0;
}

/* In the place of the C library's, for the whole program. */
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,bugprone-reserved-identifier)
int fsync(int fd)
{
    return sync_to_disk(fd);
}

int fdatasync(int fd)
{
    return sync_to_disk(fd);
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name,bugprone-reserved-identifier)

static void remove_directory(const char *path)
{
    host_files_clear(path);
    rmdir(path);
}

/* What is there when the power is back, at `path`. */
static void restore(const char *path)
{
    assert_true(disk.has_directory);
    remove_directory(path);
    assert_int_equal(mkdir(path, S_IRWXU), 0);
    for (unsigned i = 0; i < FILES_MAX; i++) {
        const struct disk_file *file = &disk.files[i];
        char name[256];
        if (!file->name[0])
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, file->name);
        int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
        assert_int_equal(write(fd, file->bytes, file->n), file->n);
        close(fd);
    }
}

/* --- the spool --- */

struct fixture {
    char restored[96];
    struct spool *spool;
    struct arena *arena;
    struct error err;
};

static struct spool *open_spool(struct fixture *f, const char *path)
{
    const struct spool_options options = { .path = path, .max_bytes = MAX_BYTES };
    struct spool *spool = spool_open(&options, &f->err);
    if (!spool)
        fail_msg("%s", f->err.text);
    return spool;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    memset(&disk, 0, sizeof(disk));
    snprintf(disk.path, sizeof(disk.path), "/tmp/curt-test-durable-%d", (int)getpid());
    snprintf(f->restored, sizeof(f->restored), "%s-restored", disk.path);
    remove_directory(disk.path);
    f->arena = arena_new(ARENA_MAX);
    f->spool = open_spool(f, disk.path);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    disk.until_failure = 0;
    spool_close(&f->spool);
    remove_directory(disk.path);
    remove_directory(f->restored);
    for (unsigned i = 0; i < FILES_MAX; i++)
        free(disk.files[i].bytes);
    arena_free(&f->arena);
    free(f);
    return 0;
}

static struct spool_entry entry_of(struct fixture *f, unsigned id)
{
    char code[16];
    snprintf(code, sizeof(code), "c%06u", id);
    return (struct spool_entry){
        .link = {
            .target = { .link_id = id,
                        .version = 1,
                        .redirect_status = 302,
                        .long_url = SLICE("https://example.org/") },
            .code = slice_of(arena_copy(f->arena, slice_of(code))),
            .created_at = 1000,
            .updated_at = 1000,
        },
    };
}

static bool keeps(struct fixture *f, unsigned id)
{
    const struct spool_entry entry = entry_of(f, id);
    return spool_append(f->spool, &entry, 1, &f->err);
}

static bool has(struct fixture *f, struct spool *spool, unsigned id)
{
    const struct spool_entry wanted = entry_of(f, id);
    struct spool_entry found;
    return spool_find_code(spool, wanted.link.code, f->arena, &found) &&
           found.link.target.link_id == id;
}

/* Whether create `id` is there when the power fails now. */
static bool outlives(struct fixture *f, unsigned id)
{
    restore(f->restored);
    struct spool *after = open_spool(f, f->restored);
    bool there = has(f, after, id);
    spool_close(&after);
    return there;
}

/* --- the tests --- */

static void what_was_promised_is_on_the_disk(void **state)
{
    struct fixture *f = *state;
    for (unsigned id = 1; id <= 20; id++) {
        assert_true(keeps(f, id));
        for (unsigned promised = 1; promised <= id; promised++) {
            if (!outlives(f, promised))
                fail_msg("%u of %u is lost", promised, id);
        }
        if (id % 7 == 0)
            spool_let_go(f->spool); /* the next one begins another file */
    }
}

static void many_at_once_are_on_the_disk(void **state)
{
    struct fixture *f = *state;
    struct spool_entry entries[50];
    for (unsigned id = 1; id <= 50; id++)
        entries[id - 1] = entry_of(f, id);
    unsigned before = disk.syncs;
    assert_true(spool_append(f->spool, entries, 50, &f->err));
    assert_between(disk.syncs - before, 1, 3); /* the new file, its name, and all of them */
    for (unsigned id = 1; id <= 50; id++)
        assert_true(outlives(f, id));
}

/* A disk on which one sync fails, each of them in turn: a create that was not acknowledged is not
 * replayed later. */
static void a_sync_that_fails_is_no_promise(void **state)
{
    struct fixture *f = *state;
    unsigned id = 1;
    for (unsigned at = 1; at <= 3; at++, id += 2) {
        spool_let_go(f->spool);
        disk.until_failure = disk.syncs + at;
        if (keeps(f, id))
            fail_msg("sync %u failed, and create %u was kept", at, id);
        disk.until_failure = 0;
        assert_false(has(f, f->spool, id));
        assert_true(keeps(f, id + 1));
        assert_true(outlives(f, id + 1));
        assert_false(outlives(f, id));
    }
}

int main(void)
{
#define ON_A_DISK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ON_A_DISK(what_was_promised_is_on_the_disk),
        ON_A_DISK(many_at_once_are_on_the_disk),
        ON_A_DISK(a_sync_that_fails_is_no_promise),
    };
    return cmocka_run_group_tests_name("spool and power", tests, NULL, NULL);
}
