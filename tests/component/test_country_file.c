/* SPDX-License-Identifier: MIT */
/* Countries of addresses: found, missing, replaced, broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "files/country_file.h"
#include "files/country_record.h"
#include "support/host_files.h"
#include "support/mmdb.h"

enum { NOW = 1800000000 };

struct fixture {
    struct host_files files;
    struct country_file file;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    *state = f;
    if (!host_files_make(&f->files, "countries.mmdb"))
        return -1;
    f->file.path = f->files.path;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    country_file_close(&f->file);
    if (!host_files_remove(&f->files))
        return -1;
    free(f);
    return 0;
}

static void write_database(struct fixture *f, const char *country, enum country_form form)
{
    const struct mmdb_entry entries[] = {
        { "192.0.2.0/24", "DE" },   { "198.51.100.7/32", country }, { "2001:db8::/32", "FR" },
        { "203.0.113.0/25", "??" }, { "203.0.113.128/25", "EUR" },
    };
    assert_true(mmdb_write(f->files.path, entries, sizeof(entries) / sizeof(entries[0]), form));
}

static void expect(struct fixture *f, const char *text, int64_t now, const char *expected)
{
    struct address address;
    char country[3] = "xx";
    assert_true(address_parse(slice_of(text), &address));
    country_find(&f->file, &address, now, country);
    if (strcmp(country, expected) != 0)
        fail_msg("%s: \"%s\", not \"%s\"; %s", text, country, expected, f->file.fault.text);
}

static void countries_are_found(void **state)
{
    static const struct {
        const char *address;
        const char *country;
    } facts[] = {
        { "192.0.2.1", "DE" },  { "192.0.3.1", "" },     { "198.51.100.7", "AT" },
        { "198.51.100.8", "" }, { "2001:db8::1", "FR" }, { "2001:db9::1", "" },
        { "203.0.113.1", "" },  { "203.0.113.200", "" }, { "::ffff:192.0.2.1", "DE" },
        { "127.0.0.1", "" },    { "::1", "" },
    };
    struct fixture *f = *state;
    for (int form = 0; form < COUNTRY_NOWHERE; form++) {
        write_database(f, "AT", (enum country_form)form);
        for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
            expect(f, facts[i].address, NOW + form * COUNTRY_CHECK_SECONDS, facts[i].country);
        assert_int_equal(f->file.loads, 1 + form);
        assert_string_equal(f->file.fault.text, "");
    }
}

static void none_is_configured(void **state)
{
    struct fixture *f = *state;
    f->file.path = "";
    expect(f, "192.0.2.1", NOW, "");
    f->file.path = NULL;
    expect(f, "192.0.2.1", NOW, "");
    assert_string_equal(f->file.fault.text, "");
}

static void a_replaced_one_is_noticed_within_a_minute(void **state)
{
    struct fixture *f = *state;
    write_database(f, "AT", COUNTRY_ISO_CODE);
    expect(f, "198.51.100.7", NOW, "AT");
    write_database(f, "CH", COUNTRY_ISO_CODE);
    expect(f, "198.51.100.7", NOW + COUNTRY_CHECK_SECONDS - 1, "AT");
    expect(f, "198.51.100.7", NOW + COUNTRY_CHECK_SECONDS, "CH");
    assert_int_equal(f->file.loads, 2);
}

static void a_clock_set_back_does_not_keep_it_for_long(void **state)
{
    struct fixture *f = *state;
    write_database(f, "AT", COUNTRY_ISO_CODE);
    expect(f, "198.51.100.7", NOW, "AT");
    write_database(f, "CH", COUNTRY_ISO_CODE);
    expect(f, "198.51.100.7", NOW - 3600, "CH");
}

static void a_missing_one_may_come_later(void **state)
{
    struct fixture *f = *state;
    expect(f, "192.0.2.1", NOW, "");
    assert_non_null(strstr(f->file.fault.text, f->files.path));
    write_database(f, "AT", COUNTRY_ISO_CODE);
    expect(f, "192.0.2.1", NOW + COUNTRY_CHECK_SECONDS, "DE");
    assert_string_equal(f->file.fault.text, "");
}

static void a_broken_one_leaves_the_last_good_one_in_use(void **state)
{
    struct fixture *f = *state;
    char scratch[128];
    write_database(f, "AT", COUNTRY_ISO_CODE);
    expect(f, "192.0.2.1", NOW, "DE");
    snprintf(scratch, sizeof(scratch), "%s.new", f->files.path);
    FILE *file = fopen(scratch, "we");
    fputs("this is no database", file);
    fclose(file);
    assert_int_equal(rename(scratch, f->files.path), 0);
    expect(f, "192.0.2.1", NOW + COUNTRY_CHECK_SECONDS, "DE");
    assert_non_null(strstr(f->file.fault.text, f->files.path));
    assert_int_equal(f->file.loads, 1);
    unlink(f->files.path);
    assert_int_equal(mkdir(f->files.path, 0700), 0);
    expect(f, "192.0.2.1", NOW + 2 * COUNTRY_CHECK_SECONDS, "DE");
    assert_non_null(strstr(f->file.fault.text, "regular file"));
    rmdir(f->files.path);
}

/* Reads the file into `bytes`; how many those are. */
static size_t read_all(const char *path, char *bytes, size_t size)
{
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t n = fread(bytes, 1, size, file);
    fclose(file);
    return n;
}

