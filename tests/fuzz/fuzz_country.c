/* SPDX-License-Identifier: MIT */
/* Files of countries: with any content an address has a country of two letters or none, and a file
 * that cannot be used is reported. The input: sixteen bytes of an address, then the file. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files/country_file.h"
#include "fuzz.h"
#include "text/utf8.h"

enum {
    NOW = 1800000000,
};

static void check_code(const char code[2])
{
    bool none = code[0] == '\0' && code[1] == '\0';
    MUST(none || (code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z'));
}

static void look_up(struct country_file *file, const struct address *address)
{
    char code[2];
    char again[2];
    country_find(file, address, NOW, code);
    check_code(code);
    country_find(file, address, NOW, again);
    MUST(memcmp(code, again, sizeof(code)) == 0);
    MUST(file->database != NULL || code[0] == '\0');
}

static void check_file(const char *path, const struct address *address)
{
    static const char *const texts[] = { "192.0.2.1", "198.51.100.7", "2001:db8::1", "::1" };
    struct country_file file = { .path = path };
    struct error err = { "" };
    look_up(&file, address);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct address known;
        MUST(address_parse(slice_of(texts[i]), &known));
        look_up(&file, &known);
    }
    MUST((file.database != NULL) == (file.fault.text[0] == '\0'));
    MUST(country_file_check(path, &err) == (file.database != NULL));
    MUST(strcmp(err.text, file.fault.text) == 0);
    MUST(utf8_is_line(slice_of(err.text)));
    country_file_close(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    struct address address;
    char path[64];
    fuzz_bytes(&input, address.bytes, sizeof(address.bytes));
    int fd = memfd_create("countries", MFD_CLOEXEC);
    MUST(fd >= 0);
    MUST(input.len == 0 || write(fd, input.at, input.len) == (ssize_t)input.len);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    check_file(path, &address);
    close(fd);
    return 0;
}
