/* SPDX-License-Identifier: MIT */
/* Derives settings from several values of the configuration and refuses combinations that
 * contradict each other. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/fnv.h"
#include "db/statements.h"
#include "link/alias.h"
#include "link/code.h"
#include "runtime/config_edge.h"
#include "runtime/config_internal.h"
#include "runtime/config_pages.h"
#include "runtime/config_tls.h"
#include "runtime/folder.h"
#include "text/scheme.h"
#include "text/server_address.h"

enum { SEGMENT_PATH_BYTES = 100 };

/* Bytes of a request's memory for everything but its body: variables, the answer, statements. */
#define MEMORY_BESIDE_BODY (UINT64_C(1) << 19)

/* Prefixes the text of *err with the source and the name of the key. */
static bool blame(const struct config_internals *in, const char *section, const char *name,
                  struct error *err)
{
    const struct config_key *key = config_key_find(section, name);
    char place[220];
    snprintf(place, sizeof(place), "%.150s: %s of [%s]", in->given[config_key_index(key)].source,
             name, section);
    error_prefix(err, place);
    return false;
}

/* Sets the text that config_walk gives as the key's value. */
static void show(struct config_internals *in, const char *section, const char *name,
                 const char *text)
{
    in->given[config_key_index(config_key_find(section, name))].text = text;
}

static bool normalize_base_url(struct config *config, struct config_internals *in,
                               struct error *err)
{
    struct slice given = slice_of(config->server.base_url);
    struct url url;
    const struct url_policy policy = { 0 };
    if (slice_find(given, '?') < given.len || slice_find(given, '#') < given.len)
        return error_set(err, "must have neither a query nor a fragment");
    if (url_normalize(given, &policy, in->arena, &url, err) != URL_OK)
        return false;
    size_t len = url.text.len;
    while (len > 0 && url.text.at[len - 1] == '/')
        len--;
    char *text = arena_copy(in->arena, (struct slice){ url.text.at, len });
    if (!text)
        return error_set(err, "out of memory");
    size_t host = url.scheme.len + strlen("://");
    size_t host_len = slice_find((struct slice){ text + host, len - host }, '/');
    config->server.base_url = text;
    config->server.base_host = (struct slice){ text + host, host_len };
    config->server.base_path = (struct slice){ text + host + host_len, len - host - host_len };
    config->server.own = (struct own_site){ url.host, url.port, config->server.base_path,
                                            slice_of(config->server.own_domains) };
    show(in, "server", "base_url", text);
    return true;
}

/* One that text/scheme never allows is reported as an error rather than ignored. */
static bool check_schemes(const char *list, struct error *err)
{
    while (*(list += strspn(list, " \t")) != '\0') {
        struct slice scheme = { list, strcspn(list, " \t") };
        if (!scheme_is_allowable(scheme))
            return error_set(err, "\"%.*s\" cannot be allowed",
                             (int)(scheme.len > 64 ? 64 : scheme.len), scheme.at);
        list += scheme.len;
    }
    return true;
}

/* Extends the hash in the name of a file by a text; NULL as the empty one. */
static uint32_t hash(uint32_t h, const char *text)
{
    return fnv1a_32(h, slice_of(text));
}

#ifndef CURT_STATE_DIR
#define CURT_STATE_DIR "/var/lib/curt"
#endif

/* Chooses the spool's directory, one for each database; none if there is no directory for it. */
static bool choose_spool(struct config *config, struct config_internals *in, struct error *err)
{
    const char *path = config->spool.path;
    if (strcmp(path, "auto") != 0) {
        if (*path != '\0' && *path != '/')
            error_set(err, "must be \"auto\", empty, or begin with '/'");
        return *path == '\0' || *path == '/';
    }
    const struct sql_options *mysql = &config->mysql;
    uint32_t h = hash(FNV1A_32_BASIS, mysql->host);
    h = hash(hash(h, "\n"), mysql->socket);
    h = hash(hash(h ^ mysql->port, "\n"), mysql->database);
    if (mysql->servers)
        h = hash(hash(h, "\n"), mysql->servers);
    char place[PATH_MAX];
    const char *state = folder_find("var", CURT_STATE_DIR, place);
    struct buf b = buf_in(in->arena, strlen(state) + 20);
    if (access(state, W_OK | X_OK) == 0)
        buf_printf(&b, "%s/spool-%08x", state, h);
    else
        buf_add_text(&b, "");
    if (b.failed)
        return error_set(err, "out of memory");
    config->spool.path = b.at ? b.at : "";
    show(in, "spool", "path", config->spool.path);
    return true;
}

