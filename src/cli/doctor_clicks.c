/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks the clicks of this host that are not in the database yet. */
#include <inttypes.h>

#include "cli/doctor.h"
#include "cli/size_text.h"
#include "clicklog/click_spill.h"
#include "files/country_file.h"
#include "os/clock.h"
#include "upkeep/app_context.h"

static const char WHAT[] = "clicks";

static void check_ring(struct doctor *doctor)
{
    struct error err;
    struct click_ring *ring = app_ring_find(doctor->config, &err);
    if (!ring && err.text[0]) {
        doctor_warning(doctor, WHAT,
                       "run it as the workers' user, or as root; a ring of "
                       "another version: flush it with that version, then "
                       "remove it",
                       "%s", err.text);
        return;
    }
    if (!ring) {
        doctor_ok(doctor, WHAT, "no ring yet: the first worker creates it");
        return;
    }
    struct click_ring_level level = click_ring_level(ring);
    click_ring_close(&ring);
    if (level.half_full)
        doctor_warning(doctor, WHAT,
                       "see the findings of mysql; if it answers, run curtctl "
                       "flush, and end a worker that makes no progress",
                       "%" PRIu64 " wait in the ring, which is not flushed in time", level.pending);
    else
        doctor_ok(doctor, WHAT, "%" PRIu64 " wait in the ring for the next flush", level.pending);
}

/* Reports spill files. Flushed files that are not yet removed still count, so only files with
 * events are reported. */
static void check_spill(struct doctor *doctor)
{
    struct click_spill_size size = click_spill_measure(doctor->config->spool.path);
    uint64_t max = doctor->config->clicks.spill_max;
    char used[SIZE_TEXT_BYTES];
    char most[SIZE_TEXT_BYTES];
    if (size.events && size.bytes >= max)
        doctor_wrong(doctor, WHAT,
                     "see the findings of mysql, or raise spill_max of "
                     "[clicks]",
                     "%" PRIu64 " wait in spill files, which are full: further clicks are lost",
                     size.events);
    else if (size.events)
        doctor_warning(doctor, WHAT, "none is needed if the database is unavailable",
                       "%" PRIu64 " wait in spill files, %s of %s", size.events,
                       size_text(size.bytes, used), size_text(max, most));
}

static void check_countries(struct doctor *doctor)
{
    struct error err;
    const char *path = doctor->config->clicks.country_database;
    if (!path || !*path)
        return;
    if (country_file_check(path, &err))
        doctor_ok(doctor, WHAT, "countries are read from %s", path);
    else
        doctor_wrong(doctor, WHAT,
                     "country_database of [clicks]: a country file in MaxMind's "
                     "format; docs/statistics.md names some",
                     "every country is unknown: %s", err.text);
}

void doctor_check_clicks(struct doctor *doctor)
{
    if (!doctor->config->clicks.enabled) {
        doctor_ok(doctor, WHAT, "are not counted (enabled of [clicks])");
        return;
    }
    check_ring(doctor);
    check_spill(doctor);
    check_countries(doctor);
}

/* --- the file of the countries of addresses --- */

void doctor_check_country(struct doctor *doctor)
{
    static const char what[] = "country";
    struct country_file file = { .path = doctor->config->clicks.country_database };
    char code[2];
    struct address any = { { 0 } };
    if (!file.path || !*file.path) {
        doctor_ok(doctor, what, "no country database");
        return;
    }
    country_find(&file, &any, clock_now(), code);
    if (file.fault.text[0])
        doctor_wrong(doctor, what,
                     "name a file in MaxMind's format (.mmdb) that the "
                     "workers may read, or empty country_database",
                     "%s", file.fault.text);
    else
        doctor_ok(doctor, what, "%s can be read", file.path);
    country_file_close(&file);
}
