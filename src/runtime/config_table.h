/* SPDX-License-Identifier: MIT */
/* The table of configuration keys: target member, type, default and bounds. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/config.h"

enum config_type {
    CONFIG_STRING,         /* const char *; empty stays "" */
    CONFIG_STRING_OR_NULL, /* const char *; empty becomes NULL */
    CONFIG_SECRET,         /* the same, and never shown */
    CONFIG_BOOL,           /* bool */
    CONFIG_UNSIGNED,       /* unsigned */
    CONFIG_BYTES,          /* uint64_t; "64k", "8m" */
    CONFIG_MILLISECONDS,   /* unsigned, from a duration */
    CONFIG_SECONDS_WIDE,   /* int64_t, from a duration of whole seconds */
    CONFIG_RATE,           /* struct rate; "60/1m burst 10" */
    CONFIG_NETWORKS,       /* struct http_proxies; "10.0.0.0/8 ::1" */
    CONFIG_ENUM,           /* an enum of the size of unsigned int, one of `choices` */
};

/* A list of choices ends with a NULL name. */
struct config_choice {
    const char *name;
    int value;
};

/* `min` and `max` bound the number (bytes; milliseconds for every duration), or the length of a
 * string in bytes. `help` is a one-line description. */
struct config_key {
    const char *section;
    const char *name;
    enum config_type type;
    size_t offset; /* in struct config */
    const char *fallback;
    int64_t min;
    int64_t max;
    const struct config_choice *choices;
    const char *help;
};

extern const struct config_key CONFIG_KEYS[];
extern const size_t CONFIG_KEYS_N;

/* The key of that name, or NULL. Case-sensitive. */
const struct config_key *config_key_find(const char *section, const char *name);

/* The index of a key in CONFIG_KEYS. */
size_t config_key_index(const struct config_key *key);

/* Sets *err to say that there is no such section or key, with the nearest existing name. */
void config_key_unknown(const char *section, const char *name, struct error *err);
