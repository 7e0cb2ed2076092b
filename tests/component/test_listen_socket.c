/* SPDX-License-Identifier: MIT */
/* The prefork parent's listening sockets. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/listen_socket.h"

struct place {
    char path[64];
    char where[128];
};

static struct place place_of(const char *options)
{
    struct place place;
    snprintf(place.path, sizeof(place.path), "/tmp/curt-test-listen-%d", (int)getpid());
    snprintf(place.where, sizeof(place.where), "unix:%s%s", place.path, options);
    unlink(place.path);
    return place;
}

static struct listen_socket open_good(const char *where)
{
    struct listen_socket listening;
    struct error err = { "" };
    if (!listen_socket_open(&listening, where, &err))
        fail_msg("%s: %s", where, err.text);
    assert_int_equal(fcntl(listening.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    return listening;
}

static bool opens(const char *where, struct error *err)
{
    struct listen_socket listening;
    bool opened = listen_socket_open(&listening, where, err);
    listen_socket_close(&listening);
    return opened;
}

static void modes(void **state)
{
    static const struct {
        const char *options;
        mode_t mode;
    } rows[] = {
        { "", 0660 },
        { ",mode=0600", 0600 },
        { ",mode=666", 0666 },
        { ",group=root,mode=0", 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct place place = place_of(rows[i].options);
        struct listen_socket listening = open_good(place.where);
        struct stat seen;
        assert_int_equal(lstat(place.path, &seen), 0);
        assert_true(S_ISSOCK(seen.st_mode));
        assert_int_equal(seen.st_mode & 07777, rows[i].mode);
        listen_socket_close(&listening);
        assert_int_equal(listening.fd, -1);
        assert_int_not_equal(access(place.path, F_OK), 0);
    }
}

static void a_stale_socket_is_replaced(void **state)
{
    (void)state;
    struct place place = place_of("");
    struct listen_socket first = open_good(place.where);
    close(first.fd); /* its owner died */
    struct listen_socket second = open_good(place.where);
    first.fd = -1;
    listen_socket_close(&first); /* the file is not its own any more */
    assert_int_equal(access(place.path, F_OK), 0);
    listen_socket_close(&second);
    assert_int_not_equal(access(place.path, F_OK), 0);
}

static void a_socket_in_use_is_not(void **state)
{
    (void)state;
    struct place place = place_of("");
    struct error err = { "" };
    struct listen_socket first = open_good(place.where);
    assert_false(opens(place.where, &err));
    assert_non_null(strstr(err.text, "already"));
    assert_int_equal(access(place.path, F_OK), 0);
    listen_socket_close(&first);
}

static void another_file_is_not_touched(void **state)
{
    (void)state;
    struct place place = place_of("");
    struct error err = { "" };
    int fd = open(place.path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_false(opens(place.where, &err));
    assert_non_null(strstr(err.text, "no socket"));
    assert_int_equal(unlink(place.path), 0);
    assert_int_equal(symlink("/nonexistent", place.path), 0);
    assert_false(opens(place.where, &err));
    assert_int_equal(unlink(place.path), 0);
}

static void tcp_places(void **state)
{
    static const struct {
        const char *where;
        int family;
    } rows[] = {
        { "tcp:0", AF_INET },
        { "tcp:127.0.0.1:0", AF_INET },
        { "tcp:[::1]:0", AF_INET6 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sockaddr_storage address = { 0 };
        socklen_t len = sizeof(address);
        struct error err = { "" };
        struct listen_socket listening;
        if (!listen_socket_open(&listening, rows[i].where, &err)) {
            if (rows[i].family == AF_INET6)
                continue; /* a machine without IPv6 */
            fail_msg("%s: %s", rows[i].where, err.text);
        }
        assert_int_equal(getsockname(listening.fd, (struct sockaddr *)&address, &len), 0);
        assert_int_equal(address.ss_family, rows[i].family);
        if (rows[i].family == AF_INET)
            assert_int_equal(((struct sockaddr_in *)&address)->sin_addr.s_addr,
                             htonl(INADDR_LOOPBACK));
        listen_socket_close(&listening);
    }
}

static void bad_places(void **state)
{
    static const char *const rows[] = {
        "",
        "/tmp/x",
        "unix",
        "unix:",
        "unix:,mode=600",
        "unix:/nonexistent/x",
        "unix:/tmp/x,mode=",
        "unix:/tmp/x,mode=8",
        "unix:/tmp/x,mode=1777",
        "unix:/tmp/x,group=",
        "unix:/tmp/x,group=no such group",
        "unix:/tmp/x,",
        "unix:/tmp/x,owner=root",
        "unix:/tmp/" // NOLINT(bugprone-suspicious-missing-comma): one long path
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxx",
        "tcp:",
        "tcp::1",
        "tcp:127.0.0.1",
        "tcp:127.0.0.1:",
        "tcp:127.0.0.1:x",
        "tcp:127.0.0.1:70000",
        "tcp:::1:0",
        "tcp:[]:0",
        "tcp:192.0.2.1:0",
    };
    (void)state;
    bool was_there = access("/tmp/x", F_OK) == 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error err = { "" };
        if (opens(rows[i], &err))
            fail_msg("\"%s\" was taken", rows[i]);
        assert_string_not_equal(err.text, "");
    }
    assert_int_equal(access("/tmp/x", F_OK) == 0, was_there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes),
        cmocka_unit_test(a_stale_socket_is_replaced),
        cmocka_unit_test(a_socket_in_use_is_not),
        cmocka_unit_test(another_file_is_not_touched),
        cmocka_unit_test(tcp_places),
        cmocka_unit_test(bad_places),
    };
    return cmocka_run_group_tests_name("listen socket", tests, NULL, NULL);
}
