/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks the database. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/size_text.h"
#include "db/db.h"
#include "db/sql.h"
#include "os/clock.h"
#include "service/codes.h"
#include "upkeep/app_context.h"

#define NEWER_CURE "install the version of Curt that made the tables, or a later one"

enum {
    TEXT_BYTES = 128,
    SKEW_WARNING_S = 2,
    SKEW_WRONG_S = 30,
    IDS_LEFT_PERCENT = 10,
    PACKET_MIN = 4 * 1024 * 1024,
};

/* Properties of the server. */
struct server {
    char version[TEXT_BYTES];
    int64_t now;
    int64_t max_connections;
    int64_t max_packet;
};

/* A row of the sequence table. */
struct ids {
    const char *name;
    bool found;
    uint64_t next;
    uint64_t limit;
    uint64_t held; /* end of the ids that the workers of this host have had */
};

static void copy_text(const struct sql_value *value, char out[TEXT_BYTES])
{
    struct slice text = value->type == SQL_BYTES ? value->bytes : SLICE("");
    snprintf(out, TEXT_BYTES, "%.*s", SLICE_ARG(text));
}

static uint64_t doctor_database_number_of(const struct sql_value *value)
{
    char text[TEXT_BYTES];
    copy_text(value, text);
    return strtoull(text, NULL, 10);
}

static bool read_server(void *context, const struct sql_value *columns, unsigned n)
{
    struct server *server = context;
    if (n < 4)
        return false;
    copy_text(&columns[0], server->version);
    server->now = (int64_t)doctor_database_number_of(&columns[1]);
    server->max_connections = (int64_t)doctor_database_number_of(&columns[2]);
    server->max_packet = (int64_t)doctor_database_number_of(&columns[3]);
    return true;
}

static bool doctor_database_read_ids(void *context, const struct sql_value *columns, unsigned n)
{
    struct ids *ids = context;
    if (n < 3 || columns[0].type != SQL_BYTES || !slice_eq(columns[0].bytes, slice_of(ids->name)))
        return true;
    ids->found = true;
    ids->next = doctor_database_number_of(&columns[1]);
    ids->limit = doctor_database_number_of(&columns[2]);
    return true;
}

/* MySQL from 8.0, MariaDB from 10.6. */
static bool is_new_enough(const char *version)
{
    char *end;
    long major = strtol(version, &end, 10);
    long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    if (strstr(version, "MariaDB"))
        return major > 10 || (major == 10 && minor >= 6);
    return major >= 8;
}

static void check_version(struct doctor *doctor, const struct server *server)
{
    static const char what[] = "mysql";
    char packet[SIZE_TEXT_BYTES];
    if (!is_new_enough(server->version))
        doctor_wrong(doctor, what, "upgrade to MySQL 8.0 or MariaDB 10.6, or later",
                     "version %s is too old", server->version);
    else if (server->max_packet < PACKET_MIN)
        doctor_warning(doctor, what, "set max_allowed_packet = 16M in the server",
                       "version %s; its max_allowed_packet of %s may be too small for bulk creates",
                       server->version, size_text((uint64_t)server->max_packet, packet));
    else
        doctor_ok(doctor, what,
                  "version %s; each worker uses one of its %" PRId64
                  " connections, each host one more",
                  server->version, server->max_connections);
}

static void check_clock(struct doctor *doctor, const struct server *server)
{
    static const char what[] = "clock";
    static const char cure[] = "synchronise the clocks of both machines with NTP";
    int64_t skew = server->now - clock_now();
    int64_t size = skew < 0 ? -skew : skew;
    if (size > SKEW_WRONG_S)
        doctor_wrong(doctor, what, cure, "the database's clock is %" PRId64 " s off", skew);
    else if (size > SKEW_WARNING_S)
        doctor_warning(doctor, what, cure, "the database's clock is %" PRId64 " s off", skew);
    else
        doctor_ok(doctor, what, "the database has the same time");
}

void doctor_read_schema(struct doctor *doctor, const struct config *config)
{
    const struct migrate_request request = { .sql = &config->mysql, .dir = doctor->schema_dir };
    doctor->schema = migrate_status(&request, &doctor->schema_err);
}

/* Compares the newest migrations' numbers, when the folder of migrations is not available. */
static void report_age(struct doctor *doctor, unsigned newest)
{
    bool newer = tables_age(newest) == TABLES_NEWER;
    const char *cure = newer ? NEWER_CURE : "curtctl db migrate";
    if (newest == 0)
        doctor_wrong(doctor, "schema", cure, "the tables are missing");
    else
        doctor_wrong(doctor, "schema", cure,
                     "the tables are %s than this program: their newest migration is %u, its %d",
                     newer ? "newer" : "older", newest, MIGRATION_NEWEST);
}

