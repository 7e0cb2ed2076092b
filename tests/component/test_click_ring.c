/* SPDX-License-Identifier: MIT */
/* The click ring: each click is read once and complete, whichever process is killed at any moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clicklog/click_ring.h"
#include "clicklog/click_ring_layout.h"
#include "support/between.h"
#include "support/host_files.h"

enum { BATCH = 4096 };

struct fixture {
    struct host_files files;
    struct click_ring *ring; /* a worker's */
    struct click_ring *reader;
    struct click_event events[BATCH];
    struct click_batch batch;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    if (!host_files_make(&f->files, "segment.clicks"))
        return -1;
    return 0;
}

static int setup_open(void **state)
{
    struct error err;
    if (setup(state) != 0)
        return -1;
    struct fixture *f = *state;
    f->ring = host_ring_open(f->files.path);
    f->reader = host_ring_open(f->files.path);
    return click_ring_claim(f->ring, &err) && click_ring_flush_lock(f->reader) ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    click_ring_close(&f->ring);
    click_ring_close(&f->reader);
    if (!host_files_remove(&f->files)) /* nothing else may lie about */
        return -1;
    free(f);
    return 0;
}

/* --- helpers --- */

static struct click_event click(uint64_t link_id, uint64_t number)
{
    struct click_event event = { .link_id = link_id, .visitor = number, .country = { 'D', 'E' } };
    memset(event.referrer, (int)(number % 256), sizeof(event.referrer));
    return event;
}

static bool append(struct click_ring *ring, uint64_t link_id, uint64_t number)
{
    const struct click_event event = click(link_id, number);
    return click_ring_append(ring, &event);
}

/* Clicks `from` to `to` - 1. */
static void append_all(struct fixture *f, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        assert_true(append(f->ring, 7, i));
}

static void assert_whole(const struct click_event *event)
{
    const struct click_event expected = click(event->link_id, event->visitor);
    assert_memory_equal(event, &expected, sizeof(expected));
}

static size_t collect(struct fixture *f, size_t max)
{
    struct error err = { "" };
    f->batch.events = f->events;
    f->batch.max = max;
    if (!click_ring_collect(f->reader, &f->batch, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < f->batch.n; i++)
        assert_whole(&f->events[i]);
    return f->batch.n;
}

static void advance(struct fixture *f)
{
    click_ring_advance(f->reader, &f->batch.after);
}

static uint64_t pending(struct fixture *f)
{
    return click_ring_level(f->reader).pending;
}

static void write_bytes(const char *path, off_t offset, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, offset), n);
    close(fd);
}

/* --- the file */

