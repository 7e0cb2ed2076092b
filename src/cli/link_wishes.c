/* SPDX-License-Identifier: MIT */
/* Converts options to the fields of a link. */
#include "cli/link_wishes.h"

#include <string.h>

#include "cli/users.h"

unsigned link_options_list(struct link_options *given, struct cli_option out[LINK_WISHES_OPTIONS])
{
    const struct cli_option all[] = {
        { .name = "url", .text = &given->url },
        { .name = "alias", .text = &given->alias },
        { .name = "expires", .text = &given->expires },
        { .name = "ttl", .text = &given->ttl },
        { .name = "starts", .text = &given->starts },
        { .name = "max-clicks", .text = &given->max_clicks },
        { .name = "status", .text = &given->status },
        { .name = "title", .text = &given->title },
        { .name = "forward-query", .flag = &given->forward_query },
        { .name = "no-forward-query", .flag = &given->no_forward_query },
        { .name = "no-tags", .flag = &given->no_tags },
        { .name = "tag", .list = &given->tags },
    };
    memcpy(out, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}

static bool read_times(const struct link_options *given, int64_t now, struct wishes *out)
{
    if (given->expires && given->ttl) {
        cli_complain("--expires and --ttl both set the end: give one of them");
        return false;
    }
    if (given->expires || given->ttl)
        out->given |= WISH_EXPIRY;
    if (given->expires && !cli_parse_time("expires", given->expires, &out->expires_at))
        return false;
    if (given->ttl && !cli_parse_life("ttl", given->ttl, &out->expires_at))
        return false;
    if (given->ttl && out->expires_at)
        out->expires_at += now;
    if (given->starts)
        out->given |= WISH_START;
    return !given->starts || cli_parse_time("starts", given->starts, &out->starts_at);
}

/* Parses a number, or "none", which is 0. */
static bool link_wishes_read_number(const char *option, const char *text, int64_t *out)
{
    uint64_t number = 0;
    if (strcmp(text, "none") != 0 && !cli_parse_number(text, INT64_MAX, &number)) {
        cli_complain("--%s must be a number of at least 1, or none", option);
        return false;
    }
    *out = (int64_t)number;
    return true;
}

static bool read_numbers(const struct link_options *given, struct wishes *out)
{
    if (given->max_clicks)
        out->given |= WISH_MAX_CLICKS;
    if (given->status)
        out->given |= WISH_STATUS;
    if (given->max_clicks &&
        !link_wishes_read_number("max-clicks", given->max_clicks, &out->max_clicks))
        return false;
    return !given->status ||
           link_wishes_read_number("status", given->status, &out->redirect_status);
}

static bool read_choices(const struct link_options *given, struct wishes *out)
{
    if ((given->forward_query && given->no_forward_query) || (given->no_tags && given->tags.n)) {
        cli_complain("an option and its opposite exclude each other");
        return false;
    }
    if (given->forward_query || given->no_forward_query)
        out->given |= WISH_FORWARD_QUERY;
    out->forward_query = given->forward_query;
    if (given->no_tags || given->tags.n)
        out->given |= WISH_TAGS;
    out->tags = given->tags.values;
    out->n_tags = given->tags.n;
    return true;
}

bool link_options_read(const struct link_options *given, int64_t now, struct wishes *out)
{
    *out = (struct wishes){ 0 };
    if (given->url) {
        out->given |= WISH_URL;
        out->long_url = slice_of(given->url);
    }
    if (given->alias) {
        out->given |= WISH_ALIAS;
        out->custom_alias = slice_of(given->alias);
    }
    if (given->title) {
        out->given |= WISH_TITLE;
        out->title = slice_of(given->title);
    }
    return read_times(given, now, out) && read_numbers(given, out) && read_choices(given, out);
}
