/* SPDX-License-Identifier: MIT */
/* Reads the configuration from environment variables, CURT_SECTION_KEY. */
#include <string.h>

#include "base/ascii.h"
#include "runtime/config_internal.h"

static const char PREFIX[] = "CURT_";

/* Whether `variable` begins with the upper-case spelling of `name`; *rest is what follows. */
static bool spells(const char *variable, const char *name, const char **rest)
{
    for (; *name; name++, variable++) {
        if (*variable != ascii_to_upper(*name))
            return false;
    }
    *rest = variable;
    return true;
}

static const struct config_key *config_env_key_of(const char *variable, size_t name_len)
{
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        const char *rest;
        if (spells(variable, CONFIG_KEYS[i].section, &rest) && *rest == '_' &&
            spells(rest + 1, CONFIG_KEYS[i].name, &rest) && rest == variable + name_len)
            return &CONFIG_KEYS[i];
    }
    return NULL;
}

/* The section that `variable` names, or NULL. */
static const char *section_of(const char *variable, const char **rest)
{
    for (size_t i = 0; i < CONFIG_KEYS_N; i++) {
        if (spells(variable, CONFIG_KEYS[i].section, rest) && **rest == '_') {
            ++*rest;
            return CONFIG_KEYS[i].section;
        }
    }
    return NULL;
}

static void config_env_refuse(const char *entry, const char *section, struct slice key,
                              struct error *err)
{
    char name[65];
    size_t len = key.len < sizeof(name) - 1 ? key.len : sizeof(name) - 1;
    for (size_t i = 0; i < len; i++)
        name[i] = ascii_to_lower(key.at[i]);
    name[len] = '\0';
    config_key_unknown(section, name, err);
    char variable[80];
    size_t entry_len = strcspn(entry, "=");
    if (entry_len > sizeof(variable) - 1)
        entry_len = sizeof(variable) - 1;
    memcpy(variable, entry, entry_len);
    variable[entry_len] = '\0';
    error_prefix(err, variable);
}

static bool config_env_take(struct config_internals *in, const char *entry, struct error *err)
{
    const char *variable = entry + sizeof(PREFIX) - 1;
    size_t name_len = strcspn(variable, "=");
    const struct config_key *key = config_env_key_of(variable, name_len);
    if (!key) {
        const char *rest;
        const char *section = section_of(variable, &rest);
        if (!section || rest > variable + name_len)
            return true;
        config_env_refuse(entry, section,
                          (struct slice){ rest, (size_t)(variable + name_len - rest) }, err);
        return false;
    }
    struct slice source = { entry, sizeof(PREFIX) - 1 + name_len };
    struct config_given given = {
        arena_copy(in->arena, slice_of(variable + name_len + 1)),
        arena_copy(in->arena, source),
        false,
    };
    if (!given.text || !given.source)
        return error_set(err, "the environment is too large");
    in->given[config_key_index(key)] = given;
    return true;
}

bool config_env_read(struct config_internals *in, char *const *environment, struct error *err)
{
    for (; *environment; environment++) {
        if (strncmp(*environment, PREFIX, sizeof(PREFIX) - 1) == 0 && strchr(*environment, '=') &&
            !config_env_take(in, *environment, err))
            return false;
    }
    return true;
}
