/* SPDX-License-Identifier: MIT */
/* Leader election by a kernel lock and a heartbeat count. */
#include "shm/leader_lease.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "os/private_file.h"

/* The byte that is locked in term 0: far beyond the end of the file, where no other lock is. */
#define LOCK_AT (INT64_C(1) << 40)

enum {
    LOCKS = 1 << 16, /* bytes; after so many terms the first byte is used again */
};

static struct segment_leader_lease *leader_lease_map(int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || st.st_size < (off_t)SEGMENT_LEADER_LEASE_PAGE)
        return NULL;
    unsigned char *page =
        mmap(NULL, SEGMENT_LEADER_LEASE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return page == MAP_FAILED
               ? NULL
               : (struct segment_leader_lease *)(void *)(page + SEGMENT_LEADER_LEASE_AT);
}

static void unmap(struct segment_leader_lease *shared)
{
    if (shared)
        munmap((unsigned char *)shared - SEGMENT_LEADER_LEASE_AT, SEGMENT_LEADER_LEASE_PAGE);
}

static uint64_t load(const uint64_t *at)
{
    return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

static bool lock(int fd, uint64_t number)
{
    return private_file_lock(fd, LOCK_AT + (off_t)(number % LOCKS));
}

/* Whether the holder of term `number` has made no progress during LEADER_LEASE_LOOKS attempts of
 * this process. Attempts are counted, not time, so that a stop of this process itself does not
 * matter. */
static bool is_stalled(struct leader_lease *lease, const struct segment_leader_lease *shared,
                       uint64_t number)
{
    uint64_t heartbeats = load(&shared->heartbeats);
    bool same = lease->number == number && lease->heartbeats == heartbeats;
    lease->looks = same ? lease->looks + 1 : 0;
    lease->number = number;
    lease->heartbeats = heartbeats;
    return lease->looks >= LEADER_LEASE_LOOKS;
}

/* Starts the term after *number. Of several processes that try, one succeeds. */
static bool begin_next(struct segment_leader_lease *shared, uint64_t *number)
{
    uint64_t expected = *number;
    *number = expected + 1;
    return __atomic_compare_exchange_n(&shared->number, &expected, *number, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

bool leader_lease_take(struct leader_lease *lease, int fd)
{
    leader_lease_leave(lease);
    struct segment_leader_lease *shared = leader_lease_map(fd);
    if (!shared)
        return false;
    uint64_t number = load(&shared->number);
    bool locked = lock(fd, number);
    if (!locked && is_stalled(lease, shared, number) && begin_next(shared, &number))
        locked = lock(fd, number);
    if (!locked || load(&shared->number) != number) {
        unmap(shared);
        return false;
    }
    *lease = (struct leader_lease){ .shared = shared, .number = number };
    return leader_lease_renew(lease);
}

bool leader_lease_renew(struct leader_lease *lease)
{
    if (load(&lease->shared->number) != lease->number)
        return false;
    __atomic_add_fetch(&lease->shared->heartbeats, 1, __ATOMIC_SEQ_CST);
    return true;
}

bool leader_lease_is_held(int fd)
{
    return private_file_is_locked(fd, LOCK_AT, LOCKS);
}

void leader_lease_leave(struct leader_lease *lease)
{
    unmap(lease->shared);
    lease->shared = NULL;
}
