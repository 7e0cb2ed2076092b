/* SPDX-License-Identifier: MIT */
/* What curtctl doctor looks at. Each check reports what it found, and the cure of what is wrong. */
#pragma once

#include "cli/identity.h"
#include "db/migrate.h"

enum finding {
    FINDING_OK,
    FINDING_WARNING, /* works, and may not for long, or not as well as it could */
    FINDING_WRONG,
};

struct doctor {
    const struct invocation *invocation;
    const struct config *config;
    const struct identity *identity;
    const char *schema_dir;
    enum migrate_result schema; /* as who started it sees it: the workers never read the folder */
    struct error schema_err;
    unsigned n[3]; /* how many of each finding */
};

/* One finding: about `what`, a sentence, and what to do about it (NULL when it is FINDING_OK). */
struct diagnosis {
    enum finding finding;
    const char *what;
    const char *cure;
};

static inline struct diagnosis diagnosis_ok(const char *what)
{
    return (struct diagnosis){ FINDING_OK, what, NULL };
}

static inline struct diagnosis diagnosis_warning(const char *what, const char *cure)
{
    return (struct diagnosis){ FINDING_WARNING, what, cure };
}

static inline struct diagnosis diagnosis_wrong(const char *what, const char *cure)
{
    return (struct diagnosis){ FINDING_WRONG, what, cure };
}

/* Prints a finding, `format` being its sentence. */
void doctor_report(struct doctor *doctor, struct diagnosis diagnosis, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As whom it looks. */
void doctor_check_user(struct doctor *doctor);

/* The file of the configuration: who may read it, what may not be meant so. */
void doctor_check_config_file(struct doctor *doctor, const char *path);

/* The base URL, the lists, the shared segment, the limits of the system. */
void doctor_check_base_url(struct doctor *doctor);
void doctor_check_lists(struct doctor *doctor);
void doctor_check_segment(struct doctor *doctor);
void doctor_check_system(struct doctor *doctor);

/* Whether maintenance is done where no worker stays. To be asked before the web server, since every
 * request does some of it. */
void doctor_check_maintenance(struct doctor *doctor);

/* Whether the web server hands requests to the workers: what base_url answers. */
void doctor_check_web_server(struct doctor *doctor);

/* The file that clicks get their countries from. */
void doctor_check_country(struct doctor *doctor);

/* The spool: its directory and its disk, what waits in it, what was rejected. */
void doctor_check_spool(struct doctor *doctor);

/* The clicks that wait in the ring and in files. */
void doctor_check_clicks(struct doctor *doctor);

/* Compares the schema folder with the database; the findings of the database tell how. */
void doctor_read_schema(struct doctor *doctor, const struct config *config);

/* The database: whether it is there, new enough, up to date, ours to write; its clock, the key of
 * the codes, the ids left. */
void doctor_check_database(struct doctor *doctor);

/* The API keys: how many are valid, how many have expired. Asked when the tables are there. */
void doctor_check_keys(struct doctor *doctor);

/* Each replica, each memcached server by itself. */
void doctor_check_replicas(struct doctor *doctor);
void doctor_check_memcached(struct doctor *doctor);

/* Which backends the workers leave alone, and what memcached has yet to be told. */
void doctor_check_shared(struct doctor *doctor);
