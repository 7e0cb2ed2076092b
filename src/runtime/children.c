/* SPDX-License-Identifier: MIT */
/* The rules by which a prefork parent starts, stops and kills workers. */
#include "runtime/children.h"

#include <stdlib.h>

static bool is_old(const struct children *children, const struct child *child)
{
    return child->generation != children->generation;
}

static bool has_started(const struct child *child, int64_t now_ms)
{
    return child->reported || now_ms - child->started_at_ms >= CHILDREN_UP_MS;
}

static void wait_until(int64_t *wait_ms, int64_t now_ms, int64_t when_ms)
{
    int64_t left = when_ms > now_ms ? when_ms - now_ms : 0;
    if (*wait_ms < 0 || left < *wait_ms)
        *wait_ms = left;
}

/* The first worker whose time to finish is over, or NULL; *wait_ms: until the next one's is. */
static struct child *overdue(const struct children *children, int64_t now_ms, int64_t *wait_ms)
{
    for (struct child *child = children->first; child; child = child->next) {
        if (child->asked_at_ms == 0 || child->killed)
            continue;
        if (now_ms - child->asked_at_ms >= CHILDREN_DRAIN_MS)
            return child;
        wait_until(wait_ms, now_ms, child->asked_at_ms + CHILDREN_DRAIN_MS);
    }
    return NULL;
}

/* Counts workers that have not been sent SIGTERM. */
struct count {
    unsigned serving;
    struct child *oldest_old; /* the oldest of an earlier generation */
    struct child *newest;
    struct child *starting; /* the newest of this generation that has not started yet */
};

static struct count count_serving(const struct children *children, int64_t now_ms)
{
    struct count count = { 0 };
    for (struct child *child = children->first; child; child = child->next) {
        if (child->asked_at_ms != 0)
            continue;
        count.serving++;
        if (!count.newest)
            count.newest = child;
        if (is_old(children, child))
            count.oldest_old = child;
        else if (!count.starting && !has_started(child, now_ms))
            count.starting = child;
    }
    return count;
}

enum children_step children_next(const struct children *children, int64_t now_ms,
                                 struct child **child, int64_t *wait_ms)
{
    *wait_ms = -1;
    *child = overdue(children, now_ms, wait_ms);
    if (*child)
        return CHILDREN_KILL;
    struct count count = count_serving(children, now_ms);
    bool replacing = count.oldest_old != NULL;
    if (count.serving > children->wanted) {
        /* The one in excess is a replacement: the old worker is stopped once it has started. */
        *child = replacing ? count.oldest_old : count.newest;
        if (children->wanted == 0 || !count.starting)
            return CHILDREN_ASK;
        wait_until(wait_ms, now_ms, count.starting->started_at_ms + CHILDREN_UP_MS);
        return CHILDREN_WAIT;
    }
    if (count.serving < children->wanted || (replacing && children->wanted > 0)) {
        if (now_ms >= children->not_before_ms)
            return CHILDREN_START;
        wait_until(wait_ms, now_ms, children->not_before_ms);
    }
    return children->first || children->wanted ? CHILDREN_WAIT : CHILDREN_NONE;
}

bool children_add(struct children *children, pid_t pid, int64_t now_ms)
{
    struct child *child = malloc(sizeof(*child));
    if (!child)
        return false;
    *child = (struct child){ .next = children->first,
                             .pid = pid,
                             .generation = children->generation,
                             .started_at_ms = now_ms };
    children->first = child;
    return true;
}

void children_started(struct children *children, pid_t pid)
{
    for (struct child *child = children->first; child; child = child->next) {
        if (child->pid == pid)
            child->reported = true;
    }
}

/* 100 ms, 200 ms, 400 ms … 10 s. */
static int64_t pause_after(unsigned failures)
{
    int64_t pause = CHILDREN_PAUSE_MIN_MS;
    for (unsigned i = 1; i < failures && pause < CHILDREN_PAUSE_MAX_MS; i++)
        pause *= 2;
    return pause < CHILDREN_PAUSE_MAX_MS ? pause : CHILDREN_PAUSE_MAX_MS;
}

bool children_remove(struct children *children, pid_t pid, bool failed, int64_t now_ms, bool *early)
{
    struct child **at = &children->first;
    while (*at && (*at)->pid != pid)
        at = &(*at)->next;
    struct child *child = *at;
    *early = false;
    if (!child)
        return false;
    *early = failed && child->asked_at_ms == 0 && !has_started(child, now_ms);
    if (*early) {
        children->failures++;
        children->not_before_ms = now_ms + pause_after(children->failures);
    } else if (has_started(child, now_ms)) {
        children->failures = 0;
    }
    *at = child->next;
    free(child);
    return true;
}

void children_free(struct children *children)
{
    while (children->first) {
        struct child *next = children->first->next;
        free(children->first);
        children->first = next;
    }
}
