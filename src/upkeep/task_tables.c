/* SPDX-License-Identifier: MIT */
/* The task that compares the database's migrations with the program's and logs a difference: a
 * statement that fails names the missing column, not the remedy. */
#include "db/migrate.h"
#include "upkeep/tasks.h"

enum {
    ROUND_MS = 600 * 1000,
    AGAIN_MS = 10 * 1000, /* while they do not fit */
};

static void task_tables_note(struct tasks *tasks, enum tables_age age, unsigned newest)
{
    static const struct {
        enum log_level level;
        const char *event;
        const char *cure;
    } LINES[] = {
        [TABLES_FIT] = { LOG_LEVEL_INFO, "tables_fit", NULL },
        [TABLES_MISSING] = { LOG_LEVEL_ERROR, "tables_missing", "run curtctl db migrate" },
        [TABLES_OLDER] = { LOG_LEVEL_ERROR, "tables_older", "run curtctl db migrate" },
        [TABLES_NEWER] = { LOG_LEVEL_WARN, "tables_newer",
                           "install the version of Curt that made them, or a later one" },
    };
    const struct log_field fields[] = {
        log_number("migration", newest),
        log_number("program", MIGRATION_NEWEST),
        log_text("cure", slice_of(LINES[age].cure ? LINES[age].cure : "")),
    };
    log_line(tasks->log, LINES[age].level, LINES[age].event, fields, LINES[age].cure ? 3 : 2);
}

int64_t task_tables(struct tasks *tasks, int64_t now_ms)
{
    unsigned newest;
    struct error unheard; /* others log that the database does not answer */
    (void)now_ms;
    if (migrate_newest(&tasks->app.mysql, &newest, &unheard) != MIGRATE_OK)
        return AGAIN_MS;
    enum tables_age age = tables_age(newest);
    if (age != tasks->tables)
        task_tables_note(tasks, age, newest);
    tasks->tables = age;
    tasks->done.failed |= age == TABLES_MISSING || age == TABLES_OLDER;
    return age == TABLES_FIT ? ROUND_MS : AGAIN_MS;
}
