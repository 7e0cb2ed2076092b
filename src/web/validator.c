/* SPDX-License-Identifier: MIT */
/* Writes ETag and reads If-Match. */
#include "web/validator.h"

#include "base/buf.h"
#include "base/fnv.h"
#include "base/hex.h"
#include "base/number.h"

enum {
    ETAG_MAX = 16,
};

void validator_add(struct exchange *x, const struct link *link)
{
    struct buf tag = buf_in(x->arena, ETAG_MAX);
    buf_printf(&tag, "\"%u\"", link->target.version);
    http_header_add(&x->response, "ETag", buf_slice(&tag));
}

void validator_add_bytes(struct exchange *x, struct slice bytes)
{
    char hex[2 * sizeof(uint64_t)];
    uint64_t hash = fnv1a(FNV1A_BASIS, bytes);
    hex_put(hex, &hash, sizeof(hash));
    struct buf tag = buf_in(x->arena, sizeof(hex) + 2);
    buf_printf(&tag, "\"%.*s\"", (int)sizeof(hex), hex);
    http_header_add(&x->response, "ETag", buf_slice(&tag));
}

bool validator_is_known(const struct exchange *x)
{
    struct slice list = slice_trim(http_variable(x->request, "HTTP_IF_NONE_MATCH"));
    struct slice tag = http_header_get(&x->response, "ETag");
    bool known = slice_eq(list, SLICE("*"));
    while (list.len && !known) {
        struct slice one = slice_trim((struct slice){ list.at, slice_find(list, ',') });
        list = slice_from(list, slice_find(list, ',') + 1);
        known = slice_eq(slice_starts_with(one, SLICE("W/")) ? slice_from(one, 2) : one, tag);
    }
    return known;
}

/* The version of a tag of our form; 0 for any other text. */
static uint32_t version_of(struct slice tag)
{
    if (tag.len < 3 || tag.at[0] != '"' || tag.at[tag.len - 1] != '"' || tag.at[1] == '0')
        return 0;
    uint64_t version = 0;
    number_parse((struct slice){ tag.at + 1, tag.len - 2 }, UINT32_MAX, &version);
    return (uint32_t)version;
}

struct expected validator_expected(const struct http_request *request)
{
    struct slice list = slice_trim(http_variable(request, "HTTP_IF_MATCH"));
    struct expected expected = { .given = list.len > 0 && !slice_eq(list, SLICE("*")) };
    while (expected.given && list.len && expected.n < EXPECTED_VERSIONS_MAX) {
        struct slice tag = { list.at, slice_find(list, ',') };
        list = slice_from(list, tag.len + 1);
        uint32_t version = version_of(slice_trim(tag));
        if (version)
            expected.versions[expected.n++] = version;
    }
    return expected;
}
