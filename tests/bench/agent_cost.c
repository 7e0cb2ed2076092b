/* SPDX-License-Identifier: MIT */
/* The cost of classifying a user agent: ns of processor time, over the agents of listed bots and of
 * people; the median of several rounds. Also how many of each are classified as bots. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "click/agent.h"
#include "support/agent_samples.h"

enum {
    ROUNDS = 31,
    CALLS = 20000, /* a round */
};

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double round_ns(const struct slice *agents, size_t n)
{
    volatile unsigned told = 0;
    double start = now_ns();
    for (size_t i = 0; i < CALLS; i++) {
        struct agent agent;
        agent_classify(agents[i % n], &agent);
        told += agent.is_bot + agent.browser;
    }
    return (now_ns() - start) / CALLS;
}

static void measure(const char *who, const char *file)
{
    struct agent_samples samples = agent_samples_read(file);
    struct slice *agents = calloc(samples.n ? samples.n : 1, sizeof(*agents));
    if (samples.n == 0 || !agents) {
        fprintf(stderr, "agent_cost: no %s: script/bootstrap fetches it\n", file);
        exit(1);
    }
    size_t bytes = 0, bots = 0;
    for (size_t i = 0; i < samples.n; i++) {
        struct agent agent;
        agents[i] = slice_of(samples.texts[i]);
        agent_classify(agents[i], &agent);
        bytes += agents[i].len;
        bots += agent.is_bot;
    }
    double rounds[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        rounds[i] = round_ns(agents, samples.n);
    qsort(rounds, ROUNDS, sizeof(rounds[0]), by_size);
    printf("%-8s %6zu agents, %3zu bytes each; %6zu taken for bots; %6.1f ns by agent\n", who,
           samples.n, bytes / samples.n, bots, rounds[ROUNDS / 2]);
    free(agents);
    agent_samples_free(&samples);
}

int main(void)
{
    printf("bots are known by: %s\n", agent_list());
    measure("bots", AGENT_SAMPLES_BOTS);
    measure("people", AGENT_SAMPLES_PEOPLE);
    return 0;
}
