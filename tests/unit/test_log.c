/* SPDX-License-Identifier: MIT */
/* Log lines: their format; each is a single line and is written with one write. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/clock.h"
#include "os/monotonic.h"
#include "runtime/log.h"

enum {
    CAPTURE_MAX = 16 * 1024,
    LINE_BYTES = 4096,
};

/* Runs `act` with standard error redirected to a socket that preserves the boundaries of writes;
 * returns the bytes of the first write, "" when there was none, and whether there was a second. */
struct capture {
    char first[CAPTURE_MAX];
    bool more;
};

static void capture(const struct log_options *options, void (*act)(struct log *),
                    struct capture *out)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    int before = dup(STDERR_FILENO);
    dup2(pair[0], STDERR_FILENO);
    struct log *log = log_open(options, "test");
    if (log)
        act(log);
    log_close(&log);
    dup2(before, STDERR_FILENO);
    close(before);
    close(pair[0]);
    ssize_t n = recv(pair[1], out->first, CAPTURE_MAX - 1, MSG_DONTWAIT);
    out->first[n > 0 ? n : 0] = '\0';
    char rest[8];
    out->more = recv(pair[1], rest, sizeof(rest), MSG_DONTWAIT) > 0;
    close(pair[1]);
}

/* Cuts the time off the line, after checking that it looks like one and is about now. */
static const char *without_time(const char *line, const char *before, const char *after)
{
    size_t skip = strlen(before);
    assert_memory_equal(line, before, skip);
    const char *time = line + skip;
    static const char form[] = "0000-00-00T00:00:00.000Z";
    for (size_t i = 0; form[i]; i++)
        assert_true(form[i] == '0' ? isdigit((unsigned char)time[i]) != 0 : time[i] == form[i]);
    time += strlen(form);
    assert_memory_equal(time, after, strlen(after));
    return time + strlen(after);
}

static void write_fields(struct log *log)
{
    const struct log_field fields[] = {
        log_text("plain", SLICE("abc")),
        log_text("empty", (struct slice){ NULL, 0 }),
        log_text("odd", SLICE("a \"b\"\n\x1b=\xff\xc3\xa4")),
        log_number("n", -9223372036854775807 - 1),
    };
    log_line(log, LOG_LEVEL_WARN, "event", fields, 4);
}

static void logfmt_lines(void **state)
{
    (void)state;
    struct capture seen;
    capture(&(struct log_options){ .level = LOG_LEVEL_INFO }, write_fields, &seen);
    assert_string_equal(without_time(seen.first, "time=", " "),
                        "level=warn event=event plain=abc empty=\"\" "
                        "odd=\"a \\\"b\\\"\\n\\u001b=\\ufffd\\u00e4\" n=-9223372036854775808\n");
    assert_false(seen.more);
}

static void json_lines(void **state)
{
    (void)state;
    struct capture seen;
    capture(&(struct log_options){ .level = LOG_LEVEL_INFO, .format = LOG_JSON }, write_fields,
            &seen);
    assert_string_equal(without_time(seen.first, "{\"time\":\"", "\","),
                        "\"level\":\"warn\",\"event\":\"event\",\"plain\":\"abc\",\"empty\":\"\","
                        "\"odd\":\"a \\\"b\\\"\\n\\u001b=\xef\xbf\xbd\xc3\xa4\","
                        "\"n\":-9223372036854775808}\n");
    assert_false(seen.more);
}

static void write_all_levels(struct log *log)
{
    log_line(log, LOG_LEVEL_DEBUG, "d", NULL, 0);
    log_line(log, LOG_LEVEL_INFO, "i", NULL, 0);
}

static void levels(void **state)
{
    (void)state;
    struct capture seen;
    capture(&(struct log_options){ .level = LOG_LEVEL_WARN }, write_all_levels, &seen);
    assert_string_equal(seen.first, "");
    capture(&(struct log_options){ .level = LOG_LEVEL_INFO }, write_all_levels, &seen);
    assert_string_equal(without_time(seen.first, "time=", " "), "level=info event=i\n");
    assert_false(seen.more);
    capture(&(struct log_options){ .level = LOG_LEVEL_DEBUG }, write_all_levels, &seen);
    assert_string_equal(without_time(seen.first, "time=", " "), "level=debug event=d\n");
    assert_true(seen.more);
}

static void write_error(struct log *log)
{
    log_error(log, "broke", "no such thing");
}

static void errors(void **state)
{
    (void)state;
    struct capture seen;
    capture(&(struct log_options){ .level = LOG_LEVEL_ERROR }, write_error, &seen);
    assert_string_equal(without_time(seen.first, "time=", " "),
                        "level=error event=broke error=\"no such thing\"\n");
}

static char long_text[10000];

static void write_long(struct log *log)
{
    const struct log_field fields[] = {
        log_text("long", (struct slice){ long_text, sizeof(long_text) }),
        log_number("after", 1),
    };
    log_line(log, LOG_LEVEL_INFO, "e", fields, 2);
}

/* For any values a line is at most 4 KiB, complete, and not much shorter than that. */
static void long_values(void **state)
{
    static const char *const fillers[] = { "x", "\xff", "\xc3\xa4", "\n", "\xf0\x9f\x98\x80" };
    (void)state;
    for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++) {
        for (int json = 0; json <= 1; json++) {
            struct capture seen;
            size_t step = strlen(fillers[i]);
            for (size_t at = 0; at + step <= sizeof(long_text); at += step)
                memcpy(long_text + at, fillers[i], step);
            capture(&(struct log_options){ .level = LOG_LEVEL_INFO,
                                           .format = json ? LOG_JSON : LOG_LOGFMT },
                    write_long, &seen);
            size_t len = strlen(seen.first);
            assert_true(len <= LINE_BYTES);
            assert_true(len > 1500);
            assert_false(seen.more);
            assert_int_equal(seen.first[len - 1], '\n');
            assert_ptr_equal(strchr(seen.first, '\n'), seen.first + len - 1);
            if (json)
                assert_int_equal(seen.first[len - 2], '}');
            /* Truncation is between characters: valid UTF-8 gets no replacement character. */
            if (step > 1) {
                assert_null(strstr(seen.first, "\\ufffd"));
                assert_null(strstr(seen.first, "\xef\xbf\xbd"));
            }
        }
    }
}

static void clocks(void **state)
{
    (void)state;
    int64_t seconds = clock_now(), ms = clock_now_ms(), us = monotonic_us();
    assert_true(seconds > 1700000000);
    assert_true(ms / 1000 - seconds <= 1);
    assert_true(ms / 1000 >= seconds);
    assert_true(monotonic_us() >= us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logfmt_lines), cmocka_unit_test(json_lines),  cmocka_unit_test(levels),
        cmocka_unit_test(errors),       cmocka_unit_test(long_values), cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
