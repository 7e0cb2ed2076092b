/* SPDX-License-Identifier: MIT */
/* Follows the access logs of [edge]. */
#include "upkeep/edge_logs.h"

#include <stdlib.h>

static bool edge_logs_open(struct edge_logs *logs, struct error *err)
{
    const struct config *config = logs->config;
    if (logs->follower)
        return true;
    logs->follower = calloc(1, sizeof(*logs->follower));
    if (!logs->follower)
        return error_set(err, "out of memory");
    logs->follower->db = logs->db;
    logs->follower->arena = logs->arena;
    logs->follower->metrics = logs->metrics;
    logs->follower->kept_dir = config->spool.path;
    logs->follower->max_age_s = config->edge.logs_max_age_s;
    logs->follower->batches_max = logs->batches_max;
    logs->follower->read = logs->read;
    logs->follower->read_context = logs->read_context;
    logs->follower->lines.db = logs->db;
    logs->follower->lines.arena = logs->arena;
    logs->follower->lines.window_s = config->clicks.visitor_window_s;
    logs->follower->lines.countries.path = config->clicks.country_database;
    logs->follower->lines.codes.base_path = config->server.base_path;
    logs->follower->lines.codes.ignores_case = config->links.ignores_alias_case != 0;
    return true;
}

static enum db_result edge_logs_prepare(struct edge_logs *logs, struct error *err)
{
    if (!edge_logs_open(logs, err))
        return DB_FAILED;
    enum db_result result = logs->is_prepared ? DB_OK : follow_prepare(logs->follower, err);
    logs->is_prepared = result == DB_OK;
    return result;
}

/* The log number `next`; false after the last one. */
static bool edge_logs_place(const struct edge_logs *logs, struct log_place *place)
{
    struct slice list = slice_of(logs->config->edge.logs);
    struct error err;
    bool is_there = log_place_next(&list, place, &err);
    for (unsigned i = 0; i < logs->next && is_there; i++)
        is_there = log_place_next(&list, place, &err);
    return is_there;
}

static void edge_logs_count(const struct edge_logs *logs, enum log_kind kind,
                            const struct follow_total *total)
{
    for (unsigned i = 0; i < FOLLOW_RESULTS; i++) {
        uint64_t n = follow_result_count(&total->lines, (enum follow_result)i);
        const struct metric_labels labels = { .a = (uint8_t)kind, .b = (uint8_t)i };
        if (n)
            metrics_add(logs->metrics, METRIC_LOG_LINES, labels, n);
    }
}

/* Adds what a step has found to the round. */
static void edge_logs_note(struct edge_round *round, enum log_kind kind,
                           const struct follow_total *total)
{
    round->more |= total->more;
    round->behind[kind] += (int64_t)total->behind;
    round->failed[kind] += total->failed;
    round->n_failed += total->failed;
    if (total->fault.text[0])
        round->fault = total->fault;
}

static void edge_logs_add(struct follow_total *sum, const struct follow_total *step)
{
    for (int i = 0; i < LOG_VERDICTS; i++)
        sum->lines.verdicts[i] += step->lines.verdicts[i];
    sum->lines.unknown += step->lines.unknown;
    sum->lines.late += step->lines.late;
    sum->clicks += step->clicks;
    sum->bots += step->bots;
    sum->dropped += step->dropped;
    sum->bytes += step->bytes;
    sum->behind += step->behind;
    sum->files += step->files;
    sum->failed += step->failed;
    if (step->fault.text[0])
        sum->fault = step->fault;
    sum->more |= step->more;
}

/* Sets the gauges of the kinds that are configured. */
static void edge_logs_end_round(struct edge_logs *logs)
{
    struct slice list = slice_of(logs->config->edge.logs);
    struct log_place place;
    struct error err;
    logs->next = 0;
    logs->round.is_over = true;
    while (log_place_next(&list, &place, &err)) {
        const struct metric_labels labels = { .a = (uint8_t)place.kind };
        metrics_set(logs->metrics, METRIC_LOG_BEHIND, labels, logs->round.behind[place.kind]);
        metrics_set(logs->metrics, METRIC_LOG_UNREADABLE, labels,
                    (int64_t)logs->round.failed[place.kind]);
    }
}

enum db_result edge_logs_step(struct edge_logs *logs, struct follow_total *total, struct error *err)
{
    struct log_place place;
    struct follow_total step = { .files = 0 };
    if (logs->round.is_over)
        logs->round = (struct edge_round){ .is_over = false };
    if (!edge_logs_place(logs, &place)) {
        edge_logs_end_round(logs);
        return DB_OK;
    }
    enum db_result result = edge_logs_prepare(logs, err);
    if (result != DB_OK)
        return result;
    struct slice format = slice_of(logs->config->edge.formats[place.kind]);
    result = follow_log(logs->follower, &place, format, &step, err);
    edge_logs_count(logs, place.kind, &step);
    edge_logs_add(total, &step);
    if (result != DB_OK)
        return result;
    edge_logs_note(&logs->round, place.kind, &step);
    logs->next++;
    if (!edge_logs_place(logs, &place))
        edge_logs_end_round(logs);
    return DB_OK;
}

void edge_logs_close(struct edge_logs *logs)
{
    if (logs->follower)
        follow_close(logs->follower);
    free(logs->follower);
    logs->follower = NULL;
}
