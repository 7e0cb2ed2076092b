/* SPDX-License-Identifier: MIT */
/* Maps a user or a client address to its token bucket. */
#include "service/limits.h"

#include <string.h>

enum {
    IPV6_NETWORK_BYTES = 8, /* of an address: a /64 */
};

/* The name of a bucket: a byte for the kind, then the id of a user or an address. */
struct bucket_name {
    char bytes[1 + ADDRESS_BYTES];
};

static struct bucket_name name_of_user(uint32_t user_id)
{
    struct bucket_name name = { { LIMIT_CREATES_PER_USER } };
    memcpy(name.bytes + 1, &user_id, sizeof(user_id));
    return name;
}

static struct bucket_name name_of_address(enum limit_kind kind, const struct address *address)
{
    struct bucket_name name = { { (char)kind } };
    if (address)
        memcpy(name.bytes + 1, address->bytes,
               address_is_ipv4(address) ? (size_t)ADDRESS_BYTES : (size_t)IPV6_NETWORK_BYTES);
    return name;
}

static struct slice text_of(const struct bucket_name *name)
{
    return (struct slice){ name->bytes, sizeof(name->bytes) };
}

/* The rate of creates that applies to the client, and the name of its bucket. */
static const struct rate *creates_of(const struct limits *limits,
                                     const struct limit_subject *subject, struct bucket_name *name)
{
    static const struct rate unlimited = { 0 };
    const struct caller *caller = subject->caller;
    if (!limits->buckets || (caller->key_id && caller->role == ROLE_ADMIN))
        return &unlimited;
    if (caller->key_id) {
        *name = name_of_user(caller->user_id);
        return &limits->creates_per_user;
    }
    *name = name_of_address(LIMIT_CREATES_PER_ADDRESS, subject->address);
    return &limits->creates_per_address;
}

struct rate_verdict limits_create(const struct limits *limits, const struct limit_subject *subject,
                                  uint64_t n)
{
    struct bucket_name name;
    const struct rate *rate = creates_of(limits, subject, &name);
    if (rate_is_off(rate))
        return (struct rate_verdict){ .allowed = true };
    return n ? buckets_take(limits->buckets, text_of(&name), rate, n, subject->now_us)
             : buckets_look(limits->buckets, text_of(&name), rate, subject->now_us);
}

struct rate_verdict limits_ask(const struct limits *limits, const struct limit_subject *subject)
{
    if (!limits->buckets || rate_is_off(&limits->misses_per_address))
        return (struct rate_verdict){ .allowed = true };
    struct bucket_name name = name_of_address(LIMIT_MISSES_PER_ADDRESS, subject->address);
    return buckets_look(limits->buckets, text_of(&name), &limits->misses_per_address,
                        subject->now_us);
}

void limits_missed(const struct limits *limits, const struct limit_subject *subject)
{
    if (!limits->buckets || rate_is_off(&limits->misses_per_address))
        return;
    struct bucket_name name = name_of_address(LIMIT_MISSES_PER_ADDRESS, subject->address);
    buckets_charge(limits->buckets, text_of(&name), &limits->misses_per_address, 1,
                   subject->now_us);
}

enum limit_kind limits_create_kind(const struct caller *caller)
{
    return caller->key_id ? LIMIT_CREATES_PER_USER : LIMIT_CREATES_PER_ADDRESS;
}

const char *limit_kind_name(enum limit_kind kind)
{
    switch (kind) {
    case LIMIT_CREATES_PER_USER:
        return "creates_per_user";
    case LIMIT_CREATES_PER_ADDRESS:
        return "creates_per_address";
    case LIMIT_MISSES_PER_ADDRESS:
        return "misses_per_address";
    }
    return "unknown";
}