static bool is_own(const char *path, mode_t type, unsigned uid)
{
    struct stat st;
    return lstat(path, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_uid == uid &&
           !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* Whether the segment's file goes into the user's own folder, where other users cannot create a
 * file of that name: if the folder exists and no segment or ring from before it is beside it, since
 * a host has one segment. */
static bool is_in_own_folder(const char *folder, unsigned uid, uint32_t name)
{
    static const char *const endings[] = { "", ".clicks" };
    char path[SEGMENT_PATH_BYTES];
    snprintf(path, sizeof(path), "%s/curt-%u", folder, uid);
    bool own = is_own(path, S_IFDIR, uid);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && own; i++) {
        snprintf(path, sizeof(path), "%s/curt-%u-%08x%s", folder, uid, name, endings[i]);
        own = !is_own(path, S_IFREG, uid);
    }
    return own;
}

/* Chooses the segment's path: one file for each installation of each user of a host. */
static bool choose_segment(struct config *config, struct config_internals *in, struct error *err)
{
    const char *path = config->segment.path;
    config->segment.labels = statements_number();
    if (strcmp(path, "auto") == 0) {
        const char *folder = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
        uint32_t h = hash(FNV1A_32_BASIS, config->server.base_url);
        h = hash(hash(h, "\n"), config->mysql.database);
        struct buf b = buf_in(in->arena, SEGMENT_PATH_BYTES);
        buf_add_text(&b, folder);
        if (is_in_own_folder(folder, in->uid, h))
            buf_printf(&b, "/curt-%u", in->uid);
        buf_printf(&b, "/curt-%u-%08x", in->uid, h);
        if (b.failed)
            return error_set(err, "out of memory");
        config->segment.path = b.at;
        show(in, "segment", "path", b.at);
    } else if (*path != '\0' && *path != '/') {
        return error_set(err, "must be \"auto\", empty, or begin with '/'");
    }
    return true;
}

static bool is_word(const char *text, const char *also)
{
    for (; *text; text++) {
        char c = *text;
        bool plain = ascii_is_letter(c) || ascii_is_digit(c);
        if (!plain && !strchr(also, c))
            return false;
    }
    return true;
}

static bool check_links(const struct config *config, const struct config_internals *in,
                        struct error *err)
{
    if (!check_schemes(config->links.allowed_schemes, err))
        return blame(in, "links", "allowed_schemes", err);
    if (config->links.alias_min > config->links.alias_max) {
        error_set(err, "%u is more than alias_max, %u", config->links.alias_min,
                  config->links.alias_max);
        return blame(in, "links", "alias_min", err);
    }
    if (config->links.max_ttl_s && config->links.default_ttl_s > config->links.max_ttl_s) {
        error_set(err, "is longer than max_ttl");
        return blame(in, "links", "default_ttl", err);
    }
    if (!is_word(config->links.sequence, "_-.")) {
        error_set(err, "may hold letters, digits, '_', '-' and '.'");
        return blame(in, "links", "sequence", err);
    }
    return true;
}

/* Whether the text is an origin as browsers send it: a scheme, a host, an optional port, and
 * nothing else. */
static bool is_origin(struct slice origin)
{
    size_t colon = slice_find(origin, ':');
    struct slice rest = slice_from(origin, colon);
    if (colon == 0 || !slice_starts_with(rest, SLICE("://")) || rest.len == 3)
        return false;
    rest = slice_from(rest, 3);
    return slice_find(rest, '/') == rest.len && slice_find(rest, '*') == rest.len;
}

static bool check_origins(const char *list, struct error *err)
{
    while (*(list += strspn(list, " \t")) != '\0') {
        struct slice origin = { list, strcspn(list, " \t") };
        if (!slice_eq(origin, SLICE("*")) && !is_origin(origin))
            return error_set(err, "\"%.*s\" is neither * nor an origin like https://example.org",
                             (int)(origin.len > 64 ? 64 : origin.len), origin.at);
        list += origin.len;
    }
    return true;
}

/* Checks a list of servers, which is comma-separated as in MySQL and memcached. */
static bool check_servers(const char *servers, const struct server_kind *kind, size_t max,
                          struct error *err)
{
    struct slice list = slice_of(servers);
    struct slice server;
    struct server_address address;
    size_t n = server_list_count(list);
    if (n > max)
        return error_set(err, "expected at most %zu %ss, not %zu", max, kind->noun, n);
    while (n-- > 0 && server_list_next(&list, &server)) {
        if (slice_find(server, ' ') < server.len)
            return error_set(err, "\"%.*s\" has a space: servers are separated by commas",
                             (int)(server.len > 64 ? 64 : server.len), server.at);
        if (!server_address_parse(server, kind, &address, err))
            return false;
    }
    return true;
}

/* Checks that a space-separated list has no comma. */
static bool check_commas(const char *list, struct error *err)
{
    if (!strchr(list, ','))
        return true;
    return error_set(err, "has a comma: the items of this list are separated by spaces");
}

static bool check_lists(const struct config *config, const struct config_internals *in,
                        struct error *err)
{
    static const struct server_kind replica = { "replica", 0 };
    static const struct server_kind memcached = { "memcached server", 11211 };
    static const struct server_kind server = { "database server", 3306 };
    const char *servers = config->mysql.servers ? config->mysql.servers : "";
    if (!check_servers(servers, &server, SQL_SERVERS_MAX, err))
        return blame(in, "mysql", "servers", err);
    if (!check_servers(config->replicas.servers, &replica, REPLICAS_MAX, err))
        return blame(in, "mysql", "replicas", err);
    if (!check_servers(config->memcached.servers, &memcached, MEMCACHED_SERVERS_MAX, err))
        return blame(in, "memcached", "servers", err);
    if (!check_commas(config->server.own_domains, err))
        return blame(in, "server", "own_domains", err);
    if (!check_commas(config->links.allowed_schemes, err))
        return blame(in, "links", "allowed_schemes", err);
    if (!check_commas(config->api.cors_origins, err) ||
        !check_origins(config->api.cors_origins, err))
        return blame(in, "api", "cors_origins", err);
    return true;
}

/* Normalises the URL of a page. One that leads back to Curt is refused: visitors could go round in
 * circles. */
static bool normalize_page(const char **page, const struct config *config,
                           struct config_internals *in, struct error *err)
{
    static const struct slice web[] = { { "http", 4 }, { "https", 5 } };
    const struct url_policy policy = { web, 2, false, URL_MAX_BYTES_DEFAULT };
    struct url url;
    if (**page == '\0')
        return true;
    if (url_normalize(slice_of(*page), &policy, in->arena, &url, err) != URL_OK)
        return false;
    if (destination_is_own(&url, &config->server.own))
        return error_set(err, "leads back to Curt");
    *page = url.text.at;
    return true;
}

/* Whether the first segment is a path of Curt's own, but for that of the pages themselves. */
static bool is_own_path(struct slice path)
{
    struct slice rest = slice_from(path, 1);
    struct slice first = { rest.at, slice_find(rest, '/') };
    return alias_is_path(first) && !slice_eq_nocase(first, SLICE("admin"));
}

/* Segments of bytes that are written in one way only, so that a request's path can be compared. */
static bool check_pages_path(const char *path, struct error *err)
{
    struct slice rest = slice_of(path);
    bool is_path = rest.len > 0;
    while (is_path && rest.len) {
        is_path = rest.at[0] == '/';
        rest = slice_from(rest, 1);
        struct slice segment = { rest.at, slice_find(rest, '/') };
        is_path = is_path && code_is_wellformed(segment);
        rest = slice_from(rest, segment.len);
    }
    if (!is_path)
        return error_set(err, "must be a path like /admin, of letters, digits, \"-\" and \"_\", "
                              "without a slash at its end");
    if (is_own_path(slice_of(path)))
        error_set(err, "is a path of Curt's own");
    return !is_own_path(slice_of(path));
}

static bool normalize_pages(struct config *config, struct config_internals *in, struct error *err)
{
    const struct {
        const char *name;
        const char **url;
    } pages[] = {
        { "root_url", &config->pages.root_url },
        { "unknown_url", &config->pages.unknown_url },
        { "expired_url", &config->pages.expired_url },
        { "not_started_url", &config->pages.not_started_url },
    };
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (!normalize_page(pages[i].url, config, in, err))
            return blame(in, "pages", pages[i].name, err);
        show(in, "pages", pages[i].name, *pages[i].url);
    }
    const char *key;
    if (!config_pages_finish(&config->pages, in->arena, &key, err))
        return blame(in, "pages", key, err);
    show(in, "pages", "imprint_url", config->pages.imprint_url);
    show(in, "pages", "privacy_url", config->pages.privacy_url);
    show(in, "pages", "abuse", config->pages.abuse);
    return true;
}

