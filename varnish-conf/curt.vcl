# SPDX-License-Identifier: MIT
# Varnish 7 in front of a web server with Curt: redirects are cached for as long as Curt allows
# (cache.edge_ttl, never past a link's expiry), all other requests are passed on. Include this file after the backend and
# after an acl named curt_purgers, see example.vcl. docs/edge.md describes the consequences.

import std;

sub vcl_recv {
    if (req.method == "PURGE" || req.method == "BAN") {
        # Behind a proxy, the address is not that of the client.
        if (client.ip !~ curt_purgers || req.http.X-Forwarded-For ~ ",") {
            return (synth(403, "Forbidden"));
        }
        # PURGE names one link, by its URL. BAN names many: the URL is the mount, and X-Curt-Codes has their codes, with
        # "|" between them; Curt sends it (edge.purge of curt.conf).
        if (req.method == "PURGE") {
            set req.http.X-Curt-Codes = regsub(req.url, "^.*/([A-Za-z0-9_-]+)/?(\?.*)?$", "\1");
            set req.url = regsub(req.url, "[^/]*/?(\?.*)?$", "");
        }
        if (req.http.X-Curt-Codes !~ "^[A-Za-z0-9_-][A-Za-z0-9_|-]*$" || req.url !~ "^/[^? ]*$") {
            return (synth(400, "Bad Request"));
        }
        # Purges links also with a trailing slash, with any query string or path behind them, in any case, and for any Host.
        ban("obj.http.X-Curt-Path ~ (?i)^" + req.url + "(" + req.http.X-Curt-Codes + ")([^A-Za-z0-9_-]|$)");
        return (synth(200, "Purged"));
    }
    # Curt answers paths of its own, under any mount, and requests with an API key.
    if (req.http.X-Api-Key || req.http.Authorization ||
        req.url ~ "^[^?]*/(api|admin|analytics|healthz|metrics|readyz|shorten|urls)([/?]|$)") {
        return (pass);
    }
    # Redirects are the same for all visitors, so cookies do not keep them from being looked up. The cookie of a browser that
    # has signed in goes on to Curt if they have to be fetched: the pages may be under any path (pages.path).
    unset req.http.X-Curt-Cookie;
    if (req.http.Cookie ~ "(^|[; ])(__Host-)?curt_session=") {
        set req.http.X-Curt-Cookie = req.http.Cookie;
    }
    unset req.http.Cookie;
}

sub vcl_backend_fetch {
    if (bereq.http.X-Curt-Cookie) {
        set bereq.http.Cookie = bereq.http.X-Curt-Cookie;
        unset bereq.http.X-Curt-Cookie;
    }
}

sub vcl_miss {
    # Varnish would send a GET, and Curt would count a click.
    if (req.method == "HEAD") {
        return (pass);
    }
}

sub vcl_backend_response {
    # Expired entries are not used, not even while Curt is asked again.
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    # By default Varnish decides by status (it caches errors of the web server, but not 303 and 308). Here
    # Curt's s-maxage decides, counted from the time of the request: the time that the answer took is subtracted.
    set beresp.ttl = 0s;
    if (beresp.status >= 301 && beresp.status <= 308 && beresp.http.Cache-Control ~ "\bs-maxage=[0-9]+") {
        set beresp.ttl = std.duration(regsub(beresp.http.Cache-Control, "^.*\bs-maxage=([0-9]+).*$", "\1s"), 0s)
            - beresp.age - (beresp.time - bereq.time);
    }
    # A path in another spelling, which no purge names.
    if (beresp.ttl <= 0s || bereq.url ~ "^[^?]*%") {
        set beresp.uncacheable = true;
        set beresp.ttl = 120s;      # for this time requests for it do not wait for one another
        return (deliver);
    }
    # A link enters the cache at its second request within a minute. The first leaves a mark of that length, which is not
    # in the cache's storage but in Transient: limit that, too (-s Transient=malloc,64m).
    if (!bereq.is_hitmiss) {
        set beresp.uncacheable = true;
        set beresp.ttl = 60s;
        return (deliver);
    }
    set beresp.http.X-Curt-Path = regsub(bereq.url, "\?.*$", "");
}

sub vcl_deliver {
    unset resp.http.X-Curt-Path;
}
