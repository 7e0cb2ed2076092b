/* SPDX-License-Identifier: MIT */
/* Reads the options of `curtctl import` that say how its file is to be read. */
#include "cli/import_source.h"

#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "files/zone_file.h"
#include "os/clock.h"

static bool choose_delimiter(const struct invocation *invocation, const char *text, char *out)
{
    if (!text)
        return true;
    if (strcasecmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
        text = "\t";
    *out = text[0];
    if (text[0] && !text[1] && strchr(",;\t|", text[0]))
        return true;
    (void)cli_refuse_choice(invocation, "delimiter", text);
    return false;
}

static bool choose_order(const struct invocation *invocation, const char *text,
                         enum date_order *out)
{
    if (!text)
        return true;
    *out = strcmp(text, "mdy") == 0 ? DATE_ORDER_MDY : DATE_ORDER_DMY;
    if (*out == DATE_ORDER_MDY || strcmp(text, "dmy") == 0)
        return true;
    (void)cli_refuse_choice(invocation, "date-order", text);
    return false;
}

static bool choose_zone(const char *text, struct arena *arena, const struct zone **out)
{
    struct error why = { "" };
    if (!text)
        return true;
    struct zone *zone = arena_alloc(arena, sizeof(*zone));
    if (zone && zone_find(slice_of(text), arena, zone, &why)) {
        *out = zone;
        return true;
    }
    cli_complain("--time-zone: \"%s\" %s", text, zone ? why.text : "needs more memory");
    return false;
}

bool import_source_choose(const struct invocation *invocation,
                          const struct import_source_texts *texts, struct arena *arena,
                          struct source_options *out)
{
    *out = (struct source_options){ .skip_unknown = texts->skip_unknown,
                                    .from_spreadsheet = texts->spreadsheet,
                                    .map = texts->map,
                                    .now = clock_now() };
    return choose_delimiter(invocation, texts->delimiter, &out->delimiter) &&
           choose_order(invocation, texts->date_order, &out->time.order) &&
           choose_zone(texts->time_zone, arena, &out->time.zone);
}
