#!/bin/sh
# SPDX-License-Identifier: MIT
# JSON_TOKENER_STRICT of json-c does not mean the same from one version to the next. 0.18 (Debian 13) refuses every
# string with a byte from 0x80 up, so every letter that is not ASCII, which RFC 8259 (8.1) wants as UTF-8; 0.16
# (Debian 12) takes them. Of an integer that does not fit into 64 bits 0.16 makes the nearest one that does, 0.18
# strict a syntax error. 0.16 strict takes a control character within a string, 0.18 refuses it. What both
# take in strict mode, and RFC 8259 has not: NaN, and a member that comes twice, of which the last counts. A program
# that relies on the flag changes what it takes when Debian is upgraded.
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch_of bookworm old libjson-c5=0.16-2
fetch_of trixie new libjson-c5=0.18+ds-1 libc6=2.41-12+deb13u5
command -v gcc >/dev/null || cannot "gcc is not installed"
cat >"$tmp/ask.c" <<'EOF'
#include <stdio.h>
#include <string.h>
typedef struct json_tokener tokener;
tokener *json_tokener_new(void);
void json_tokener_set_flags(tokener *t, int flags);
void *json_tokener_parse_ex(tokener *t, const char *text, int len);
int json_tokener_get_error(tokener *t);
const char *json_tokener_error_desc(int error);
const char *json_object_to_json_string(void *o);
int main(int argc, char **argv)
{
    tokener *t = json_tokener_new();
    json_tokener_set_flags(t, argc > 2); /* 1: JSON_TOKENER_STRICT */
    void *o = json_tokener_parse_ex(t, argv[1], (int)strlen(argv[1]) + 1);
    int error = json_tokener_get_error(t);
    puts(error ? json_tokener_error_desc(error) : json_object_to_json_string(o));
    return 0;
}
EOF
lib=usr/lib/$(uname -m)-linux-gnu
gcc -o "$tmp/ask" "$tmp/ask.c" "$tmp/old/$lib/libjson-c.so.5" || cannot "gcc failed"
loader=$(find "$tmp/new" -name 'ld-linux-*.so.*' | head -n 1)

old() {
    LD_LIBRARY_PATH="$tmp/old/$lib" "$tmp/ask" "$@"
}
new() {
    "$loader" --library-path "$tmp/new/$lib" "$tmp/ask" "$@"
}

letters='["Käse"]' large='[18446744073709551616]' control=$(printf '["\001"]')
expect "0.16 strict, a letter that is not ASCII" "$(old "$letters" strict)" '[ "Käse" ]'
expect "0.18 strict, the same" "$(new "$letters" strict)" "invalid string sequence"
expect "0.18 without the flag, the same" "$(new "$letters")" '[ "Käse" ]'
expect "0.16 strict, 2^64" "$(old "$large" strict)" "[ 18446744073709551615 ]"
expect "0.18 strict, 2^64" "$(new "$large" strict)" "number expected"
expect "0.16 strict, U+0001 as it is" "$(old "$control" strict)" '[ "\u0001" ]'
expect "0.18 strict, U+0001 as it is" "$(new "$control" strict)" "invalid string sequence"
for version in old new; do
    expect "$version strict, NaN" "$($version '[NaN]' strict)" "[ NaN ]"
    expect "$version strict, a member twice" "$($version '{"a":1,"a":2}' strict)" '{ "a": 2 }'
done
exit "$changed"
