/* SPDX-License-Identifier: MIT */
/* curtctl doctor: runs all checks, and prints their findings with remedies. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/options.h"
#include "runtime/folder.h"

static enum cli_status check_all(struct doctor *doctor, const char *path)
{
    doctor_check_user(doctor);
    doctor_check_config_file(doctor, path);
    doctor_check_base_url(doctor);
    doctor_check_maintenance(doctor);
    doctor_check_web_server(doctor);
    doctor_check_database(doctor);
    doctor_check_replicas(doctor);
    doctor_check_memcached(doctor);
    doctor_check_segment(doctor);
    doctor_check_shared(doctor);
    doctor_check_spool(doctor);
    doctor_check_clicks(doctor);
    doctor_check_edge(doctor);
    doctor_check_purge(doctor);
    doctor_check_country(doctor);
    doctor_check_lists(doctor);
    doctor_check_qr(doctor);
    doctor_check_pages(doctor);
    doctor_check_system(doctor);
    if (!doctor->invocation->json)
        printf("%u wrong, %u warning%s\n", doctor->n[FINDING_WRONG], doctor->n[FINDING_WARNING],
               doctor->n[FINDING_WARNING] == 1 ? "" : "s");
    return doctor->n[FINDING_WRONG] ? CLI_FAILED : CLI_OK;
}

/* Reports why the checks cannot run. */
static enum cli_status doctor_refuse(struct doctor *doctor, const char *path, enum cli_status why,
                                     const struct error *err)
{
    if (why == CLI_USAGE)
        cli_complain("%s", err->text);
    else if (access(path, R_OK) != 0 && errno == EACCES)
        doctor_wrong(doctor, "config",
                     "chgrp it to the workers' group, and chmod 640 it; "
                     "its folders need x for all",
                     "%s", err->text);
    else
        doctor_wrong(doctor, "config", "man curt.conf has every key", "%s", err->text);
    return why;
}

enum cli_status command_doctor(const struct invocation *invocation, struct cli_context *context)
{
    const char *schema = cli_option(invocation, "schema");
    char place[PATH_MAX];
    struct doctor doctor = {
        .invocation = invocation,
        .schema_dir = schema ? schema : folder_find("schema", CURT_SCHEMA_DIR, place),
    };
    (void)context;
    struct error err = { "" };
    struct identity identity;
    struct config *first_look = config_load(invocation->config_path, &err);
    if (first_look)
        doctor_read_schema(&doctor, first_look);
    config_free(&first_look);
    enum cli_status why;
    struct config *config = identity_load(invocation, &identity, &why, &err);
    const char *path = invocation->config_path ? invocation->config_path : config_default_path();
    if (!config)
        return doctor_refuse(&doctor, path, why, &err);
    doctor.config = config;
    doctor.identity = &identity;
    enum cli_status status = check_all(&doctor, path);
    config_free(&config);
    return status;
}
