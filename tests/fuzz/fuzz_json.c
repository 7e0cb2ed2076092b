/* SPDX-License-Identifier: MIT */
/* Bodies in JSON: the first byte of the input selects the call, the rest is its body. A link that
 * was created can be followed. */
#include <string.h>

#include "fuzz.h"
#include "fuzz_json_mutator.h"
#include "fuzz_site.h"

const size_t fuzz_json_prefix = 1;

static const struct call {
    struct slice method;
    struct slice target;
} CALLS[] = {
    { { "POST", 4 }, { "/s/api/v1/urls", 14 } },
    { { "POST", 4 }, { "/s/api/v1/urls/bulk", 19 } },
    { { "PATCH", 5 }, { "/s/api/v1/urls/spring", 21 } },
    { { "POST", 4 }, { "/s/api/v1/keys", 14 } },
};

enum {
    N_CALLS = sizeof(CALLS) / sizeof(CALLS[0]),
};

/* Where the answer's Location leads, copied; it is below the site's base URL. */
static size_t copy_path(const struct exchange *x, char *out, size_t size)
{
    struct slice location = http_header_get(&x->response, "Location");
    struct slice base = SLICE("https://s.example");
    MUST(slice_starts_with(location, base));
    location = slice_from(location, base.len);
    MUST(location.len > 0 && location.len < size);
    memcpy(out, location.at, location.len);
    return location.len;
}

/* A new link is live, or will be (then it is still unknown); it has at least one click to spend. */
static void follow(struct fuzz_site *site, const struct exchange *x)
{
    char path[512];
    size_t len = copy_path(x, path, sizeof(path));
    struct fuzz_request request = { .method = SLICE("GET"), .target = { path, len } };
    int status = fuzz_site_send(site, &request)->response.status;
    MUST((status > 300 && status < 400) || status == 404);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice body = fuzz_slice(data, size);
    const struct call *call = &CALLS[fuzz_byte(&body) % N_CALLS];
    struct fuzz_site *site = fuzz_site_new();
    struct fuzz_request request = { .method = call->method, .target = call->target, .body = body };
    const struct exchange *x = fuzz_site_send(site, &request);
    if (call == &CALLS[0] && x->response.status == 201)
        follow(site, x);
    fuzz_site_free(&site);
    return 0;
}
