/* SPDX-License-Identifier: MIT */
/* Makes and removes the folder, and opens files in it. */
#include "support/host_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool host_files_make(struct host_files *files, const char *name)
{
    *files = (struct host_files){ .dir = "/tmp/curt-test-XXXXXX" };
    if (!mkdtemp(files->dir))
        return false;
    int len = snprintf(files->path, sizeof(files->path), "%s/%s", files->dir, name);
    return len > 0 && (size_t)len < sizeof(files->path);
}

bool host_files_remove(const struct host_files *files)
{
    unlink(files->path);
    return rmdir(files->dir) == 0;
}

int host_files_clear(const char *dir)
{
    DIR *files = opendir(dir);
    const struct dirent *entry;
    int n = 0;
    // cppcheck-suppress readdirCalled
    while (files && (entry = readdir(files))) {
        if (entry->d_name[0] != '.' && unlinkat(dirfd(files), entry->d_name, 0) == 0)
            n++;
    }
    if (files)
        closedir(files);
    return n;
}

static _Noreturn void give_up(const struct error *err)
{
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

struct segment *host_segment_open(const char *path, uint64_t local_bytes)
{
    const struct segment_options options = { .path = path, .local_bytes = local_bytes };
    struct segment *segment = NULL;
    struct error err = { "" };
    if (segment_open(&options, &segment, &err) != PRIVATE_FILE_OK)
        give_up(&err);
    return segment;
}

struct click_ring *host_ring_open(const char *path)
{
    struct click_ring *ring = NULL;
    struct error err = { "" };
    if (click_ring_open(path, &ring, &err) != PRIVATE_FILE_OK)
        give_up(&err);
    return ring;
}

struct spool *host_spool_open(const char *path, uint64_t max_bytes)
{
    const struct spool_options options = { .path = path, .max_bytes = max_bytes };
    struct error err = { "" };
    struct spool *spool = spool_open(&options, &err);
    if (!spool)
        give_up(&err);
    return spool;
}
