/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over its corpus, one TAP line a file, where libFuzzer is not linked. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SECONDS_MAX = 60, /* of one input: what takes longer has no end */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The whole file as a heap block of exactly its size, so that ASan sees a read past the end. */
static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    uint8_t *data = NULL;
    if (fseek(file, 0, SEEK_END) == 0) {
        long len = ftell(file);
        rewind(file);
        data = len >= 0 ? malloc(len ? (size_t)len : 1) : NULL;
        *size = data ? fread(data, 1, (size_t)len, file) : 0;
    }
    (void)fclose(file);
    return data;
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay_one(const char *name, int number)
{
    printf("# %s\n", name);
    (void)fflush(stdout);
    size_t size = 0;
    uint8_t *data = read_file(name, &size);
    (void)alarm(SECONDS_MAX);
    if (data)
        LLVMFuzzerTestOneInput(data, size);
    (void)alarm(0);
    printf("%s %d - %s\n", data ? "ok" : "not ok", number, name);
    free(data);
}

/* Goes to the corpus of the target called `program`, .../fuzz_NAME: tests/fuzz/corpus/NAME. */
static int enter_corpus(const char *program)
{
    const char *base = strrchr(program, '/');
    const char *name = strchr(base ? base : program, '_');
    const char *srcdir = getenv("CURT_SRCDIR");
    char dir[4096];
    snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
             name ? name + 1 : "");
    return chdir(dir);
}

/* fuzz_NAME [FOLDER]: replays that folder instead of its own corpus. */
int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int count = -1;
    if ((argc > 1 ? chdir(argv[1]) : enter_corpus(argv[0])) == 0)
        count = scandir(".", &entries, is_input, alphasort);
    if (count <= 0) {
        printf("Bail out! no corpus: %s\n", count < 0 ? strerror(errno) : "the folder is empty");
        return 1;
    }
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        replay_one(entries[i]->d_name, i + 1);
        free(entries[i]);
    }
    free(entries);
    return 0;
}