static void check_schema(struct doctor *doctor)
{
    static const char what[] = "schema";
    const char *why = doctor->schema_err.text;
    if (access(doctor->schema_dir, F_OK) != 0 && errno == ENOENT) {
        unsigned newest;
        struct error unheard;
        if (migrate_newest(&doctor->config->mysql, &newest, &unheard) == MIGRATE_OK &&
            tables_age(newest) != TABLES_FIT) {
            report_age(doctor, newest);
            return;
        }
        doctor_wrong(doctor, what, "give the folder of migrations with --schema", "%s", why);
        return;
    }
    switch (doctor->schema) {
    case MIGRATE_OK:
        doctor_ok(doctor, what, "up to date");
        return;
    case MIGRATE_PENDING:
        doctor_wrong(doctor, what, "curtctl db migrate",
                     "the tables are older than this program: migrations are pending");
        return;
    case MIGRATE_REFUSED:
        doctor_wrong(doctor, what, NEWER_CURE, "%s", why);
        return;
    case MIGRATE_BUSY:
    case MIGRATE_UNAVAILABLE:
    case MIGRATE_FAILED:
        break;
    }
    doctor_wrong(doctor, what, "see curtctl db status", "%s", why);
}

static void doctor_database_check_code_key(struct doctor *doctor)
{
    static const char what[] = "code key";
    struct error err = { "out of memory" };
    struct db *db = db_open(&doctor->config->mysql);
    struct codes codes = { .db = db, .length = doctor->config->links.code_length };
    if (db && codes_prepare(&codes, &err))
        doctor_ok(doctor, what, "there");
    else
        doctor_wrong(doctor, what,
                     "curtctl db migrate creates one for a new database; for an old "
                     "one restore the row " CODES_KEY_SETTING " of the table setting",
                     "%s", err.text);
    db_close(&db);
}

static void report_ids(struct doctor *doctor, const struct ids *ids)
{
    static const char what[] = "ids";
    static const char cure[] = "raise limit_id of the sequence's row";
    uint64_t left = ids->limit > ids->next ? ids->limit - ids->next : 0;
    if (!ids->found)
        doctor_wrong(doctor, what, "set sequence of [links] to a row of the table sequence",
                     "there is no sequence %s", ids->name);
    else if (ids->held > ids->next)
        doctor_wrong(doctor, what,
                     "if an older database was restored, run curtctl sequence skip, as "
                     "\"Restore\" of docs/operations.md says",
                     "this host has had ids up to %" PRIu64 ", and sequence %s is at %" PRIu64
                     ": no links are made, since their codes would be those of earlier links",
                     ids->held, ids->name, ids->next);
    else if (left == 0)
        doctor_wrong(doctor, what, cure, "sequence %s is used up", ids->name);
    else if (left / (ids->limit / 100 + 1) < IDS_LEFT_PERCENT)
        doctor_warning(doctor, what, cure, "sequence %s: %" PRIu64 " left", ids->name, left);
    else
        doctor_ok(doctor, what, "sequence %s: %" PRIu64 " left", ids->name, left);
}

/* Checks the permissions that the workers need, by statements that touch no row. */
static void check_permissions(struct doctor *doctor, struct sql *sql)
{
    static const char *const tries[] = {
        "INSERT INTO setting (name, value) SELECT name, value FROM setting WHERE 1 = 0",
        "UPDATE setting SET value = value WHERE 1 = 0",
        "DELETE FROM setting WHERE 1 = 0",
    };
    static const char what[] = "grants";
    struct error err = { "" };
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        if (sql_text(sql, slice_of(tries[i]), NULL, NULL, &err) == SQL_OK)
            continue;
        doctor_wrong(doctor, what,
                     "GRANT SELECT, INSERT, UPDATE, DELETE on the database to the "
                     "user; migrations need all",
                     "%s", err.text);
        return;
    }
    doctor_ok(doctor, what, "the user may read and write");
}

static void check_tables(struct doctor *doctor, struct sql *sql)
{
    /* the host's end first, since it may reserve more in between */
    struct ids ids = { .name = doctor->config->links.sequence,
                       .held = app_ids_end(doctor->config) };
    struct error err = { "" };
    check_schema(doctor);
    if (sql_text(sql, SLICE("SELECT name, next_id, limit_id FROM sequence"),
                 doctor_database_read_ids, &ids, &err) != SQL_OK) {
        doctor_wrong(doctor, "ids", "curtctl db migrate", "%s", err.text);
        return;
    }
    report_ids(doctor, &ids);
    doctor_database_check_code_key(doctor);
    doctor_check_keys(doctor);
    doctor_check_aliases(doctor);
    check_permissions(doctor, sql);
}

void doctor_check_database(struct doctor *doctor)
{
    struct server server = { .now = 0 };
    struct error err = { "out of memory" };
    struct sql *sql = sql_new(&doctor->config->mysql);
    static const char question[] =
        "SELECT VERSION(), UNIX_TIMESTAMP(), @@max_connections, @@max_allowed_packet";
    if (!sql || sql_text(sql, slice_of(question), read_server, &server, &err) != SQL_OK) {
        doctor_wrong(doctor, "mysql",
                     "is the server running, and are host or socket, user and "
                     "password of [mysql] right?",
                     "%s", err.text);
    } else {
        check_version(doctor, &server);
        check_clock(doctor, &server);
        check_tables(doctor, sql);
    }
    sql_free(&sql);
}
