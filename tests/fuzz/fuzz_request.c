/* SPDX-License-Identifier: MIT */
/* Whole requests, several in a row to one site: a line "METHOD TARGET", header lines, an empty
 * line, the body; the byte 0x1E (record separator) before the next one. */
#include "fuzz.h"
#include "fuzz_site.h"

enum {
    IN_A_ROW = 8,
};

static struct fuzz_request read_request(struct slice text)
{
    struct slice line = fuzz_until(&text, '\n');
    struct fuzz_request request = { .method = fuzz_until(&line, ' '), .headers = text };
    request.target = line;
    while (text.len && fuzz_until(&text, '\n').len)
        continue;
    request.headers.len -= text.len;
    request.body = text;
    return request;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    struct fuzz_site *site = fuzz_site_new();
    for (int i = 0; i < IN_A_ROW && input.len; i++) {
        struct fuzz_request request = read_request(fuzz_until(&input, '\x1e'));
        (void)fuzz_site_send(site, &request);
    }
    fuzz_site_free(&site);
    return 0;
}