static void is_for_us_alone_and_mostly_a_hole(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    struct error err;
    mode_t mask = umask(0);
    f->ring = host_ring_open(f->files.path);
    umask(mask);
    assert_int_equal(lstat(f->files.path, &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0600);
    assert_int_equal(st.st_size, CLICK_RING_BYTES);
    assert_true((uint64_t)st.st_blocks * 512 >= CLICK_TABLE_BYTES);
    assert_true((uint64_t)st.st_blocks * 512 < CLICK_LANE_BYTES);
    assert_true(click_ring_claim(f->ring, &err));
    assert_int_equal(lstat(f->files.path, &st), 0);
    assert_true((uint64_t)st.st_blocks * 512 >= CLICK_LANE_BYTES);
}

struct refusal {
    off_t at;
    const char *bytes;
    off_t cut; /* to so many bytes; 0: not */
    const char *says;
};

static void is_refused_and_never_replaced(void **state)
{
    static const struct refusal refusals[] = {
        { 0, "curtseg", 0, "not a file of Curt" },
        { offsetof(struct click_ring_header, version), "\2", 0, "another version" },
        { offsetof(struct click_ring_header, lanes), "\1", 0, "another version" },
        { offsetof(struct click_ring_header, slots), "\1", 0, "another version" },
        { offsetof(struct click_ring_header, event_bytes), "\1", 0, "another version" },
        { 0, "c", CLICK_RING_PAGE, "cut short" },
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *r = &refusals[i];
        struct click_ring *ring = host_ring_open(f->files.path);
        struct error err = { "" };
        struct stat before;
        struct stat after;
        click_ring_close(&ring);
        write_bytes(f->files.path, r->at, r->bytes, 1 + (r->at == 0 ? strlen(r->bytes) - 1 : 0));
        if (r->cut)
            assert_int_equal(truncate(f->files.path, r->cut), 0);
        assert_int_equal(stat(f->files.path, &before), 0);
        if (click_ring_open(f->files.path, &ring, &err) != PRIVATE_FILE_REFUSED || ring ||
            !strstr(err.text, r->says) || !strstr(err.text, f->files.path))
            fail_msg("%zu: \"%s\"", i, err.text);
        assert_int_equal(stat(f->files.path, &after), 0);
        assert_int_equal(before.st_ino, after.st_ino);
        assert_int_equal(before.st_size, after.st_size);
        unlink(f->files.path);
    }
}

/* If hard links to another user's file can be made, the ring's path may be such a link. */
static void is_refused_under_a_second_name(void **state)
{
    struct fixture *f = *state;
    char other[sizeof(f->files.path) + 8];
    struct stat st;
    struct error err = { "" };
    snprintf(other, sizeof(other), "%s.other", f->files.path);
    write_bytes(other, 0, "", 0); /* empty: a ring would be made of it */
    assert_int_equal(link(other, f->files.path), 0);
    assert_int_equal(click_ring_open(f->files.path, &f->reader, &err), PRIVATE_FILE_REFUSED);
    assert_non_null(strstr(err.text, "another name"));
    assert_int_equal(stat(other, &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_int_equal(unlink(other), 0);
    f->reader = host_ring_open(f->files.path);
}

static void is_refused_where_others_could_write_it(void **state)
{
    struct fixture *f = *state;
    struct error err;
    f->ring = host_ring_open(f->files.path);
    assert_int_equal(chmod(f->files.path, 0620), 0);
    assert_int_equal(click_ring_open(f->files.path, &f->reader, &err), PRIVATE_FILE_REFUSED);
    assert_non_null(strstr(err.text, "open to other users"));
}

static void who_only_looks_makes_none(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    assert_int_equal(click_ring_find(f->files.path, &f->reader, &err), PRIVATE_FILE_OK);
    assert_null(f->reader);
    assert_int_equal(access(f->files.path, F_OK), -1);
    f->ring = host_ring_open(f->files.path);
    assert_int_equal(click_ring_find(f->files.path, &f->reader, &err), PRIVATE_FILE_OK);
    assert_non_null(f->reader);
}

static void root_may_flush_what_is_anothers(void **state)
{
    struct fixture *f = *state;
    struct error err = { "" };
    if (geteuid() != 0)
        skip();
    f->ring = host_ring_open(f->files.path);
    assert_int_equal(chown(f->files.path, 65534, 65534), 0);
    assert_int_equal(click_ring_find(f->files.path, &f->reader, &err), PRIVATE_FILE_OK);
    struct click_ring *other;
    assert_int_equal(click_ring_open(f->files.path, &other, &err), PRIVATE_FILE_REFUSED);
    assert_non_null(strstr(err.text, "another user"));
}

static void whoever_dies_while_making_it_leaves_no_harm(void **state)
{
    struct fixture *f = *state;
    write_bytes(f->files.path, CLICK_RING_PAGE, "", 1); /* long, and without a header */
    f->ring = host_ring_open(f->files.path);
    struct error err;
    assert_true(click_ring_claim(f->ring, &err));
    assert_true(append(f->ring, 1, 1));
    f->reader = host_ring_open(f->files.path);
    assert_int_equal(collect(f, BATCH), 1);
}

static void a_removed_one_is_not_the_current_one(void **state)
{
    struct fixture *f = *state;
    f->ring = host_ring_open(f->files.path);
    assert_true(click_ring_is_current(f->ring));
    assert_int_equal(unlink(f->files.path), 0);
    assert_false(click_ring_is_current(f->ring));
    f->reader = host_ring_open(f->files.path);
    assert_true(click_ring_is_current(f->reader));
    assert_false(click_ring_is_current(f->ring));
}

static void each_file_is_another_source(void **state)
{
    struct fixture *f = *state;
    unsigned char first[CLICK_SOURCE_BYTES];
    f->ring = host_ring_open(f->files.path);
    memcpy(first, click_ring_source(f->ring), sizeof(first));
    f->reader = host_ring_open(f->files.path);
    assert_memory_equal(first, click_ring_source(f->reader), sizeof(first));
    click_ring_close(&f->ring);
    unlink(f->files.path);
    f->ring = host_ring_open(f->files.path);
    assert_memory_not_equal(first, click_ring_source(f->ring), sizeof(first));
}

/* --- one worker and the flusher */

static void comes_out_in_order_and_stays_until_it_is_said_to_be_read(void **state)
{
    struct fixture *f = *state;
    append_all(f, 0, 10);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(collect(f, BATCH), 10);
        for (size_t i = 0; i < 10; i++)
            assert_int_equal(f->events[i].visitor, i);
    }
    assert_int_equal(pending(f), 10);
    append_all(f, 10, 13);
    advance(f);
    assert_int_equal(pending(f), 3);
    assert_int_equal(collect(f, BATCH), 3);
    assert_int_equal(f->events[0].visitor, 10);
}

static void a_full_lane_takes_no_more(void **state)
{
    struct fixture *f = *state;
    append_all(f, 0, CLICK_LANE_SLOTS / 2 - 1);
    assert_false(click_ring_level(f->reader).half_full);
    append_all(f, CLICK_LANE_SLOTS / 2 - 1, CLICK_LANE_SLOTS);
    assert_true(click_ring_level(f->reader).half_full);
    assert_false(append(f->ring, 7, 0));
    assert_int_equal(collect(f, 1), 1);
    assert_false(append(f->ring, 7, 0));
    advance(f);
    assert_true(append(f->ring, 7, CLICK_LANE_SLOTS));
    assert_false(append(f->ring, 7, 0));
    assert_int_equal(pending(f), CLICK_LANE_SLOTS);
}

static void a_lane_is_used_again_and_again(void **state)
{
    struct fixture *f = *state;
    uint64_t read = 0;
    uint64_t written = 0;
    while (written < 5 * CLICK_LANE_SLOTS) {
        append_all(f, written, written + 3000);
        written += 3000;
        while (collect(f, 1777)) {
            for (size_t i = 0; i < f->batch.n; i++)
                assert_int_equal(f->events[i].visitor, read++);
            advance(f);
        }
    }
    assert_int_equal(read, written);
}

static void without_a_lane_nothing_is_taken(void **state)
{
    struct fixture *f = *state;
    assert_true(click_ring_has_lane(f->ring));
    assert_false(click_ring_has_lane(f->reader));
    assert_false(append(f->reader, 7, 1));
    assert_int_equal(pending(f), 0);
}

static void every_lane_is_read_in_turn(void **state)
{
    struct fixture *f = *state;
    struct click_ring *other = host_ring_open(f->files.path);
    struct error err;
    unsigned seen[2] = { 0 };
    assert_true(click_ring_claim(other, &err));
    for (unsigned i = 0; i < 200; i++) {
        assert_true(append(f->ring, 1, i));
        assert_true(append(other, 2, i));
    }
    for (unsigned i = 0; i < 4; i++) { /* while the first lane is kept full */
        assert_int_equal(collect(f, 150), 150);
        for (unsigned n = 0; n < 150; n++)
            seen[f->events[n].link_id - 1]++;
        advance(f);
        for (unsigned n = 0; n < 150; n++)
            assert_true(append(f->ring, 1, 1000 + n));
    }
    assert_int_equal(seen[1], 200);
    click_ring_close(&other);
}

static void reading_never_goes_back_nor_ahead(void **state)
{
    struct fixture *f = *state;
    struct click_positions to = { { 0 } };
    append_all(f, 0, 10);
    collect(f, BATCH);
    advance(f);
    append_all(f, 10, 12);
    to.heads[0] = 5;
    click_ring_advance(f->reader, &to);
    assert_int_equal(pending(f), 2);
    to.heads[0] = 1000;
    click_ring_advance(f->reader, &to);
    assert_int_equal(pending(f), 0);
    append_all(f, 12, 13);
    assert_int_equal(collect(f, BATCH), 1);
}

/* A machine that crashed may have saved one page of the file and not the other. */
static void what_a_crash_of_the_machine_leaves_is_no_click(void **state)
{
    struct fixture *f = *state;
    const struct click_lane ahead = { .head = 5, .tail = 3 };
    append_all(f, 0, 2);
    assert_true(append(f->ring, 0, 0));
    append_all(f, 2, 3);
    assert_int_equal(collect(f, BATCH), 3);
    assert_int_equal(f->events[2].visitor, 2);
    assert_int_equal(f->batch.after.heads[0], 4);
    click_ring_close(&f->ring);
    write_bytes(f->files.path, CLICK_RING_PAGE, &ahead, sizeof(ahead));
    assert_int_equal(pending(f), 0);
    assert_int_equal(collect(f, BATCH), 0);
    f->ring = host_ring_open(f->files.path);
    struct error err;
    assert_true(click_ring_claim(f->ring, &err));
    append_all(f, 0, 1);
    assert_int_equal(collect(f, BATCH), 1);
}

/* --- ownership of lanes --- */

static void a_lane_goes_on_with_its_next_owner(void **state)
{
    struct fixture *f = *state;
    pid_t pid = fork();
    if (pid == 0) {
        struct click_ring *ring = host_ring_open(f->files.path);
        struct error err;
        bool done = click_ring_claim(ring, &err);
        for (uint64_t i = 0; i < 100; i++)
            done = done && append(ring, 8, i);
        kill(done ? getpid() : getppid(), SIGKILL);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    struct click_ring *next = host_ring_open(f->files.path);
    struct error err;
    assert_true(click_ring_claim(next, &err));
    assert_true(append(next, 8, 100));
    assert_int_equal(collect(f, BATCH), 101);
    for (size_t i = 0; i <= 100; i++)
        assert_int_equal(f->events[i].visitor, i);
    assert_int_equal(f->batch.after.heads[1], 101);
    click_ring_close(&next);
}

static void lanes_may_all_be_taken(void **state)
{
    struct fixture *f = *state;
    struct flock all = { .l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = CLICK_RING_LANE_LOCKS,
                         .l_len = CLICK_LANES };
    struct error err = { "" };
    int fd = open(f->files.path, O_RDWR | O_CLOEXEC);
    click_ring_close(&f->ring);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &all), 0);
    f->ring = host_ring_open(f->files.path);
    assert_false(click_ring_claim(f->ring, &err));
    assert_non_null(strstr(err.text, "256 lanes"));
    assert_false(append(f->ring, 7, 1));
    close(fd);
    assert_true(click_ring_claim(f->ring, &err));
    assert_true(append(f->ring, 7, 1));
}

/* Programs that live for one click (CGI) go on in the next lane when one is full. */
static void full_lanes_are_passed_over(void **state)
{
    struct fixture *f = *state;
    struct error err;
    const struct click_event event = { .link_id = 1 };
    while (click_ring_append(f->ring, &event))
        continue;
    assert_int_equal(f->ring->lane, 0);
    click_ring_close(&f->ring);
    f->ring = host_ring_open(f->files.path);
    assert_true(click_ring_claim(f->ring, &err));
    assert_int_equal(f->ring->lane, 1);
    assert_true(click_ring_append(f->ring, &event));
    assert_int_equal(click_ring_level(f->ring).pending, CLICK_LANE_SLOTS + 1);
}

/* Space that cannot be had is an error when the lane is claimed, not a signal later. */
static void without_memory_there_is_no_lane(void **state)
{
    struct fixture *f = *state;
    pid_t pid = fork();
    if (pid == 0) {
        struct click_ring *ring = host_ring_open(f->files.path);
        struct error err = { "" };
        /* The mapping can be denied without filling a disk. */
        const struct rlimit little = { 1024 * 1024, 1024 * 1024 };
        bool wrong = setrlimit(RLIMIT_AS, &little) != 0 || click_ring_claim(ring, &err) ||
                     !strstr(err.text, "reserve a lane") || append(ring, 7, 1);
        _exit(wrong ? 1 : 0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void there_is_one_flusher(void **state)
{
    struct fixture *f = *state;
    assert_false(click_ring_flush_lock(f->ring));
    click_ring_flush_unlock(f->reader);
    assert_true(click_ring_flush_lock(f->ring));
    assert_false(click_ring_flush_lock(f->reader));
    click_ring_close(&f->ring);
    assert_true(click_ring_flush_lock(f->reader));
}

/* --- the secret */

static void workers_learn_the_secret_from_the_flusher(void **state)
{
    struct fixture *f = *state;
    static const unsigned char first[CLICK_SECRET_BYTES] = "one";
    static const unsigned char other[CLICK_SECRET_BYTES] = "another";
    unsigned char out[CLICK_SECRET_BYTES] = "";
    uint64_t version = 0;
    assert_false(click_ring_secret(f->ring, &version, out));
    click_ring_tell_secret(f->reader, first);
    assert_true(click_ring_secret(f->ring, &version, out));
    assert_memory_equal(out, first, sizeof(out));
    uint64_t known = version;
    click_ring_tell_secret(f->reader, first);
    assert_true(click_ring_secret(f->ring, &version, out));
    assert_int_equal(version, known);
    click_ring_tell_secret(f->reader, other);
    assert_true(click_ring_secret(f->ring, &version, out));
    assert_int_not_equal(version, known);
    assert_memory_equal(out, other, sizeof(out));
}

static void a_half_written_secret_is_none(void **state)
{
    struct fixture *f = *state;
    static const unsigned char secret[CLICK_SECRET_BYTES] = "one";
    const uint64_t killed = 3;
    unsigned char out[CLICK_SECRET_BYTES];
    uint64_t version = 0;
    write_bytes(f->files.path, offsetof(struct click_ring_header, secret_version), &killed,
                sizeof(killed));
    assert_false(click_ring_secret(f->ring, &version, out));
    click_ring_tell_secret(f->reader, secret);
    assert_true(click_ring_secret(f->ring, &version, out));
    assert_memory_equal(out, secret, sizeof(out));
}

/* --- many processes, killed at random --- */

enum { WRITERS = 8, KILLS = 200, CLICKS_WANTED = 300000, LIVES = WRITERS + KILLS };

/* Of each life of a writer: how many appends have returned. Shared with the children. */
struct tally {
    uint64_t appended[LIVES];
};

/* Not random, but any order will do (Numerical Recipes' quick one). */
static unsigned draw(uint32_t *state, unsigned below)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 16) % below;
}

static pid_t start_writer(struct fixture *f, struct tally *tally, unsigned life)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    struct click_ring *ring = host_ring_open(f->files.path);
    struct error err;
    if (!click_ring_claim(ring, &err))
        _exit(1);
    for (uint64_t i = 0;;) {
        if (append(ring, life + 1, i))
            __atomic_store_n(&tally->appended[life], ++i, __ATOMIC_SEQ_CST);
        else
            sched_yield();
    }
}

/* Reads what there is: of each life every click, in order. */
static uint64_t drain(struct fixture *f, uint64_t read[LIVES])
{
    size_t n = collect(f, BATCH);
    for (size_t i = 0; i < n; i++) {
        uint64_t life = f->events[i].link_id - 1;
        assert_true(life < LIVES);
        assert_int_equal(f->events[i].visitor, read[life]);
        read[life]++;
    }
    advance(f);
    return n;
}

static void every_click_is_read_once_whoever_is_killed(void **state)
{
    struct fixture *f = *state;
    static uint64_t read[LIVES];
    pid_t writers[WRITERS];
    uint64_t total = 0;
    unsigned lives = 0;
    unsigned cut = 0;
    uint32_t random = 1;
    struct tally *tally =
        mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(tally, MAP_FAILED);
    while (lives < WRITERS) {
        writers[lives] = start_writer(f, tally, lives);
        lives++;
    }
    while (total < CLICKS_WANTED || lives < LIVES) {
        total += drain(f, read);
        if (lives == LIVES || total < (uint64_t)(lives - WRITERS) * (CLICKS_WANTED / KILLS))
            continue;
        unsigned victim = draw(&random, WRITERS);
        kill(writers[victim], SIGKILL);
        assert_int_equal(waitpid(writers[victim], NULL, 0), writers[victim]);
        writers[victim] = start_writer(f, tally, lives++);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        kill(writers[i], SIGKILL);
        assert_int_equal(waitpid(writers[i], NULL, 0), writers[i]);
    }
    while (drain(f, read))
        continue;
    for (unsigned i = 0; i < lives; i++) {
        /* One that was killed after it appended and before it said so. */
        assert_between(read[i], tally->appended[i], tally->appended[i] + 1);
        cut += read[i] != tally->appended[i];
    }
    print_message("# %u writers killed, %u between a click and its tally\n", lives, cut);
    munmap(tally, sizeof(*tally));
}

/* --- the clicks of one link */

static size_t find(struct fixture *f, uint64_t link_id, const struct click_positions *from)
{
    struct error err = { "" };
    f->batch.events = f->events;
    f->batch.max = BATCH;
    if (!click_ring_find_link(f->reader, link_id, from, &f->batch, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < f->batch.n; i++)
        assert_whole(&f->events[i]);
    return f->batch.n;
}

static void the_clicks_of_a_link_are_found(void **state)
{
    struct fixture *f = *state;
    struct click_positions from = click_ring_heads(f->reader);
    assert_int_equal(find(f, 7, &from), 0);
    for (uint64_t i = 0; i < 1000; i++)
        assert_true(append(f->ring, i % 10, i));
    assert_int_equal(click_ring_after(f->reader, &from), 1000);
    assert_int_equal(find(f, 7, &from), 100);
    assert_int_equal(f->events[99].visitor, 997);
    assert_int_equal(find(f, 10, &from), 0);
    from.heads[0] = 498;
    assert_int_equal(click_ring_after(f->reader, &from), 502);
    assert_int_equal(find(f, 7, &from), 50);
    from.heads[0] = 5000; /* the position in another database */
    assert_int_equal(click_ring_after(f->reader, &from), 0);
    assert_int_equal(find(f, 7, &from), 0);
    assert_int_equal(pending(f), 1000);
}

static void no_more_are_found_than_there_is_room_for(void **state)
{
    struct fixture *f = *state;
    const struct click_positions from = click_ring_heads(f->reader);
    struct error err;
    append_all(f, 0, 600);
    f->batch = (struct click_batch){ .events = f->events, .max = 300 };
    assert_true(click_ring_find_link(f->reader, 7, &from, &f->batch, &err));
    assert_int_equal(f->batch.n, 300);
}

/* Flushed clicks are found as long as they lie there; a full lane loses none. */
static void flushed_clicks_are_found_until_they_are_written_over(void **state)
{
    static const struct {
        unsigned before, later; /* clicks that are flushed, and those that come after them */
        uint64_t first;         /* that is found */
    } rows[] = {
        { 3000, 0, 0 },
        { 3000, 1000, 0 },
        { 0, CLICK_LANE_SLOTS, 0 },
        { 8000, 191, 0 },
        { 8000, 192, 1 }, /* the next click may be being written to the slot of the first */
        { 8000, 292, 101 },
        { 8000, CLICK_LANE_SLOTS, 8000 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct fixture *f = *state;
        uint64_t numbers = 0;
        struct click_positions from = click_ring_heads(f->reader);
        from.heads[0] = 0;
        click_ring_close(&f->ring);
        click_ring_close(&f->reader);
        unlink(f->files.path);
        f->ring = host_ring_open(f->files.path);
        f->reader = host_ring_open(f->files.path);
        struct error err;
        assert_true(click_ring_claim(f->ring, &err) && click_ring_flush_lock(f->reader));
        append_all(f, 0, rows[i].before);
        click_ring_advance(f->reader, &(struct click_positions){ { rows[i].before } });
        append_all(f, rows[i].before, rows[i].before + rows[i].later);
        struct click_event *events = calloc(2 * CLICK_LANE_SLOTS, sizeof(*events));
        struct click_batch batch = { .events = events, .max = 2 * CLICK_LANE_SLOTS };
        assert_true(click_ring_find_link(f->reader, 7, &from, &batch, &err));
        numbers = batch.n ? events[0].visitor : 0;
        if (numbers != rows[i].first || batch.n != rows[i].before + rows[i].later - rows[i].first)
            fail_msg("row %zu: %zu from %u on", i, batch.n, (unsigned)numbers);
        for (size_t k = 0; k < batch.n; k++)
            assert_int_equal(events[k].visitor, rows[i].first + k);
        free(events);
    }
}

static void positions_are_stored_as_bytes(void **state)
{
    (void)state;
    struct click_positions positions = { { 5, 0, 7 } };
    struct slice bytes = click_positions_bytes(&positions);
    assert_int_equal(bytes.len, 3 * sizeof(uint64_t));
    struct click_positions read = click_positions_read(bytes);
    assert_memory_equal(&read, &positions, sizeof(read));
    read = click_positions_read((struct slice){ NULL, 0 });
    assert_int_equal(read.heads[0], 0);
    assert_int_equal(click_positions_bytes(&read).len, 0);
}

#define RING_TEST(test) cmocka_unit_test_setup_teardown(test, setup_open, teardown)
#define FILE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(is_for_us_alone_and_mostly_a_hole),
        FILE_TEST(is_refused_and_never_replaced),
        FILE_TEST(is_refused_under_a_second_name),
        FILE_TEST(is_refused_where_others_could_write_it),
        FILE_TEST(who_only_looks_makes_none),
        FILE_TEST(root_may_flush_what_is_anothers),
        FILE_TEST(whoever_dies_while_making_it_leaves_no_harm),
        FILE_TEST(a_removed_one_is_not_the_current_one),
        FILE_TEST(each_file_is_another_source),
        RING_TEST(comes_out_in_order_and_stays_until_it_is_said_to_be_read),
        RING_TEST(a_full_lane_takes_no_more),
        RING_TEST(a_lane_is_used_again_and_again),
        RING_TEST(without_a_lane_nothing_is_taken),
        RING_TEST(every_lane_is_read_in_turn),
        RING_TEST(reading_never_goes_back_nor_ahead),
        RING_TEST(what_a_crash_of_the_machine_leaves_is_no_click),
        RING_TEST(a_lane_goes_on_with_its_next_owner),
        RING_TEST(full_lanes_are_passed_over),
        RING_TEST(lanes_may_all_be_taken),
        RING_TEST(without_memory_there_is_no_lane),
        RING_TEST(there_is_one_flusher),
        RING_TEST(workers_learn_the_secret_from_the_flusher),
        RING_TEST(a_half_written_secret_is_none),
        RING_TEST(every_click_is_read_once_whoever_is_killed),
        RING_TEST(the_clicks_of_a_link_are_found),
        RING_TEST(no_more_are_found_than_there_is_room_for),
        RING_TEST(flushed_clicks_are_found_until_they_are_written_over),
        RING_TEST(positions_are_stored_as_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
