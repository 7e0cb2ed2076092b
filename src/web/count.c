/* SPDX-License-Identifier: MIT */
/* Counts a redirect by four additions, none of which waits. */
#include "web/count.h"

#include "web/handlers.h"
#include "web/routes.h"

/* The index of the method's bit. */
static uint8_t count_number_of(enum http_method method)
{
    uint8_t number = 0;
    while (method >> (number + 1))
        number++;
    return number;
}

static void count_cache(struct metrics *metrics, const struct exchange *x)
{
    switch (x->level) {
    case LEVEL_LOCAL:
    case LEVEL_MEMCACHED:
        metrics_count(metrics, METRIC_CACHE_HITS, (uint8_t)x->level);
        break;
    case LEVEL_DATABASE:
        metrics_count(metrics, METRIC_CACHE_MISSES, 0);
        break;
    case LEVEL_NONE: /* a redirect for which no cache or database was available, or no redirect */
        if (x->problem == PROBLEM_UNAVAILABLE && x->route && x->route->handler == handle_redirect)
            metrics_count(metrics, METRIC_CACHE_MISSES, 0);
        break;
    }
}

void count_exchange(const struct exchange *x, int64_t duration_us)
{
    struct metrics *metrics = x->services->metrics;
    if (!metrics)
        return;
    uint8_t route = (uint8_t)route_number(x->route);
    metrics_add(metrics, METRIC_HTTP_REQUESTS,
                (struct metric_labels){ .a = count_number_of(x->request->method),
                                        .b = route,
                                        .c = (uint16_t)x->response.status },
                1);
    metrics_observe_us(metrics, METRIC_HTTP_DURATION,
                       (struct metric_labels){ .a = route, .b = (uint8_t)x->level }, duration_us);
    count_cache(metrics, x);
}
