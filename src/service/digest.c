/* SPDX-License-Identifier: MIT */
/* Digests through libsodium. */
#include "service/digest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

void digest(const struct slice *texts, size_t n, unsigned char out[DIGEST_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, DIGEST_BYTES);
    for (size_t i = 0; i < n; i++) {
        uint64_t len = texts[i].len;
        unsigned char prefix[sizeof(len)];
        memcpy(prefix, &len, sizeof(len));
        crypto_generichash_update(&state, prefix, sizeof(prefix));
        crypto_generichash_update(&state, (const unsigned char *)texts[i].at, texts[i].len);
    }
    crypto_generichash_final(&state, out, DIGEST_BYTES);
}

bool digest_same(struct slice secret, struct slice given)
{
    unsigned char digests[2][DIGEST_BYTES];
    digest(&secret, 1, digests[0]);
    digest(&given, 1, digests[1]);
    return sodium_memcmp(digests[0], digests[1], DIGEST_BYTES) == 0;
}

void digest_source(struct slice text, char out[DIGEST_SOURCE_SIZE])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char digits[sodium_base64_ENCODED_LEN(sizeof(hash), sodium_base64_VARIANT_ORIGINAL)];
    crypto_hash_sha256(hash, (const unsigned char *)text.at, text.len);
    sodium_bin2base64(digits, sizeof(digits), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
    snprintf(out, DIGEST_SOURCE_SIZE, "'sha256-%s'", digits);
}