/* Writes over the file in place, and gives it the time that it had at first. */
static void write_over(const char *path, const char *bytes, size_t n)
{
    const struct timespec times[2] = { { .tv_sec = NOW }, { .tv_sec = NOW } };
    FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Each try costs memory that libmaxminddb lets go of. */
static void a_broken_one_is_not_tried_again(void **state)
{
    struct fixture *f = *state;
    char sound[4096];
    char broken[sizeof(sound)];
    write_database(f, "AT", COUNTRY_ISO_CODE);
    size_t n = read_all(f->files.path, sound, sizeof(sound));
    memset(broken, 'x', n);
    write_over(f->files.path, broken, n);
    expect(f, "192.0.2.1", NOW, "");
    assert_non_null(strstr(f->file.fault.text, f->files.path));
    write_over(f->files.path, sound, n); /* which cannot be noticed */
    expect(f, "192.0.2.1", NOW + COUNTRY_CHECK_SECONDS, "");
    assert_non_null(strstr(f->file.fault.text, f->files.path));
    write_database(f, "AT", COUNTRY_ISO_CODE);
    expect(f, "192.0.2.1", NOW + 2 * COUNTRY_CHECK_SECONDS, "DE");
    assert_string_equal(f->file.fault.text, "");
}

/* As a database of networks, or of whatever else, would be. */
static void one_without_countries_is_a_fault(void **state)
{
    struct fixture *f = *state;
    struct error err;
    write_database(f, "AT", COUNTRY_NOWHERE);
    expect(f, "192.0.2.1", NOW, "");
    assert_non_null(strstr(f->file.fault.text, "none of its first 5 records has a country"));
    assert_int_equal(f->file.loads, 0);
    assert_false(country_file_check(f->files.path, &err));
    assert_string_equal(err.text, f->file.fault.text);
    write_database(f, "AT", COUNTRY_FLAT);
    assert_true(country_file_check(f->files.path, &err));
    expect(f, "192.0.2.1", NOW + COUNTRY_CHECK_SECONDS, "DE");
    assert_string_equal(f->file.fault.text, "");
    write_database(f, "AT", COUNTRY_NOWHERE);
    expect(f, "192.0.2.1", NOW + 2 * COUNTRY_CHECK_SECONDS, "DE");
    assert_non_null(strstr(f->file.fault.text, "has a country"));
}

/* --- what a record says, byte by byte */

#define X8(bytes) bytes bytes bytes bytes bytes bytes bytes bytes
#define ISO           \
    "\xe1\x47"        \
    "country\xe1\x48" \
    "iso_code\x42"    \
    "DE"

static const struct {
    int line;
    struct slice data;
    size_t offset;
    const char *country;
} RECORDS[] = {
    { __LINE__, SLICE(ISO), 0, "DE" },
    { __LINE__, SLICE("??" ISO), 2, "DE" },
    { __LINE__, SLICE(ISO), 22, "" },
    { __LINE__, SLICE(ISO), 1000, "" },
    { __LINE__, SLICE(""), 0, "" },
    { __LINE__, { ISO, sizeof(ISO) - 2 }, 0, "" },
    /* pointers to the map, its key and its value */
    { __LINE__,
      SLICE("\x20\x02"
            "\xe1\x20\x07\x20\x0f"
            "\x47"
            "country\x42"
            "AT"),
      0, "AT" },
    { __LINE__, SLICE("\x28\x00\x00"), 0, "" },
    { __LINE__, SLICE("\x20\x00"), 0, "" },
    { __LINE__, SLICE("\x20\x02\x20\x00"), 0, "" },
    /* behind a number, a boolean, a list and a table */
    { __LINE__,
      SLICE("\xe5\x41n\xc2\x01\x02\x41o\x01\x07\x41p\x02\x04\x41q\x41r\x41s\xe0\x47"
            "country\x42"
            "FR"),
      0, "FR" },
    { __LINE__,
      SLICE("\xe1\x47"
            "country\x42"
            "fr"),
      0, "" },
    { __LINE__,
      SLICE("\xe1\x47"
            "country\x43"
            "EUR"),
      0, "" },
    { __LINE__,
      SLICE("\xe1\x47"
            "country\xc2"
            "FR"),
      0, "" },
    /* lists one within the other */
    { __LINE__,
      SLICE("\xe2\x41x" X8("\x01\x04") "\x40\x47"
                                       "country\x42"
                                       "FR"),
      0, "FR" },
    { __LINE__,
      SLICE("\xe2\x41x" X8("\x01\x04") X8("\x01\x04") X8("\x01\x04") "\x40\x47"
                                                                     "country\x42"
                                                                     "FR"),
      0, "" },
    /* more members than there are bytes */
    { __LINE__, SLICE("\xff\xff\xff\xff\x41x\x40"), 0, "" },
};

static void records_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(RECORDS) / sizeof(RECORDS[0]); i++) {
        char code[3] = "";
        bool found = country_record_code(RECORDS[i].data, RECORDS[i].offset, code);
        if (strcmp(code, RECORDS[i].country) != 0 || found != (code[0] != '\0'))
            fail_msg("line %d: %s", RECORDS[i].line, code);
    }
}

