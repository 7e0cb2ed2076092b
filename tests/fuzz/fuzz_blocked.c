/* SPDX-License-Identifier: MIT */
/* Lists of blocked domains: a line that names a host blocks it and all below it, as URLs are
 * normalised. The input is the list. */
#include "base/buf.h"
#include "fuzz.h"
#include "link/blocked.h"
#include "text/url.h"

enum {
    DOMAINS_MAX = 64,
};

/* The host of http://PREFIX HOST/ in its normal spelling; empty when there is none. */
static struct slice host_of(const char *prefix, struct slice host, struct arena *arena)
{
    struct buf text = buf_in(arena, 16384);
    struct url_policy policy = { .max_bytes = 16384 };
    struct url url;
    buf_printf(&text, "http://%s", prefix);
    buf_add(&text, host);
    buf_add_byte(&text, '/');
    if (url_normalize(buf_slice(&text), &policy, arena, &url, NULL) != URL_OK)
        return (struct slice){ NULL, 0 };
    return url.path.len == 1 ? url.host : (struct slice){ NULL, 0 };
}

static void check_sorted(const struct blocked_set *set)
{
    MUST(set->n <= set->room);
    for (size_t i = 1; i < set->n; i++)
        MUST(set->hashes[i - 1] < set->hashes[i]);
}

/* A host as it stands in the list, without the frills of a line. */
static void check_blocked(const struct blocked_set *set, struct slice line, struct arena *arena)
{
    struct slice host = host_of("", line, arena);
    if (host.len == 0 || line.at[0] == '.' || line.at[0] == '*' || slice_find(line, ':') < line.len)
        return;
    MUST(blocked_set_has(set, host));
    struct slice below = host_of("www.", host, arena);
    if (below.len)
        MUST(blocked_set_has(set, below));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice all = fuzz_slice(data, size), rest = all;
    struct arena *arena = arena_new(4 << 20);
    struct blocked_set set = { 0 };
    bool added[DOMAINS_MAX] = { false };
    MUST(arena && blocked_set_open(&set, DOMAINS_MAX));
    for (size_t i = 0; i < DOMAINS_MAX && rest.len; i++) {
        enum blocked_line what = blocked_set_add_line(&set, fuzz_until(&rest, '\n'), arena);
        MUST(what != BLOCKED_FULL);
        added[i] = what == BLOCKED_ADDED;
    }
    blocked_set_sort(&set);
    check_sorted(&set);
    rest = all;
    for (size_t i = 0; i < DOMAINS_MAX && rest.len; i++) {
        struct slice line = fuzz_until(&rest, '\n');
        arena_reset(arena);
        if (added[i] && slice_find(line, '#') == line.len)
            check_blocked(&set, slice_trim(line), arena);
    }
    blocked_set_close(&set);
    arena_free(&arena);
    return 0;
}
