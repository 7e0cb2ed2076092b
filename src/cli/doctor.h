/* SPDX-License-Identifier: MIT */
/* The checks of curtctl doctor. Each reports its findings, with a remedy for each problem. */
#pragma once

#include "cli/identity.h"
#include "db/migrate.h"

enum finding {
    FINDING_OK,
    FINDING_WARNING, /* works, but may soon fail, or could work better */
    FINDING_WRONG,
};

struct doctor {
    const struct invocation *invocation;
    const struct config *config;
    const struct identity *identity;
    const char *schema_dir;
    enum migrate_result schema; /* checked as the user who started the command, since the workers do
                                   not read the folder */
    struct error schema_err;
    unsigned n[3]; /* number of each finding */
};

/* Each prints a finding on the subject `what`, with the sentence `format`, and the remedy `cure`.
 */
void doctor_ok(struct doctor *doctor, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_warning(struct doctor *doctor, const char *what, const char *cure, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));
void doctor_wrong(struct doctor *doctor, const char *what, const char *cure, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

/* Reports as which user the checks run. */
void doctor_check_user(struct doctor *doctor);

/* Checks the configuration file: its permissions, and values that are probably mistakes. */
void doctor_check_config_file(struct doctor *doctor, const char *path);

/* Check the base URL, the lists of words and domains, QR codes, the operator's pictures, the
 * segment, the limits of the system. */
void doctor_check_base_url(struct doctor *doctor);
void doctor_check_lists(struct doctor *doctor);
void doctor_check_qr(struct doctor *doctor);
void doctor_check_pages(struct doctor *doctor);
void doctor_check_segment(struct doctor *doctor);
void doctor_check_system(struct doctor *doctor);

/* Checks that maintenance tasks run where there is no maintenance thread (plain CGI). Call it
 * before doctor_check_web_server, whose request runs some of them. */
void doctor_check_maintenance(struct doctor *doctor);

/* Checks that the web server passes requests on to the workers: requests base_url. */
void doctor_check_web_server(struct doctor *doctor);

/* Checks the file of the countries of addresses. */
void doctor_check_country(struct doctor *doctor);

/* Checks the spool: its directory and disk, its pending and its rejected links. */
void doctor_check_spool(struct doctor *doctor);

/* Checks the clicks pending in the ring and in spill files. */
void doctor_check_clicks(struct doctor *doctor);

/* Checks the access logs of caches in front, and the folders of caches that are told of changes;
 * tries whether a link goes from the caches that are told of it. */
void doctor_check_edge(struct doctor *doctor);
void doctor_check_purge(struct doctor *doctor);

/* Compares the schema folder with the database; doctor_check_database reports the result. */
void doctor_read_schema(struct doctor *doctor, const struct config *config);

/* Checks the database: it answers, its version, its tables, permissions, clock, the code key, the
 * ids left. */
void doctor_check_database(struct doctor *doctor);

/* Counts valid and expired API keys. Requires the tables. */
void doctor_check_keys(struct doctor *doctor);

/* Checks that aliases have their lower-case forms, where letter case does not count. Requires the
 * tables. */
void doctor_check_aliases(struct doctor *doctor);

/* Check each replica and each memcached server. */
void doctor_check_replicas(struct doctor *doctor);
void doctor_check_memcached(struct doctor *doctor);

/* Reports backends whose circuit breaker is open, and the invalidation queue. */
void doctor_check_shared(struct doctor *doctor);
