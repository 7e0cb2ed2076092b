/* SPDX-License-Identifier: MIT */
/* Making and removing the folder and its files. */
#include "fuzz_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

struct fuzz_dir fuzz_dir_make(void)
{
    struct fuzz_dir dir = { "" };
    const char *below = getenv("TMPDIR");
    int n = snprintf(dir.path, sizeof(dir.path), "%s/curt-fuzz-XXXXXX", below ? below : "/tmp");
    MUST(n > 0 && n < (int)sizeof(dir.path));
    MUST(mkdtemp(dir.path) != NULL);
    return dir;
}

void fuzz_dir_remove(const struct fuzz_dir *dir)
{
    DIR *files = opendir(dir->path);
    const struct dirent *entry;
    MUST(files != NULL);
    // cppcheck-suppress readdirCalled
    while ((entry = readdir(files))) {
        if (entry->d_name[0] != '.')
            MUST(unlinkat(dirfd(files), entry->d_name, 0) == 0);
    }
    closedir(files);
    MUST(rmdir(dir->path) == 0);
}

void fuzz_dir_path(const struct fuzz_dir *dir, const char *name, char out[FUZZ_PATH_MAX])
{
    int n = snprintf(out, FUZZ_PATH_MAX, "%s/%s", dir->path, name);
    MUST(n > 0 && n < FUZZ_PATH_MAX);
}

int fuzz_file_make(const char *path, off_t size)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    MUST(fd >= 0);
    MUST(ftruncate(fd, size) == 0);
    return fd;
}

void fuzz_file_put(int fd, struct slice bytes, off_t at)
{
    if (bytes.len)
        MUST(pwrite(fd, bytes.at, bytes.len, at) == (ssize_t)bytes.len);
}
