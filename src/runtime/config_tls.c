/* SPDX-License-Identifier: MIT */
/* Refuses TLS settings that one client library would check and another would not. */
#include "runtime/config_tls.h"

#include "base/buf.h"
#include "text/address.h"
#include "text/host.h"
#include "text/server_address.h"

/* Whether the resolver reads the text as an address, in the forms of inet_aton as well. */
static bool is_address(struct slice host, struct arena *arena)
{
    struct address address;
    struct buf normal = buf_in(arena, SERVER_HOST_MAX + 1);
    if (slice_find(host, ':') < host.len)
        return true;
    return host_normalize(host, arena, &normal, NULL) == URL_OK &&
           address_parse_host(buf_slice(&normal), &address);
}

static bool check_name(const char *host, struct arena *arena, struct error *err)
{
    if (!is_address(slice_of(host), arena))
        return true;
    return error_set(err, "tls = verify checks a name, and \"%.64s\" is an address", host);
}

static bool check_all(const char *servers, struct arena *arena, struct error *err)
{
    static const struct server_kind kind = { "server", 3306 };
    struct slice list = slice_of(servers);
    struct slice server;
    struct server_address address;
    size_t n = server_list_count(list);
    while (n-- > 0 && server_list_next(&list, &server)) {
        if (!server_address_parse(server, &kind, &address, err))
            return false;
        if (address.port == 0)
            return error_set(err,
                             "tls = verify checks a name over TCP, and \"%.64s\" is a unix socket",
                             address.host);
        if (!check_name(address.host, arena, err))
            return false;
    }
    return true;
}

/* Checks the only server. */
static bool check_server(const struct sql_options *mysql, struct arena *arena, const char **key,
                         struct error *err)
{
    *key = "socket";
    if (mysql->socket)
        return error_set(err, "tls = verify checks a name over TCP, and this is a unix socket");
    *key = "host";
    if (!mysql->host)
        return error_set(err, "tls = verify checks a name, and there is none");
    return check_name(mysql->host, arena, err);
}

/* Checks the requirements of `verify`. */
static bool check_verify(const struct sql_options *mysql, const char *replicas, struct arena *arena,
                         const char **key, struct error *err)
{
    *key = "tls";
    if (!mysql->tls_ca)
        return error_set(err, "verify needs tls_ca, the authorities that may vouch for the server");
    *key = "servers";
    if (mysql->servers && !check_all(mysql->servers, arena, err))
        return false;
    if (!mysql->servers && !check_server(mysql, arena, key, err))
        return false;
    *key = "replicas";
    return check_all(replicas, arena, err);
}

bool config_tls_check(const struct sql_options *mysql, const char *replicas, struct arena *arena,
                      const char **key, struct error *err)
{
    if (!mysql->tls_cert != !mysql->tls_key) {
        *key = mysql->tls_cert ? "tls_cert" : "tls_key";
        return error_set(err, "tls_cert and tls_key go together");
    }
    if (mysql->tls == SQL_TLS_VERIFY)
        return check_verify(mysql, replicas, arena, key, err);
    *key = "tls_ca";
    if (mysql->tls_ca)
        error_set(err,
                  "is for tls = verify alone: with another tls client libraries differ in what "
                  "they check by it");
    return !mysql->tls_ca;
}
