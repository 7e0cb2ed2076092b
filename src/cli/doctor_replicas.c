/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks each replica. */
#include <inttypes.h>

#include "cli/doctor.h"
#include "db/db.h"
#include "db/replicas.h"

static const char WHAT[] = "replica";

static const char *name_of(const struct sql_options *server)
{
    return server->socket ? server->socket : server->host;
}

static void check_replica(struct doctor *doctor, const struct sql_options *server, int64_t beat_ms)
{
    struct error err = { "out of memory" };
    int64_t seen_ms = 0;
    struct db *db = db_open(server);
    enum db_result result = db ? db_heartbeat_read(db, &seen_ms, &err) : DB_FAILED;
    if (result == DB_MISSING)
        doctor_warning(doctor, WHAT,
                       "a worker with a shared segment writes it; does the "
                       "replica replicate the table heartbeat?",
                       "%s has no heartbeat: it is not read", name_of(server));
    else if (result != DB_OK)
        doctor_wrong(doctor, WHAT,
                     "is it running, may this host connect, does it "
                     "replicate? Without it the others are read",
                     "%s: %s", name_of(server), err.text);
    else if (beat_ms - seen_ms > (int64_t)doctor->config->replicas.max_lag_ms)
        doctor_warning(doctor, WHAT,
                       "does it replicate? It is read again when it has "
                       "caught up to max_replica_lag",
                       "%s is %" PRId64 " s behind: it is not read", name_of(server),
                       (beat_ms - seen_ms) / 1000);
    else
        doctor_ok(doctor, WHAT, "%s answers, and its lag is small", name_of(server));
    db_close(&db);
}

/* The last heartbeat of the primary; 0 when there is none. */
static int64_t last_heartbeat(struct doctor *doctor)
{
    struct error err = { "" };
    int64_t beat_ms = 0;
    struct db *db = db_open(&doctor->config->mysql);
    if (!db || db_heartbeat_read(db, &beat_ms, &err) != DB_OK)
        beat_ms = 0;
    db_close(&db);
    return beat_ms;
}

void doctor_check_replicas(struct doctor *doctor)
{
    struct error err = { "" };
    struct replicas_options options = doctor->config->replicas;
    options.primary = &doctor->config->mysql;
    if (!*options.servers)
        return;
    struct replicas *replicas = replicas_open(&options, &err);
    int64_t beat_ms = replicas ? last_heartbeat(doctor) : 0;
    for (unsigned i = 0; i < replicas_count(replicas); i++)
        check_replica(doctor, replicas_server(replicas, i), beat_ms);
    if (!replicas)
        doctor_wrong(doctor, WHAT, "see replicas of [mysql]", "%s", err.text);
    replicas_close(&replicas);
}
