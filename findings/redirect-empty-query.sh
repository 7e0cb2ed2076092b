#!/bin/sh
# SPDX-License-Identifier: MIT
# "http://host/there?" and "http://host/there" are two URIs: the query of the first is there and is empty.
# RFC 3986, 6.2.3 says that normalization should not remove the "?" of an empty query. curl and Python's
# urllib of Debian 12, when redirected to the first, ask the server for the second. A server that tells the two
# apart, or has signed the first, answers them otherwise than a browser: Chromium 156 asks for "/there?".
#
# The same in fetch of Node 20.20.2 and in java.net.http.HttpClient of OpenJDK 17.0.15.
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch bookworm curl=7.88.1-10+deb12u15 wget=1.21.3-1+deb12u1
serve

ask curl -sL "$url/302/empty-query"
expect "curl, after a redirect" "$arrived" "/there"
ask python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1]).read()' "$url/302/empty-query"
expect "Python's urllib" "$arrived" "/there"
ask wget -q -O - "$url/302/empty-query"
expect "wget, to compare" "$arrived" "/there?"
exit "$changed"