/* Members that come before the country: some hundred are read, thousands are not. */
static void wide_records_are_left_alone(void **state)
{
    static const char member[] = { 0x41, 'x', 0x40 };
    static const char country[] = { 0x47, 'c', 'o', 'u', 'n', 't', 'r', 'y', 0x42, 'D', 'E' };
    static const struct {
        unsigned n;
        bool is_found;
    } rows[] = { { 0, true }, { 28, true }, { 1000, true }, { 2100, false }, { 60000, false } };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static char bytes[3 * 65536];
        const unsigned more = rows[i].n + 1 - (rows[i].n < 285 ? 29 : 285);
        size_t n = 0;
        bytes[n++] = (char)(rows[i].n < 28 ? 0xe0 + rows[i].n + 1 : rows[i].n < 285 ? 0xfd : 0xfe);
        if (rows[i].n >= 285)
            bytes[n++] = (char)(more >> 8);
        if (rows[i].n >= 28)
            bytes[n++] = (char)more;
        for (unsigned k = 0; k < rows[i].n; k++, n += sizeof(member))
            memcpy(bytes + n, member, sizeof(member));
        memcpy(bytes + n, country, sizeof(country));
        char code[2];
        if (country_record_code((struct slice){ bytes, n + sizeof(country) }, 0, code) !=
            rows[i].is_found)
            fail_msg("%u members", rows[i].n);
    }
}

