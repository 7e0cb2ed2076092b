/* SPDX-License-Identifier: MIT */
/* X-Forwarded-For, read from its end. */
#include "http/client.h"

bool http_proxies_parse(struct slice text, struct http_proxies *out, struct slice *bad)
{
    int n = network_list_parse(text, out->networks, HTTP_PROXIES_MAX, bad);
    out->n = n < 0 ? 0 : (size_t)n;
    return n >= 0;
}

static bool is_trusted(const struct http_proxies *proxies, const struct address *address)
{
    for (size_t i = 0; i < proxies->n; i++) {
        if (network_has(&proxies->networks[i], address))
            return true;
    }
    return false;
}

/* Takes the last element off the comma-separated `list`; empty elements do not count (RFC 9110,
 * 5.6.1.2). An empty slice when none is left. */
static struct slice take_last(struct slice *list)
{
    struct slice last = { NULL, 0 };
    while (list->len && last.len == 0) {
        size_t start = list->len;
        while (start > 0 && list->at[start - 1] != ',')
            start--;
        last = slice_trim((struct slice){ list->at + start, list->len - start });
        list->len = start ? start - 1 : 0;
    }
    return last;
}

/* Goes on from `client`, which is trusted, through one list of forwarders. Whether the one now in
 * *client is trusted too, so that what came before this list counts. */
static bool walk(struct slice list, const struct http_proxies *proxies, struct address *client)
{
    for (struct slice last; (last = take_last(&list)).len;) {
        if (!address_parse_peer(last, client) || !is_trusted(proxies, client))
            return false;
    }
    return true;
}

bool http_client(const struct http_request *request, const struct http_proxies *proxies,
                 struct address *out)
{
    static const struct slice name = { "HTTP_X_FORWARDED_FOR=", 21 };
    if (!address_parse_peer(http_variable(request, "REMOTE_ADDR"), out))
        return false;
    if (proxies->n == 0 || !is_trusted(proxies, out))
        return true;
    /* A header sent twice is two variables with some servers; a proxy adds its own behind. */
    size_t n = 0;
    while (request->variables && request->variables[n])
        n++;
    while (n-- > 0) {
        struct slice variable = slice_of(request->variables[n]);
        if (slice_starts_with(variable, name) &&
            !walk(slice_from(variable, name.len), proxies, out))
            break;
    }
    return true;
}
