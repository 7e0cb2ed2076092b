/* SPDX-License-Identifier: MIT */
/* The rules of a link that depend only on the link, its clicks and the time. */
#include "link/link.h"

enum link_state target_state(const struct target *target, uint64_t clicks, int64_t now)
{
    if (target->expires_at && now >= target->expires_at)
        return LINK_EXPIRED;
    if (target->max_clicks && clicks >= target->max_clicks)
        return LINK_EXHAUSTED;
    if (target->starts_at && now < target->starts_at)
        return LINK_SCHEDULED;
    return LINK_LIVE;
}

enum extra_path target_extra_path(const struct target *target)
{
    return (enum extra_path)((target->flags & LINK_EXTRA_PATH) >> LINK_EXTRA_PATH_SHIFT);
}

const char *link_state_name(enum link_state state)
{
    switch (state) {
    case LINK_SCHEDULED:
        return "scheduled";
    case LINK_EXPIRED:
        return "expired";
    case LINK_EXHAUSTED:
        return "exhausted";
    case LINK_LIVE:
        break;
    }
    return "live";
}

const char *link_state_at(const struct link *link, int64_t now)
{
    return link->deleted_at ? "deleted"
                            : link_state_name(target_state(&link->target, link->used, now));
}

bool redirect_status_is_valid(int64_t status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool link_is_among(struct slice code, const struct slice *codes, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (slice_eq(codes[i], code))
            return true;
    }
    return false;
}

void link_mark_fallback(struct link *link)
{
    link->target.flags &= (uint16_t)~LINK_HAS_FALLBACK;
    if (link->expired_url.len || link->not_started_url.len)
        link->target.flags |= LINK_HAS_FALLBACK;
}

bool link_has_alias(const struct link *link, struct slice alias)
{
    return link_is_among(alias, link->aliases, link->n_aliases);
}

bool link_has_lowered(const struct link *link, struct slice code)
{
    return link_is_among(code, link->lowered, link->n_lowered);
}
