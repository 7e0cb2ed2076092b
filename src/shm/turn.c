/* SPDX-License-Identifier: MIT */
/* Taking turns at keeping house. */
#include "shm/turn.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "os/private_file.h"

/* The byte that is locked in turn 0: far behind the end of the file, where nobody else locks. */
#define LOCK_AT (INT64_C(1) << 40)

enum {
    LOCKS = 1 << 16, /* bytes; so many turns later the first one is used again */
};

static struct segment_turn *map(int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || st.st_size < (off_t)SEGMENT_TURN_PAGE)
        return NULL;
    unsigned char *page = mmap(NULL, SEGMENT_TURN_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return page == MAP_FAILED ? NULL : (struct segment_turn *)(void *)(page + SEGMENT_TURN_AT);
}

static void unmap(struct segment_turn *shared)
{
    if (shared)
        munmap((unsigned char *)shared - SEGMENT_TURN_AT, SEGMENT_TURN_PAGE);
}

static uint64_t load(const uint64_t *at)
{
    return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

static bool lock(int fd, uint64_t number)
{
    return private_file_lock(fd, F_OFD_SETLK, LOCK_AT + (off_t)(number % LOCKS), F_WRLCK);
}

/* Whether whoever has turn `number` has not moved for too long, by our own looks: time that passed
 * while we stood still ourselves does not count. */
static bool stands_still(struct turn *turn, const struct segment_turn *shared, uint64_t number)
{
    uint64_t beats = load(&shared->beats);
    bool same = turn->number == number && turn->beats == beats;
    turn->looks = same ? turn->looks + 1 : 0;
    turn->number = number;
    turn->beats = beats;
    return turn->looks >= TURN_LOOKS;
}

/* The turn is over that somebody stands still in. Of several who say so one is heard. */
static bool begin_next(struct segment_turn *shared, uint64_t *number)
{
    uint64_t expected = *number;
    *number = expected + 1;
    return __atomic_compare_exchange_n(&shared->number, &expected, *number, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

bool turn_take(struct turn *turn, int fd)
{
    turn_leave(turn);
    struct segment_turn *shared = map(fd);
    if (!shared)
        return false;
    uint64_t number = load(&shared->number);
    bool locked = lock(fd, number);
    if (!locked && stands_still(turn, shared, number) && begin_next(shared, &number))
        locked = lock(fd, number);
    if (!locked || load(&shared->number) != number) {
        unmap(shared);
        return false;
    }
    *turn = (struct turn){ .shared = shared, .number = number };
    return turn_keep(turn);
}

bool turn_keep(struct turn *turn)
{
    if (load(&turn->shared->number) != turn->number)
        return false;
    __atomic_add_fetch(&turn->shared->beats, 1, __ATOMIC_SEQ_CST);
    return true;
}

bool turn_is_taken(int fd)
{
    struct flock any = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_AT, .l_len = LOCKS
    };
    return fcntl(fd, F_OFD_GETLK, &any) == 0 && any.l_type != F_UNLCK;
}

void turn_leave(struct turn *turn)
{
    unmap(turn->shared);
    turn->shared = NULL;
}
