/* SPDX-License-Identifier: MIT */
/* The worker's loop: accepts a request, dispatches it, responds, logs it, and resets its memory. */
#include "app/worker.h"

#include <stdlib.h>
#include <sys/random.h>

#include "app/access_log.h"
#include "app/maintenance.h"
#include "app/stop_signals.h"
#include "app/worker_clicks.h"
#include "cache/memcached.h"
#include "fcgi/cgi.h"
#include "fcgi/fcgi.h"
#include "os/clock.h"
#include "os/monotonic.h"
#include "runtime/prefork.h"
#include "text/base62.h"
#include "upkeep/app_context.h"
#include "upkeep/upkeep.h"
#include "web/count.h"
#include "web/dispatch.h"

enum {
    HTTP_UNAVAILABLE = 503,
    PREFIX_DIGITS = 9, /* of a request id, for the worker */
    COUNT_DIGITS = 6,  /* of a request id, for the number of the worker's request */
    IDLE_MS_MIN = 100,
};

struct worker {
    struct app_context app;
    struct log *log;
    struct fcgi *fcgi;               /* NULL: one request by CGI */
    struct cgi *cgi;                 /* NULL: FastCGI */
    struct worker_clicks clicks;     /* all zero where clicks are not counted */
    struct maintenance *maintenance; /* NULL: none is needed, or it could not be started */
    struct arena *arena;             /* of the current request */
    uint64_t random;                 /* state of the generator */
    char request_id[PREFIX_DIGITS + COUNT_DIGITS + 1];
    uint64_t served;
    bool cache_failed; /* in the last request that used memcached */
    /* What was last logged of the list of blocked domains, and of untrusted proxies. */
    unsigned blocked_loads;
    bool blocked_faulty;
    bool proxy_noted;
};

/* SplitMix64 (Steele, Lea, Flood 2014): for jitter, not for secrets. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static bool seed(struct worker *worker, struct error *err)
{
    if (getrandom(&worker->random, sizeof(worker->random), 0) == sizeof(worker->random))
        return true;
    return error_set(err, "getrandom: no random bytes");
}

/* Logs that memcached fails or works again: once each, not with every request. */
static void note_cache(struct worker *worker, const struct exchange *x)
{
    if (x->level == LEVEL_NONE || x->cache_failed == worker->cache_failed)
        return;
    worker->cache_failed = x->cache_failed;
    if (x->cache_failed)
        log_error(worker->log, "cache_unavailable", x->err.text);
    else
        log_line(worker->log, LOG_LEVEL_INFO, "cache_available", NULL, 0);
}

/* Logs every create that is refused for want of ids: only an administrator can end that. */
static void note_ids(struct worker *worker, const struct exchange *x)
{
    if (!x->ids_exhausted)
        return;
    const struct log_field fields[] = {
        log_text("request_id", x->request_id),
        log_text("error", slice_of(x->err.text)),
        log_text("cure", SLICE("see \"Ids\" in docs/operations.md")),
    };
    log_line(worker->log, LOG_LEVEL_ERROR, "sequence_exhausted", fields, 3);
}

/* Logs an untrusted proxy header once: only an administrator can change that, and any client may
 * send such a header. */
static void note_proxy(struct worker *worker, const struct exchange *x)
{
    if (!x->untrusted_proxy || worker->proxy_noted)
        return;
    worker->proxy_noted = true;
    const struct log_field fields[] = {
        log_text("request_id", x->request_id),
        log_text("cure", SLICE("if it is your proxy, name it in server.trusted_proxies: all "
                               "clients behind it share one limit")),
    };
    log_line(worker->log, LOG_LEVEL_WARN, "untrusted_proxy", fields, 2);
}

