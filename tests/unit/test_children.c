/* SPDX-License-Identifier: MIT */
/* The rules by which a prefork parent starts and stops its workers, on a simulated clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/children.h"

/* A simulated parent, whose workers are numbers. */
struct pool {
    struct children children;
    int64_t now_ms;
    pid_t next_pid;
    unsigned started, asked, killed;
    int64_t wait_ms;
};

static struct pool pool_of(unsigned wanted)
{
    return (struct pool){ .children.wanted = wanted, .now_ms = 5000, .next_pid = 1 };
}

/* Executes all pending actions; false when there was none. */
static bool wait_steady(struct pool *pool)
{
    for (int i = 0; i < 1000; i++) {
        struct child *child;
        switch (children_next(&pool->children, pool->now_ms, &child, &pool->wait_ms)) {
        case CHILDREN_START:
            assert_true(children_add(&pool->children, pool->next_pid++, pool->now_ms));
            pool->started++;
            break;
        case CHILDREN_ASK:
            child->asked_at_ms = pool->now_ms;
            pool->asked++;
            break;
        case CHILDREN_KILL:
            child->killed = true;
            pool->killed++;
            break;
        case CHILDREN_WAIT:
            return true;
        case CHILDREN_NONE:
            return false;
        }
    }
    fail_msg("never comes to rest");
    return false;
}

static bool ends(struct pool *pool, pid_t pid, bool failed)
{
    bool early;
    assert_true(children_remove(&pool->children, pid, failed, pool->now_ms, &early));
    return early;
}

static unsigned alive(const struct pool *pool)
{
    unsigned n = 0;
    for (const struct child *child = pool->children.first; child; child = child->next)
        n++;
    return n;
}

static bool was_asked(const struct pool *pool, pid_t pid)
{
    for (const struct child *child = pool->children.first; child; child = child->next) {
        if (child->pid == pid)
            return child->asked_at_ms != 0;
    }
    return true;
}

static void starts_all_at_once(void **state)
{
    (void)state;
    struct pool pool = pool_of(4);
    assert_true(wait_steady(&pool));
    assert_int_equal(pool.started, 4);
    assert_int_equal(pool.wait_ms, -1);
    children_free(&pool.children);
}

static void replaces_the_dead(void **state)
{
    (void)state;
    struct pool pool = pool_of(2);
    wait_steady(&pool);
    pool.now_ms += CHILDREN_UP_MS;
    assert_false(ends(&pool, 1, true));
    wait_steady(&pool);
    assert_int_equal(pool.started, 3);
    assert_false(ends(&pool, 2, false));
    wait_steady(&pool);
    assert_int_equal(pool.started, 4);
    bool early;
    assert_false(children_remove(&pool.children, 99, true, pool.now_ms, &early));
    children_free(&pool.children);
}

/* 100, 200, 400 ms … and no more than 10 s; forgotten once one has lived. */
static void pauses_when_they_die_while_starting(void **state)
{
    static const int64_t pauses[] = { 100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000 };
    (void)state;
    struct pool pool = pool_of(1);
    wait_steady(&pool);
    for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
        assert_true(ends(&pool, (pid_t)i + 1, true));
        wait_steady(&pool);
        assert_int_equal(pool.started, i + 1);
        assert_int_equal(pool.wait_ms, pauses[i]);
        pool.now_ms += pauses[i] - 1;
        wait_steady(&pool);
        assert_int_equal(pool.started, i + 1);
        pool.now_ms++;
        wait_steady(&pool);
        assert_int_equal(pool.started, i + 2);
    }
    pool.now_ms += CHILDREN_UP_MS;
    pid_t last = pool.next_pid - 1;
    assert_false(ends(&pool, last, true));
    wait_steady(&pool);
    assert_true(ends(&pool, last + 1, true));
    wait_steady(&pool);
    assert_int_equal(pool.wait_ms, 100);
    children_free(&pool.children);
}

/* A worker that ends after its maximum number of requests is no failure, however soon it ends. */
static void an_early_good_end_is_no_failure(void **state)
{
    (void)state;
    struct pool pool = pool_of(1);
    wait_steady(&pool);
    assert_false(ends(&pool, 1, false));
    wait_steady(&pool);
    assert_int_equal(pool.started, 2);
    children_free(&pool.children);
}

