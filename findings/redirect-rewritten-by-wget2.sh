#!/bin/sh
# SPDX-License-Identifier: MIT
# wget2 does not ask for what a redirect says. It decodes %2F in the path, which makes two segments of one,
# and its Debian 12 version turns "+" in the query into "%20", although only the destination's server knows
# whether that means the same. Presigned URLs of object stores, whose signature covers both, and routes with
# an encoded slash fail; wget 1.21 asks for the very bytes.
#
# On Debian 13 wget2 2.2.0 keeps "+" and still decodes %2F.
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch bookworm wget2=1.99.1-2.2 wget=1.21.3-1+deb12u1
serve

ask wget2 -q -O - "$url/302/signed"
expect "wget2" "$arrived" "/a/b?when=1%202"
ask wget -q -O - "$url/302/signed"
expect "wget, to compare" "$arrived" "/a%2Fb?when=1+2"
exit "$changed"
