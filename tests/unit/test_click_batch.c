/* SPDX-License-Identifier: MIT */
/* Grouping a batch of clicks by link and day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "click/batch.h"
#include "click/day.h"
#include "support/arena_state.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    EVENTS_MAX = 8,
    D = CLICK_DAY_SECONDS,
    MANY = 40000,
};

static int setup(void **state)
{
    return arena_state_make(state, MANY * 48 + 4096);
}

/* Events are identified by their visitors, which are numbered from 1 in the order of arrival. */
static void groups_are_these(void **state)
{
    static const struct {
        const char *what;
        size_t n;
        struct {
            uint64_t link;
            uint32_t at;
        } in[EVENTS_MAX];
        const char *order; /* visitors; a space between two groups */
    } rows[] = {
        { "nothing", 0, { { 0, 0 } }, "" },
        { "one", 1, { { 5, 0 } }, "1" },
        { "the same", 3, { { 5, 9 }, { 5, 8 }, { 5, 7 } }, "123" },
        { "two links", 4, { { 9, 0 }, { 5, 0 }, { 9, 0 }, { 5, 0 } }, "24 13" },
        { "midnight", 3, { { 5, D }, { 5, D - 1 }, { 5, 2 * D - 1 } }, "2 13" },
        { "in order", 3, { { 1, 0 }, { 2, 0 }, { 3, 0 } }, "1 2 3" },
        { "backwards", 3, { { 3, 0 }, { 2, 0 }, { 1, 0 } }, "3 2 1" },
        { "links before days", 4, { { 2, 0 }, { 1, D }, { 2, D }, { 1, 0 } }, "4 2 1 3" },
        { "large numbers",
          4,
          { { UINT64_MAX, 0 }, { UINT64_C(1) << 32, 0 }, { 1, UINT32_MAX }, { 0, 0 } },
          "4 3 2 1" },
        { "two cycles",
          6,
          { { 2, 0 }, { 3, 0 }, { 1, 0 }, { 6, 0 }, { 4, 0 }, { 5, 0 } },
          "3 1 2 5 6 4" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct click_event events[EVENTS_MAX] = { { 0 } };
        struct click_group *groups = NULL;
        size_t n = 0;
        for (size_t k = 0; k < rows[i].n; k++)
            events[k] = (struct click_event){ .link_id = rows[i].in[k].link,
                                              .visitor = k + 1,
                                              .at = rows[i].in[k].at };
        assert_true(click_batch_group(events, rows[i].n, *state, &groups, &n));
        struct buf order = buf_in(*state, 100);
        for (size_t g = 0; g < n; g++) {
            if (g > 0)
                buf_add_byte(&order, ' ');
            for (size_t k = 0; k < groups[g].n; k++) {
                const struct click_event *event = &groups[g].events[k];
                assert_int_equal(event->link_id, groups[g].link_id);
                assert_int_equal(event->at / D, groups[g].day);
                buf_add_uint(&order, event->visitor);
            }
        }
        if (!slice_eq(buf_slice(&order), slice_of(rows[i].order)))
            fail_msg("%s: %.*s", rows[i].what, SLICE_ARG(buf_slice(&order)));
    }
}

/* A large unsorted batch: one group per link and day, in order. */
static void a_large_batch(void **state)
{
    static struct click_event events[MANY];
    static bool seen[MANY];
    uint32_t random = 1;
    for (size_t i = 0; i < MANY; i++) {
        random = random * 1664525U + 1013904223U;
        events[i] = (struct click_event){ .link_id = (random >> 16) % 3000,
                                          .visitor = i,
                                          .at = (random >> 8) % (3 * D) };
    }
    struct click_group *groups = NULL;
    size_t n = 0;
    assert_true(click_batch_group(events, MANY, *state, &groups, &n));
    const struct click_event *next = events;
    for (size_t g = 0; g < n; g++) {
        assert_true(groups[g].n > 0 && groups[g].events == next);
        if (g > 0 && groups[g - 1].link_id >= groups[g].link_id)
            assert_true(groups[g - 1].link_id == groups[g].link_id &&
                        groups[g - 1].day < groups[g].day);
        for (size_t k = 0; k < groups[g].n; k++, next++) {
            assert_true(next->link_id == groups[g].link_id && next->at / D == groups[g].day);
            assert_true(k == 0 || next[-1].visitor < next->visitor);
            assert_false(seen[next->visitor]);
            seen[next->visitor] = true;
        }
    }
    assert_ptr_equal(next, events + MANY);
}

static void full_arenas_are_reported(void **state)
{
    (void)state;
    for (size_t max = 0; max < 3 * 48 + 48; max += 16) {
        struct click_event events[] = { { .link_id = 2 }, { .link_id = 1 }, { .link_id = 3 } };
        struct arena *arena = arena_new(max);
        struct click_group *groups = NULL;
        size_t n = 0;
        bool good = click_batch_group(events, ROWS(events), arena, &groups, &n);
        assert_int_equal(events[0].link_id, good ? 1 : 2);
        assert_true(good || max < 3 * 48);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(groups_are_these, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(a_large_batch, setup, arena_state_free),
        cmocka_unit_test(full_arenas_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
