/* SPDX-License-Identifier: MIT */
/* Looks for server programs in the usual folders, and asks them what they are. */
#include "support/database_program.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const usual_folders[] = { "/usr/sbin", "/usr/bin", "/usr/local/sbin",
                                             "/usr/local/bin", NULL };

static bool find_program(const char *const folders[], const char *name, char out[DATABASE_PATH_MAX])
{
    for (; *folders; folders++) {
        int len = snprintf(out, DATABASE_PATH_MAX, "%s/%s", *folders, name);
        if (len < DATABASE_PATH_MAX && access(out, X_OK) == 0)
            return true;
    }
    return false;
}

/* MariaDB installs itself under the name mysqld, too: what a program is, it says. */
static bool says_mariadb(const char *server)
{
    char command[DATABASE_PATH_MAX + 24];
    char line[256] = "";
    snprintf(command, sizeof(command), "'%s' --no-defaults --version", server);
    FILE *output = popen(command, "r"); // NOLINT(cert-env33-c): a path of our own
    if (!output)
        return false;
    bool is_mariadb = fgets(line, sizeof(line), output) && strstr(line, "MariaDB");
    pclose(output);
    return is_mariadb;
}

/* `folder` of the server; its installer may be beside it, or in bin or scripts. */
static const char *find_installer(const char *folder, struct database_program *program)
{
    char bin[DATABASE_PATH_MAX];
    char scripts[DATABASE_PATH_MAX];
    snprintf(bin, sizeof(bin), "%.200s/../bin", folder);
    snprintf(scripts, sizeof(scripts), "%.200s/../scripts", folder);
    const char *const folders[] = { folder, bin, scripts, NULL };
    return find_program(folders, "mariadb-install-db", program->install)
               ? NULL
               : "mariadb-install-db is not installed";
}

static const char *find_by_path(const char *path, struct database_program *program)
{
    char folder[PATH_MAX];
    if (strlen(path) >= DATABASE_PATH_MAX - 16 || !realpath(path, folder) ||
        access(path, X_OK) != 0)
        return "CURT_DATABASE is not mariadb, mysql or the path of a server program";
    *strrchr(folder, '/') = '\0';
    snprintf(program->server, sizeof(program->server), "%s", path);
    snprintf(program->base, sizeof(program->base), "--basedir=%.200s/..", folder);
    program->is_mysql = !says_mariadb(path);
    return program->is_mysql ? NULL : find_installer(folder, program);
}

static const char *find_mariadb(struct database_program *program)
{
    if (!find_program(usual_folders, "mariadbd", program->server))
        return "mariadbd is not installed";
    return find_installer("/usr/bin", program) ? find_installer("/usr/local/bin", program) : NULL;
}

static const char *find_mysql(struct database_program *program)
{
    program->is_mysql = true;
    bool found = find_program(usual_folders, "mysqld", program->server);
    return found && !says_mariadb(program->server) ? NULL : "MySQL's mysqld is not installed";
}

const char *database_program_find(struct database_program *program)
{
    const char *wanted = getenv("CURT_DATABASE");
    memset(program, 0, sizeof(*program));
    if (wanted && strchr(wanted, '/'))
        return find_by_path(wanted, program);
    if (wanted && strcmp(wanted, "mariadb") == 0)
        return find_mariadb(program);
    if (wanted && strcmp(wanted, "mysql") == 0)
        return find_mysql(program);
    if (wanted && *wanted)
        return "CURT_DATABASE is not mariadb, mysql or the path of a server program";
    if (!find_mariadb(program))
        return NULL;
    return find_mysql(program) ? "neither mariadbd nor MySQL's mysqld is installed" : NULL;
}
