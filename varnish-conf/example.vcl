# SPDX-License-Identifier: MIT
# Varnish for a host that serves Curt alone: copy curt.vcl and this file (as default.vcl) to /etc/varnish/, and
# have the web server listen on port 8080 of this host. Let Curt believe Varnish about visitors' addresses
# (server.trusted_proxies = 127.0.0.1), or they share one limit of misses.
vcl 4.1;

backend curt {
    .host = "127.0.0.1";
    .port = "8080";
}

# Who may send PURGE. Where a TLS proxy on this host talks to Varnish, let it speak the PROXY protocol.
acl curt_purgers {
    "127.0.0.1";
    "::1";
}

include "curt.vcl";
