/* SPDX-License-Identifier: MIT */
/* Counting clicks in the record of a link's day. */
#include "click/day.h"

#include "base/ascii.h"
#include "click/breakdown.h"

void click_day_init(struct click_day *day, struct arena *arena)
{
    *day = (struct click_day){ .arena = arena };
}

static unsigned hour_of(const struct click_event *event)
{
    return event->at % CLICK_DAY_SECONDS / (CLICK_DAY_SECONDS / CLICK_HOURS);
}

static bool has_visitor(const struct click_event *event)
{
    return !(event->flags & (CLICK_BOT | CLICK_PRIVATE)) && event->visitor != 0;
}

static bool break_down(struct click_day *day, const struct click_event *event)
{
    const bool somewhere = ascii_is_upper(event->country[0]) && ascii_is_upper(event->country[1]);
    const size_t referrer =
        event->referrer_len < CLICK_REFERRER_MAX ? event->referrer_len : CLICK_REFERRER_MAX;
    const char agent[] = { (char)(event->browser < BROWSER_N ? event->browser : BROWSER_OTHER),
                           (char)(event->os < OS_N ? event->os : OS_OTHER),
                           (char)(event->device < DEVICE_N ? event->device : DEVICE_OTHER) };
    const struct slice values[CLICK_DIMENSIONS] = {
        [CLICK_BY_REFERRER] = { event->referrer, referrer },
        [CLICK_BY_COUNTRY] = { event->country, somewhere ? sizeof(event->country) : 0 },
        [CLICK_BY_BROWSER] = { &agent[0], 1 },
        [CLICK_BY_OS] = { &agent[1], 1 },
        [CLICK_BY_DEVICE] = { &agent[2], 1 },
    };
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        if (!breakdown_add(&day->by[i], values[i], 1, day->arena))
            return false;
    return true;
}

/* Counts one click of an hour; keeps the total the sum of the hours, also at CLICK_COUNT_MAX. */
static void count_one(uint64_t *hour, uint64_t *total)
{
    if (*total == CLICK_COUNT_MAX)
        return;
    ++*hour;
    ++*total;
}

static bool add_event(struct click_day *day, const struct click_event *event)
{
    struct click_counts *hour = &day->hours[hour_of(event)];
    if (event->flags & CLICK_BOT) {
        count_one(&hour->bots, &day->total.bots);
        return true;
    }
    count_one(&hour->clicks, &day->total.clicks);
    return (event->flags & CLICK_PRIVATE) || break_down(day, event);
}

/* Adds the visitors of one hour: the growth of the sketch's count. With many visitors the count
 * grows in steps, so the part of a step that exceeds the hour's clicks is left for a later hour: an
 * hour never has more visitors than clicks. */
static bool add_visitors(struct click_day *day, const struct click_event *events, size_t n,
                         unsigned hour)
{
    uint64_t clicked = 0;
    for (size_t i = 0; i < n; i++)
        if (has_visitor(&events[i]) && hour_of(&events[i]) == hour) {
            clicked++;
            if (!visitors_add(day->visitors, events[i].visitor))
                return false;
        }
    uint64_t count = clicked ? visitors_count(day->visitors) : 0;
    uint64_t grown = count > day->total.visitors ? count - day->total.visitors : 0;
    if (grown > clicked)
        grown = clicked;
    day->hours[hour].visitors += grown;
    day->total.visitors += grown;
    return true;
}

/* The set of hours (bits) in which the events have visitors. */
static uint32_t hours_with_visitors(const struct click_event *events, size_t n)
{
    uint32_t hours = 0;
    for (size_t i = 0; i < n; i++)
        if (has_visitor(&events[i]))
            hours |= 1U << hour_of(&events[i]);
    return hours;
}

static bool add_to_folded(struct click_day *day, const struct click_event *events, size_t n)
{
    struct click_day late;
    click_day_init(&late, day->arena);
    return click_day_add(&late, events, n) && click_day_merge(day, &late);
}

bool click_day_add(struct click_day *day, const struct click_event *events, size_t n)
{
    if (day->compacted)
        return add_to_folded(day, events, n);
    for (size_t i = 0; i < n; i++)
        if (!add_event(day, &events[i]))
            return false;
    uint32_t hours = hours_with_visitors(events, n);
    if (hours && !day->visitors)
        day->visitors = visitors_new(day->arena);
    if (hours && !day->visitors)
        return false;
    for (unsigned hour = 0; hour < CLICK_HOURS; hour++)
        if ((hours >> hour & 1) && !add_visitors(day, events, n, hour))
            return false;
    return true;
}

bool click_day_merge(struct click_day *day, const struct click_day *other)
{
    click_day_compact(day);
    day->total.clicks = click_sum(day->total.clicks, other->total.clicks);
    day->total.visitors = click_sum(day->total.visitors, other->total.visitors);
    day->total.bots = click_sum(day->total.bots, other->total.bots);
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        if (!breakdown_merge(&day->by[i], &other->by[i], day->arena))
            return false;
    return true;
}

void click_day_compact(struct click_day *day)
{
    for (unsigned hour = 0; hour < CLICK_HOURS; hour++)
        day->hours[hour] = (struct click_counts){ 0, 0, 0 };
    day->visitors = NULL;
    day->compacted = true;
}
