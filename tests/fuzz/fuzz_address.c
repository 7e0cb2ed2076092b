/* SPDX-License-Identifier: MIT */
/* Addresses and the client behind proxies. The lines of the input are an address, the trusted
 * proxies, REMOTE_ADDR, and one X-Forwarded-For each. inet_pton says what an address is. */
#include <arpa/inet.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "http/client.h"

enum {
    VARIABLES = 4,
};

/* Whether libc takes it for an address; IPv4 as the mapped one. */
static bool read_by_libc(struct slice text, unsigned char out[ADDRESS_BYTES])
{
    static const unsigned char mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    char line[128];
    if (text.len >= sizeof(line) || slice_find(text, '\0') < text.len)
        return false;
    (void)snprintf(line, sizeof(line), "%.*s", SLICE_ARG(text));
    memcpy(out, mapped, sizeof(mapped));
    return inet_pton(AF_INET, line, out + sizeof(mapped)) == 1 ||
           inet_pton(AF_INET6, line, out) == 1;
}

static void check_address(struct slice text)
{
    struct address address, peer;
    unsigned char libc[ADDRESS_BYTES];
    bool good = address_parse(text, &address);
    MUST(good == read_by_libc(text, libc));
    if (!good) {
        (void)address_parse_peer(text, &peer);
        return;
    }
    MUST(memcmp(address.bytes, libc, ADDRESS_BYTES) == 0);
    MUST(address_parse_peer(text, &peer) && memcmp(&peer, &address, sizeof(peer)) == 0);
    struct network network = { .base = address, .prefix = 8 * ADDRESS_BYTES };
    MUST(network_has(&network, &address));
    network.prefix = 0;
    MUST(network_has(&network, &address));
}

/* A network has its own base, and no bit behind its prefix. */
static void check_network(const struct network *network)
{
    MUST(network->prefix <= 8 * ADDRESS_BYTES && network_has(network, &network->base));
    for (unsigned bit = network->prefix; bit < 8 * ADDRESS_BYTES; bit++)
        MUST(!(network->base.bytes[bit / 8] & 0x80U >> bit % 8));
}

static const char *variable(struct arena *arena, const char *name, struct slice value)
{
    struct buf text = buf_in(arena, 1 << 16);
    buf_add_text(&text, name);
    buf_add(&text, value);
    MUST(!text.failed);
    return text.at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = fuzz_slice(data, size), bad = { NULL, 0 };
    struct arena *arena = arena_new(4 << 20);
    struct http_proxies proxies;
    const char *variables[VARIABLES + 1] = { NULL };
    MUST(arena != NULL);
    check_address(fuzz_until(&rest, '\n'));
    struct slice list = fuzz_until(&rest, '\n');
    if (!http_proxies_parse(list, &proxies, &bad))
        MUST(bad.len > 0 && fuzz_within(bad, list) && proxies.n == 0);
    for (size_t i = 0; i < proxies.n; i++)
        check_network(&proxies.networks[i]);
    variables[0] = variable(arena, "REMOTE_ADDR=", fuzz_until(&rest, '\n'));
    for (size_t i = 1; i < VARIABLES && rest.len; i++)
        variables[i] = variable(arena, "HTTP_X_FORWARDED_FOR=", fuzz_until(&rest, '\n'));
    struct http_request request = { .variables = variables };
    struct address client, peer;
    bool known = http_client(&request, &proxies, &client);
    MUST(known == address_parse_peer(http_variable(&request, "REMOTE_ADDR"), &peer));
    if (known && proxies.n == 0)
        MUST(memcmp(&client, &peer, sizeof(client)) == 0);
    arena_free(&arena);
    return 0;
}
