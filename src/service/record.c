/* SPDX-License-Identifier: MIT */
/* Making clicks, and the way from the ring to the spill to nowhere. */
#include "service/record.h"

#include <string.h>

#include "click/agent.h"
#include "click/referrer.h"

enum {
    CLAIM_SECONDS = 60,     /* between two tries to get a lane */
    IPV6_NETWORK_BYTES = 8, /* of an address: what one household has */
    MOVED_AT_ONCE = 256,    /* clicks that lie on the stack */
};

/* The key of the window at hand; false as long as nobody has told the secret. */
static bool have_key(struct recorder *recorder, int64_t now)
{
    uint64_t version = recorder->secret_version;
    if (!recorder->ring || !click_ring_secret(recorder->ring, &version, recorder->secret))
        return false;
    uint32_t window = (uint32_t)(now / recorder->window_s);
    if (version != recorder->secret_version || window != recorder->window) {
        visitor_key_derive(recorder->secret, window, &recorder->key);
        recorder->window = window;
        recorder->secret_version = version;
    }
    return true;
}

static uint64_t visitor_of(struct recorder *recorder, const struct visit *visit)
{
    const struct address *address = visit->address;
    if (!address || !have_key(recorder, visit->now))
        return 0;
    const struct slice bytes = {
        (const char *)address->bytes,
        address_is_ipv4(address) ? (size_t)ADDRESS_BYTES : (size_t)IPV6_NETWORK_BYTES,
    };
    return visitor_hash(&recorder->key, visit->link_id, bytes, visit->user_agent);
}

/* Of programs, and of who asked not to be tracked, nothing more is told. */
static void make_click(struct recorder *recorder, const struct visit *visit,
                       struct click_event *out)
{
    struct agent agent;
    *out = (struct click_event){ .link_id = visit->link_id, .at = (uint32_t)visit->now };
    agent_classify(visit->user_agent, &agent);
    if (agent.is_bot || visit->is_private) {
        out->flags = agent.is_bot ? CLICK_BOT : CLICK_PRIVATE;
        return;
    }
    out->browser = (uint8_t)agent.browser;
    out->os = (uint8_t)agent.os;
    out->device = (uint8_t)agent.device;
    referrer_host(visit->referer, out->referrer, &out->referrer_len);
    out->visitor = visitor_of(recorder, visit);
    if (visit->address)
        country_find(&recorder->countries, visit->address, visit->now, out->country);
}

/* Lanes may all be taken for a moment, as while workers are replaced. */
static bool claim_again(struct recorder *recorder, int64_t now)
{
    if (!recorder->ring || now < recorder->claim_at)
        return false;
    recorder->claim_at = now + CLAIM_SECONDS;
    recorder->lane_fault.text[0] = '\0';
    return click_ring_claim(recorder->ring, &recorder->lane_fault);
}

void record_prepare(struct recorder *recorder, int64_t now)
{
    claim_again(recorder, now);
}

static bool to_ring(struct recorder *recorder, const struct click_event *event)
{
    struct click_ring *ring = recorder->ring;
    if (!ring)
        return false;
    if (click_ring_append(ring, event))
        return true;
    return !click_ring_has_lane(ring) && claim_again(recorder, event->at) &&
           click_ring_append(ring, event);
}

/* False when it is lost. */
static bool keep(struct recorder *recorder, const struct click_event *event)
{
    struct click_spill *spill = &recorder->spill;
    if (to_ring(recorder, event)) {
        if (spill->fd >= 0 && spill->last_at != event->at) /* there is room again */
            click_spill_let_go(spill);
    } else if (click_spill_append(spill, event, &recorder->fault)) {
        recorder->spilled++;
        metrics_count(recorder->metrics, METRIC_CLICKS_SPILLED, 0);
    } else {
        recorder->lost++;
        metrics_count(recorder->metrics, METRIC_CLICKS_LOST, 0);
        return false;
    }
    return true;
}

void record_visit(struct recorder *recorder, const struct visit *visit)
{
    struct click_event event;
    make_click(recorder, visit, &event);
    if (keep(recorder, &event))
        metrics_count(recorder->metrics, METRIC_CLICKS_RECORDED, (event.flags & CLICK_BOT) != 0);
}

/* As a flusher does, but to the recorder's ring; the flusher's lock is held. */
static void take_along(struct recorder *recorder, struct click_ring *before)
{
    struct click_event events[MOVED_AT_ONCE];
    struct click_batch batch = { .events = events, .max = MOVED_AT_ONCE };
    (void)click_ring_repair(before);
    while (click_ring_level(before).pending > 0 &&
           click_ring_collect(before, &batch, &recorder->fault)) {
        for (size_t i = 0; i < batch.n; i++)
            keep(recorder, &events[i]);
        click_ring_advance(before, &batch.after);
    }
}

bool record_move(struct recorder *recorder, struct click_ring *ring, int64_t now)
{
    struct click_ring *before = recorder->ring;
    if (before && !click_ring_flush_lock(before))
        return false;
    recorder->ring = ring;
    recorder->secret_version = 0; /* versions count in a ring */
    recorder->claim_at = now;
    record_prepare(recorder, now);
    if (before) {
        take_along(recorder, before);
        click_ring_flush_unlock(before);
    }
    return true;
}

void recorder_close(struct recorder *recorder)
{
    click_spill_let_go(&recorder->spill);
    country_file_close(&recorder->countries);
}
