/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks that maintenance tasks run where there is no maintenance thread (plain
 * CGI). */
#include <fcntl.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "os/monotonic.h"
#include "shm/leader_lease.h"
#include "shm/schedule.h"

enum {
    OVERDUE_MINUTES = 15, /* cron runs every five */
};

/* The due time of the longest overdue task; 0 where no process has kept a schedule: maintenance
 * threads need none. */
static int64_t longest_due_ms(const struct segment *segment)
{
    const struct schedule *schedule = segment_schedule(segment);
    int64_t earliest = 0;
    for (size_t i = 0; i < SCHEDULE_TASKS_MAX; i++) {
        int64_t at = __atomic_load_n(&schedule->due_ms[i], __ATOMIC_RELAXED);
        if (at > 0 && (earliest == 0 || at < earliest))
            earliest = at;
    }
    return earliest;
}

static bool is_maintained_now(const struct doctor *doctor)
{
    int fd = open(doctor->config->segment.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool taken = fd >= 0 && leader_lease_is_held(fd);
    if (fd >= 0)
        close(fd);
    return taken;
}

void doctor_check_maintenance(struct doctor *doctor)
{
    static const char what[] = "maintenance";
    const struct segment_options *options = &doctor->config->segment;
    struct segment *segment = NULL;
    struct error unheard;
    if (!*options->path || access(options->path, F_OK) != 0 ||
        segment_open_to_read(options, &segment, &unheard) != PRIVATE_FILE_OK)
        return; /* reported by doctor_check_shared */
    int64_t due_ms = longest_due_ms(segment);
    segment_close(&segment);
    if (due_ms == 0)
        return;
    int64_t minutes = (monotonic_ms() - due_ms) / 60000;
    if (is_maintained_now(doctor))
        doctor_ok(doctor, what, "a process of this host holds the leader lease");
    else if (minutes >= OVERDUE_MINUTES)
        doctor_warning(doctor, what,
                       "have cron run \"curtctl maintain\" every five minutes: "
                       "until then clicks are counted late, and expired links "
                       "stay",
                       "it has been due for %lld minutes, and no process runs it",
                       (long long)minutes);
    else
        doctor_ok(doctor, what, "done by requests and by curtctl maintain");
}
