/* SPDX-License-Identifier: MIT */
/* Which requests are clicks, and what is stored of them. */
#include "support/web_site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/click_log.h"
#include "support/host_files.h"
#include "support/mmdb.h"

#define ROBOT \
    "HTTP_USER_AGENT=Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)\n"

struct clicks {
    struct web_site *site;
    struct host_files files; /* the ring */
    char country_path[96];
    struct click_ring *ring;
    struct click_ring *reader;
    struct click_log click_log;
    struct click_event events[16];
    size_t n; /* events read by the last request */
};

static int set_up(void **state)
{
    static const unsigned char secret[CLICK_SECRET_BYTES] = "secret";
    static const struct mmdb_entry countries[] = { { "192.0.2.0/24", "DE" },
                                                   { "2001:db8::/32", "FR" } };
    if (web_site_set_up(state) != 0)
        return -1;
    struct clicks *c = calloc(1, sizeof(*c));
    c->site = *state;
    *state = c;
    assert_true(host_files_make(&c->files, "ring"));
    snprintf(c->country_path, sizeof(c->country_path), "%s/mmdb", c->files.dir);
    assert_true(mmdb_write(c->country_path, countries, 2, COUNTRY_ISO_CODE));
    c->ring = host_ring_open(c->files.path);
    c->reader = host_ring_open(c->files.path);
    click_ring_tell_secret(c->reader, secret);
    c->click_log = (struct click_log){
        .ring = c->ring,
        .spill = { .dir = c->files.dir, .max_bytes = 1 << 20, .fd = -1 },
        .countries = { .path = c->country_path },
        .window_s = 86400,
    };
    web_site_log_clicks(c->site, &c->click_log);
    return 0;
}

static int tear_down(void **state)
{
    struct clicks *c = *state;
    click_log_close(&c->click_log);
    click_ring_close(&c->ring);
    click_ring_close(&c->reader);
    unlink(c->country_path);
    if (!host_files_remove(&c->files)) /* nothing was spilled */
        return -1;
    *state = c->site;
    free(c);
    return web_site_tear_down(state);
}

/* Sends; c->events[0 .. c->n) are what that has recorded. */
static void ask(struct clicks *c, const char *method, const char *target, const char *headers,
                int status)
{
    struct error err = { "" };
    struct click_batch batch = { .events = c->events, .max = 16 };
    web_site_send(c->site,
                  &(struct sent){ method, target, NULL, NULL, status, .headers = headers });
    if (!click_ring_collect(c->reader, &batch, &err))
        fail_msg("%s", err.text);
    click_ring_advance(c->reader, &batch.after);
    c->n = batch.n;
}

