/* SPDX-License-Identifier: MIT */
/* Reads that see what other nodes of a cluster have committed. A server is asked once a connection
 * which cluster it is a node of, at the first read that needs to know. Sources: Galera's
 * documentation of wsrep_sync_wait, MySQL's of group_replication_consistency. */
#include "db/db_sql_private.h"

#define WHICH_CLUSTER                                                                     \
    "SHOW VARIABLES WHERE Variable_name = 'group_replication_group_name' AND Value <> ''" \
    " OR Variable_name = 'wsrep_on' AND Value = 'ON'"

/* The statements that end and begin it; 7: for reads and writes of all kinds. */
static const struct {
    const char *begin;
    const char *end;
} CATCHING_UP[] = {
    [CLUSTER_GALERA] = { "SET SESSION wsrep_sync_wait = 7",
                         "SET SESSION wsrep_sync_wait = DEFAULT" },
    [CLUSTER_GROUP] = { "SET SESSION group_replication_consistency = 'BEFORE'",
                        "SET SESSION group_replication_consistency = DEFAULT" },
};

static bool read_cluster(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    enum db_cluster *cluster = context;
    bool is_galera = slice_eq(columns[0].bytes, SLICE("wsrep_on"));
    *cluster = is_galera ? CLUSTER_GALERA : CLUSTER_GROUP;
    return false;
}

static enum sql_result cluster_find(struct db *db, struct error *err)
{
    if (db->cluster != CLUSTER_UNKNOWN && db->cluster_seen == sql_connections(db->sql))
        return SQL_OK;
    enum db_cluster cluster = CLUSTER_NONE;
    enum sql_result result = sql_text(db->sql, SLICE(WHICH_CLUSTER), read_cluster, &cluster, err);
    db->cluster = result == SQL_OK ? cluster : CLUSTER_UNKNOWN;
    db->cluster_seen = sql_connections(db->sql);
    return result;
}

/* If the statement that ends it fails, the connection is lost, and with it the setting. */
enum sql_result db_sql_run_caught_up(struct db *db, const struct sql_query *query,
                                     struct sql_done *done, bool *ran, struct error *err)
{
    struct sql_query waiting = *query;
    waiting.waits_for_nodes = true;
    enum sql_result result = cluster_find(db, err);
    *ran = result == SQL_OK && db->cluster != CLUSTER_NONE;
    if (!*ran)
        return result;
    result = sql_text(db->sql, slice_of(CATCHING_UP[db->cluster].begin), NULL, NULL, err);
    if (result != SQL_OK)
        return result;
    result = sql_run(db->sql, &waiting, done, err);
    enum sql_result ended =
        sql_is_open(db->sql)
            ? sql_text(db->sql, slice_of(CATCHING_UP[db->cluster].end), NULL, NULL, err)
            : SQL_OK;
    return result == SQL_OK ? ended : result;
}
