/* SPDX-License-Identifier: MIT */
/* curtctl doctor: looks for aliases without their lower-case form, if letter case does not count.
 */
#include <inttypes.h>

#include "cli/doctor.h"
#include "service/lower_aliases.h"

enum {
    ARENA_MAX = 16 * 1024 * 1024,
    ALIASES_MAX = 10000, /* that are looked at */
};

void doctor_check_aliases(struct doctor *doctor)
{
    static const char what[] = "aliases";
    struct error err = { "out of memory" };
    if (!doctor->config->links.ignores_alias_case)
        return;
    struct lower_aliases work = {
        .db = db_open(&doctor->config->mysql),
        .looks = true,
        .max = ALIASES_MAX,
        .arena = arena_new(ARENA_MAX),
    };
    if (!work.db || !work.arena || lower_aliases_run(&work, &err) != DB_OK)
        doctor_wrong(doctor, what, "curtctl db status", "%s", err.text);
    else if (work.added)
        doctor_warning(doctor, what, "curtctl link lower",
                       "%" PRIu64 " of %s%" PRIu64
                       " have no lower-case form yet, which links.alias_case = ignore needs",
                       work.added, work.more ? "the first " : "", work.aliases);
    else if (work.conflicts)
        doctor_warning(doctor, what, "see curtctl link lower, and take one of each two off",
                       "%" PRIu64 " differ from one of another link in letter case alone",
                       work.conflicts);
    else
        doctor_ok(doctor, what, "%s%" PRIu64 " have their lower-case forms",
                  work.more ? "the first " : "", work.aliases);
    arena_free(&work.arena);
    db_close(&work.db);
}