static void what_is_counted(void **state)
{
    static const struct {
        const char *method;
        const char *target;
        const char *headers;
        int status;
        bool counted;
        uint8_t flags;
    } rows[] = {
        { "GET", "/abc", FIREFOX, 302, true, 0 },
        { "GET", "/abc?x=y", FIREFOX, 302, true, 0 },
        { "HEAD", "/abc", FIREFOX, 302, false, 0 },
        { "GET", "/abd", FIREFOX, 404, false, 0 },
        { "GET", "/", FIREFOX, 0, false, 0 },
        { "GET", "/api/v1/urls/abc", FIREFOX, 401, false, 0 },
        { "POST", "/abc", FIREFOX, 405, false, 0 },
        { "POST", "/abc307", FIREFOX, 307, true, 0 },
        { "GET", "/abc)", FIREFOX, 302, true, 0 },
        { "GET", "/abc", FIREFOX "HTTP_SEC_PURPOSE=prefetch", 302, false, 0 },
        { "GET", "/abc", FIREFOX "HTTP_SEC_PURPOSE=prefetch;prerender", 302, false, 0 },
        { "GET", "/abc", FIREFOX "HTTP_SEC_PURPOSE=prefetch;anonymous-client-ip", 302, false, 0 },
        { "GET", "/abc", FIREFOX "HTTP_SEC_PURPOSE=Prefetch", 302, false, 0 },
        { "GET", "/abc", FIREFOX "HTTP_PURPOSE=prefetch", 302, false, 0 },
        { "GET", "/abc", FIREFOX "HTTP_PURPOSE= prefetch ", 302, false, 0 },
        { "GET", "/abc", FIREFOX "HTTP_X_MOZ=prefetch", 302, false, 0 },
        { "GET", "/abc", FIREFOX "HTTP_SEC_PURPOSE=", 302, true, 0 },
        { "GET", "/abc", FIREFOX "HTTP_SEC_PURPOSE=prefetching", 302, true, 0 },
        { "GET", "/abc", FIREFOX "HTTP_X_PURPOSE=prefetch", 302, true, 0 },
        { "GET", "/abc", FIREFOX "HTTP_DNT=1", 302, true, CLICK_PRIVATE },
        { "GET", "/abc", FIREFOX "HTTP_SEC_GPC=1", 302, true, CLICK_PRIVATE },
        { "GET", "/abc", FIREFOX "HTTP_SEC_GPC=1\nHTTP_DNT=0", 302, true, CLICK_PRIVATE },
        { "GET", "/abc", FIREFOX "HTTP_DNT=0", 302, true, 0 },
        { "GET", "/abc", FIREFOX "HTTP_DNT=", 302, true, 0 },
        { "GET", "/abc", FIREFOX "HTTP_DNT=10", 302, true, 0 },
        { "GET", "/abc", ROBOT, 302, true, CLICK_BOT },
        { "GET", "/abc", ROBOT "HTTP_DNT=1", 302, true, CLICK_BOT },
        { "GET", "/abc", ROBOT "HTTP_PURPOSE=prefetch", 302, false, 0 },
        { "GET", "/abc", NULL, 302, true, CLICK_BOT },
        { "GET", "/abc", "HTTP_USER_AGENT=", 302, true, CLICK_BOT },
    };
    struct clicks *c = *state;
    web_site_send(c->site, &(struct sent){ "POST", "/api/v1/urls", "ann",
                                           "{'long_url':'https://example.com/7','custom_alias':"
                                           "'abc307','redirect_status':307}",
                                           201 });
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ask(c, rows[i].method, rows[i].target, rows[i].headers, rows[i].status);
        if (c->n != rows[i].counted || (c->n && c->events[0].flags != rows[i].flags))
            fail_msg("row %zu: %zu with %x", i, c->n, c->events[0].flags);
    }
}

static void what_is_kept(void **state)
{
    struct clicks *c = *state;
    ask(c, "GET", "/abc",
        FIREFOX "HTTP_REFERER=https://www.News.example:8443/story?id=7#top\nREMOTE_ADDR=192.0.2.7",
        302);
    assert_int_equal(c->n, 1);
    const struct click_event *event = &c->events[0];
    assert_int_not_equal(event->link_id, 0);
    assert_int_equal(event->at, SITE_NOW);
    assert_int_equal(event->browser, BROWSER_FIREFOX);
    assert_int_equal(event->os, OS_LINUX);
    assert_int_equal(event->device, DEVICE_DESKTOP);
    assert_memory_equal(event->country, "DE", 2);
    assert_int_equal(event->referrer_len, strlen("news.example"));
    assert_memory_equal(event->referrer, "news.example", event->referrer_len);
    assert_int_not_equal(event->visitor, 0);
    for (size_t i = event->referrer_len; i < sizeof(event->referrer); i++)
        assert_int_equal(event->referrer[i], 0);
}

static void of_bots_and_the_private_nothing_is_kept(void **state)
{
    static const char *const headers[] = {
        ROBOT "HTTP_REFERER=https://news.example/\nREMOTE_ADDR=192.0.2.7",
        FIREFOX "HTTP_DNT=1\nHTTP_REFERER=https://news.example/\nREMOTE_ADDR=192.0.2.7",
    };
    struct clicks *c = *state;
    for (size_t i = 0; i < 2; i++) {
        ask(c, "GET", "/abc", headers[i], 302);
        assert_int_equal(c->n, 1);
        const struct click_event bare = {
            .link_id = c->events[0].link_id,
            .at = SITE_NOW,
            .flags = i == 0 ? CLICK_BOT : CLICK_PRIVATE,
        };
        assert_memory_equal(&c->events[0], &bare, sizeof(bare));
    }
}

