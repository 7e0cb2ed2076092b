# SPDX-License-Identifier: MIT
# Varnish for a host that serves Curt alone: copy curt.vcl and this file (as default.vcl) to /etc/varnish/, and
# have the web server listen on port 8080 of this host. Set
# server.trusted_proxies = 127.0.0.1, so that Curt takes visitors' addresses from Varnish; otherwise they share one limit.
vcl 4.1;

backend curt {
    .host = "127.0.0.1";
    .port = "8080";
}

# Clients that may send PURGE. If a TLS proxy on this host connects to Varnish, let it use the PROXY protocol.
acl curt_purgers {
    "127.0.0.1";
    "::1";
}

include "curt.vcl";
