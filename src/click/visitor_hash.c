/* SPDX-License-Identifier: MIT */
/* The visitor hash, by libsodium. */
#include "click/visitor_hash.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/le.h"

static_assert(VISITOR_SECRET_BYTES == crypto_generichash_KEYBYTES, "a key of BLAKE2b");
static_assert(VISITOR_KEY_BYTES == crypto_shorthash_KEYBYTES, "a key of SipHash");
static_assert(VISITOR_KEY_BYTES >= crypto_generichash_BYTES_MIN, "a hash of BLAKE2b");
static_assert(VISITOR_ADDRESS_MAX <= UINT8_MAX, "its length is one byte");

static unsigned char *put_bytes(unsigned char *at, const char *bytes, size_t n)
{
    if (n)
        memcpy(at, bytes, n);
    return at + n;
}

void visitor_key_derive(const unsigned char secret[VISITOR_SECRET_BYTES], uint32_t window,
                        struct visitor_key *out)
{
    static const char purpose[] = "curt visitor"; /* separates this use of the secret from others */
    unsigned char what[sizeof(purpose) + sizeof(window)];
    unsigned char *end = le_put(put_bytes(what, purpose, sizeof(purpose)), window, sizeof(window));
    crypto_generichash(out->bytes, sizeof(out->bytes), what, (size_t)(end - what), secret,
                       VISITOR_SECRET_BYTES);
}

uint64_t visitor_hash(const struct visitor_key *key, uint64_t link_id, struct slice address,
                      struct slice user_agent)
{
    unsigned char what[sizeof(link_id) + 1 + VISITOR_ADDRESS_MAX + VISITOR_AGENT_MAX];
    size_t address_len = address.len < VISITOR_ADDRESS_MAX ? address.len : VISITOR_ADDRESS_MAX;
    size_t agent_len = user_agent.len < VISITOR_AGENT_MAX ? user_agent.len : VISITOR_AGENT_MAX;
    unsigned char *end = le_put(what, link_id, sizeof(link_id));
    *end++ = (unsigned char)address_len;
    end = put_bytes(end, address.at, address_len);
    end = put_bytes(end, user_agent.at, agent_len);
    unsigned char hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, what, (size_t)(end - what), key->bytes);
    const unsigned char *at = hash;
    uint64_t value = le_get(&at, sizeof(value));
    return value ? value : 1;
}