static void replaces_one_by_one(void **state)
{
    (void)state;
    struct pool pool = pool_of(3);
    wait_steady(&pool);
    pool.now_ms += CHILDREN_UP_MS;
    pool.children.generation++;
    for (unsigned i = 1; i <= 3; i++) {
        wait_steady(&pool);
        assert_int_equal(pool.started, 3 + i); /* one new worker; no old one was asked to stop
                                                * yet */
        assert_int_equal(pool.asked, i - 1);
        assert_int_equal(pool.wait_ms, CHILDREN_UP_MS);
        pool.now_ms += CHILDREN_UP_MS - 1;
        wait_steady(&pool);
        assert_int_equal(pool.asked, i - 1);
        pool.now_ms += 1;
        wait_steady(&pool);
        assert_int_equal(pool.asked, i);
        assert_true(was_asked(&pool, (pid_t)i)); /* the oldest first */
        ends(&pool, (pid_t)i, false);
    }
    wait_steady(&pool);
    assert_int_equal(alive(&pool), 3);
    assert_int_equal(pool.started, 6);
    children_free(&pool.children);
}

/* A worker that reports its start counts as started at once. */
static void takes_their_word(void **state)
{
    (void)state;
    struct pool pool = pool_of(2);
    wait_steady(&pool);
    children_started(&pool.children, 1);
    children_started(&pool.children, 99);
    pool.children.generation++;
    wait_steady(&pool);
    assert_int_equal(pool.started, 3);
    children_started(&pool.children, 3);
    wait_steady(&pool);
    assert_true(was_asked(&pool, 1));
    assert_int_equal(pool.started, 4);
    assert_false(ends(&pool, 3, true));
    children_free(&pool.children);
}

/* If new workers cannot start, the old ones are kept. */
static void keeps_the_old_when_the_new_fail(void **state)
{
    (void)state;
    struct pool pool = pool_of(2);
    wait_steady(&pool);
    pool.now_ms += CHILDREN_UP_MS;
    pool.children.generation++;
    for (int i = 0; i < 20; i++) {
        wait_steady(&pool);
        if (alive(&pool) > 2)
            assert_true(ends(&pool, pool.next_pid - 1, true));
        else
            pool.now_ms += pool.wait_ms;
    }
    assert_int_equal(pool.started, 2 + 10);
    assert_int_equal(pool.asked, 0);
    assert_false(was_asked(&pool, 1));
    assert_false(was_asked(&pool, 2));
    children_free(&pool.children);
}

static void a_second_reload_in_the_middle(void **state)
{
    (void)state;
    struct pool pool = pool_of(2);
    wait_steady(&pool);
    pool.now_ms += CHILDREN_UP_MS;
    pool.children.generation++;
    wait_steady(&pool);
    pool.children.generation++;
    for (int i = 0; i < 50; i++) {
        wait_steady(&pool);
        for (pid_t pid = 1; pid < pool.next_pid; pid++) {
            bool early;
            if (was_asked(&pool, pid))
                (void)children_remove(&pool.children, pid, false, pool.now_ms, &early);
        }
        pool.now_ms += CHILDREN_UP_MS;
    }
    assert_int_equal(alive(&pool), 2);
    for (struct child *child = pool.children.first; child; child = child->next)
        assert_int_equal(child->generation, 2);
    children_free(&pool.children);
}

static void drains(void **state)
{
    (void)state;
    struct pool pool = pool_of(2);
    wait_steady(&pool);
    pool.children.wanted = 0;
    assert_true(wait_steady(&pool));
    assert_int_equal(pool.asked, 2);
    assert_int_equal(pool.wait_ms, CHILDREN_DRAIN_MS);
    ends(&pool, 1, true);
    assert_true(wait_steady(&pool));
    assert_int_equal(pool.started, 2);
    pool.now_ms += CHILDREN_DRAIN_MS - 1;
    wait_steady(&pool);
    assert_int_equal(pool.killed, 0);
    pool.now_ms += 1;
    wait_steady(&pool);
    assert_int_equal(pool.killed, 1);
    ends(&pool, 2, true);
    assert_false(wait_steady(&pool));
}

/* A stop during a replacement, with workers in all states. */
static void drains_while_replacing(void **state)
{
    (void)state;
    struct pool pool = pool_of(2);
    wait_steady(&pool);
    pool.now_ms += CHILDREN_UP_MS;
    pool.children.generation++;
    wait_steady(&pool);
    pool.children.wanted = 0;
    wait_steady(&pool);
    assert_int_equal(pool.started, 3);
    assert_int_equal(pool.asked, 3);
    for (pid_t pid = 1; pid <= 3; pid++)
        ends(&pool, pid, false);
    assert_false(wait_steady(&pool));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_all_at_once),
        cmocka_unit_test(replaces_the_dead),
        cmocka_unit_test(pauses_when_they_die_while_starting),
        cmocka_unit_test(an_early_good_end_is_no_failure),
        cmocka_unit_test(replaces_one_by_one),
        cmocka_unit_test(takes_their_word),
        cmocka_unit_test(keeps_the_old_when_the_new_fail),
        cmocka_unit_test(a_second_reload_in_the_middle),
        cmocka_unit_test(drains),
        cmocka_unit_test(drains_while_replacing),
    };
    return cmocka_run_group_tests_name("children", tests, NULL, NULL);
}
