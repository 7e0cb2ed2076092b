/* SPDX-License-Identifier: MIT */
/* Services over the fakes, as the worker wires them over the real things. */
#include "fuzz_site.h"

#include <string.h>

#include "fakes/cache_fake.h"
#include "fakes/db_fake.h"
#include "fuzz.h"
#include "fuzz_answer.h"
#include "support/codes_key.h"
#include "web/dispatch.h"

enum {
    NOW = 1800000000,
    MAX_MEMORY = 64 << 20,   /* the defaults of server.max_memory, */
    MAX_BODY = 64 << 10,     /* server.max_body */
    MAX_BULK_BODY = 8 << 20, /* and api.max_bulk_body */
    HEADERS_MAX = 16,
    VARIABLE_MAX = 8192,
    USERS = 3,
};

struct fuzz_site {
    struct arena *arena;
    struct cache *cache;
    struct link_cache links;
    struct db *db;
    struct buckets *buckets;
    struct codes codes;
    struct site site;
    struct services services;
    char keys[USERS][KEY_TEXT_MAX];
    struct http_request request;
    const char *variables[HEADERS_MAX + 4];
    size_t n_variables;
    struct exchange x;
};

static const struct {
    const char *name;
    enum user_role role;
} PEOPLE[USERS] = { { "root", ROLE_ADMIN }, { "ann", ROLE_USER }, { "bob", ROLE_USER } };

static void create_keys(struct fuzz_site *s)
{
    for (size_t i = 0; i < USERS; i++) {
        unsigned char secret[KEY_SECRET_BYTES];
        struct api_key key = { .user = slice_of(PEOPLE[i].name),
                               .role = PEOPLE[i].role,
                               .created_at = NOW };
        struct error err = { "" };
        memset(secret, (int)i + 1, sizeof(secret));
        MUST(auth_key_create(s->db, &key, secret, s->keys[i], &err) == DB_OK);
    }
}

/* Not random at all: the same site every time. */
static bool same_bytes(unsigned char *out, size_t size)
{
    memset(out, 0x5a, size);
    return true;
}

static void wire(struct fuzz_site *s)
{
    struct slice bad;
    s->site = (struct site){ .base_url = SLICE("https://s.example/s"),
                             .base_path = SLICE("/s"),
                             .preview = true,
                             .max_body = MAX_BODY,
                             .max_bulk_body = MAX_BULK_BODY,
                             .cors_origins = SLICE("https://app.example https://b.example") };
    MUST(http_proxies_parse(SLICE("127.0.0.0/8 10.0.0.0/8"), &s->site.proxies, &bad));
    s->codes =
        (struct codes){ .db = s->db, .sequence = { .name = "default", .db = s->db }, .length = 7 };
    s->links = (struct link_cache){ .remote = s->cache, .ttl_s = 3600, .negative_ttl_s = 5 };
    s->services = (struct services){
        .db = s->db,
        .resolver = { .cache = &s->links, .db = s->db },
        .shortener = { .cache = &s->links,
                       .db = s->db,
                       .codes = &s->codes,
                       .aliases = { .min_length = 3, .max_length = 50 },
                       .own = { .host = SLICE("s.example"), .path = SLICE("/s") },
                       .default_status = 302,
                       .max_lifetime_s = 1000000000 },
        .auth = { .db = s->db, .remember_s = 5 },
        .random_bytes = same_bytes,
        .readiness = { .db = s->db, .cache = s->cache },
        .limits = { .buckets = s->buckets,
                    .creates_per_user = { .interval_us = 1000000, .burst = 6 },
                    .misses_per_address = { .interval_us = 1000000, .burst = 3 } },
    };
}

static void create_links(struct fuzz_site *site)
{
    static const char *const bodies[] = {
        "{\"long_url\": \"https://a.example/spring?x=1\", \"custom_alias\": \"spring\", "
        "\"tags\": [\"news\"]}",
        "{\"long_url\": \"https://b.example/summer#y\", \"custom_alias\": \"summer\", "
        "\"tags\": [\"news\", \"a b\"], \"max_clicks\": 2}",
        "{\"long_url\": \"https://b.example/made\", \"ttl_seconds\": 60}",
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct fuzz_request request = { .method = SLICE("POST"),
                                        .target = SLICE("/s/api/v1/urls"),
                                        .body = slice_of(bodies[i]) };
        MUST(fuzz_site_send(site, &request)->response.status == 201);
    }
}