/* Logs each time the list is read, and the first failure to read it. */
static void note_blocked(struct worker *worker)
{
    const struct blocked_file *blocked = &worker->app.blocked;
    bool faulty = *blocked->fault.text != '\0';
    if (blocked->loads != worker->blocked_loads) {
        const struct log_field fields[] = {
            log_number("domains", (int64_t)blocked->set.n),
            log_number("unreadable_lines", (int64_t)blocked->invalid),
        };
        log_line(worker->log, LOG_LEVEL_INFO, "blocked_domains_read", fields, 2);
    }
    if (faulty && !worker->blocked_faulty)
        log_error(worker->log, "blocked_domains_unreadable", blocked->fault.text);
    worker->blocked_loads = blocked->loads;
    worker->blocked_faulty = faulty;
}

static bool respond(struct worker *worker, const struct exchange *x, struct error *err)
{
    return worker->cgi ? cgi_respond(worker->cgi, x->request, &x->response, err)
                       : fcgi_respond(worker->fcgi, x->request, &x->response, err);
}

static enum fcgi_event accept_request(struct worker *worker, struct http_request *out,
                                      struct error *err)
{
    return worker->cgi ? cgi_accept(worker->cgi, worker->arena, out, err)
                       : fcgi_accept(worker->fcgi, worker->arena, out, err);
}

static void serve(struct worker *worker, const struct http_request *request)
{
    int64_t begin_us = monotonic_us();
    base62_encode(worker->served++, COUNT_DIGITS, worker->request_id + PREFIX_DIGITS);
    struct exchange x = {
        .request = request,
        .site = &worker->app.site,
        .services = &worker->app.services,
        .arena = worker->arena,
        .now = clock_now(),
        .now_us = begin_us,
        .random = (uint32_t)next_random(&worker->random),
        .request_id = slice_of(worker->request_id),
    };
    dispatch(&x);
    struct answered answered = { .client = access_client(worker->log, &x) };
    struct error lost = { "" };
    if (!respond(worker, &x, &lost))
        answered.lost = lost.text;
    int64_t end_us = monotonic_us();
    answered.duration_us = end_us - begin_us;
    count_exchange(&x, answered.duration_us);
    note_cache(worker, &x);
    note_blocked(worker);
    note_ids(worker, &x);
    note_proxy(worker, &x);
    worker_clicks_note(&worker->clicks, x.now);
    access_log(worker->log, &x, &answered);
    app_context_close_idle(&worker->app, end_us / 1000);
}

static bool open_transport(struct worker *worker, const struct config *config, int listen_fd,
                           struct error *err)
{
    unsigned idle_ms = config->mysql.idle_close_ms / 2;
    uint64_t bulk = config->api.max_bulk_body;
    const struct fcgi_options options = {
        .listen_fd = listen_fd,
        .max_body = config->server.max_body > bulk ? config->server.max_body : bulk,
        .read_timeout_ms = config->server.read_timeout_ms,
        .idle_ms = idle_ms == 0 || idle_ms > IDLE_MS_MIN ? idle_ms : IDLE_MS_MIN,
    };
    if (worker->cgi) {
        worker->cgi->options.max_body = options.max_body;
        worker->cgi->options.read_timeout_ms = options.read_timeout_ms;
        return true;
    }
    worker->fcgi = fcgi_open(&options, err);
    return worker->fcgi != NULL;
}

static bool open_worker(struct worker *worker, const struct config *config, int listen_fd,
                        struct error *err)
{
    worker->arena = arena_new(config->server.max_memory);
    if (!worker->arena || !seed(worker, err) ||
        !app_context_open(&worker->app, config, APP_WORKER, worker->log, err))
        return false;
    /* For when the database is unavailable later; one request reads the key if it needs it. */
    if (worker->app.remote && !worker->app.segment && !worker->cgi)
        memcached_prepare(worker->app.remote);
    if (config->clicks.enabled) {
        worker_clicks_open(&worker->clicks, config, worker->log, worker->app.metrics);
        worker->app.services.click_log = &worker->clicks.click_log;
    }
    base62_encode(next_random(&worker->random), PREFIX_DIGITS, worker->request_id);
    return open_transport(worker, config, listen_fd, err);
}

static void close_worker(struct worker *worker)
{
    stop_signals_forget();
    maintenance_stop(&worker->maintenance);
    fcgi_close(&worker->fcgi);
    worker_clicks_close(&worker->clicks);
    app_context_close(&worker->app);
    arena_free(&worker->arena);
}

