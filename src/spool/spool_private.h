/* SPDX-License-Identifier: MIT */
/* What the files of the spool share; nobody else includes it. */
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
    SPOOL_DONE_AT = 24, /* in the head */
    SPOOL_WINDOW = 4 * SPOOL_ENTRY_MAX,
};

struct spool_head {
    char magic[8] NONSTRING;
    unsigned char key[KEYED_HASH_KEY_BYTES];
    uint64_t done; /* 0: nothing */
    uint64_t zero[4];
};

/* The file that this process appends to. */
struct spool_writer {
    int fd; /* -1: none */
    uint64_t end;
    unsigned char key[KEYED_HASH_KEY_BYTES];
};

/* A file on its way from the first entry that waits to the last. */
struct spool_reader {
    int fd;
    uint64_t size; /* of the file when it was opened */
    uint64_t at;   /* where the next entry begins */
    struct spool_head head;
    unsigned char *window; /* SPOOL_WINDOW bytes of the file */
    uint64_t window_at;    /* which ones */
    size_t window_bytes;
};

struct spool {
    char *path;
    uint64_t max_bytes;
    int fd;   /* of the directory */
    DIR *dir; /* the same, to list it */
    struct spool_writer writer;
    unsigned char window[SPOOL_WINDOW];
};

/* Whether `name` ends in `suffix`, and is short enough to be one of ours. */
bool spool_is_named(const char *name, const char *suffix);

/* Calls `each` for every .spool file until it returns false. */
typedef bool spool_each(void *context, struct spool *spool, const char *name);
void spool_walk(struct spool *spool, spool_each *each, void *context);

/* Bytes of all .spool files. */
uint64_t spool_bytes(struct spool *spool);

enum spool_opened {
    SPOOL_READABLE,
    SPOOL_GONE,       /* or cannot be opened */
    SPOOL_UNFINISHED, /* has no whole head yet */
    SPOOL_ALIEN,      /* has a head that is none of ours */
};

/* Opens a file for reading what waits in it. Close it if it is SPOOL_READABLE. */
enum spool_opened spool_reader_open(struct spool *spool, const char *name,
                                    struct spool_reader *reader);
void spool_reader_close(struct spool_reader *reader);

/* The next bytes that look like an entry, borrowed until the next call; false at the end of what
 * does. Their check is the caller's to look at. */
bool spool_reader_next(struct spool_reader *reader, struct slice *bytes);
