/* SPDX-License-Identifier: MIT */
/* Texts and hashes of secrets. */
#include "service/secret.h"

#include <assert.h>

#include <sodium.h>

#include "text/base62.h"

enum {
    WORD_DIGITS = 11, /* 62^11 > 2^64 */
};

static_assert(SECRET_DIGITS == SECRET_BYTES / 8 * WORD_DIGITS, "each word has its digits");
static_assert(SECRET_HASH_BYTES == crypto_generichash_BYTES, "the hash is of that size");

void secret_write(const unsigned char bytes[SECRET_BYTES], char *out)
{
    for (unsigned i = 0; i < SECRET_BYTES / 8; i++) {
        uint64_t word;
        memcpy(&word, bytes + 8 * i, sizeof(word));
        base62_encode(word, WORD_DIGITS, out + (size_t)i * WORD_DIGITS);
    }
}

void secret_hash(struct slice text, unsigned char out[SECRET_HASH_BYTES])
{
    crypto_generichash(out, SECRET_HASH_BYTES, (const unsigned char *)text.at, text.len, NULL, 0);
}

bool secret_fits(struct slice text, const unsigned char hash[SECRET_HASH_BYTES])
{
    unsigned char own[SECRET_HASH_BYTES];
    secret_hash(text, own);
    return sodium_memcmp(own, hash, sizeof(own)) == 0;
}

void secret_wipe(void *secret, size_t n)
{
    sodium_memzero(secret, n);
}
