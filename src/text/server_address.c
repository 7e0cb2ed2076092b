/* SPDX-License-Identifier: MIT */
/* Parsing server addresses and lists of them. */
#include "text/server_address.h"

#include "base/number.h"

enum {
    SOCKET_PATH_MAX = 107, /* bytes of a socket path of unix(7), without the NUL */
};

static bool server_address_refuse(struct slice text, const struct server_kind *kind,
                                  const char *why, struct error *err)
{
    return error_set(err, "%s \"%.*s\": %s", kind->noun, SLICE_ARG(text), why);
}

static bool set_host(struct slice host, struct server_address *out)
{
    if (host.len == 0 || host.len > SERVER_HOST_MAX || !slice_is_graph(host))
        return false;
    memcpy(out->host, host.at, host.len);
    out->host[host.len] = '\0';
    return true;
}

static bool parse_port(struct slice digits, uint16_t *port)
{
    uint64_t value;
    if (digits.len > 5 || !number_parse(digits, UINT16_MAX, &value))
        return false;
    *port = (uint16_t)value;
    return value > 0;
}

static bool parse_unix(struct slice text, const struct server_kind *kind,
                       struct server_address *out, struct error *err)
{
    struct slice path = slice_from(text, 5);
    if (path.len == 0 || path.at[0] != '/')
        return server_address_refuse(text, kind, "the path of a unix socket begins with \"/\"",
                                     err);
    if (path.len > SOCKET_PATH_MAX)
        return server_address_refuse(text, kind, "the path of a unix socket has at most 107 bytes",
                                     err);
    if (!set_host(path, out))
        return server_address_refuse(text, kind,
                                     "the path has a space or a byte that is not printable", err);
    return true;
}

/* Splits "host:port" or "[v6]:port"; *rest is set to what follows the host. */
static bool server_address_split_host(struct slice text, struct slice *host, struct slice *rest)
{
    if (text.len && text.at[0] == '[') {
        size_t end = slice_find(text, ']');
        *host = (struct slice){ text.at + 1, end > 0 ? end - 1 : 0 };
        *rest = slice_from(text, end + 1);
        return end < text.len;
    }
    *host = (struct slice){ text.at, slice_find(text, ':') };
    *rest = slice_from(text, host->len);
    return slice_find(slice_from(*rest, 1), ':') == slice_from(*rest, 1).len;
}

bool server_address_parse(struct slice text, const struct server_kind *kind,
                          struct server_address *out, struct error *err)
{
    struct slice host;
    struct slice rest;
    *out = (struct server_address){ .port = 0 };
    if (slice_starts_with(text, SLICE("unix:")))
        return parse_unix(text, kind, out, err);
    if (text.len && text.at[0] == '/')
        return server_address_refuse(text, kind, "a unix socket is written unix:/path", err);
    if (!server_address_split_host(text, &host, &rest))
        return server_address_refuse(text, kind, "an IPv6 address is written [address]:port", err);
    if (!set_host(host, out))
        return server_address_refuse(text, kind, "expected host:port, [address]:port or unix:/path",
                                     err);
    out->port = kind->default_port;
    if (rest.len && (rest.at[0] != ':' || !parse_port(slice_from(rest, 1), &out->port)))
        return server_address_refuse(text, kind, "the port is a number from 1 to 65535", err);
    return true;
}

bool server_list_next(struct slice *list, struct slice *server)
{
    if (list->at == NULL)
        return false;
    size_t end = slice_find(*list, ',');
    *server = slice_trim((struct slice){ list->at, end });
    *list = end < list->len ? (struct slice){ list->at + end + 1, list->len - end - 1 }
                            : (struct slice){ NULL, 0 };
    return true;
}

size_t server_list_count(struct slice list)
{
    struct slice item;
    size_t n = 0;
    if (list.len > 0)
        while (server_list_next(&list, &item))
            n++;
    return n;
}
