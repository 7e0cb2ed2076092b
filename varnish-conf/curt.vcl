# SPDX-License-Identifier: MIT
# Varnish 7 in front of a web server with Curt: redirects are kept for as long as Curt allows
# (cache.edge_ttl, never past a link's expiry), all else is passed on. Include this file after the backend and
# after an acl named curt_purgers, see example.vcl. docs/edge.md tells what is gained and lost.

import std;

sub vcl_recv {
    if (req.method == "PURGE") {
        # Who comes through a proxy is not who the address says.
        if (client.ip !~ curt_purgers || req.http.X-Forwarded-For ~ ",") {
            return (synth(403, "Forbidden"));
        }
        # A link goes with the slash behind it and with any query string, whatever the Host.
        ban("obj.http.X-Curt-Path == " + regsub(req.url, "/?(\?.*)?$", ""));
        return (synth(200, "Purged"));
    }
    # What is Curt's own, under any mount, and whoever shows a key.
    if (req.http.X-Api-Key || req.http.Authorization ||
        req.url ~ "^[^?]*/(api|admin|analytics|healthz|metrics|readyz|shorten|urls)([/?]|$)") {
        return (pass);
    }
    # Redirects are the same for everybody; cookies are other sites'.
    unset req.http.Cookie;
}

sub vcl_miss {
    # Varnish would ask with GET, and Curt would count a click.
    if (req.method == "HEAD") {
        return (pass);
    }
}

sub vcl_backend_response {
    # An expired link redirects nobody, not even while Curt is asked again.
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    # Varnish has statuses of its own that it keeps (errors of the web server, too) or does not (303, 308). Here it
    # is Curt who says it, counting from when it was asked: the time that the answer took to get here is over.
    set beresp.ttl = 0s;
    if (beresp.status >= 301 && beresp.status <= 308 && beresp.http.Cache-Control ~ "\bs-maxage=[0-9]+") {
        set beresp.ttl = std.duration(regsub(beresp.http.Cache-Control, "^.*\bs-maxage=([0-9]+).*$", "\1s"), 0s)
            - beresp.age - (beresp.time - bereq.time);
    }
    if (beresp.ttl <= 0s) {
        set beresp.uncacheable = true;
        set beresp.ttl = 120s;      # so long requests for it need not wait for one another
        return (deliver);
    }
    set beresp.http.X-Curt-Path = regsub(bereq.url, "/?(\?.*)?$", "");
}

sub vcl_deliver {
    unset resp.http.X-Curt-Path;
}
