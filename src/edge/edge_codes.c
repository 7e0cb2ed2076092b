/* SPDX-License-Identifier: MIT */
/* Hashes of codes and of paths. */
#include "edge/edge_codes.h"

#include "base/fnv.h"
#include "base/hex.h"

enum {
    PATH_MAX_BYTES = 1200, /* of the decoded path: a base path, a slash, and a code */
};

uint64_t edge_code_hash(struct slice code)
{
    uint64_t hash = FNV1A_BASIS;
    for (size_t i = 0; i < code.len; i++)
        hash = fnv1a_step(hash, (unsigned char)ascii_to_lower(code.at[i]));
    return hash ? hash : 1;
}

/* Decodes the path before its query; bytes that do not fit are left out. */
static struct slice decode(struct slice path, char out[PATH_MAX_BYTES])
{
    size_t n = 0;
    path.len = slice_find(path, '?');
    while (path.len && n < PATH_MAX_BYTES) {
        char byte = path.at[0];
        path = slice_from(path, hex_unescape(path, &byte) ? 3 : 1);
        out[n++] = byte;
    }
    return (struct slice){ out, n };
}

uint64_t edge_path_hash(struct slice path, struct slice base_path)
{
    char text[PATH_MAX_BYTES];
    struct slice decoded = decode(path, text);
    if (!slice_starts_with(decoded, base_path))
        return 0;
    struct slice rest = slice_from(decoded, base_path.len);
    if (rest.len < 2 || rest.at[0] != '/')
        return 0;
    struct slice code = { rest.at + 1, 0 };
    while (code.len < rest.len - 1 && code.len < CODE_MAX &&
           code_is_wellformed((struct slice){ code.at + code.len, 1 }))
        code.len++;
    return code.len ? edge_code_hash(code) : 0;
}
