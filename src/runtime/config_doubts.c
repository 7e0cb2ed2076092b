/* SPDX-License-Identifier: MIT */
/* Finds values of the configuration that are valid but probably mistakes. */
#include <string.h>

#include "runtime/config_internal.h"

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
}
