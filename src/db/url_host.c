/* SPDX-License-Identifier: MIT */
/* The same steps as the SQL of the generated column, for any bytes. */
#include "db/url_host.h"

static struct slice before(struct slice s, char end)
{
    return (struct slice){ s.at, slice_find(s, end) };
}

/* SUBSTR(url, LOCATE('://', url) + 3): without "://" that begins at the third byte. */
static struct slice url_host_after_scheme(struct slice url)
{
    for (size_t i = 0; i + 3 <= url.len; i++) {
        if (memcmp(url.at + i, "://", 3) == 0)
            return slice_from(url, i + 3);
    }
    return slice_from(url, 2);
}

struct slice url_host(struct slice long_url)
{
    struct slice host = url_host_after_scheme(long_url);
    host = before(host, '/');
    host = before(host, '?');
    host = before(host, '#');
    for (size_t at; (at = slice_find(host, '@')) < host.len;)
        host = slice_from(host, at + 1);
    while (slice_starts_with(host, SLICE("www.")))
        host = slice_from(host, 4);
    if (host.len > URL_HOST_MAX)
        host.len = URL_HOST_MAX;
    return host;
}
