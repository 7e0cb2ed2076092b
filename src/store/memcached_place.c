/* SPDX-License-Identifier: MIT */
/* Servers, keys, and which belongs to which. */
#include "store/memcached_place.h"

#include <stdio.h>
#include <sys/un.h>

#include "link/code.h"
#include "link/record.h"
#include "store/memcached.h"

_Static_assert(MEMCACHED_PREFIX_MAX + 8 + 2 * CODE_MAX <= MC_KEY_MAX,
               "a code in hexadecimal fits into a key");

bool mc_is_graph(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] <= ' ' || s.at[i] > '~')
            return false;
    }
    return true;
}

static bool refuse(struct slice text, const char *why, struct error *err)
{
    error_set(err, "memcached server \"%.*s\": %s", SLICE_ARG(text), why);
    return false;
}

static bool set_host(struct slice host, struct mc_address *out)
{
    if (host.len == 0 || host.len > MC_HOST_MAX || !mc_is_graph(host))
        return false;
    memcpy(out->host, host.at, host.len);
    out->host[host.len] = '\0';
    return true;
}

static bool parse_port(struct slice digits, uint16_t *port)
{
    unsigned value = 0;
    if (digits.len == 0 || digits.len > 5)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return false;
        value = value * 10 + (unsigned)(digits.at[i] - '0');
    }
    *port = (uint16_t)value;
    return value > 0 && value <= UINT16_MAX;
}

static bool parse_unix(struct slice text, struct mc_address *out, struct error *err)
{
    struct slice path = slice_from(text, 5);
    if (path.len == 0 || path.at[0] != '/')
        return refuse(text, "the path of a unix socket begins with \"/\"", err);
    if (path.len >= sizeof(((struct sockaddr_un *)0)->sun_path))
        return refuse(text, "the path of a unix socket has at most 107 bytes", err);
    if (!set_host(path, out))
        return refuse(text, "the path has a space or a byte that is not printable", err);
    return true;
}

/* Splits "host:port" or "[v6]:port"; *rest is what follows the host. */
static bool split_host(struct slice text, struct slice *host, struct slice *rest)
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

bool mc_address_parse(struct slice text, struct mc_address *out, struct error *err)
{
    struct slice host;
    struct slice rest;
    *out = (struct mc_address){ .port = 0 };
    if (slice_starts_with(text, SLICE("unix:")))
        return parse_unix(text, out, err);
    if (text.len && text.at[0] == '/')
        return refuse(text, "a unix socket is written unix:/path", err);
    if (!split_host(text, &host, &rest))
        return refuse(text, "an IPv6 address is written [address]:port", err);
    if (!set_host(host, out))
        return refuse(text, "expected host:port, [address]:port or unix:/path", err);
    out->port = MC_PORT;
    if (rest.len && (rest.at[0] != ':' || !parse_port(slice_from(rest, 1), &out->port)))
        return refuse(text, "the port is a number from 1 to 65535", err);
    return true;
}

bool mc_next_server(struct slice *list, struct slice *server)
{
    if (list->at == NULL)
        return false;
    size_t end = slice_find(*list, ',');
    *server = slice_trim((struct slice){ list->at, end });
    *list = end < list->len ? (struct slice){ list->at + end + 1, list->len - end - 1 }
                            : (struct slice){ NULL, 0 };
    return true;
}

/* FNV-1a, 64 bits (draft-eastlake-fnv). */
static uint64_t fnv1a(uint64_t hash, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.at[i]) * 0x100000001b3U;
    return hash;
}

uint64_t mc_weight(struct slice server, struct slice key)
{
    uint64_t hash = fnv1a(fnv1a(0xcbf29ce484222325U, server), key);
    /* FNV leaves the high bits poor; this is the finalizer of MurmurHash3, which mixes all. */
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdU;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53U;
    return hash ^ hash >> 33;
}

size_t mc_key(struct slice prefix, struct slice code, char out[MC_KEY_MAX + 1])
{
    if (code.len == 0 || code.len > CODE_MAX)
        return 0;
    bool graph = mc_is_graph(code);
    int n = snprintf(out, MC_KEY_MAX + 1, "%.*sr%d%c", SLICE_ARG(prefix), RECORD_FORMAT,
                     graph ? ':' : 'x');
    size_t used = (size_t)n;
    for (size_t i = 0; i < code.len; i++) {
        static const char digits[] = "0123456789abcdef";
        unsigned char byte = (unsigned char)code.at[i];
        if (graph) {
            out[used++] = (char)byte;
        } else {
            out[used++] = digits[byte >> 4];
            out[used++] = digits[byte & 15];
        }
    }
    out[used] = '\0';
    return used;
}