/* The visitor that a request is taken for; 0: none. */
static uint64_t visitor(struct clicks *c, const char *headers)
{
    ask(c, "GET", "/abc", headers, 302);
    assert_int_equal(c->n, 1);
    return c->events[0].visitor;
}

static void who_is_the_same_visitor(void **state)
{
    struct clicks *c = *state;
    uint64_t first = visitor(c, FIREFOX "REMOTE_ADDR=192.0.2.7");
    assert_int_equal(visitor(c, FIREFOX "REMOTE_ADDR=192.0.2.7"), first);
    assert_int_equal(visitor(c, FIREFOX "REMOTE_ADDR=::ffff:192.0.2.7"), first);
    assert_int_not_equal(visitor(c, FIREFOX "REMOTE_ADDR=192.0.2.8"), first);
    assert_int_not_equal(
        visitor(
            c,
            "HTTP_USER_AGENT=Mozilla/5.0 (Windows NT 10.0) Firefox/128.0\nREMOTE_ADDR=192.0.2.7"),
        first);
    uint64_t home = visitor(c, FIREFOX "REMOTE_ADDR=2001:db8:1:2::3");
    assert_int_equal(visitor(c, FIREFOX "REMOTE_ADDR=2001:db8:1:2:ffff::4"), home);
    assert_int_not_equal(visitor(c, FIREFOX "REMOTE_ADDR=2001:db8:1:3::3"), home);
    assert_int_equal(visitor(c, FIREFOX), 0);
    c->site->now += 86400;
    assert_int_not_equal(visitor(c, FIREFOX "REMOTE_ADDR=192.0.2.7"), first);
    c->site->now -= 86400;
    assert_int_equal(visitor(c, FIREFOX "REMOTE_ADDR=192.0.2.7"), first);
}

static void a_proxy_speaks_for_its_clients(void **state)
{
    struct clicks *c = *state;
    struct slice bad;
    uint64_t direct = visitor(c, FIREFOX "REMOTE_ADDR=192.0.2.7");
    assert_true(http_proxies_parse(SLICE("10.0.0.0/8"), &c->site->site.proxies, &bad));
    assert_int_equal(
        visitor(c, FIREFOX "REMOTE_ADDR=10.0.0.1\nHTTP_X_FORWARDED_FOR=198.51.100.1, 192.0.2.7"),
        direct);
    assert_memory_equal(c->events[0].country, "DE", 2);
    assert_int_not_equal(visitor(c, FIREFOX "REMOTE_ADDR=11.0.0.1\nHTTP_X_FORWARDED_FOR=192.0.2.7"),
                         direct);
}

static void another_secret_makes_other_visitors(void **state)
{
    static const unsigned char secret[CLICK_SECRET_BYTES] = "another";
    struct clicks *c = *state;
    uint64_t first = visitor(c, FIREFOX "REMOTE_ADDR=192.0.2.7");
    click_ring_tell_secret(c->reader, secret);
    assert_int_not_equal(visitor(c, FIREFOX "REMOTE_ADDR=192.0.2.7"), first);
}

static void counting_may_be_off(void **state)
{
    struct clicks *c = *state;
    c->site->services.click_log = NULL;
    ask(c, "GET", "/abc", FIREFOX, 302);
    assert_int_equal(c->n, 0);
}

