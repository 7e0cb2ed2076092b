/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks what the shared segment has of backends, invalidations and proxies. */
#include <inttypes.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "os/monotonic.h"
#include "shm/breaker.h"
#include "shm/invalidation_queue.h"
#include "shm/metrics.h"

struct tally {
    struct doctor *doctor;
    unsigned n;
    unsigned not_closed;
};

static void doctor_shared_look_at(void *context, unsigned slot, struct slice name,
                                  enum breaker_state state)
{
    struct tally *tally = context;
    (void)slot;
    tally->n++;
    if (state == BREAKER_CLOSED)
        return;
    tally->not_closed++;
    doctor_warning(tally->doctor, "breakers",
                   "repair it: it is used again within a second of its "
                   "return. One that is no longer configured "
                   "stays until the segment is removed",
                   "circuit breaker of %.*s is %s after repeated failures", SLICE_ARG(name),
                   breaker_state_name(state));
}

static void check_breakers(struct doctor *doctor, struct segment *segment)
{
    struct error err = { "" };
    struct tally tally = { .doctor = doctor };
    struct breakers *breakers = breakers_open(segment, &doctor->config->breaker, &err);
    if (breakers)
        breakers_walk(breakers, monotonic_ms(), doctor_shared_look_at, &tally);
    if (breakers && tally.not_closed == 0)
        doctor_ok(doctor, "breakers", "the workers use all of %u backends", tally.n);
    breakers_close(&breakers);
}

static void check_unpublished(struct doctor *doctor, struct segment *segment)
{
    static const char what[] = "unpublished";
    struct invalidation_queue *invalidations = invalidation_queue_open(segment);
    if (!invalidations)
        return;
    size_t n = invalidation_queue_count(invalidations);
    if (n > 0)
        doctor_warning(doctor, what,
                       "none is needed: they are removed as soon as memcached answers",
                       "%zu changed codes are still to be removed from memcached", n);
    else
        doctor_ok(doctor, what, "no changed code is left in memcached");
    invalidation_queue_close(&invalidations);
}

static void check_proxies(struct doctor *doctor, struct segment *segment)
{
    static const char what[] = "proxies";
    struct error err = { "" };
    struct metrics *metrics = metrics_open(segment, &err);
    int64_t n = metrics_get(metrics, METRIC_UNTRUSTED_PROXY, (struct metric_labels){ 0 });
    if (n > 0)
        doctor_warning(doctor, what,
                       "if the web server is behind your own proxy, name it "
                       "in server.trusted_proxies; if not, visitors "
                       "sent the header themselves, without effect",
                       "%" PRId64 " requests counted by a limit came through a proxy "
                       "that is not trusted: all clients behind it share one limit",
                       n);
    else
        doctor_ok(doctor, what, "no limit has counted an untrusted proxy's address");
    metrics_close(&metrics);
}

void doctor_check_shared(struct doctor *doctor)
{
    struct segment *segment = NULL;
    struct error err = { "" };
    const struct segment_options *options = &doctor->config->segment;
    if (!*options->path || access(options->path, F_OK) != 0)
        return; /* reported by doctor_check_segment */
    if (segment_open_to_read(options, &segment, &err) != PRIVATE_FILE_OK) {
        doctor_warning(doctor, "breakers",
                       "run it as the workers' user, or as root; the "
                       "workers replace a segment of another version",
                       "%s", err.text);
        return;
    }
    check_breakers(doctor, segment);
    check_unpublished(doctor, segment);
    check_proxies(doctor, segment);
    segment_close(&segment);
}