static bool check_memory(const struct config *config, struct error *err)
{
    uint64_t bulk = config->api.max_bulk_body;
    uint64_t body = config->server.max_body > bulk ? config->server.max_body : bulk;
    if (config->server.max_memory >= body + MEMORY_BESIDE_BODY)
        return true;
    return error_set(err,
                     "must be at least 512k more than max_body, and than max_bulk_body of [api]");
}

bool config_finish(struct config *config, struct config_internals *in, struct error *err)
{
    if (!normalize_base_url(config, in, err))
        return blame(in, "server", "base_url", err);
    if (!check_lists(config, in, err) || !check_links(config, in, err) ||
        !normalize_pages(config, in, err))
        return false;
    if (!check_pages_path(config->pages.path, err))
        return blame(in, "pages", "path", err);
    if (!check_memory(config, err))
        return blame(in, "server", "max_memory", err);
    const char *key;
    if (!config_tls_check(&config->mysql, config->replicas.servers, in->arena, &key, err))
        return blame(in, "mysql", key, err);
    if (!config_edge_check(&config->edge, &key, err))
        return blame(in, "edge", key, err);
    for (const char *c = config->memcached.prefix; *c; c++) {
        if (*c <= ' ' || *c >= 0x7f) {
            error_set(err, "must be visible ASCII without spaces");
            return blame(in, "memcached", "prefix", err);
        }
    }
    if (!choose_segment(config, in, err))
        return blame(in, "segment", "path", err);
    return choose_spool(config, in, err) || blame(in, "spool", "path", err);
}