/* A full ring, then a full spill. */
static void lost_clicks_are_reported(void **state)
{
    struct clicks *c = *state;
    const struct click_event event = { .link_id = 1 };
    const struct sent sent = { "GET", "/abc", NULL, NULL, 302, .headers = FIREFOX };
    struct metrics *metrics = metrics_open(NULL, NULL);
    c->click_log.metrics = metrics;
    while (click_ring_append(c->ring, &event))
        continue;
    web_site_send(c->site, &sent);
    assert_int_equal(c->click_log.spilled, 1);
    assert_int_equal(c->click_log.lost, 0);
    char path[80];
    struct click_spill_dir *dir = click_spill_dir_open(c->files.dir, NULL);
    struct click_spill_file file;
    assert_true(click_spill_next(dir, &file));
    assert_int_equal(file.events, 1);
    snprintf(path, sizeof(path), "%.79s", file.path);
    click_spill_close(&file);
    click_spill_dir_close(&dir);
    click_spill_let_go(&c->click_log.spill);
    assert_int_equal(unlink(path), 0);
    c->click_log.spill.max_bytes = 0;
    web_site_send(c->site, &sent);
    assert_int_equal(c->click_log.lost, 1);
    assert_int_not_equal(c->click_log.fault.text[0], '\0');
    const struct metric_labels none = { 0 };
    assert_int_equal(metrics_get(metrics, METRIC_CLICKS_RECORDED, none), 1);
    assert_int_equal(metrics_get(metrics, METRIC_CLICKS_SPILLED, none), 1);
    assert_int_equal(metrics_get(metrics, METRIC_CLICKS_LOST, none), 1);
    c->click_log.metrics = NULL;
    metrics_close(&metrics);
}

static uint64_t waiting_in(const struct click_ring *ring)
{
    return click_ring_level(ring).pending;
}

static void what_waits_goes_along_to_another_ring(void **state)
{
    struct clicks *c = *state;
    const struct sent sent = { "GET", "/abc", NULL, NULL, 302, .headers = FIREFOX };
    enum { LEFT = 5000 };
    const struct click_event left = { .link_id = 1 };
    struct click_ring *other = host_ring_open(c->files.path); /* of a worker that ends */
    struct error err;
    assert_true(click_ring_claim(other, &err));
    for (unsigned i = 0; i < LEFT; i++)
        assert_true(click_ring_append(other, &left));
    click_ring_close(&other);
    web_site_send(c->site, &sent);
    web_site_send(c->site, &sent);
    assert_int_equal(unlink(c->files.path), 0);
    struct click_ring *fresh = host_ring_open(c->files.path);

    assert_true(click_ring_flush_lock(c->reader)); /* these two may be on their way right now */
    assert_false(click_log_move(&c->click_log, fresh, SITE_NOW));
    assert_ptr_equal(c->click_log.ring, c->ring);
    assert_int_equal(waiting_in(c->ring), LEFT + 2);
    click_ring_flush_unlock(c->reader);

    assert_true(click_log_move(&c->click_log, fresh, SITE_NOW));
    assert_int_equal(waiting_in(c->ring), 0);
    assert_int_equal(waiting_in(fresh), LEFT + 2);
    click_ring_close(&c->ring);
    click_ring_close(&c->reader);
    c->ring = fresh;
    c->reader = host_ring_open(c->files.path);
    web_site_send(c->site, &sent);
    assert_int_equal(waiting_in(fresh), LEFT + 3);
    assert_int_equal(c->click_log.spilled + c->click_log.lost, 0);
}

/* Where there was none, as when another version's was in the way. */
static void a_ring_may_come_later(void **state)
{
    struct clicks *c = *state;
    click_ring_close(&c->ring);
    c->click_log.ring = NULL;
    c->ring = host_ring_open(c->files.path);
    assert_true(click_log_move(&c->click_log, c->ring, SITE_NOW));
    ask(c, "GET", "/abc", FIREFOX, 302);
    assert_int_equal(c->n, 1);
    assert_int_equal(c->click_log.spilled, 0);
}

#define CLICK_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLICK_TEST(what_is_counted),
        CLICK_TEST(what_is_kept),
        CLICK_TEST(of_bots_and_the_private_nothing_is_kept),
        CLICK_TEST(who_is_the_same_visitor),
        CLICK_TEST(a_proxy_speaks_for_its_clients),
        CLICK_TEST(another_secret_makes_other_visitors),
        CLICK_TEST(counting_may_be_off),
        CLICK_TEST(lost_clicks_are_reported),
        CLICK_TEST(what_waits_goes_along_to_another_ring),
        CLICK_TEST(a_ring_may_come_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
