/* SPDX-License-Identifier: MIT */
/* curtctl doctor: looks at everything that can be wrong, and tells the cure. */
#include <stdio.h>

#include "cli/doctor.h"
#include "cli/options.h"

static enum cli_status check_all(struct doctor *doctor, const char *path)
{
    doctor_check_config_file(doctor, path);
    doctor_check_base_url(doctor);
    doctor_check_database(doctor);
    doctor_check_replicas(doctor);
    doctor_check_memcached(doctor);
    doctor_check_segment(doctor);
    doctor_check_shared(doctor);
    doctor_check_spool(doctor);
    doctor_check_clicks(doctor);
    doctor_check_lists(doctor);
    doctor_check_system(doctor);
    if (!doctor->invocation->json)
        printf("%u wrong, %u warnings\n", doctor->n[FINDING_WRONG], doctor->n[FINDING_WARNING]);
    return doctor->n[FINDING_WRONG] ? CLI_FAILED : CLI_OK;
}

enum cli_status command_doctor(const struct invocation *invocation)
{
    struct doctor doctor = { .invocation = invocation, .schema_dir = CURT_SCHEMA_DIR };
    const struct cli_option known[] = { { .name = "schema", .text = &doctor.schema_dir } };
    int first;
    if (!cli_take_options(invocation, known, 1, &first) || first != invocation->argc)
        return cli_usage(invocation);
    struct error err = { "" };
    struct config *config = config_load(invocation->config_path, &err);
    if (!config) {
        doctor_report(&doctor,
                      (struct diagnosis){ FINDING_WRONG, "config", "man curt.conf has every key" },
                      "%s", err.text);
        return CLI_CONFIG;
    }
    doctor.config = config;
    const char *path = invocation->config_path ? invocation->config_path : config_default_path();
    enum cli_status status = check_all(&doctor, path);
    config_free(&config);
    return status;
}
