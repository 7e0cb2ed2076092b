/* SPDX-License-Identifier: MIT */
/* X-Forwarded-For, read from its end. */
#include "http/client.h"

bool http_proxies_parse(struct slice text, struct http_proxies *out, struct slice *bad)
{
    int n = network_list_parse(text, out->networks, HTTP_PROXIES_MAX, bad);
    out->n = n < 0 ? 0 : (size_t)n;
    return n >= 0;
}

bool http_proxies_have(const struct http_proxies *proxies, const struct address *address)
{
    for (size_t i = 0; i < proxies->n; i++) {
        if (network_has(&proxies->networks[i], address))
            return true;
    }
    return false;
}

/* Removes and returns the last element of the comma-separated `list`; empty elements are skipped
 * (RFC 9110, 5.6.1.2). Returns an empty slice when none is left. */
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

/* The value of X-Forwarded-For; an empty slice when there is none, or more than one. */
static struct slice forwarded_for(const struct http_request *request)
{
    static const struct slice name = { "HTTP_X_FORWARDED_FOR=", 21 };
    struct slice found = { NULL, 0 };
    for (const char *const *at = request->variables; at && *at; at++) {
        struct slice variable = slice_of(*at);
        if (!slice_starts_with(variable, name))
            continue;
        if (found.at)
            return (struct slice){ NULL, 0 };
        found = (struct slice){ variable.at + name.len, variable.len - name.len };
    }
    return found;
}

bool http_client(const struct http_request *request, const struct http_proxies *proxies,
                 struct address *out)
{
    if (!address_parse_peer(http_variable(request, "REMOTE_ADDR"), out))
        return false;
    if (proxies->n == 0 || !http_proxies_have(proxies, out))
        return true;
    struct slice list = forwarded_for(request);
    struct slice last = take_last(&list);
    while (last.len && address_parse_peer(last, out) && http_proxies_have(proxies, out))
        last = take_last(&list);
    return true;
}

bool http_is_passed_on(const struct http_request *request, const struct http_proxies *proxies)
{
    struct address peer;
    bool names_client = http_variable(request, "HTTP_X_FORWARDED_FOR").len ||
                        http_variable(request, "HTTP_FORWARDED").len ||
                        http_variable(request, "HTTP_VIA").len;
    bool known = address_parse_peer(http_variable(request, "REMOTE_ADDR"), &peer);
    return names_client && !(known && http_proxies_have(proxies, &peer));
}
