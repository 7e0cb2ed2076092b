/* SPDX-License-Identifier: MIT */
/* The keys for limits, proxies, origins and lifetimes: valid and invalid values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/config.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Loads a configuration of these lines; NULL with the reason. */
static struct config *load(const char *text, struct error *err)
{
    char path[] = "/tmp/curt-config-XXXXXX";
    int fd = mkstemp(path);
    assert_return_code(fd, 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    struct config *config = config_load(path, err);
    unlink(path);
    return config;
}

static void defaults(void **state)
{
    (void)state;
    struct error err = { "" };
    struct config *config = load("", &err);
    assert_non_null(config);
    assert_true(rate_is_off(&config->limits.creates_per_user));
    assert_int_equal(config->limits.creates_per_address.interval_us, 1000000);
    assert_int_equal(config->limits.creates_per_address.burst, 60);
    assert_int_equal(config->limits.misses_per_address.interval_us, 100000);
    assert_int_equal(config->limits.misses_per_address.burst, 600);
    assert_int_equal(config->server.trusted_proxies.n, 0);
    assert_int_equal(config->links.default_ttl_s, 0);
    assert_int_equal(config->links.max_ttl_s, 0);
    assert_int_equal(config->links.purge_after_s, 30 * 86400);
    assert_int_equal(config->links.restore_window_s, 86400);
    assert_string_equal(config->links.blocked_file, "");
    assert_string_equal(config->api.cors_origins, "");
    assert_int_equal(config->api.max_bulk_body, 8 << 20);
    config_free(&config);
}

static void values(void **state)
{
    (void)state;
    struct error err = { "" };
    struct config *config = load("[limits]\ncreates_per_user = 100/1h burst 10\n"
                                 "creates_per_address =\nmisses_per_address = 0\n"
                                 "[server]\ntrusted_proxies = 10.0.0.0/8, ::1\n"
                                 "[links]\ndefault_ttl = 7d\nmax_ttl = 30d\npurge_after = 0\n"
                                 "[api]\ncors_origins = https://a.example http://localhost:3000\n",
                                 &err);
    if (!config)
        fail_msg("%s", err.text);
    assert_int_equal(config->limits.creates_per_user.interval_us, 36000000);
    assert_int_equal(config->limits.creates_per_user.burst, 10);
    assert_true(rate_is_off(&config->limits.creates_per_address));
    assert_true(rate_is_off(&config->limits.misses_per_address));
    assert_int_equal(config->server.trusted_proxies.n, 2);
    assert_int_equal(config->links.default_ttl_s, 7 * 86400);
    assert_int_equal(config->links.max_ttl_s, 30 * 86400);
    assert_int_equal(config->links.purge_after_s, 0);
    config_free(&config);
}

static const struct {
    const char *text;
    const char *why; /* part of the error */
} REFUSED[] = {
    { "[limits]\ncreates_per_user = 60\n", "60/1m" },
    { "[limits]\ncreates_per_user = 60/1y\n", "creates_per_user of [limits]" },
    { "[limits]\ncreates_per_minute = 60/1m\n", "did you mean" },
    { "[limit]\ncreates_per_user = 60/1m\n", "did you mean [limits]" },
    { "[server]\ntrusted_proxies = 10.0.0.1/8\n", "10.0.0.1/8" },
    { "[server]\ntrusted_proxies = 127.0.0.1 localhost\n", "localhost" },
    { "[links]\ndefault_ttl = 2d\nmax_ttl = 1d\n", "longer than max_ttl" },
    { "[links]\nmax_ttl = 1500ms\n", "whole seconds" },
    { "[api]\ncors_origins = a.example\n", "a.example" },
    { "[api]\ncors_origins = https://a.example/\n", "https://a.example/" },
    { "[api]\ncors_origins = https://*.example\n", "https://*.example" },
    { "[api]\nmax_bulk_body = 64m\n", "max_bulk_body" },
};

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(REFUSED); i++) {
        struct error err = { "" };
        struct config *config = load(REFUSED[i].text, &err);
        if (config || !strstr(err.text, REFUSED[i].why))
            fail_msg("%s: %s", REFUSED[i].text, config ? "taken" : err.text);
    }
}

/* As many networks as there is room for, and one more. */
static void many_networks(void **state)
{
    (void)state;
    for (int n = HTTP_PROXIES_MAX; n <= HTTP_PROXIES_MAX + 1; n++) {
        char name[] = "CURT_SERVER_TRUSTED_PROXIES";
        char text[16 * (HTTP_PROXIES_MAX + 1)];
        size_t len = 0;
        struct error err = { "" };
        for (int i = 0; i < n; i++)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "10.0.0.%d ", i);
        assert_int_equal(setenv(name, text, 1), 0);
        struct config *config = load("", &err);
        assert_int_equal(unsetenv(name), 0);
        assert_int_equal(config != NULL, n == HTTP_PROXIES_MAX);
        if (!config)
            assert_non_null(strstr(err.text, "more than 64 networks"));
        config_free(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(values),
        cmocka_unit_test(refusals),
        cmocka_unit_test(many_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
