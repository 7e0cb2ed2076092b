/* SPDX-License-Identifier: MIT */
/* Requests to caches in front. */
#include "edge/edge_request.h"

#include "base/number.h"

/* --- writing --- */

/* What {url}, {path} and {code} stand for: `code` and `slash` after the base URL. */
struct spelling {
    const struct edge_site *site;
    struct slice code;
    struct slice slash; /* "" or "/" */
};

/* Adds bytes within quotes. */
static void add_quoted(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            buf_add_byte(out, '\\');
        buf_add_byte(out, text.at[i]);
    }
}

/* Adds the field at the beginning of the text; the bytes that it takes there, 0: there is none. */
static size_t add_field(struct buf *out, struct slice text, const struct spelling *spelling)
{
    const struct {
        struct slice name, before, slash;
    } fields[] = {
        { SLICE("{url}"), spelling->site->base_url, SLICE("/") },
        { SLICE("{path}"), spelling->site->base_path, SLICE("/") },
        { SLICE("{code}"), SLICE(""), SLICE("") },
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        if (!slice_starts_with(text, fields[i].name))
            continue;
        add_quoted(out, fields[i].before);
        buf_add(out, fields[i].slash);
        buf_add(out, spelling->code);
        if (fields[i].slash.len)
            buf_add(out, spelling->slash);
        return fields[i].name.len;
    }
    return 0;
}

/* Adds an option whose value is a text with fields. */
static void add_option(struct buf *out, const char *name, struct slice text,
                       const struct spelling *spelling)
{
    buf_add_text(out, name);
    buf_add(out, SLICE(" = \""));
    while (text.len) {
        size_t used = spelling ? add_field(out, text, spelling) : 0;
        if (used == 0)
            add_quoted(out, (struct slice){ text.at, 1 });
        text = slice_from(text, used ? used : 1);
    }
    buf_add(out, SLICE("\"\n"));
}

/* The options that every request has. `next` separates requests. */
static void add_common(struct buf *out, struct slice method, bool is_first)
{
    buf_add_text(out, is_first ? "fail-early\n" : "next\n");
    buf_add_text(out, "silent\nshow-error\ngloboff\npath-as-is\noutput = \"/dev/null\"\n"
                      "proto = \"=http,https\"\nwrite-out = \"%{http_code}\\n\"\n");
    buf_printf(out, "connect-timeout = %d\nmax-time = %d\n", EDGE_CONNECT_S, EDGE_ANSWER_S);
    add_option(out, "request", method, NULL);
}

static void add_ban(struct buf *out, const struct edge_target *target, const struct edge_site *site,
                    const struct edge_codes *codes)
{
    add_common(out, SLICE("BAN"), true);
    buf_add(out, SLICE("url = \""));
    buf_add(out, target->place);
    add_quoted(out, site->base_path);
    buf_add(out, SLICE("/\"\nheader = \"X-Curt-Codes: "));
    for (size_t i = 0; i < codes->n; i++) {
        if (i > 0)
            buf_add_byte(out, '|');
        buf_add(out, codes->at[i]);
    }
    buf_add(out, SLICE("\"\n"));
}

static void add_request(struct buf *out, const struct edge_target *target,
                        const struct spelling *spelling, bool is_first)
{
    const struct edge_site *site = spelling->site;
    bool is_purge = target->kind == EDGE_NGINX_URL;
    add_common(out, is_purge ? SLICE("PURGE") : slice_of(site->method), is_first);
    add_option(out, "url", target->place, spelling);
    if (is_purge)
        return;
    if (site->header && *site->header)
        add_option(out, "header", slice_of(site->header), NULL);
    if (site->body && *site->body) {
        add_option(out, "header", SLICE("Content-Type: application/json"), NULL);
        add_option(out, "data-raw", slice_of(site->body), spelling);
    }
}

size_t edge_requests_write(struct buf *out, const struct edge_target *target,
                           const struct edge_site *site, const struct edge_codes *codes)
{
    const struct slice slashes[] = { SLICE(""), SLICE("/") };
    size_t n = 0;
    if (target->kind == EDGE_VARNISH) {
        add_ban(out, target, site, codes);
        return out->failed ? 0 : 1;
    }
    for (size_t i = 0; i < codes->n; i++) {
        for (size_t j = 0; j < 2; j++) {
            const struct spelling spelling = { site, codes->at[i], slashes[j] };
            add_request(out, target, &spelling, n++ == 0);
        }
    }
    return out->failed ? 0 : n;
}

/* --- answers --- */

/* nginx's purge module says 404, or 412 in older versions, of what it does not have. */
static bool is_taken(enum edge_kind kind, uint64_t status)
{
    bool is_absent = status == 404 || (status == 412 && kind == EDGE_NGINX_URL);
    return (status >= 200 && status < 300) || (is_absent && kind != EDGE_VARNISH);
}

bool edge_answers_check(const struct edge_target *target, struct slice output, size_t n,
                        struct error *err)
{
    size_t taken = 0;
    while (output.len) {
        struct slice line = { output.at, slice_find(output, '\n') };
        uint64_t status = 0;
        output = slice_from(output, line.len + 1);
        bool is_status = line.len == 3 && number_parse(line, 999, &status);
        if (!is_status && line.len)
            return error_set(err, "%.*s: %.*s", SLICE_ARG(target->place), SLICE_ARG(line));
        if (status && !is_taken(target->kind, status))
            return error_set(err, "%.*s answers %d", SLICE_ARG(target->place), (int)status);
        taken += status > 0;
    }
    return taken == n || error_set(err, "%.*s: %zu of %zu requests were answered",
                                   SLICE_ARG(target->place), taken, n);
}
