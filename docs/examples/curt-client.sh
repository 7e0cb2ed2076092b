#!/bin/sh
# SPDX-License-Identifier: MIT
# A client of Curt's API in shell and curl:
#
#   curt-client.sh add URL [ALIAS]   makes a link and prints its short URL
#   curt-client.sh show CODE         prints a link as JSON
#   curt-client.sh list [PREFIX]     prints the links, one a line: short URL, tab, long URL
#   curt-client.sh stats CODE [FROM [TO]]
#                                    prints the statistics of a link as CSV, a row a day
#   curt-client.sh rm CODE...        deletes links
#
# CURT_URL is the base URL (https://s.example), CURT_KEY is the API key. Errors of the
# API are printed to stderr. Exit status: 0 done, 1 refused, 2 wrong usage, else that of curl.
set -eu

usage() {
    sed -n '5,10s/^# *//p' "$0" >&2
    echo "CURT_URL and CURT_KEY have to be set." >&2
    exit 2
}

# Escapes the text for a JSON string.
json_text() {
    printf '%s' "$1" | awk '
        BEGIN { ORS = ""; for (i = 1; i < 32; i++) code[sprintf("%c", i)] = sprintf("\\u%04x", i) }
        {
            if (NR > 1) print "\\n"
            gsub(/[\\"]/, "\\\\&")
            for (i = 1; i <= length($0); i++) { c = substr($0, i, 1); print (c in code) ? code[c] : c }
        }'
}

# Prints the value of a member of the JSON on stdin, which must have it at most once. Sufficient for the API's
# answers and for an example; programs use jq.
member() {
    tr -d '\n' | sed -n 's/.*"'"$1"'": *"\(\([^"\\]\|\\.\)*\)".*/\1/p' | sed 's,\\/,/,g; s/\\"/"/g; s/\\\\/\\/g'
}

# call METHOD PATH [curl option...]: prints the answer. curl reads the key from stdin, since ps shows
# arguments. curl retries after temporary errors (408, 429, 5xx) and obeys Retry-After.
call() {
    method=$1 target=$2
    shift 2
    status=0
    printf 'Authorization: Bearer %s\n' "$CURT_KEY" |
        curl --silent --show-error --fail-with-body --globoff --retry 3 --max-time 60 -H @- \
            -H 'Accept: application/json' --request "$method" -o "$files/body" "$@" \
            "${CURT_URL%/}/api/v1/$target" 2>"$files/error" || status=$?
    [ "$status" -ne 0 ] || { cat "$files/body" && return; }
    why=$([ ! -e "$files/body" ] || member detail <"$files/body")
    printf 'curt-client: %s\n' "${why:-$(cat "$files/error")}" >&2
    [ "$status" -ne 22 ] || status=1
    return "$status"
}

# Refuses a text that is not a code before it becomes part of a path.
check_code() {
    case $1 in '' | *[!A-Za-z0-9_-]*) echo "curt-client: not a code: $1" >&2 && exit 1 ;; esac
}

add() {
    body="{\"long_url\": \"$(json_text "$1")\""
    [ -z "${2:-}" ] || body="$body, \"custom_alias\": \"$(json_text "$2")\""
    # The same key for every retry of this call, so that all make one link.
    once=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    made=$(call POST urls -H 'Content-Type: application/json' -H "Idempotency-Key: $once" \
        --data-raw "$body}")
    printf '%s\n' "$(printf '%s' "$made" | member short_url)"
}

# Prints the links of a page, one a line, beginning with the code.
links() {
    tr -d '\n' | sed 's/{ *"code"/\n&/g' | while IFS= read -r link || [ -n "$link" ]; do
        short=$(printf '%s' "$link" | member short_url)
        [ -z "$short" ] || printf '%s\t%s\n' "$short" "$(printf '%s' "$link" | member long_url)"
    done
}

list() {
    prefix=${1:-}
    cursor=
    while :; do
        set -- --get
        [ -z "$prefix" ] || set -- "$@" --data-urlencode "q=$prefix"
        [ -z "$cursor" ] || set -- "$@" --data-urlencode "cursor=$cursor"
        page=$(call GET urls "$@")
        printf '%s' "$page" | links
        cursor=$(printf '%s' "$page" | member next_cursor)
        [ -n "$cursor" ] || return 0
    done
}

stats() {
    check_code "$1"
    call GET "urls/$1/stats" --get --data format=csv --data-urlencode "from=${2:-}" \
        --data-urlencode "to=${3:-}"
}

if [ $# -eq 0 ] || [ -z "${CURT_URL:-}" ] || [ -z "${CURT_KEY:-}" ]; then
    usage
fi
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
trap 'exit 1' HUP INT TERM
command=$1
shift
case $command:$# in
add:1 | add:2) add "$@" ;;
show:1) check_code "$1" && call GET "urls/$1" && echo ;;
list:0 | list:1) list "$@" ;;
stats:1 | stats:2 | stats:3) stats "$@" ;;
rm:0) usage ;;
rm:*) for code; do check_code "$code" && call DELETE "urls/$code" >/dev/null; done ;;
*) usage ;;
esac
