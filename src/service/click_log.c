/* SPDX-License-Identifier: MIT */
/* Builds a click event and stores it in the shared ring, else in a spill file; counts it as lost if
 * neither has room. */
#include "service/click_log.h"

#include <string.h>

#include "click/agent.h"
#include "click/referrer.h"

enum {
    CLAIM_SECONDS = 60,  /* between two attempts to claim a lane */
    MOVED_AT_ONCE = 256, /* clicks of a batch, on the stack */
};

/* Derives the key of the current window; false until a flusher has written the visitor secret to
 * the ring. */
static bool have_key(struct click_log *click_log, int64_t now)
{
    uint64_t version = click_log->secret_version;
    if (!click_log->ring || !click_ring_secret(click_log->ring, &version, click_log->secret))
        return false;
    uint32_t window = (uint32_t)(now / click_log->window_s);
    if (version != click_log->secret_version || window != click_log->window) {
        visitor_key_derive(click_log->secret, window, &click_log->key);
        click_log->window = window;
        click_log->secret_version = version;
    }
    return true;
}

static uint64_t visitor_of(struct click_log *click_log, const struct visit *visit)
{
    const struct address *address = visit->address;
    if (!address || !have_key(click_log, visit->now))
        return 0;
    return visitor_hash(&click_log->key, visit->link_id, address_household(address),
                        visit->user_agent);
}

static void make_click(struct click_log *click_log, const struct visit *visit,
                       struct click_event *out)
{
    struct agent agent;
    *out = (struct click_event){ .link_id = visit->link_id, .at = (uint32_t)visit->now };
    agent_classify(visit->user_agent, &agent);
    if (!click_event_describe(out, &agent, visit->is_private))
        return;
    referrer_host(visit->referer, out->referrer, &out->referrer_len);
    out->visitor = visitor_of(click_log, visit);
    if (visit->address)
        country_find(&click_log->countries, visit->address, visit->now, out->country);
}

/* All lanes may be claimed for a moment, as while workers are replaced. */
static bool claim_again(struct click_log *click_log, int64_t now)
{
    if (!click_log->ring || now < click_log->claim_at)
        return false;
    click_log->claim_at = now + CLAIM_SECONDS;
    click_log->lane_fault.text[0] = '\0';
    return click_ring_claim(click_log->ring, &click_log->lane_fault);
}

void click_log_prepare(struct click_log *click_log, int64_t now)
{
    claim_again(click_log, now);
}

static bool to_ring(struct click_log *click_log, const struct click_event *event)
{
    struct click_ring *ring = click_log->ring;
    if (!ring)
        return false;
    if (click_ring_append(ring, event))
        return true;
    return !click_ring_has_lane(ring) && claim_again(click_log, event->at) &&
           click_ring_append(ring, event);
}

/* Stores the event in the ring or the spill file; false when it is lost. */
static bool click_log_keep(struct click_log *click_log, const struct click_event *event)
{
    struct click_spill *spill = &click_log->spill;
    if (to_ring(click_log, event)) {
        if (spill->fd >= 0 && spill->last_at != event->at) /* the ring has room again */
            click_spill_let_go(spill);
    } else if (click_spill_append(spill, event, &click_log->fault)) {
        click_log->spilled++;
        metrics_count(click_log->metrics, METRIC_CLICKS_SPILLED, 0);
    } else {
        click_log->lost++;
        metrics_count(click_log->metrics, METRIC_CLICKS_LOST, 0);
        return false;
    }
    return true;
}

void click_log_visit(struct click_log *click_log, const struct visit *visit)
{
    struct click_event event;
    make_click(click_log, visit, &event);
    if (click_log_keep(click_log, &event))
        metrics_count(click_log->metrics, METRIC_CLICKS_RECORDED, (event.flags & CLICK_BOT) != 0);
}

/* Moves the pending clicks of the ring `before` into the click log. The caller holds the flush lock
 * of `before`. */
static void click_log_move_pending(struct click_log *click_log, struct click_ring *before)
{
    struct click_event events[MOVED_AT_ONCE];
    struct click_batch batch = { .events = events, .max = MOVED_AT_ONCE };
    (void)click_ring_repair(before);
    while (click_ring_level(before).pending > 0 &&
           click_ring_collect(before, &batch, &click_log->fault)) {
        for (size_t i = 0; i < batch.n; i++)
            click_log_keep(click_log, &events[i]);
        click_ring_advance(before, &batch.after);
    }
}

bool click_log_move(struct click_log *click_log, struct click_ring *ring, int64_t now)
{
    struct click_ring *before = click_log->ring;
    if (before && !click_ring_flush_lock(before))
        return false;
    click_log->ring = ring;
    click_log->secret_version = 0; /* each ring numbers its own versions */
    click_log->claim_at = now;
    click_log_prepare(click_log, now);
    if (before) {
        click_log_move_pending(click_log, before);
        click_ring_flush_unlock(before);
    }
    return true;
}

void click_log_close(struct click_log *click_log)
{
    click_spill_let_go(&click_log->spill);
    country_file_close(&click_log->countries);
}
