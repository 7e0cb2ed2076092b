#!/bin/sh
# SPDX-License-Identifier: MIT
# Gnumeric 1.12.55 reads a CSV file and writes one (ssconvert, which is what its "Save As" uses), and the texts are not
# the same. An apostrophe at the start of a field is dropped, even where the field is in quotes, which RFC 4180 takes as they
# are: the program reads it as its own mark of a text. Of a field with a date and a time the file of values as they are
# shown (format=preserve) keeps the date alone. Whoever edits a table of links so, and gives it back to a shortener, has
# other titles, and times at midnight.
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch bookworm gnumeric=1.12.55-1 gnumeric-common=1.12.55-1
ssconvert=$(command -v ssconvert) || cannot "ssconvert is not in the package"
export HOME="$tmp"

# field TEXT [OPTIONS]: the one field of the second column, after Gnumeric has read and written it.
field() {
    printf 'code,value\r\na,%s\r\n' "$1" >"$tmp/before.csv"
    "$ssconvert" "$tmp/before.csv" "$tmp/book.xlsx" >/dev/null 2>&1 || cannot "ssconvert failed"
    "$ssconvert" -O "separator=, $2" "$tmp/book.xlsx" "$tmp/after.txt" >/dev/null 2>&1 || cannot "ssconvert failed"
    sed -n '2s/^a,//p' "$tmp/after.txt" | tr -d '\r'
}

expect "a text, in quotes" "$(field '"plain"' format=automatic)" "plain"
expect "a text that begins with an apostrophe" "$(field "'plain" format=automatic)" "plain"
expect "the same, in quotes" "$(field "\"'plain\"" format=automatic)" "plain"
expect "a text that begins with two, in quotes" "$(field "\"''plain\"" format=automatic)" "'plain"
expect "an apostrophe within a text" "$(field "\"rock'n'roll\"" format=automatic)" "rock'n'roll"
expect "a date and a time" "$(field '2026-11-29 10:30' format=automatic)" '"2026/11/29 10:30:00"'
expect "the same, as it is shown" "$(field '2026-11-29 10:30' format=preserve)" "2026-11-29"
exit "$changed"