#define MARK        "\xab\xcd\xefMaxMind.com"
#define NODES(n)    "\x4anode_count\xc4" n
#define RECORD_SIZE "\x4brecord_size\xa1\x20" /* 32 bits, so that a node has 8 bytes */

static const struct {
    int line;
    struct slice tail;
    bool is_sound; /* at the end of 1,000 bytes */
} METADATA[] = {
    { __LINE__, SLICE(MARK "\xe2" NODES("\0\0\0\x01") RECORD_SIZE), true },
    { __LINE__, SLICE(".." MARK "\xe2" NODES("\0\0\0\x01") RECORD_SIZE "..."), true },
    { __LINE__, SLICE(MARK "\xe3" NODES("\0\0\0\x01") RECORD_SIZE "\x41x\x20\x01"), true },
    { __LINE__, SLICE(MARK "\xe2" NODES("\0\0\0\x7b") RECORD_SIZE), true },
    { __LINE__, SLICE(MARK "\xe2" NODES("\0\0\0\x7c") RECORD_SIZE), false },
    { __LINE__, SLICE(MARK "\xe2" NODES("\x20\0\0\x01") RECORD_SIZE), false }, /* 8 in 32 bits */
    { __LINE__, SLICE(MARK "\xe1" NODES("\0\0\0\x01")), false },
    { __LINE__, SLICE(MARK "\xe1" RECORD_SIZE), false },
    { __LINE__, SLICE(MARK "\xe2" NODES("\0\0\0\x01") "\x4brecord_size\xa2\xff\xff"), false },
    { __LINE__,
      SLICE(MARK "\xe2" NODES("\0\0\0\x01") "\x4brecord_size\x42"
                                            "32"),
      false },
    { __LINE__, SLICE(MARK "\xe3" NODES("\0\0\0\x01") RECORD_SIZE), false },
    { __LINE__, SLICE(MARK), false },
    { __LINE__, SLICE("MaxMind.com\xe0"), false },
    { __LINE__, SLICE(""), false },
    /* itself, in itself */
    { __LINE__, SLICE(MARK "\xe3" NODES("\0\0\0\x01") RECORD_SIZE "\x41x\x20\x00"), false },
    /* eight times eight times eight times eight times eight of one text */
    { __LINE__,
      SLICE(MARK "\xe3" NODES("\0\0\0\x01") RECORD_SIZE
            "\x41x\x08\x04" X8("\x20\x33") "\x08\x04" X8("\x20\x45") "\x08\x04" X8(
                "\x20\x57") "\x08\x04" X8("\x20\x69") "\x08\x04" X8("\x41y")),
      false },
    /* of which three are few enough */
    { __LINE__,
      SLICE(MARK "\xe3" NODES("\0\0\0\x01") RECORD_SIZE
            "\x41x\x08\x04" X8("\x20\x33") "\x08\x04" X8("\x20\x45") "\x08\x04" X8("\x41y")),
      true },
};

static void metadata_has_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(METADATA) / sizeof(METADATA[0]); i++) {
        if (country_metadata_is_sound(METADATA[i].tail, 1000) != METADATA[i].is_sound)
            fail_msg("line %d", METADATA[i].line);
    }
}

#define COUNTRY_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        COUNTRY_TEST(countries_are_found),
        COUNTRY_TEST(none_is_configured),
        COUNTRY_TEST(a_replaced_one_is_noticed_within_a_minute),
        COUNTRY_TEST(a_clock_set_back_does_not_keep_it_for_long),
        COUNTRY_TEST(a_missing_one_may_come_later),
        COUNTRY_TEST(a_broken_one_leaves_the_last_good_one_in_use),
        COUNTRY_TEST(a_broken_one_is_not_tried_again),
        COUNTRY_TEST(one_without_countries_is_a_fault),
        cmocka_unit_test(records_are_read),
        cmocka_unit_test(wide_records_are_left_alone),
        cmocka_unit_test(metadata_has_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
