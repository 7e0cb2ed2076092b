/* SPDX-License-Identifier: MIT */
/* Converts options to the fields of a link. */
#include "cli/link_options.h"

#include <string.h>

static const struct link_option {
    const char *name;
    enum link_field field;
} ROWS[] = {
#define LINK_OPTION(name, field, usage, help) { name, FIELD_##field },
#include "cli/link_options.def"
};

/* Parses a number, or "none", which is 0. */
static bool link_options_read_number(const char *option, const char *text, uint64_t *out)
{
    *out = 0;
    if (strcmp(text, "none") == 0 || cli_parse_number(text, INT64_MAX, out))
        return true;
    return cli_complain("--%s must be a number of at least 1, or none", option);
}

static bool link_options_read_time(const struct invocation *invocation, const char *option,
                                   int64_t now, uint64_t *out)
{
    const bool is_life = strcmp(option, "ttl") == 0;
    int64_t at = 0;
    if (!(is_life ? cli_option_life : cli_option_time)(invocation, option, &at))
        return false;
    *out = (uint64_t)(is_life && at ? now + at : at);
    return true;
}

/* Reads the value of an option that is given; false with a message. */
static bool link_options_read_value(const struct invocation *invocation,
                                    const struct link_option *row, int64_t now,
                                    struct field_value *out)
{
    const char *text = cli_option(invocation, row->name);
    switch (link_field_rows[row->field].kind) {
    case KIND_TIME:
        return link_options_read_time(invocation, row->name, now, &out->number);
    case KIND_COUNT:
    case KIND_STATUS:
        return link_options_read_number(row->name, text, &out->number);
    case KIND_WORD: /* or "none", which is 0 */
        out->number = link_field_word_number(row->field, slice_of(text));
        break;
    case KIND_FLAG:
        out->number = strncmp(row->name, "no-", strlen("no-")) != 0;
        break;
    case KIND_LIST:
    case KIND_TEXT:
    case KIND_URL:
        out->text = slice_of(text);
        break;
    }
    return true;
}

bool link_options_read(const struct invocation *invocation, int64_t now,
                       struct slice tags[OPTIONS_GIVEN_MAX], struct link_fields *out)
{
    *out = (struct link_fields){ 0 };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct field_value value = { 0 };
        if (!cli_option(invocation, ROWS[i].name))
            continue;
        if (!link_options_read_value(invocation, &ROWS[i], now, &value))
            return false;
        out->given |= FIELD_BIT(ROWS[i].field);
        if (ROWS[i].field == FIELD_ALIASES)
            out->custom_alias = value.text;
        else
            link_field_put(&out->link, ROWS[i].field, &value);
    }
    out->link.tags = tags;
    out->link.n_tags = cli_option_values(invocation, "tag", tags);
    if (out->link.n_tags && cli_option(invocation, "no-tags"))
        return cli_complain("--tag and --no-tags exclude each other");
    return true;
}
