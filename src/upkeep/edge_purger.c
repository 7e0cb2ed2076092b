/* SPDX-License-Identifier: MIT */
/* Takes changes from the database to caches in front, each at its own pace. */
#include "upkeep/edge_purger.h"

#include <string.h>
#include <unistd.h>

#include "base/fnv.h"
#include "os/monotonic.h"

enum {
    HOST_NAME_BYTES = 256,
};

/* --- opening --- */

/* The id of a cache: each host has positions of its own, since the same place may be another cache
 * on each. */
static uint64_t target_id(const struct config *config, const struct edge_target *target)
{
    char host[HOST_NAME_BYTES] = "";
    (void)gethostname(host, sizeof(host) - 1);
    const struct slice parts[] = { slice_of(host), slice_of(config->segment.path),
                                   slice_of(edge_kind_name(target->kind)), target->place };
    uint64_t hash = FNV1A_BASIS;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
        hash = fnv1a_step(fnv1a(hash, parts[i]), '\n');
    return hash;
}

void edge_purger_open(struct edge_purger *purger)
{
    const struct config *config = purger->config;
    struct slice list = slice_of(config->edge.purge);
    struct edge_target target;
    struct error err;
    while (purger->n < EDGE_TARGETS_MAX && edge_target_next(&list, &target, &err)) {
        struct edge_purging *purging = &purger->targets[purger->n++];
        memcpy(purging->place, target.place.at, target.place.len);
        target.place.at = purging->place;
        purging->target = target;
        purging->changes.db = purger->db;
        purging->changes.target = target_id(config, &target);
        purging->changes.local_ttl_ms = config->cache.local_ttl_ms;
        purging->folder.kind = target.kind;
        purging->folder.path = purging->place;
        purging->folder.base_path = config->server.base_path;
    }
}

/* --- one cache --- */

static struct metric_labels labels_of(const struct edge_purger *purger,
                                      const struct edge_purging *purging, unsigned result)
{
    return (struct metric_labels){ .a = (uint8_t)purging->target.kind,
                                   .b = (uint8_t)(purging - purger->targets),
                                   .c = (uint16_t)result };
}

static void show(const struct edge_purger *purger, const struct edge_purging *purging,
                 int64_t now_ms)
{
    int64_t oldest_ms;
    size_t pending = edge_changes_pending(&purging->changes, now_ms, &oldest_ms);
    const struct metric_labels labels = labels_of(purger, purging, 0);
    metrics_set(purger->metrics, METRIC_EDGE_PENDING, labels, (int64_t)pending);
    metrics_set(purger->metrics, METRIC_EDGE_OLDEST_MS, labels, oldest_ms);
}

static int64_t backoff_ms(unsigned failures)
{
    int64_t ms = EDGE_BACKOFF_MIN_MS;
    while (--failures > 0 && ms < EDGE_BACKOFF_MAX_MS)
        ms *= 2;
    return ms < EDGE_BACKOFF_MAX_MS ? ms : EDGE_BACKOFF_MAX_MS;
}

/* The cache was told of what was taken, or not, for the reason in *err. */
static void end_telling(struct edge_purger *purger, struct edge_purging *purging, bool is_told,
                        const struct error *err)
{
    int64_t now_ms = monotonic_ms();
    edge_changes_done(&purging->changes, is_told, purging->taken_ms);
    metrics_add(purger->metrics, METRIC_EDGE_PURGES, labels_of(purger, purging, !is_told),
                purging->n_taken);
    purging->failures = is_told ? 0 : purging->failures + 1;
    if (purging->has_failed == is_told)
        purger->note(purger->context, &purging->target, is_told ? NULL : err->text);
    purging->has_failed = !is_told;
    purging->due_ms = now_ms + (is_told ? 0 : backoff_ms(purging->failures));
}

/* Deletes the files of the codes; rests as long as that has taken. */
static void purge_folder(struct edge_purger *purger, struct edge_purging *purging,
                         const struct edge_codes *codes)
{
    struct error err = { "" };
    bool is_purged = cache_folder_purge(&purging->folder, codes, &err);
    int64_t took_ms = monotonic_ms() - purging->taken_ms;
    purging->looked_ms = purging->taken_ms;
    if (codes->n || !is_purged)
        end_telling(purger, purging, is_purged, &err);
    if (is_purged)
        purging->due_ms += took_ms;
}

