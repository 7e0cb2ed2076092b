#!/bin/sh
# SPDX-License-Identifier: MIT
# A fragment never leaves the client: RFC 9110, 7.1 has the target of a request without it. Three downloaders
# of Debian 12 that follow a redirect to http://host/there#part ask the server for "/there#part" all the
# same. Some servers answer that with 400, others look for a file of that name: a short link to a section of
# a page then fails in these clients and works in every browser.
#
# The same on Debian 13: busybox 1.37.0, axel 2.17.14, lftp 4.9.2.
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch bookworm busybox-static=1:1.35.0-4+deb12u1+b1 axel=2.17.11-3 lftp=4.9.2-2+b1
serve

ask busybox wget -q -O - "$url/302/fragment"
expect "busybox wget" "$arrived" "/there#part"
ask axel -q -o "$tmp/file" "$url/302/fragment"
expect "axel" "$arrived" "/there#part"
ask lftp -c "set net:max-retries 1; cat $url/302/fragment"
expect "lftp" "$arrived" "/there#part"
ask python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1]).read()' "$url/302/fragment"
expect "Python's urllib, to compare" "$arrived" "/there"
exit "$changed"
