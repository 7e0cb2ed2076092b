/* SPDX-License-Identifier: MIT */
/* A Feistel network with cycle-walking over [0, 62^n).
 *
 * An id is taken as two digits of base `side`, where side * side is the least square that is not
 * below 62^n. Each round adds a keyed function of the right digit to the left one and swaps them:
 * the generalised Feistel cipher of J. Black and P. Rogaway, "Ciphers with Arbitrary Finite
 * Domains" (CT-RSA 2002), after M. Luby and C. Rackoff, "How to Construct Pseudorandom Permutations
 * from Pseudorandom Functions" (SIAM J. Computing 17, 1988), who prove 4 rounds enough where the
 * domain is large. Ours can be small, so there are 8. What falls between 62^n and side * side is
 * sent through again until it lands below 62^n ("cycle-walking", the same paper); that happens to 3
 * ids of 100 for n = 1, to 1 in 300 for n = 3, and to none when n is even.
 *
 * The round function is SipHash-2-4 under a key of its own for each n, which BLAKE2b derives. */
#include "link/bijection.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/le.h"

_Static_assert(BIJECTION_ROUND_BYTES == crypto_shorthash_KEYBYTES, "one SipHash key for each n");
_Static_assert(BIJECTION_KEY_BYTES >= crypto_generichash_KEYBYTES_MIN &&
                   BIJECTION_KEY_BYTES <= crypto_generichash_KEYBYTES_MAX,
               "the key keys BLAKE2b");

/* The square root of 62^n, rounded up: for even n that is 62^(n/2). */
static const uint64_t sides[BIJECTION_DIGITS_MAX + 1] = {
    1, 8, 62, 489, 3844, 30268, 238328, 1876597, 14776336, 116348987, 916132832,
};

void bijection_init(struct bijection *bijection, const unsigned char key[BIJECTION_KEY_BYTES])
{
    unsigned char message[] = "curt: codes of n digits, n = ?";
    memset(bijection, 0, sizeof *bijection);
    for (unsigned n = 1; n <= BIJECTION_DIGITS_MAX; n++) {
        message[sizeof message - 2] = (unsigned char)n;
        int failed = crypto_generichash(bijection->round_key[n], BIJECTION_ROUND_BYTES, message,
                                        sizeof message - 1, key, BIJECTION_KEY_BYTES);
        assert(failed == 0); /* it fails only for invalid sizes */
        (void)failed;
    }
}

/* The round function: a number below `side`, namely hash * side / 2^64. With a side of at most 2^30
 * no value is likelier than another by more than 2^-34. The bytes are in little-endian order
 * everywhere, so that all machines agree. */
static uint64_t round_value(const unsigned char *key, unsigned round, uint64_t right, uint64_t side)
{
    unsigned char in[8], out[crypto_shorthash_BYTES];
    uint64_t word = (uint64_t)round << 56 | right;
    le_put(in, word, sizeof in);
    crypto_shorthash(out, in, sizeof in, key);
    const unsigned char *hash = out;
    word = le_get(&hash, sizeof out);
    uint64_t high = word >> 32, low = word & UINT32_MAX;
    return (high * side + (low * side >> 32)) >> 32;
}

static uint64_t feistel(const unsigned char *key, uint64_t side, uint64_t value)
{
    uint64_t left = value / side, right = value % side;
    for (unsigned round = 0; round < BIJECTION_ROUNDS; round++) {
        uint64_t sum = left + round_value(key, round, right, side);
        left = right;
        right = sum < side ? sum : sum - side;
    }
    return left * side + right;
}

static uint64_t feistel_back(const unsigned char *key, uint64_t side, uint64_t value)
{
    uint64_t left = value / side, right = value % side;
    for (unsigned round = BIJECTION_ROUNDS; round-- > 0;) {
        uint64_t value_added = round_value(key, round, left, side);
        uint64_t before = right < value_added ? right + side : right;
        right = left;
        left = before - value_added;
    }
    return left * side + right;
}

uint64_t bijection_forward(const struct bijection *bijection, unsigned n, uint64_t id)
{
    uint64_t span = base62_span(n);
    assert(n >= 1 && n <= BIJECTION_DIGITS_MAX && id < span);
    do
        id = feistel(bijection->round_key[n], sides[n], id);
    while (id >= span);
    return id;
}

uint64_t bijection_inverse(const struct bijection *bijection, unsigned n, uint64_t image)
{
    uint64_t span = base62_span(n);
    assert(n >= 1 && n <= BIJECTION_DIGITS_MAX && image < span);
    do
        image = feistel_back(bijection->round_key[n], sides[n], image);
    while (image >= span);
    return image;
}
