/* SPDX-License-Identifier: MIT */
/* Purging the folders of nginx's and Apache's caches. */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "edge/cache_folder.h"

struct place {
    char path[64];
    struct cache_folder folder;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    (void)snprintf(place->path, sizeof(place->path), "/tmp/curt-folder-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    place->folder = (struct cache_folder){ .kind = EDGE_NGINX_FOLDER, .path = place->path };
    *state = place;
    return 0;
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *at)
{
    (void)found;
    (void)kind;
    (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    struct place *place = *state;
    cache_folder_close(&place->folder);
    assert_int_equal(nftw(place->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(place);
    return 0;
}

static void name_of(const struct place *place, const char *name, char out[128])
{
    (void)snprintf(out, 128, "%s/%s", place->path, name);
}

static void put(const struct place *place, const char *name, const char *bytes, size_t len)
{
    char path[128];
    name_of(place, name, path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* As nginx writes it: binary numbers, of which the first is the version and the second the time
 * when it expires, then the key. */
static void put_nginx(const struct place *place, const char *name, const char *key)
{
    char bytes[512] = { 5 };
    memset(bytes + 8, 'v', 8);
    int len = snprintf(bytes + 336, sizeof(bytes) - 336, "\nKEY: %s\nHTTP/1.1 302\r\n", key);
    put(place, name, bytes, 336 + (size_t)len);
}

static void put_apache(const struct place *place, const char *name, const char *url)
{
    char bytes[512] = { 7 };
    char file[128];
    int len = snprintf(bytes + 96, sizeof(bytes) - 96, "%sCache-Control: public\r\n", url);
    (void)snprintf(file, sizeof(file), "%s.header", name);
    put(place, file, bytes, 96 + (size_t)len);
    (void)snprintf(file, sizeof(file), "%s.data", name);
    put(place, file, "", 0);
}

static bool is_there(const struct place *place, const char *name)
{
    char path[128];
    name_of(place, name, path);
    return access(path, F_OK) == 0;
}

static void purge(struct place *place, const char *code)
{
    const struct edge_codes codes = { .at = { slice_of(code) }, .n = *code != '\0' };
    struct error err = { "" };
    if (!cache_folder_purge(&place->folder, &codes, &err))
        fail_msg("%s", err.text);
}

#define FIRST  "0123456789abcdef0123456789abcdef"
#define SECOND "1123456789abcdef0123456789abcdef"
#define THIRD  "2123456789abcdef0123456789abcdef"

static void test_nginx(void **state)
{
    struct place *place = *state;
    char levels[128];
    name_of(place, "a", levels);
    assert_int_equal(mkdir(levels, 0700), 0);
    put_nginx(place, FIRST, "s.example.org/abc?x");
    put_nginx(place, "a/" SECOND, "s.example.org/ABC/");
    put_nginx(place, THIRD, "s.example.org/abcd?/abc");
    put_nginx(place, FIRST ".0000000001", "s.example.org/abc"); /* it is being written */
    purge(place, "");
    assert_int_equal(place->folder.n_known, 3);
    purge(place, "abc");
    assert_false(is_there(place, FIRST));
    assert_false(is_there(place, "a/" SECOND));
    assert_true(is_there(place, THIRD));
    assert_true(is_there(place, FIRST ".0000000001"));
    put_nginx(place, FIRST, "s.example.org/abc?x"); /* again, and known by its name */
    purge(place, "abc");
    assert_false(is_there(place, FIRST));
    assert_int_equal(place->folder.n_known, 3);
}

/* nginx has it open, and reads from it when it expires. */
static void test_an_open_file_expires(void **state)
{
    struct place *place = *state;
    char path[128];
    int64_t numbers[2];
    for (int version = 2; version <= 6; version++) {
        char bytes[512] = { (char)version };
        memset(bytes + 8, 'v', 8);
        (void)snprintf(bytes + 16, sizeof(bytes) - 16, "\nKEY: host/abc\n");
        put(place, FIRST, bytes, sizeof(bytes));
        name_of(place, FIRST, path);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        purge(place, "abc");
        assert_false(is_there(place, FIRST));
        assert_int_equal(pread(fd, numbers, sizeof(numbers), 0), sizeof(numbers));
        assert_int_equal(numbers[0], version);
        assert_int_equal(numbers[1] == 0, version >= 3 && version <= 5);
        close(fd);
    }
}

static void test_apache(void **state)
{
    struct place *place = *state;
    char levels[128];
    name_of(place, "A", levels);
    assert_int_equal(mkdir(levels, 0700), 0);
    place->folder.kind = EDGE_APACHE;
    place->folder.base_path = SLICE("/s");
    put_apache(place, "A/x@Y", "http://s.example.org:80/s/abc?");
    put_apache(place, "A/z", "http://s.example.org:80/s/abcd?");
    put_apache(place, "A/other", "http://s.example.org:80/abc?");
    purge(place, "abc");
    assert_false(is_there(place, "A/x@Y.header"));
    assert_false(is_there(place, "A/x@Y.data"));
    assert_true(is_there(place, "A/z.header"));
    assert_true(is_there(place, "A/z.data"));
    assert_true(is_there(place, "A/other.header"));
}

static void test_what_is_no_entry_stays(void **state)
{
    struct place *place = *state;
    put(place, FIRST, "", 0);
    put(place, SECOND, "no key here, /abc", 17);
    put(place, "notes", "\nKEY: host/abc\n", 15);
    put_nginx(place, THIRD, "abc");
    purge(place, "abc");
    assert_true(is_there(place, FIRST));
    assert_true(is_there(place, SECOND));
    assert_true(is_there(place, "notes"));
    assert_true(is_there(place, THIRD));
    put_nginx(place, FIRST, "host/abc"); /* what could not be read is read again */
    purge(place, "abc");
    assert_false(is_there(place, FIRST));
}

static void test_many_files(void **state)
{
    struct place *place = *state;
    enum { FILES = 5000 };
    for (unsigned i = 0; i < FILES; i++) {
        char name[64], key[64];
        (void)snprintf(name, sizeof(name), "%032x", i);
        (void)snprintf(key, sizeof(key), "host/code%u", i % 100);
        put_nginx(place, name, key);
    }
    for (unsigned turn = 0; turn < 2; turn++)
        purge(place, "nobody");
    assert_int_equal(place->folder.n_known, FILES);
    purge(place, "code7");
    for (unsigned i = 0; i < FILES; i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%032x", i);
        assert_int_equal(is_there(place, name), i % 100 != 7);
    }
}

static void test_a_folder_that_is_gone_is_empty(void **state)
{
    struct place *place = *state;
    place->folder.path = "/tmp/curt-no-such-folder";
    purge(place, "abc");
}

static void test_failures_are_told(void **state)
{
    struct place *place = *state;
    const struct edge_codes codes = { .at = { SLICE("abc") }, .n = 1 };
    struct error err = { "" };
    put_nginx(place, FIRST, "host/abc");
    char path[128];
    name_of(place, FIRST, path);
    place->folder.path = path; /* no folder */
    assert_false(cache_folder_purge(&place->folder, &codes, &err));
    assert_non_null(strstr(err.text, "Not a directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nginx, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_open_file_expires, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_apache, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_entry_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_folder_that_is_gone_is_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failures_are_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
