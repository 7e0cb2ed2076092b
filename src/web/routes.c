/* SPDX-License-Identifier: MIT */
/* The route table, in order of precedence: first the routes below pages.path, whose patterns are
 * relative to it, then the dialects, which are passed over where they are off; the redirect is
 * last, since it matches any path but those of the API and of the pages. */
#include "web/routes.h"

#include <assert.h>
#include <string.h>

#include "web/cors.h"
#include "web/handlers.h"

enum {
    READ = HTTP_GET | HTTP_HEAD,
    /* What a link with the redirect_status 307 or 308 takes, too. */
    RESEND = HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE,
};

static const struct route ROUTES[] = {
    { "sign_in", "/session", HTTP_POST, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_sign_in },
    { "session", "/session", READ, AUTH_SESSION_NEEDED, KEY_SCOPE_READ, handle_session_show },
    { "sign_out", "/session", HTTP_DELETE, AUTH_SESSION_NEEDED, KEY_SCOPE_READ, handle_sign_out },
    { "pages", "/", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_pages },
    { "logo", "/logo", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_logo },
    { "icon", "/icon", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_icon },
    { "manifest", "/manifest.webmanifest", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_manifest },
    { "yourls", "/yourls-api.php", READ | RESEND | HTTP_OPTIONS, AUTH_NOT_NEEDED, KEY_SCOPE_READ,
      handle_yourls },
    { "healthz", "/healthz", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_healthz },
    { "readyz", "/readyz", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_readyz },
    { "metrics", "/metrics", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_metrics },
    { "create", "/api/v1/urls", HTTP_POST, AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE, KEY_SCOPE_CREATE,
      handle_create },
    { "create", "/api/v1/shorten", HTTP_POST, AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE, KEY_SCOPE_CREATE,
      handle_create },
    { "create", "/urls", HTTP_POST, AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE, KEY_SCOPE_CREATE,
      handle_create },
    { "create", "/shorten", HTTP_POST, AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE, KEY_SCOPE_CREATE,
      handle_create },
    { "bulk", "/api/v1/urls/bulk", HTTP_POST, AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE, KEY_SCOPE_CREATE,
      handle_bulk },
    { "import", "/api/v1/import", HTTP_POST, AUTH_NEEDED, KEY_SCOPE_CREATE, handle_import },
    { "export", "/api/v1/export", READ, AUTH_NEEDED, KEY_SCOPE_READ, handle_export },
    { "list", "/api/v1/urls", READ, AUTH_NEEDED, KEY_SCOPE_READ, handle_list },
    { "stats", "/api/v1/urls/{}/stats", READ, AUTH_NEEDED, KEY_SCOPE_READ, handle_stats },
    { "stats", "/analytics/{}", READ, AUTH_NEEDED, KEY_SCOPE_READ, handle_stats },
    { "qr", "/api/v1/urls/{}/qr", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_qr },
    { "totals", "/api/v1/stats", READ, AUTH_NEEDED, KEY_SCOPE_READ, handle_totals },
    { "series", "/api/v1/stats/series", READ, AUTH_NEEDED, KEY_SCOPE_READ, handle_series },
    { "show", "/api/v1/urls/{}", READ, AUTH_NEEDED, KEY_SCOPE_READ, handle_show },
    { "change", "/api/v1/urls/{}", HTTP_PUT | HTTP_PATCH, AUTH_NEEDED, KEY_SCOPE_MANAGE,
      handle_change },
    { "delete", "/api/v1/urls/{}", HTTP_DELETE, AUTH_NEEDED, KEY_SCOPE_MANAGE, handle_delete },
    { "restore", "/api/v1/urls/{}/restore", HTTP_POST, AUTH_NEEDED, KEY_SCOPE_MANAGE,
      handle_restore },
    { "history", "/api/v1/urls/{}/history", READ, AUTH_NEEDED, KEY_SCOPE_READ, handle_history },
    { "alias_delete", "/api/v1/urls/{}/aliases/{}", HTTP_DELETE, AUTH_NEEDED, KEY_SCOPE_MANAGE,
      handle_alias_delete },
    { "keys", "/api/v1/keys", READ, AUTH_NEEDED, KEY_SCOPE_MANAGE, handle_keys_list },
    { "key_create", "/api/v1/keys", HTTP_POST, AUTH_NEEDED, KEY_SCOPE_MANAGE, handle_key_create },
    { "key_revoke", "/api/v1/keys/{}", HTTP_DELETE, AUTH_NEEDED, KEY_SCOPE_MANAGE,
      handle_key_revoke },
    { "alias", "/api/v1/aliases/{}", READ, AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE, KEY_SCOPE_CREATE,
      handle_alias_show },
    { "tags", "/api/v1/tags", READ, AUTH_NEEDED, KEY_SCOPE_READ, handle_tags_list },
    { "tag_rename", "/api/v1/tags/{}", HTTP_PATCH, AUTH_NEEDED, KEY_SCOPE_MANAGE,
      handle_tag_rename },
    { "users", "/api/v1/users", READ, AUTH_NEEDED, KEY_SCOPE_MANAGE, handle_users_list },
    { "user_create", "/api/v1/users", HTTP_POST, AUTH_NEEDED, KEY_SCOPE_MANAGE,
      handle_user_create },
    { "user_change", "/api/v1/users/{}", HTTP_PATCH, AUTH_NEEDED, KEY_SCOPE_MANAGE,
      handle_user_change },
    { "user_delete", "/api/v1/users/{}", HTTP_DELETE, AUTH_NEEDED, KEY_SCOPE_MANAGE,
      handle_user_delete },
    { "sessions", "/api/v1/sessions", READ, AUTH_NEEDED, KEY_SCOPE_READ, handle_sessions_list },
    { "sessions_end", "/api/v1/sessions", HTTP_DELETE, AUTH_NEEDED, KEY_SCOPE_MANAGE,
      handle_sessions_end_all },
    { "session_end", "/api/v1/sessions/{}", HTTP_DELETE, AUTH_NEEDED, KEY_SCOPE_MANAGE,
      handle_session_end },
    { "openapi", "/api/v1/openapi.json", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_openapi },
    { "problem", "/api/v1/problems/{}", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_problem },
    { "favicon", "/favicon.ico", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_favicon },
    { "robots", "/robots.txt", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_robots },
    { "home", "/", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_home },
    { "redirect", "/{}", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_redirect },
    { "redirect", "/{}/*", READ, AUTH_NOT_NEEDED, KEY_SCOPE_READ, handle_redirect },
};

