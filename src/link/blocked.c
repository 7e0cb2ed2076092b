/* SPDX-License-Identifier: MIT */
/* Hashes of domains, sorted in place. */
#include "link/blocked.h"

#include <stdlib.h>

#include "base/buf.h"
#include "link/keyed_hash.h"
#include "text/address.h"
#include "text/host.h"

enum {
    HOST_MAX_BYTES = 255,
    LINE_MAX_BYTES = 1024, /* no host name is longer, in any script */
    DIGIT_BITS = 8,
    DIGITS = 1 << DIGIT_BITS,
    FEW = 32, /* up to so many are sorted by insertion */
};

bool blocked_set_open(struct blocked_set *set, size_t room)
{
    *set = (struct blocked_set){ .room = room };
    set->hashes = malloc(room * sizeof(*set->hashes) + 1);
    return set->hashes != NULL;
}

void blocked_set_close(struct blocked_set *set)
{
    free(set->hashes);
    *set = (struct blocked_set){ 0 };
}

static uint64_t blocked_hash(struct slice host)
{
    /* The lists are written by the site's administrators, so the key need not be secret. */
    static const unsigned char key[KEYED_HASH_KEY_BYTES] = "blocked domains";
    return keyed_hash(key, host.at, host.len);
}

/* The name in the line, without comment, white space and the prefix for subdomains. */
static struct slice blocked_name_of(struct slice line)
{
    line.len = slice_find(line, '#');
    while (line.len && (line.at[line.len - 1] == '\r' || line.at[line.len - 1] == '\n'))
        line.len--;
    line = slice_trim(line);
    if (slice_starts_with(line, SLICE("*.")))
        return slice_from(line, 2);
    return line.len && line.at[0] == '.' ? slice_from(line, 1) : line;
}

/* Addresses are hashed after address_unwrap, names as in a URL. */
static uint64_t hash_of_address(struct address address)
{
    address_unwrap(&address);
    return blocked_hash((struct slice){ (const char *)address.bytes, sizeof(address.bytes) });
}

/* The IPv6 address within brackets; other hosts unchanged. */
static struct slice without_brackets(struct slice host)
{
    if (host.len < 2 || host.at[0] != '[' || host.at[host.len - 1] != ']')
        return host;
    return (struct slice){ host.at + 1, host.len - 2 };
}

/* The hash of a name. False when it is neither a host name nor an address. */
static bool hash_of_name(struct slice name, struct arena *arena, uint64_t *out)
{
    struct address address;
    struct buf host = buf_in(arena, HOST_MAX_BYTES);
    if (slice_find(name, ':') < name.len) {
        if (!address_parse(without_brackets(name), &address))
            return false;
        *out = hash_of_address(address);
        return true;
    }
    if (host_normalize(name, arena, &host, NULL) != URL_OK || host.failed)
        return false;
    struct slice normal = host_without_dot(buf_slice(&host));
    *out = address_parse(normal, &address) ? hash_of_address(address) : blocked_hash(normal);
    return true;
}

enum blocked_line blocked_set_add_line(struct blocked_set *set, struct slice line,
                                       struct arena *arena)
{
    struct slice name = blocked_name_of(line);
    if (name.len == 0)
        return BLOCKED_NOTHING;
    uint64_t hash;
    if (name.len > LINE_MAX_BYTES || !hash_of_name(name, arena, &hash))
        return BLOCKED_INVALID;
    if (set->n == set->room)
        return BLOCKED_FULL;
    set->hashes[set->n++] = hash;
    return BLOCKED_ADDED;
}

static void sort_few(uint64_t *hashes, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t moved = hashes[i];
        size_t to = i;
        for (; to > 0 && hashes[to - 1] > moved; to--)
            hashes[to] = hashes[to - 1];
        hashes[to] = moved;
    }
}

static unsigned digit_of(uint64_t hash, unsigned shift)
{
    return (unsigned)(hash >> shift) % DIGITS;
}

/* Moves each hash to the run of its digit, in place ("American flag sort": P. M. McIlroy, K. Bostic
 * and M. D. McIlroy, "Engineering Radix Sort", Computing Systems 6, 1993). `ends` is set to the end
 * of each run. */
static void deal(uint64_t *hashes, size_t n, unsigned shift, size_t ends[DIGITS])
{
    size_t next[DIGITS];
    size_t counts[DIGITS] = { 0 };
    for (size_t i = 0; i < n; i++)
        counts[digit_of(hashes[i], shift)]++;
    for (size_t d = 0, sum = 0; d < DIGITS; d++) {
        next[d] = sum;
        sum += counts[d];
        ends[d] = sum;
    }
    for (unsigned d = 0; d < DIGITS; d++) {
        while (next[d] < ends[d]) {
            uint64_t moved = hashes[next[d]];
            unsigned digit = digit_of(moved, shift);
            hashes[next[d]] = hashes[next[digit]];
            hashes[next[digit]++] = moved;
        }
    }
}

/* Sorts by the digit at `shift`, then each run by the next digit. The depth of the recursion is the
 * number of digits of a hash. */
static void sort(uint64_t *hashes, size_t n, unsigned shift)
{
    if (n <= FEW) {
        sort_few(hashes, n);
        return;
    }
    size_t ends[DIGITS];
    deal(hashes, n, shift, ends);
    for (size_t d = 0, start = 0; shift > 0 && d < DIGITS; start = ends[d++])
        sort(hashes + start, ends[d] - start, shift - DIGIT_BITS);
}

void blocked_set_sort(struct blocked_set *set)
{
    sort(set->hashes, set->n, 64 - DIGIT_BITS);
    size_t kept = 0;
    for (size_t i = 0; i < set->n; i++) {
        if (kept == 0 || set->hashes[i] != set->hashes[kept - 1])
            set->hashes[kept++] = set->hashes[i];
    }
    set->n = kept;
}

static bool has_hash(const struct blocked_set *set, uint64_t hash)
{
    size_t low = 0;
    size_t high = set->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->hashes[middle] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->n && set->hashes[low] == hash;
}

bool blocked_set_has(const struct blocked_set *set, struct slice host)
{
    struct address address;
    host = host_without_dot(host);
    if (address_parse_host(host, &address))
        return has_hash(set, hash_of_address(address));
    while (set->n && host.len) {
        if (has_hash(set, blocked_hash(host)))
            return true;
        host = slice_from(host, slice_find(host, '.') + 1);
    }
    return false;
}
