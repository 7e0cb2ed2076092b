/* SPDX-License-Identifier: MIT */
/* Prints the findings of curtctl doctor. */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/json.h"
#include "text/utf8.h"

enum {
    SENTENCE_MAX = 1024,
};

static const char *const NAMES[] = {
    [FINDING_OK] = "ok",
    [FINDING_WARNING] = "warning",
    [FINDING_WRONG] = "wrong",
};

/* A finding: its subject `what`, and the remedy; NULL: none is needed. */
struct diagnosis {
    enum finding finding;
    const char *what;
    const char *cure;
};

static void doctor_print_json(struct diagnosis diagnosis, const char *sentence)
{
    const struct json_member members[] = {
        json_member_text("check", slice_of(diagnosis.what)),
        json_member_text("state", slice_of(NAMES[diagnosis.finding])),
        json_member_text("text", slice_of(sentence)),
        json_member_text("cure", slice_of(diagnosis.cure)),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

static void doctor_report(struct doctor *doctor, struct diagnosis diagnosis, const char *format,
                          va_list args)
{
    char sentence[SENTENCE_MAX];
    vsnprintf(sentence, sizeof(sentence), format, args);
    doctor->n[diagnosis.finding]++;
    if (doctor->invocation->json) {
        doctor_print_json(diagnosis, sentence);
        return;
    }
    utf8_make_line(sentence); /* parts may be from files that other users write */
    printf("%-8s %-12s %s\n", NAMES[diagnosis.finding], diagnosis.what, sentence);
    if (diagnosis.cure)
        printf("%-8s %-12s cure: %s\n", "", "", diagnosis.cure);
}

void doctor_ok(struct doctor *doctor, const char *what, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    doctor_report(doctor, (struct diagnosis){ FINDING_OK, what, NULL }, format, args);
    va_end(args);
}

void doctor_warning(struct doctor *doctor, const char *what, const char *cure, const char *format,
                    ...)
{
    va_list args;
    va_start(args, format);
    doctor_report(doctor, (struct diagnosis){ FINDING_WARNING, what, cure }, format, args);
    va_end(args);
}

void doctor_wrong(struct doctor *doctor, const char *what, const char *cure, const char *format,
                  ...)
{
    va_list args;
    va_start(args, format);
    doctor_report(doctor, (struct diagnosis){ FINDING_WRONG, what, cure }, format, args);
    va_end(args);
}
