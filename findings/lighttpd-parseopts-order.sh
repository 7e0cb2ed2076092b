#!/bin/sh
# SPDX-License-Identifier: MIT
# The order in which the options of lighttpd's server.http-parseopts stand decides what they mean: "method-get-body" =>
# "enable", which lets a GET have a body, holds before "url-normalize" => "disable", and is lost after it, although
# the two have nothing to do with each other. Nothing is logged, and `lighttpd -tt` finds no fault. Seen in
# lighttpd 1.4.69.
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch bookworm lighttpd=1.4.69-1
echo here >"$tmp/file"

# answer OPTIONS: the status of a GET with a body that lighttpd answers under these parse options, and whether it
# finds fault with them.
answer() {
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    printf 'server.document-root = "%s"\nserver.bind = "127.0.0.1"\nserver.port = %s\nserver.http-parseopts = ( %s )\n' \
        "$tmp" "$port" "$1" >"$tmp/conf"
    "$tmp/root/usr/sbin/lighttpd" -tt -m "$tmp/root/usr/lib/lighttpd" -f "$tmp/conf" >"$tmp/fault" 2>&1 || true
    "$tmp/root/usr/sbin/lighttpd" -D -m "$tmp/root/usr/lib/lighttpd" -f "$tmp/conf" 2>"$tmp/log" &
    server=$!
    python3 - "$port" <<'EOF'
import http.client, sys, time
for _ in range(200):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
        connection.request("GET", "/file", body=b"x")
        print(connection.getresponse().status)
        break
    except ConnectionRefusedError:
        time.sleep(0.02)
EOF
    kill "$server"
    wait "$server" || true
    server=
}

body='"method-get-body" => "enable"' off='"url-normalize" => "disable"'
expect "GET with a body, allowed" "$(answer "$body")" 200
expect "allowed, then url-normalize off" "$(answer "$body, $off")" 200
expect "url-normalize off, then allowed" "$(answer "$off, $body")" 400
answer "$off, $body" >/dev/null
expect "what lighttpd -tt says of the last" "$(cat "$tmp/fault")" ""
exit "$changed"