enum {
    N_ROUTES = sizeof(ROUTES) / sizeof(ROUTES[0]),
    N_PAGES = 7,    /* below pages.path */
    N_DIALECTS = 1, /* after these */
};

static_assert(N_ROUTES < UINT8_MAX, "a label of a metric holds a route");

static bool is_redirect(const struct route *route)
{
    return route->handler == handle_redirect;
}

/* A path of several segments below one of the API's or of the pages' is no link's. */
static bool route_takes_path(const struct route *route, struct exchange *x, bool in_pages)
{
    return route_matches(route->pattern, x->path, &x->match) &&
           !(x->match.rest.len && (in_pages || path_is_api(x->path)));
}

const struct route *route_find(struct exchange *x, unsigned *allowed)
{
    const struct slice pages = x->site->pages_path;
    struct slice in_pages = pages.len ? route_below(x->path, pages) : pages;
    const size_t first = x->site->yourls.on ? N_PAGES : N_PAGES + N_DIALECTS;
    *allowed = 0;
    for (size_t i = in_pages.len ? 0 : first; i < N_ROUTES; i++) {
        if (i < N_PAGES ? !route_matches(ROUTES[i].pattern, in_pages, &x->match)
                        : !route_takes_path(&ROUTES[i], x, in_pages.len > 0))
            continue;
        unsigned methods =
            ROUTES[i].methods | (is_redirect(&ROUTES[i]) && *allowed == 0 ? RESEND : 0);
        if (methods & x->request->method)
            return &ROUTES[i];
        *allowed |= ROUTES[i].methods;
    }
    return NULL;
}

/* The index, from 1, of the first row with the name; rows of one name are adjacent. */
unsigned route_number(const struct route *route)
{
    if (!route)
        return 0;
    size_t at = (size_t)(route - ROUTES);
    while (at > 0 && strcmp(ROUTES[at - 1].name, route->name) == 0)
        at--;
    return (unsigned)at + 1;
}

const char *route_name(unsigned number)
{
    if (number == 0)
        return "none";
    return number <= N_ROUTES ? ROUTES[number - 1].name : NULL;
}
