/* SPDX-License-Identifier: MIT */
/* Builds a shortener from the configuration. */
#include "setup/shortening.h"

#include "runtime/reserved_words.h"

enum {
    /* The text of the reserved words, their list, and the base URL. */
    ARENA_MAX = 3 * RESERVED_WORDS_MAX,
};

/* Splits the space-separated list of schemes; returns how many there are. */
static size_t split_schemes(struct slice list, struct slice schemes[SHORTENING_SCHEMES_MAX])
{
    size_t n = 0;
    while (list.len && n < SHORTENING_SCHEMES_MAX) {
        size_t end = slice_find(list, ' ');
        if (end)
            schemes[n++] = (struct slice){ list.at, end };
        list = slice_from(list, end + 1);
    }
    return n;
}

static bool find_own_site(struct shortening *s, const struct config_server *server,
                          struct own_site *own, struct error *err)
{
    struct url url;
    const struct url_policy any = { 0 };
    if (url_normalize(slice_of(server->base_url), &any, s->arena, &url, err) != URL_OK)
        return false;
    *own = (struct own_site){
        .host = url.host,
        .port = url.port,
        .path = server->base_path,
        .domains = slice_of(server->own_domains),
    };
    return true;
}

static void set_rules(struct shortening *s, const struct config *config,
                      const struct shortening_stores *stores)
{
    const struct config_links *links = &config->links;
    s->blocked.path = links->blocked_file;
    s->codes = (struct codes){
        .db = stores->db,
        .sequence = { .name = links->sequence, .db = stores->db, .segment = stores->segment },
        .reserved = &s->reserved,
        .length = links->code_length,
    };
    s->shortener = (struct shortener){
        .cache = stores->cache,
        .db = stores->db,
        .codes = &s->codes,
        .blocked = &s->blocked,
        .urls = { .schemes = s->schemes,
                  .n_schemes = split_schemes(slice_of(links->allowed_schemes), s->schemes),
                  .allow_credentials = links->allow_credentials,
                  .max_bytes = links->max_url_bytes },
        .aliases = { .min_length = links->alias_min,
                     .max_length = links->alias_max,
                     .reserved = &s->reserved },
        .default_status = links->redirect_status,
        .max_lifetime_s = links->max_lifetime_s,
        .default_ttl_s = links->default_ttl_s,
        .max_ttl_s = links->max_ttl_s,
    };
}

bool shortening_open(struct shortening *shortening, const struct config *config,
                     const struct shortening_stores *stores, struct error *err)
{
    *shortening = (struct shortening){ .arena = arena_new(ARENA_MAX) };
    bool open = shortening->arena != NULL;
    if (!open)
        error_set(err, "out of memory");
    open = open && reserved_words_load(config->links.reserved_file, shortening->arena,
                                       &shortening->reserved, err);
    if (open)
        set_rules(shortening, config, stores);
    open = open && find_own_site(shortening, &config->server, &shortening->shortener.own, err);
    if (!open)
        shortening_close(shortening);
    return open;
}

void shortening_close(struct shortening *shortening)
{
    blocked_file_close(&shortening->blocked);
    arena_free(&shortening->arena);
}
