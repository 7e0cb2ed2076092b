/* SPDX-License-Identifier: MIT */
/* Counts the rows of an import by kind. */
#include "transfer/import_report.h"

#include <string.h>

#include "text/utf8.h"

const struct import_refusal_row import_refusal_rows[IMPORT_REFUSALS] = {
#define IMPORT_REFUSAL(id, its_name, its_text) [IMPORT_REFUSAL_##id] = { its_name, its_text },
#include "transfer/import_refusal.def"
#undef IMPORT_REFUSAL
};

static void tally_add(struct import_tally *tally, uint64_t line, struct slice code)
{
    if (tally->n++ > 0 && line >= tally->line)
        return;
    tally->line = line;
    size_t len = code.len < CODE_MAX ? code.len : CODE_MAX;
    if (len > 0)
        memcpy(tally->code, code.at, len);
    tally->code[len] = '\0';
    utf8_make_line(tally->code);
}

void import_report_take(struct import_report *report, uint64_t line, const struct link *link,
                        uint64_t changes)
{
    report->imported++;
    report->changed += changes != 0;
    for (unsigned i = 0; i < IMPORT_CHANGES && changes; i++) {
        if (changes & IMPORT_CHANGE_BIT(i))
            tally_add(&report->changes[i], line, link->code);
    }
}

void import_report_refuse(struct import_report *report, enum import_refusal why, uint64_t line,
                          struct slice code)
{
    if (import_refusal_is_conflict(why))
        report->conflicts++;
    else
        report->refused++;
    tally_add(&report->refusals[why], line, code);
}
