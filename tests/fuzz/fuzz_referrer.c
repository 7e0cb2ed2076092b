/* SPDX-License-Identifier: MIT */
/* Referrers: for any header the result is a host, and the same when it is sent again. */
#include <string.h>

#include "click/referrer.h"
#include "fuzz.h"

static int is_host_byte(char c, int in_brackets)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           (in_brackets && (c == '[' || c == ']' || c == ':'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char out[CLICK_REFERRER_MAX], again[8 + CLICK_REFERRER_MAX] = "https://";
    uint8_t len = 255, len_again = 255;
    referrer_host(fuzz_slice(data, size), out, &len);
    MUST(len <= CLICK_REFERRER_MAX && len <= size);
    for (size_t i = 0; i < len; i++)
        MUST(is_host_byte(out[i], out[0] == '[') && (out[i] != '.' || i == 0 || out[i - 1] != '.'));
    if (len == 0 || out[0] == '.')
        return 0; /* none, or cut at a dot */
    MUST(out[len - 1] != '.');
    memcpy(again + 8, out, len);
    referrer_host((struct slice){ again, 8u + len }, out, &len_again);
    int www = len > 4 && memcmp(again + 8, "www.", 4) == 0;
    MUST(www || (len_again == len && memcmp(out, again + 8, len) == 0));
    return 0;
}
