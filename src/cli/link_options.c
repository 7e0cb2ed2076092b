/* SPDX-License-Identifier: MIT */
/* Converts options to the fields of a link. */
#include "cli/link_options.h"

#include <string.h>

#include "cli/users.h"

enum option_value {
    OPTION_TEXT,
    OPTION_FLAG,
    OPTION_LIST,
};

static const struct {
    const char *name;
    enum option_value value;
    enum link_field field;
} ROWS[LINK_OPTIONS] = {
#define LINK_OPTION(id, name, value, field, usage, help) { name, OPTION_##value, FIELD_##field },
#include "cli/link_options.def"
};

unsigned link_options_list(struct link_options *given, struct cli_option out[LINK_OPTIONS])
{
    for (unsigned i = 0; i < LINK_OPTIONS; i++) {
        out[i] = (struct cli_option){ .name = ROWS[i].name };
        if (ROWS[i].value == OPTION_TEXT)
            out[i].text = &given->text[i];
        else if (ROWS[i].value == OPTION_FLAG)
            out[i].flag = &given->flag[i];
        else
            out[i].list = &given->tags;
    }
    return LINK_OPTIONS;
}

/* Parses a number, or "none", which is 0. */
static bool link_options_read_number(const char *option, const char *text, uint64_t *out)
{
    *out = 0;
    if (strcmp(text, "none") == 0 || cli_parse_number(text, INT64_MAX, out))
        return true;
    cli_complain("--%s must be a number of at least 1, or none", option);
    return false;
}

static bool link_options_read_time(unsigned option, const char *text, int64_t now, uint64_t *out)
{
    int64_t at = 0;
    if (option == OPTION_TTL ? !cli_parse_life(ROWS[option].name, text, &at)
                             : !cli_parse_time(ROWS[option].name, text, &at))
        return false;
    *out = (uint64_t)(option == OPTION_TTL && at ? now + at : at);
    return true;
}

/* Parses one of the field's words, or "none", which is 0. */
static bool link_options_read_word(unsigned option, const char *text, uint64_t *out)
{
    enum link_field field = ROWS[option].field;
    *out = link_field_word_number(field, slice_of(text));
    if (*out || strcmp(text, "none") == 0)
        return true;
    cli_complain("--%s must be %s, or none", ROWS[option].name, link_field_words(field));
    return false;
}

static bool link_options_read_text(unsigned option, const char *text, int64_t now,
                                   struct link_fields *out)
{
    enum link_field field = ROWS[option].field;
    struct field_value value = { .text = slice_of(text) };
    bool read = true;
    switch (link_field_rows[field].kind) {
    case KIND_TIME:
        read = link_options_read_time(option, text, now, &value.number);
        break;
    case KIND_COUNT:
    case KIND_STATUS:
        read = link_options_read_number(ROWS[option].name, text, &value.number);
        break;
    case KIND_WORD:
        read = link_options_read_word(option, text, &value.number);
        break;
    case KIND_LIST:
        out->custom_alias = value.text;
        return true;
    case KIND_TEXT:
    case KIND_URL:
    case KIND_FLAG:
        break;
    }
    link_field_put(&out->link, field, &value);
    return read;
}

bool link_options_read(const struct link_options *given, int64_t now, struct link_fields *out)
{
    *out = (struct link_fields){ 0 };
    if (given->text[OPTION_EXPIRES] && given->text[OPTION_TTL]) {
        cli_complain("--expires and --ttl both set the end: give one of them");
        return false;
    }
    for (unsigned i = 0; i < LINK_OPTIONS; i++) {
        if (given->text[i] || given->flag[i])
            out->given |= FIELD_BIT(ROWS[i].field);
        if (given->text[i] && !link_options_read_text(i, given->text[i], now, out))
            return false;
    }
    if ((given->flag[OPTION_FORWARD_QUERY] && given->flag[OPTION_NO_FORWARD_QUERY]) ||
        (given->flag[OPTION_NO_TAGS] && given->tags.n)) {
        cli_complain("an option and its opposite exclude each other");
        return false;
    }
    if (given->tags.n)
        out->given |= FIELD_BIT(FIELD_TAGS);
    out->link.tags = given->tags.values;
    out->link.n_tags = given->tags.n;
    if (given->flag[OPTION_FORWARD_QUERY])
        out->link.target.flags |= LINK_FORWARD_QUERY;
    return true;
}