/* WORKER_OUTDATED or WORKER_USED_UP if this worker is to be replaced, otherwise 0. */
static int worker_end_reason(const struct worker *worker, uint64_t max_requests)
{
    switch (maintenance_renewal(worker->maintenance)) {
    case RENEWAL_PROGRAM:
        return WORKER_OUTDATED;
    case RENEWAL_SEGMENT:
        return WORKER_USED_UP;
    case RENEWAL_NONE:
        break;
    }
    return max_requests > 0 && worker->served >= max_requests ? WORKER_USED_UP : 0;
}

/* Accepts and serves until the worker stops; returns what worker_run returns. */
static int loop(struct worker *worker, uint64_t max_requests)
{
    int status;
    while ((status = worker_end_reason(worker, max_requests)) == 0) {
        struct http_request request;
        struct error err = { "" };
        switch (accept_request(worker, &request, &err)) {
        case FCGI_REQUEST:
            serve(worker, &request);
            break;
        case FCGI_DROPPED:
            log_error(worker->log, "request_dropped", err.text);
            break;
        case FCGI_IDLE:
            if (worker->app.spool)
                spool_let_go(worker->app.spool);
            app_context_close_idle(&worker->app, monotonic_ms());
            worker_clicks_note(&worker->clicks, clock_now());
            break;
        case FCGI_STOPPED:
            return EXIT_SUCCESS;
        case FCGI_FAILED:
            log_error(worker->log, "accept_failed", err.text);
            return EXIT_FAILURE;
        }
        arena_reset(worker->arena);
    }
    stop_signals_hold();
    return status;
}

/* Counts this worker in the host's metrics. Where nothing has been flushed yet, the time of the
 * last flush is set to now, since there was nothing to flush before. */
static void count_worker(struct metrics *metrics)
{
    const struct metric_labels none = { 0 };
    metrics_count(metrics, METRIC_WORKERS_STARTED, 0);
    metrics_hold(metrics, HOLDING_WORKERS, 1);
    if (metrics_get(metrics, METRIC_FLUSHED_AT, none) == 0)
        metrics_set(metrics, METRIC_FLUSHED_AT, none, clock_now());
}

/* Starts the maintenance thread; logs a failure, since links can be served without it. */
static void start_maintenance(struct worker *worker, const struct worker_options *options)
{
    struct error err;
    const struct maintenance_options wanted = {
        .config = options->config,
        .log = options->log,
        .segment = worker->app.segment,
        .program = options->program,
        .follows_program = options->follows_program,
    };
    worker->maintenance = maintenance_start(&wanted, &err);
    if (!worker->maintenance)
        log_error(worker->log, "housekeeper_failed", err.text);
}

int worker_run(const struct worker_options *options)
{
    struct worker worker = { .log = options->log };
    struct error err = { "out of memory" };
    int status = EXIT_FAILURE;
    if (open_worker(&worker, options->config, options->listen_fd, &err)) {
        stop_signals_install(worker.fcgi);
        prefork_tell_started();
        count_worker(worker.app.metrics);
        start_maintenance(&worker, options);
        status = loop(&worker, options->config->server.max_requests);
    } else {
        log_error(options->log, "worker_failed", err.text);
    }
    close_worker(&worker);
    return status;
}

int worker_run_once(const struct config *config, struct log *log, struct cgi *cgi)
{
    struct worker worker = { .log = log, .cgi = cgi };
    struct error err = { "out of memory" };
    int status = EXIT_FAILURE;
    if (open_worker(&worker, config, -1, &err)) {
        stop_signals_install(NULL);
        count_worker(worker.app.metrics);
        status = loop(&worker, 0);
    } else {
        log_error(log, "worker_failed", err.text);
    }
    cgi_refuse(cgi, HTTP_UNAVAILABLE);
    bool overdue = upkeep_is_due(worker.app.segment, monotonic_ms());
    close_worker(&worker);
    if (overdue) {
        stop_signals_hold();
        cgi_leave();
        upkeep_brief(config, log);
    }
    return status;
}
