/* SPDX-License-Identifier: MIT */
/* The check for links that lead back to the shortener. */
#include "link/destination.h"

static struct slice without_dot(struct slice host)
{
    if (host.len && host.at[host.len - 1] == '.')
        host.len--;
    return host;
}

static bool host_is_listed(struct slice host, struct slice list)
{
    while (list.len) {
        size_t end = 0;
        while (end < list.len && list.at[end] != ' ' && list.at[end] != ',')
            end++;
        if (end && slice_eq_nocase(host, without_dot((struct slice){ list.at, end })))
            return true;
        list = slice_from(list, end + 1);
    }
    return false;
}

/* Whether `path` is `base` or lies below it. */
static bool path_is_below(struct slice path, struct slice base)
{
    if (!slice_starts_with(path, base))
        return false;
    return path.len == base.len || path.at[base.len] == '/';
}

bool destination_is_own(const struct url *url, const struct own_site *own)
{
    struct slice host = without_dot(url->host);
    if (host_is_listed(host, own->domains))
        return true;
    return slice_eq_nocase(host, without_dot(own->host)) && url->port == own->port &&
           path_is_below(url->path, own->path);
}
