/* SPDX-License-Identifier: MIT */
/* Parses configuration values, with one function for each type. */
#include "runtime/config_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "text/duration.h"

enum {
    LIMIT_SIZE = 32,
};

static bool config_value_read_number(struct slice digits, int64_t *out)
{
    uint64_t value;
    if (!number_parse(digits, INT64_MAX, &value))
        return false;
    *out = (int64_t)value;
    return true;
}

static bool config_value_read_bytes(struct slice text, int64_t *out)
{
    int64_t unit = 1;
    char last = text.len ? text.at[text.len - 1] : '\0';
    if (last == 'k' || last == 'K')
        unit = INT64_C(1024);
    else if (last == 'm' || last == 'M')
        unit = INT64_C(1024) * 1024;
    else if (last == 'g' || last == 'G')
        unit = INT64_C(1024) * 1024 * 1024;
    if (unit != 1)
        text.len--;
    return config_value_read_number(text, out) && !__builtin_mul_overflow(*out, unit, out);
}

/* Writes a number with the largest unit that divides it: "64k", "30s". */
static const char *spell_limit(enum config_type type, int64_t value, char out[LIMIT_SIZE])
{
    static const struct {
        int64_t size;
        const char *name;
    } bytes[] = { { 1 << 30, "g" }, { 1 << 20, "m" }, { 1 << 10, "k" }, { 1, "" } },
      times[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "m" }, { 1000, "s" }, { 1, "ms" } };
    int64_t size = 1;
    const char *name = "";
    if (type == CONFIG_BYTES) {
        for (size_t i = 0; i < 4 && (i == 0 || value % size != 0); i++) {
            size = bytes[i].size;
            name = bytes[i].name;
        }
    } else if (type != CONFIG_UNSIGNED) {
        for (size_t i = 0; i < 5 && (i == 0 || value % size != 0); i++) {
            size = times[i].size;
            name = times[i].name;
        }
    }
    snprintf(out, LIMIT_SIZE, "%" PRId64 "%s", value / size, value == 0 ? "" : name);
    return out;
}

static const char *type_name(enum config_type type)
{
    switch (type) {
    case CONFIG_UNSIGNED:
        return "a whole number";
    case CONFIG_BYTES:
        return "a number of bytes (64k, 8m)";
    case CONFIG_SECONDS_WIDE:
        return "a duration of whole seconds (30s, 5m, 24h, 7d, 2w)";
    default:
        return "a duration (500ms, 30s, 5m, 24h, 7d, 2w)";
    }
}

static bool read_limited(const struct config_key *key, const char *text, int64_t *value,
                         struct error *err)
{
    struct slice s = slice_of(text);
    bool ok;
    if (key->type == CONFIG_UNSIGNED)
        ok = config_value_read_number(s, value);
    else if (key->type == CONFIG_BYTES)
        ok = config_value_read_bytes(s, value);
    else
        ok = duration_parse(s, value);
    if (ok && key->type == CONFIG_SECONDS_WIDE)
        ok = *value % 1000 == 0;
    if (ok && *value >= key->min && *value <= key->max)
        return true;
    char min[LIMIT_SIZE], max[LIMIT_SIZE];
    return error_set(err, "\"%.64s\" is not %s from %s to %s", text, type_name(key->type),
                     spell_limit(key->type, key->min, min), spell_limit(key->type, key->max, max));
}

static bool config_value_set_number(void *at, const struct config_key *key, const char *text,
                                    struct error *err)
{
    int64_t value;
    if (!read_limited(key, text, &value, err))
        return false;
    switch (key->type) {
    case CONFIG_BYTES:
        *(uint64_t *)at = (uint64_t)value;
        break;
    case CONFIG_SECONDS_WIDE:
        *(int64_t *)at = value / 1000;
        break;
    default:
        *(unsigned *)at = (unsigned)value;
        break;
    }
    return true;
}

static bool set_bool(void *at, const char *text, struct error *err)
{
    static const char *const yes[] = { "yes", "true", "on", "1" };
    static const char *const no[] = { "no", "false", "off", "0" };
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        bool is_yes = strcmp(text, yes[i]) == 0;
        if (is_yes || strcmp(text, no[i]) == 0) {
            *(bool *)at = is_yes;
            return true;
        }
    }
    return error_set(err, "\"%.64s\" is neither yes nor no", text);
}

static bool set_enum(void *at, const struct config_key *key, const char *text, struct error *err)
{
    char names[128] = "";
    for (const struct config_choice *c = key->choices; c->name; c++) {
        if (strcmp(c->name, text) == 0) {
            *(unsigned *)at = (unsigned)c->value;
            return true;
        }
        size_t len = strlen(names);
        snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "", c->name);
    }
    return error_set(err, "\"%.64s\" is none of: %s", text, names);
}

static bool set_string(void *at, const struct config_key *key, const char *text, struct error *err)
{
    size_t len = strlen(text);
    if (len < (size_t)key->min)
        return error_set(err, "must not be empty");
    if (len > (size_t)key->max)
        return error_set(err, "is longer than %" PRId64 " bytes", key->max);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return error_set(err, "holds a control character");
    }
    *(const char **)at = len == 0 && key->type != CONFIG_STRING ? NULL : text;
    return true;
}

static bool set_networks(void *at, const char *text, struct error *err)
{
    struct slice bad = { NULL, 0 };
    struct network one_more;
    if (http_proxies_parse(slice_of(text), at, &bad))
        return true;
    if (network_parse(bad, &one_more))
        error_set(err, "has more than %d networks", HTTP_PROXIES_MAX);
    else
        error_set(err, "\"%.*s\" is neither an address nor a network like 10.0.0.0/8 or fd00::/8",
                  (int)(bad.len < 64 ? bad.len : 64), bad.at);
    return false;
}

bool config_value_set(struct config *config, const struct config_key *key, const char *text,
                      struct error *err)
{
    void *at = (char *)config + key->offset;
    switch (key->type) {
    case CONFIG_STRING:
    case CONFIG_STRING_OR_NULL:
    case CONFIG_SECRET:
        return set_string(at, key, text, err);
    case CONFIG_BOOL:
        return set_bool(at, text, err);
    case CONFIG_ENUM:
        return set_enum(at, key, text, err);
    case CONFIG_RATE:
        return rate_parse(slice_of(text), at, err);
    case CONFIG_NETWORKS:
        return set_networks(at, text, err);
    default:
        return config_value_set_number(at, key, text, err);
    }
}
