#!/bin/sh
# SPDX-License-Identifier: MIT
# Status 308 (RFC 7538, 2015) is the end of the way for three text browsers of Debian 12 and for Ruby 3.1's
# open-uri, all of which follow 301, 302, 303 and 307. The browsers print an empty page and exit with 0, so
# that a script or a person sees neither the destination nor an error; only Ruby reports one.
#
# Also seen on Debian 13: w3m 0.5.3+git20230121-2.1 likewise; lynx 2.9.2, elinks 0.18.0 and Ruby 3.3 follow.
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch bookworm w3m=0.5.3+git20230121-2 lynx=2.9.0dev.12-1 lynx-common=2.9.0dev.12-1 \
    elinks=0.13.2-1+b4 elinks-data=0.13.2-1 ruby3.1=3.1.2-7+deb12u1
serve
lib=$tmp/root/usr/lib
export HOME="$tmp" LYNX_CFG="$tmp/lynx.cfg" RUBYLIB="$lib/ruby/3.1.0:$lib/$machine-linux-gnu/ruby/3.1.0"
: >"$LYNX_CFG"

for redirect in 301 302 303 307 308; do
    wanted=/there
    [ $redirect != 308 ] || wanted=nothing
    ask w3m -dump "$url/$redirect/plain"
    expect "w3m, $redirect" "$arrived, exit $status" "$wanted, exit 0"
    ask lynx -dump "$url/$redirect/plain"
    expect "lynx, $redirect" "$arrived, exit $status" "$wanted, exit 0"
    ask elinks -dump "$url/$redirect/plain"
    expect "elinks, $redirect" "$arrived, exit $status" "$wanted, exit 0"
    ask ruby3.1 --disable-gems -ropen-uri -e 'print URI.open(ARGV[0]).read' "$url/$redirect/plain"
    expect "ruby open-uri, $redirect" "$arrived, exit $status" \
        "$wanted, exit $([ $redirect = 308 ] && echo 1 || echo 0)"
done
exit "$changed"
