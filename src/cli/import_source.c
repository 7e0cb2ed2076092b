/* SPDX-License-Identifier: MIT */
/* Reads the options of `curtctl import` that say how its file is to be read. */
#include "cli/import_source.h"

#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "files/zone_file.h"
#include "os/clock.h"

static bool choose_delimiter(const char *text, char *out)
{
    if (!text)
        return true;
    bool is_tab = strcasecmp(text, "tab") == 0 || strcmp(text, "\\t") == 0;
    *out = is_tab ? '\t' : text[0];
    if (is_tab || (text[0] && !text[1] && strchr(",;\t|", text[0])))
        return true;
    return cli_complain("import: --delimiter cannot be \"%s\"", text);
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
    return cli_complain("--time-zone: \"%s\" %s", text, zone ? why.text : "needs more memory");
}

bool import_source_choose(const struct invocation *invocation, struct arena *arena,
                          struct source_options *out)
{
    const char *order = cli_option(invocation, "date-order");
    *out = (struct source_options){ .skip_unknown = cli_option(invocation, "skip-unknown"),
                                    .from_spreadsheet = cli_option(invocation, "spreadsheet"),
                                    .map = cli_option(invocation, "map"),
                                    .now = clock_now() };
    if (order)
        out->time.order = strcmp(order, "mdy") == 0 ? DATE_ORDER_MDY : DATE_ORDER_DMY;
    return choose_delimiter(cli_option(invocation, "delimiter"), &out->delimiter) &&
           choose_zone(cli_option(invocation, "time-zone"), arena, &out->time.zone);
}
