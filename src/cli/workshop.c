/* SPDX-License-Identifier: MIT */
/* From the configuration to what the commands on links need. */
#include "cli/workshop.h"

#include "runtime/reserved_words.h"
#include "store/cache_none.h"
#include "store/db_sql.h"
#include "store/memcached.h"

enum {
    ARENA_MAX = 128 * 1024 * 1024,
};

static bool open_stores(struct workshop *workshop, const struct config *config, struct error *err)
{
    workshop->cache =
        *config->memcached.servers ? memcached_open(&config->memcached, err) : cache_none();
    if (!workshop->cache)
        return false;
    workshop->db = db_sql_open(&config->mysql);
    if (!workshop->db)
        error_set(err, "out of memory");
    return workshop->db != NULL;
}

/* Splits the space-separated list; returns how many there are. */
static size_t split_schemes(struct slice list, struct slice schemes[WORKSHOP_SCHEMES_MAX])
{
    size_t n = 0;
    while (list.len && n < WORKSHOP_SCHEMES_MAX) {
        size_t end = slice_find(list, ' ');
        if (end)
            schemes[n++] = (struct slice){ list.at, end };
        list = slice_from(list, end + 1);
    }
    return n;
}

static bool set_own_site(struct workshop *workshop, const struct config_server *server,
                         struct error *err)
{
    struct url url;
    const struct url_policy any = { 0 };
    if (url_normalize(slice_of(server->base_url), &any, workshop->arena, &url, err) != URL_OK)
        return false;
    workshop->shortener.own = (struct own_site){
        .host = url.host,
        .port = url.port,
        .path = server->base_path,
        .domains = slice_of(server->own_domains),
    };
    return true;
}

static bool set_rules(struct workshop *workshop, const struct config *config, struct error *err)
{
    const struct config_links *links = &config->links;
    workshop->codes = (struct codes){
        .db = workshop->db,
        .sequence = { .name = links->sequence, .db = workshop->db },
        .reserved = &workshop->reserved,
        .length = links->code_length,
    };
    workshop->blocked.path = links->blocked_file;
    workshop->shortener = (struct shortener){
        .cache = workshop->cache,
        .db = workshop->db,
        .codes = &workshop->codes,
        .blocked = &workshop->blocked,
        .urls = { .schemes = workshop->schemes,
                  .n_schemes = split_schemes(slice_of(links->allowed_schemes), workshop->schemes),
                  .allow_credentials = links->allow_credentials,
                  .max_bytes = links->max_url_bytes },
        .aliases = { .min_length = links->alias_min,
                     .max_length = links->alias_max,
                     .reserved = &workshop->reserved },
        .default_status = links->redirect_status,
        .max_lifetime_s = links->max_lifetime_s,
        .default_ttl_s = links->default_ttl_s,
        .max_ttl_s = links->max_ttl_s,
        .ttl_s = config->cache.ttl_ms / 1000,
    };
    return set_own_site(workshop, &config->server, err);
}

bool workshop_open(struct workshop *workshop, const struct config *config, struct error *err)
{
    *workshop = (struct workshop){ .arena = arena_new(ARENA_MAX) };
    bool open = workshop->arena != NULL;
    if (!open)
        error_set(err, "out of memory");
    open = open && open_stores(workshop, config, err);
    open = open && reserved_words_load(config->links.reserved_file, workshop->arena,
                                       &workshop->reserved, err);
    open = open && set_rules(workshop, config, err);
    if (!open)
        workshop_close(workshop);
    return open;
}

void workshop_close(struct workshop *workshop)
{
    blocked_file_close(&workshop->blocked);
    db_close(&workshop->db);
    cache_close(&workshop->cache);
    arena_free(&workshop->arena);
}