struct fuzz_site *fuzz_site_new(void)
{
    struct fuzz_site *site = calloc(1, sizeof(*site));
    MUST(site != NULL);
    site->arena = arena_new(MAX_MEMORY);
    site->cache = cache_fake_new();
    site->db = db_fake_new(1 << 20, 100);
    struct error err = { "" };
    site->buckets = buckets_open(NULL, &err);
    MUST(site->arena && site->cache && site->db && site->buckets);
    codes_key_store(site->db, CODE_KEY);
    wire(site);
    create_keys(site);
    create_links(site);
    return site;
}

void fuzz_site_free(struct fuzz_site **site)
{
    db_close(&(*site)->db);
    cache_close(&(*site)->cache);
    buckets_close(&(*site)->buckets);
    arena_free(&(*site)->arena);
    free(*site);
    *site = NULL;
}

struct db *fuzz_site_db(struct fuzz_site *site)
{
    return site->db;
}

/* The CGI variable a header becomes (RFC 3875, 4.1.18). */
static void spell_variable(struct slice name, char out[VARIABLE_MAX])
{
    bool is_type = slice_eq_nocase(name, SLICE("Content-Type"));
    (void)snprintf(out, VARIABLE_MAX, "%s%.*s=", is_type ? "" : "HTTP_", (int)name.len, name.at);
    for (char *c = out; *c != '=' && *c != '\0'; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
        else if (*c == '-')
            *c = '_';
    }
}

static struct slice key_meant(const struct fuzz_site *site, struct slice value)
{
    for (size_t i = 0; i < USERS; i++) {
        if (value.len && value.at[0] == '@' &&
            slice_eq(slice_from(value, 1), slice_of(PEOPLE[i].name)))
            return slice_of(site->keys[i]);
    }
    return value;
}

static void add_variable(struct fuzz_site *site, struct slice name, struct slice value)
{
    char line[VARIABLE_MAX];
    name.len = name.len < 100 ? name.len : 100;
    spell_variable(name, line);
    size_t len = strlen(line);
    if (slice_eq_nocase(name, SLICE("X-Api-Key")))
        value = key_meant(site, value);
    (void)snprintf(line + len, sizeof(line) - len, "%.*s", (int)value.len, value.at);
    site->variables[site->n_variables++] = arena_copy(site->arena, slice_of(line));
}

static void add_headers(struct fuzz_site *site, struct slice headers)
{
    site->variables[0] = "REMOTE_ADDR=127.0.0.1";
    site->n_variables = 1;
    while (headers.len && site->n_variables <= HEADERS_MAX) {
        struct slice line = fuzz_until(&headers, '\n');
        struct slice name = fuzz_until(&line, ':');
        if (name.len)
            add_variable(site, name, slice_trim(line));
    }
    if (!http_variable(&site->request, "CONTENT_TYPE").at)
        add_variable(site, SLICE("Content-Type"), SLICE("application/json"));
    if (!http_variable(&site->request, "HTTP_X_API_KEY").at)
        add_variable(site, SLICE("X-Api-Key"), SLICE("@ann"));
}

const struct exchange *fuzz_site_send(struct fuzz_site *site, const struct fuzz_request *sent)
{
    arena_reset(site->arena);
    memset(site->variables, 0, sizeof(site->variables));
    site->request = (struct http_request){ .method = http_method_of(sent->method),
                                           .body = sent->body,
                                           .variables = site->variables };
    http_request_set_target(&site->request, sent->target);
    add_headers(site, sent->headers);
    site->x = (struct exchange){ .request = &site->request,
                                 .site = &site->site,
                                 .services = &site->services,
                                 .arena = site->arena,
                                 .now = NOW,
                                 .request_id = SLICE("rid-1") };
    dispatch(&site->x);
    fuzz_check_answer(&site->x);
    return &site->x;
}
