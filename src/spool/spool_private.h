/* SPDX-License-Identifier: MIT */
/* Private declarations shared by the files of spool/. */
#pragma once

#include <dirent.h>

#include "base/compiler.h"
#include "spool/spool.h"

#define SPOOL_MAGIC    "curtspl1"
#define SPOOL_SUFFIX   ".spool"
#define SPOOL_TORN     ".torn"
#define SPOOL_REJECTED "rejected.tsv"

enum {
    SPOOL_HEAD = 64,
    SPOOL_DONE_AT = 24, /* offset in the head */
    SPOOL_WINDOW = 4 * SPOOL_ENTRY_MAX,
};

struct spool_head {
    char magic[8] NONSTRING;
    unsigned char key[KEYED_HASH_KEY_BYTES];
    uint64_t done; /* 0: nothing */
    uint64_t zero[4];
};

/* The file to which this process appends. */
struct spool_writer {
    int fd; /* -1: none */
    uint64_t end;
    unsigned char key[KEYED_HASH_KEY_BYTES];
};

/* Reads a file's entries, from the first that is not replayed to the last. */
struct spool_reader {
    int fd;
    uint64_t size; /* of the file when it was opened */
    uint64_t at;   /* offset of the next entry */
    struct spool_head head;
    unsigned char *window; /* a part of the file, at most SPOOL_WINDOW bytes */
    uint64_t window_at;    /* offset of the window in the file */
    size_t window_bytes;
};

struct spool {
    char *path;
    uint64_t max_bytes;
    int fd;   /* the directory */
    DIR *dir; /* the same directory, for listing */
    struct spool_writer writer;
    unsigned char window[SPOOL_WINDOW];
};

/* Whether `name` ends in `suffix`, does not begin with a dot, and is shorter than
 * SPOOL_NAME_MAX. */
bool spool_is_named(const char *name, const char *suffix);

/* Calls `each` for every .spool file until it returns false. */
typedef bool spool_each(void *context, struct spool *spool, const char *name);
void spool_walk(struct spool *spool, spool_each *each, void *context);

/* Bytes of all .spool files. */
uint64_t spool_bytes(struct spool *spool);

enum spool_opened {
    SPOOL_READABLE,
    SPOOL_GONE,       /* removed, or cannot be opened */
    SPOOL_UNFINISHED, /* its head is incomplete */
    SPOOL_ALIEN,      /* its head is not that of a spool file */
};

/* Opens a file to read the entries that are not replayed. After SPOOL_READABLE, the caller must
 * close the reader. */
enum spool_opened spool_reader_open(struct spool *spool, const char *name,
                                    struct spool_reader *reader);
void spool_reader_close(struct spool_reader *reader);

/* Reads the bytes of the next entry, borrowed until the next call; false at the end, and before
 * bytes that cannot be an entry. The entry's check is not verified. */
bool spool_reader_next(struct spool_reader *reader, struct slice *bytes);

/* Sets *err to "WHAT spool PATH: " and the text of errno; returns false. */
bool spool_fail(const char *path, const char *what, struct error *err);
