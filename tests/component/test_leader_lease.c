/* SPDX-License-Identifier: MIT */
/* The leader lease: one process of a host holds it, and a stopped holder is replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "shm/leader_lease.h"
#include "shm/segment.h"
#include "support/host_files.h"

enum { PEOPLE = 3 };

/* Locks belong to open file descriptions, so each of these counts as a process. */
struct person {
    int fd;
    struct leader_lease lease;
};

struct house {
    struct host_files files;
    struct person people[PEOPLE];
};

static int set_up(void **state)
{
    struct house *house = calloc(1, sizeof(*house));
    assert_true(host_files_make(&house->files, "segment"));
    struct segment *segment = host_segment_open(house->files.path, 0);
    segment_close(&segment);
    for (int i = 0; i < PEOPLE; i++)
        house->people[i].fd = -1;
    *state = house;
    return 0;
}

/* The process ends, in any way. */
static void end(struct person *person)
{
    leader_lease_leave(&person->lease);
    if (person->fd >= 0)
        close(person->fd);
    *person = (struct person){ .fd = -1 };
}

static int tear_down(void **state)
{
    struct house *house = *state;
    for (int i = 0; i < PEOPLE; i++)
        end(&house->people[i]);
    host_files_remove(&house->files);
    free(house);
    return 0;
}

/* One step of a maintenance thread, which makes one each second. */
static bool look(struct house *house, int i)
{
    struct person *person = &house->people[i];
    if (person->lease.shared && leader_lease_renew(&person->lease))
        return true;
    leader_lease_leave(&person->lease);
    if (person->fd >= 0)
        close(person->fd);
    person->fd = open(house->files.path, O_RDWR | O_CLOEXEC);
    return leader_lease_take(&person->lease, person->fd);
}

static void one_process_holds_the_lease(void **state)
{
    struct house *house = *state;
    assert_true(look(house, 0));
    for (int i = 0; i < 10 * LEADER_LEASE_LOOKS; i++) {
        assert_false(look(house, 1));
        assert_true(look(house, 0));
        assert_false(look(house, 2));
    }
}

static void a_process_that_ends_is_followed_at_once(void **state)
{
    struct house *house = *state;
    for (int i = 0; i < 3 * PEOPLE; i++) {
        assert_true(look(house, i % PEOPLE));
        assert_false(look(house, (i + 1) % PEOPLE));
        end(&house->people[i % PEOPLE]);
    }
}

/* Also through a descriptor that is open for reading only, and in any lease. */
static void a_held_lease_is_seen(void **state)
{
    struct house *house = *state;
    int fd = open(house->files.path, O_RDONLY | O_CLOEXEC);
    assert_false(leader_lease_is_held(fd));
    assert_true(look(house, 0));
    assert_true(leader_lease_is_held(fd));
    for (int i = 0; i <= LEADER_LEASE_LOOKS; i++)
        (void)look(house, 1);
    end(&house->people[0]);
    assert_true(leader_lease_is_held(fd));
    end(&house->people[1]);
    assert_false(leader_lease_is_held(fd));
    assert_false(leader_lease_is_held(-1));
    close(fd);
}

static void a_stopped_holder_loses_the_lease(void **state)
{
    struct house *house = *state;
    for (int lease = 0; lease < 5; lease++) {
        int asleep = lease % PEOPLE;
        int next = (lease + 1) % PEOPLE;
        int other = (lease + 2) % PEOPLE;
        assert_true(look(house, asleep));
        for (int i = 0; i < LEADER_LEASE_LOOKS; i++)
            assert_false(look(house, next));
        assert_true(look(house, next));
        assert_false(look(house, other));
        /* It continues, and notices that it has lost the lease. */
        assert_false(look(house, asleep));
        assert_true(look(house, next));
    }
}

static void of_several_one_takes_over(void **state)
{
    struct house *house = *state;
    assert_true(look(house, 0));
    int taken = 0;
    for (int i = 0; i <= LEADER_LEASE_LOOKS; i++)
        taken += look(house, 1) + look(house, 2);
    assert_int_equal(taken, 1);
}

/* There is no lease in a file that is too short for a segment. */
static void a_file_that_is_cut_short(void **state)
{
    struct house *house = *state;
    assert_int_equal(truncate(house->files.path, 100), 0);
    assert_false(look(house, 0));
}

/* The lease does not change what is read as the segment's header. */
static void the_segment_stays_sound(void **state)
{
    struct house *house = *state;
    struct error err;
    struct segment *segment;
    const struct segment_options options = { .path = house->files.path };
    assert_true(look(house, 0));
    assert_int_equal(segment_open(&options, &segment, &err), PRIVATE_FILE_OK);
    segment_close(&segment);
    assert_true(look(house, 0));
    assert_false(look(house, 1));
}

int main(void)
{
#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(one_process_holds_the_lease),
        IN_A_HOUSE(a_process_that_ends_is_followed_at_once),
        IN_A_HOUSE(a_held_lease_is_seen),
        IN_A_HOUSE(a_stopped_holder_loses_the_lease),
        IN_A_HOUSE(of_several_one_takes_over),
        IN_A_HOUSE(a_file_that_is_cut_short),
        IN_A_HOUSE(the_segment_stays_sound),
    };
    return cmocka_run_group_tests_name("leader_lease", tests, NULL, NULL);
}
