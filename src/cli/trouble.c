/* SPDX-License-Identifier: MIT */
/* Distinguishes a database that is unavailable from one that is not set up. */
#include "cli/trouble.h"

#include <string.h>

#include "db/migrate.h"
#include "db/sql.h"

static bool count_row(void *context, const struct sql_value *columns, unsigned n)
{
    unsigned *rows = context;
    (void)columns, (void)n;
    ++*rows;
    return true;
}

/* Reports tables that are older or newer than the program: with older ones commands fail; newer
 * ones need not be the cause. */
static enum cli_status trouble_report_table_age(const struct config *config, enum cli_status status)
{
    unsigned newest;
    struct error unheard;
    if (migrate_newest(&config->mysql, &newest, &unheard) != MIGRATE_OK)
        return status;
    if (tables_age(newest) == TABLES_NEWER)
        cli_complain("the tables are newer than this program (migration %u; it knows %d): install "
                     "the version of Curt that made them, or a later one",
                     newest, MIGRATION_NEWEST);
    if (tables_age(newest) == TABLES_NEWER || tables_age(newest) == TABLES_FIT)
        return status;
    return cli_fail(
        CLI_CONFIG,
        "the tables are older than this program (migration %u; it needs %d): run curtctl "
        "db migrate",
        newest, MIGRATION_NEWEST);
}

static enum cli_status trouble_look(const struct config *config, struct sql *sql, bool wants_tables,
                                    enum cli_status status)
{
    struct error err = { "" };
    unsigned tables = 0;
    enum sql_result result =
        sql_text(sql,
                 SLICE("SELECT 1 FROM information_schema.tables "
                       "WHERE table_schema = DATABASE() AND table_name = 'migration'"),
                 count_row, &tables, &err);
    if (result == SQL_ERROR)
        return cli_fail(
            CLI_CONFIG,
            "the database refuses the connection: check host or socket, user, password, "
            "database and "
            "tls of [mysql]");
    if (result != SQL_OK || !wants_tables)
        return status;
    if (tables == 0)
        return cli_fail(CLI_CONFIG, "the tables are missing in the database %s: curtctl db migrate",
                        config->mysql.database);
    return trouble_report_table_age(config, status);
}

enum cli_status trouble_of_database(const struct invocation *invocation, enum cli_status status)
{
    bool failed = status == CLI_FAILED || status == CLI_UNAVAILABLE;
    if (!failed || !invocation->config || invocation->command->needs & COMMAND_NO_DATABASE)
        return status;
    struct sql *sql = sql_new(&invocation->config->mysql);
    bool wants_tables = !(invocation->command->needs & COMMAND_MAKES_TABLES);
    if (sql)
        status = trouble_look(invocation->config, sql, wants_tables, status);
    sql_free(&sql);
    return status;
}