static void start_requests(struct edge_purger *purger, struct edge_purging *purging,
                           const struct edge_codes *codes)
{
    const struct config *config = purger->config;
    const struct edge_site site = {
        .base_url = slice_of(config->server.base_url),
        .base_path = config->server.base_path,
        .method = config->edge.purge_method,
        .header = config->edge.purge_header,
        .body = config->edge.purge_body,
    };
    struct error err = { "" };
    arena_reset(purger->arena);
    struct buf text = buf_in(purger->arena, EDGE_REQUESTS_BYTES);
    purging->n_requests = edge_requests_write(&text, &purging->target, &site, codes);
    if (purging->n_requests == 0)
        error_set(&err, "no memory for the requests");
    if (purging->n_requests == 0 ||
        !curl_start(&purging->curl, buf_slice(&text), purging->taken_ms, &err))
        end_telling(purger, purging, false, &err);
    else
        purging->due_ms = purging->taken_ms + EDGE_BUSY_MS;
}

static void poll_requests(struct edge_purger *purger, struct edge_purging *purging, int64_t now_ms)
{
    char output[CURL_OUTPUT_BYTES];
    size_t n = 0;
    struct error err = { "" };
    enum curl_state state = curl_poll(&purging->curl, now_ms, output, &n, &err);
    purging->due_ms = now_ms + EDGE_BUSY_MS;
    if (state == CURL_RUNS)
        return;
    bool is_told =
        state == CURL_ENDED && edge_answers_check(&purging->target, (struct slice){ output, n },
                                                  purging->n_requests, &err);
    end_telling(purger, purging, is_told, &err);
}

/* Reads changes, and begins to tell the cache of those that are due. */
static void begin_telling(struct edge_purger *purger, struct edge_purging *purging, int64_t now_ms)
{
    struct edge_codes codes;
    struct error err = { "" }; /* others log what the database does */
    struct edge_changes *changes = &purging->changes;
    enum db_result result = edge_changes_read(changes, purger->arena, now_ms, &err);
    if (result == DB_OK)
        result = edge_changes_store(changes, now_ms, &err);
    purging->due_ms =
        now_ms + (result == DB_OK ? purger->config->edge.purge_interval_ms : EDGE_DATABASE_MS);
    bool is_due = edge_changes_take(changes, now_ms, &codes);
    bool is_folder = edge_is_folder(purging->target.kind);
    bool looks = is_folder && (!purging->looked_ms || now_ms - purging->looked_ms >= EDGE_LOOK_MS);
    purging->taken_ms = now_ms;
    purging->n_taken = codes.n;
    if (is_folder && (is_due || looks))
        purge_folder(purger, purging, &codes);
    else if (is_due)
        start_requests(purger, purging, &codes);
    show(purger, purging, now_ms);
}

/* --- all of them --- */

int64_t edge_purger_step(struct edge_purger *purger, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    for (unsigned i = 0; i < purger->n; i++) {
        struct edge_purging *purging = &purger->targets[i];
        if (purging->due_ms <= now_ms && purging->curl.pid)
            poll_requests(purger, purging, now_ms);
        else if (purging->due_ms <= now_ms)
            begin_telling(purger, purging, now_ms);
        if (purging->due_ms < next_ms)
            next_ms = purging->due_ms;
    }
    now_ms = monotonic_ms();
    return next_ms > now_ms ? next_ms - now_ms : 1;
}

bool edge_purger_is_done(const struct edge_purger *purger)
{
    for (unsigned i = 0; i < purger->n; i++) {
        const struct edge_purging *purging = &purger->targets[i];
        if (!purging->changes.is_open || !edge_changes_are_done(&purging->changes))
            return false;
    }
    return true;
}

void edge_purger_close(struct edge_purger *purger)
{
    for (unsigned i = 0; i < purger->n; i++) {
        curl_stop(&purger->targets[i].curl);
        cache_folder_close(&purger->targets[i].folder);
        edge_changes_close(&purger->targets[i].changes);
    }
    purger->n = 0;
}
