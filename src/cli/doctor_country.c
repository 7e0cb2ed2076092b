/* SPDX-License-Identifier: MIT */
/* curtctl doctor: checks the file of the countries of addresses. */
#include "cli/doctor.h"
#include "files/country_file.h"
#include "os/clock.h"

void doctor_check_country(struct doctor *doctor)
{
    static const char what[] = "country";
    struct country_file file = { .path = doctor->config->clicks.country_database };
    char code[2];
    struct address any = { { 0 } };
    if (!file.path || !*file.path) {
        doctor_report(doctor, diagnosis_ok(what), "no country database");
        return;
    }
    country_find(&file, &any, clock_now(), code);
    if (file.fault.text[0])
        doctor_report(doctor,
                      diagnosis_wrong(what, "name a file in MaxMind's format (.mmdb) that the "
                                            "workers may read, or empty country_database"),
                      "%s", file.fault.text);
    else
        doctor_report(doctor, diagnosis_ok(what), "%s can be read", file.path);
    country_file_close(&file);
}
