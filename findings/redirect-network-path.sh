#!/bin/sh
# SPDX-License-Identifier: MIT
# "Location: //host/path" names another host and keeps the scheme (RFC 3986, 4.2; RFC 9110, 10.2.2 allows any
# reference there). Four clients of Debian 12 take it for a path of the host they have just asked, and ask
# that host for "/host/path". A shortener that drops the scheme of destinations, so that they follow the
# visitor's own, loses these visitors.
#
# HTTP::Tiny comes twice: the one in perl itself was mended in a Debian update (5.36.0-7+deb12u4), the package
# libhttp-tiny-perl, whose version number is higher and which wins where it is installed, was not.
# The same on Debian 13: busybox 1.37.0, axel 2.17.14, PHP 8.4.
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch bookworm busybox-static=1:1.35.0-4+deb12u1+b1 axel=2.17.11-3 php8.2-cli=8.2.36-1~deb12u1 \
    perl=5.36.0-7+deb12u4 libhttp-tiny-perl=0.082-2
serve
wrong=/127.0.0.1:$port/there

ask busybox wget -q -O - "$url/302/network-path"
expect "busybox wget" "$arrived" "$wrong"
ask axel -q -o "$tmp/file" "$url/302/network-path"
expect "axel" "$arrived" "$wrong"
# shellcheck disable=SC2016
ask php8.2 -n -r 'echo file_get_contents($argv[1]);' "$url/302/network-path"
expect "PHP's http stream" "$arrived" "$wrong"
# shellcheck disable=SC2016
ask perl -I"$tmp/root/usr/share/perl5" -MHTTP::Tiny -e 'HTTP::Tiny->new->get($ARGV[0])' "$url/302/network-path"
expect "Perl's HTTP::Tiny of libhttp-tiny-perl" "$arrived" "$wrong"
# shellcheck disable=SC2016
ask perl -MHTTP::Tiny -e 'HTTP::Tiny->new->get($ARGV[0])' "$url/302/network-path"
expect "Perl's HTTP::Tiny of perl itself" "$arrived" "/there"
ask python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1]).read()' "$url/302/network-path"
expect "Python's urllib, to compare" "$arrived" "/there"
exit "$changed"
