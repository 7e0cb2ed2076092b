#!/bin/sh
# SPDX-License-Identifier: MIT
# libunistring's u8_grapheme_next walks over the grapheme clusters of a text, u8_grapheme_breaks marks their ends; the manual
# has both for the same clusters (Unicode's UAX 29). They do not agree on the same text: a flag, which is two regional
# indicators, is one cluster for the one and two for the other, and a family joined by zero-width joiners is one and three.
# UAX 29 (GB11, GB12) wants one of each. Whoever cuts a title at what u8_grapheme_next returns cuts a flag in two. Seen in
# 1.0 (Debian 12) and 1.3 (Debian 13).
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch_of bookworm old libunistring2=1.0-2
fetch_of trixie new libunistring5=1.3-2 libc6=2.41-12+deb13u5
command -v gcc >/dev/null || cannot "gcc is not installed"
cat >"$tmp/ask.c" <<'EOF'
#include <stdint.h>
#include <stdio.h>
#include <string.h>
const uint8_t *u8_grapheme_next(const uint8_t *s, const uint8_t *end);
void u8_grapheme_breaks(const uint8_t *s, size_t n, char *breaks);
int main(int argc, char **argv)
{
    const uint8_t *text = (const uint8_t *)argv[argc > 1];
    size_t n = strlen((const char *)text);
    char breaks[256] = "";
    int by_next = 0, by_breaks = 1;
    for (const uint8_t *at = text; at && at < text + n; by_next++)
        at = u8_grapheme_next(at, text + n);
    u8_grapheme_breaks(text, n, breaks);
    for (size_t i = 1; i < n; i++)
        by_breaks += breaks[i] != 0;
    printf("%d by next, %d by breaks\n", by_next, by_breaks);
    return 0;
}
EOF
lib=usr/lib/$(uname -m)-linux-gnu
loader=$(find "$tmp/new" -name 'ld-linux-*.so.*' | head -n 1)
for side in old new; do
    gcc -o "$tmp/$side/ask" "$tmp/ask.c" -Wl,--unresolved-symbols=ignore-in-shared-libs \
        "$(find "$tmp/$side/$lib" -name 'libunistring.so.?' | head -n 1)" || cannot "gcc failed"
done

# clusters VERSION TEXT
clusters() {
    if [ "$1" = old ]; then
        LD_LIBRARY_PATH="$tmp/old/$lib" "$tmp/old/ask" "$2"
    else
        "$loader" --library-path "$tmp/new/$lib" "$tmp/new/ask" "$2"
    fi
}

letter=$(printf 'e\314\201') flag=$(printf '\360\237\207\251\360\237\207\252')
family=$(printf '\360\237\221\250\342\200\215\360\237\221\251\342\200\215\360\237\221\247')
for version in old new; do
    expect "$version, e and an accent of its own" "$(clusters $version "$letter")" "1 by next, 1 by breaks"
    expect "$version, a flag" "$(clusters $version "$flag")" "2 by next, 1 by breaks"
    expect "$version, a family joined by U+200D" "$(clusters $version "$family")" "3 by next, 1 by breaks"
done
exit "$changed"
