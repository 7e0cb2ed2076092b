/* SPDX-License-Identifier: MIT */
/* Long URLs: what is accepted is visible ASCII within its limit and stays as it is when it is
 * normalised again; what is refused gets a sentence. The first byte of the input is the policy. */
#include "fuzz.h"
#include "text/url.h"

static struct url_policy policy_of(unsigned byte)
{
    static const struct slice schemes[] = {
        { "http", 4 }, { "https", 5 }, { "ftp", 3 }, { "ws", 2 }, { "mailto", 6 }, { "app", 3 },
    };
    struct url_policy policy = { .allow_credentials = byte & 1, .max_bytes = byte & 2 ? 40 : 0 };
    if (byte & 4) {
        policy.schemes = schemes;
        policy.n_schemes = sizeof(schemes) / sizeof(schemes[0]);
    }
    return policy;
}

static void check_text(struct slice text, size_t max)
{
    MUST(text.len > 0 && text.len <= max && text.at[text.len] == '\0');
    for (size_t i = 0; i < text.len; i++)
        MUST(text.at[i] > 0x20 && text.at[i] < 0x7f);
}

static void check_parts(const struct url *url)
{
    MUST(url->scheme.at == url->text.at && url->scheme.len > 0);
    for (size_t i = 0; i < url->scheme.len; i++)
        MUST(url->scheme.at[i] < 'A' || url->scheme.at[i] > 'Z');
    MUST(fuzz_within(url->host, url->text) && fuzz_within(url->path, url->text));
    MUST(slice_find(url->path, '?') == url->path.len &&
         slice_find(url->path, '#') == url->path.len);
    MUST(url->port <= 65535);
    if (slice_eq(url->scheme, SLICE("http")) || slice_eq(url->scheme, SLICE("ws")))
        MUST(url->port != 80);
    if (slice_eq(url->scheme, SLICE("https")))
        MUST(url->port != 443);
}

static void check_again(const struct url *url, const struct url_policy *policy, struct arena *arena)
{
    struct url again;
    MUST(url_normalize(url->text, policy, arena, &again, NULL) == URL_OK);
    MUST(slice_eq(again.text, url->text));
    MUST(slice_eq(again.host, url->host) && slice_eq(again.path, url->path));
    MUST(again.port == url->port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    struct arena *arena = arena_new(1 << 20);
    MUST(arena != NULL);
    struct url_policy policy = policy_of(fuzz_byte(&input));
    struct url url;
    struct error why = { "" };
    enum url_verdict verdict = url_normalize(input, &policy, arena, &url, &why);
    MUST(verdict != URL_NO_MEMORY);
    if (verdict == URL_OK) {
        check_text(url.text, policy.max_bytes ? policy.max_bytes : URL_MAX_BYTES_DEFAULT);
        check_parts(&url);
        check_again(&url, &policy, arena);
    } else {
        MUST(why.text[0] != '\0');
    }
    arena_free(&arena);
    return 0;
}
