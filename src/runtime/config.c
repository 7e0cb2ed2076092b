/* SPDX-License-Identifier: MIT */
/* Loads the configuration: the defaults, then the file, then the environment; then checks every
 * value once. */
#include "runtime/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config_internal.h"
#include "runtime/config_pages.h"
#include "runtime/config_value.h"

#ifndef CURT_CONFIG_FILE
#define CURT_CONFIG_FILE "/etc/curt/curt.conf"
#endif

enum {
    ARENA_BYTES = 4 * 1024 * 1024,
};

static const char *named_path(void)
{
    const char *path = getenv("CURT_CONFIG");
    return path && *path ? path : NULL;
}

const char *config_default_path(void)
{
    const char *path = named_path();
    return path ? path : CURT_CONFIG_FILE;
}

static bool read_sources(struct config_internals *in, const char *path, struct error *err)
{
    bool by_name = path || named_path();
    bool missing = false;
    if (!config_file_read(in, path ? path : config_default_path(), &missing, err) &&
        (by_name || !missing))
        return false;
    return config_env_read(in, environ, err);
}

static bool set_all(struct config *config, struct config_internals *in, struct error *err)
{
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        struct config_given *given = &in->given[i];
        if (!given->text)
            *given = (struct config_given){ CONFIG_KEYS[i].fallback, "default", false };
        if (!config_value_set(config, &CONFIG_KEYS[i], given->text, err)) {
            char place[220];
            snprintf(place, sizeof(place), "%.150s: %s of [%s]", given->source, CONFIG_KEYS[i].name,
                     CONFIG_KEYS[i].section);
            error_prefix(err, place);
            return false;
        }
    }
    return true;
}

struct config *config_load_for(const char *path, unsigned uid, struct error *err)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct config *config = arena ? arena_alloc(arena, sizeof(*config)) : NULL;
    struct config_internals *in = config ? arena_alloc(arena, sizeof(*in)) : NULL;
    struct config_given *given = in ? arena_alloc(arena, CONFIG_KEYS_N * sizeof(*given)) : NULL;
    if (!given) {
        error_set(err, "out of memory");
        arena_free(&arena);
        return NULL;
    }
    *in = (struct config_internals){ arena, given, uid };
    config->internals = in;
    if (err)
        err->text[0] = '\0';
    if (read_sources(in, path, err) && set_all(config, in, err) && config_finish(config, in, err))
        return config;
    arena_free(&arena);
    return NULL;
}

struct config *config_load(const char *path, struct error *err)
{
    return config_load_for(path, (unsigned)geteuid(), err);
}

void config_free(struct config **config)
{
    if (!*config)
        return;
    /* The configuration itself is in the arena. */
    const struct config_internals *in = (*config)->internals;
    struct arena *arena = in->arena;
    *config = NULL;
    arena_free(&arena);
}

void config_walk(const struct config *config, config_each *each, void *context)
{
    const struct config_internals *in = config->internals;
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        const struct config_key *key = &CONFIG_KEYS[i];
        bool hidden = key->type == CONFIG_SECRET && in->given[i].text[0] != '\0';
        each(context, key->section, key->name, hidden ? "***" : in->given[i].text,
             in->given[i].source);
    }
}

/* --- doubts: valid values that are probably mistakes --- */

/* The problem of a value, or NULL. */
static const char *doubt_of(enum config_type type, const struct config_given *given)
{
    const char *text = given->text;
    size_t len = strlen(text);
    bool quoted = *text == '"' || *text == '\'';
    if (type != CONFIG_STRING && type != CONFIG_STRING_OR_NULL && type != CONFIG_SECRET)
        return NULL;
    if (quoted && given->has_comment && (len == 1 || text[len - 1] != *text))
        return "is cut at \" ;\", where a comment begins, within quotes too";
    if (quoted && len > 1 && text[len - 1] == *text)
        return "has quotes, which are a part of it";
    if (type == CONFIG_SECRET && given->has_comment)
        return "ends at \" ;\", where a comment begins";
    return NULL;
}

void config_doubts(const struct config *config, config_doubt *each, void *context)
{
    const struct config_internals *in = config->internals;
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        const struct config_key *key = &CONFIG_KEYS[i];
        const char *doubt = doubt_of(key->type, &in->given[i]);
        if (doubt)
            each(context, key->section, key->name, in->given[i].source, doubt);
    }
    const char *doubt = config_pages_doubt(&config->pages);
    size_t accent = config_key_index(config_key_find("pages", "accent"));
    if (doubt)
        each(context, "pages", "accent", in->given[accent].source, doubt);
}
