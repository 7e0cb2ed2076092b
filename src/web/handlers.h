/* SPDX-License-Identifier: MIT */
/* The handlers of the route table; each is a route_handler. */
#pragma once

#include "web/exchange.h"

int handle_redirect(struct exchange *x);         /* GET /{code} */
int handle_create(struct exchange *x);           /* POST /api/v1/urls and its other spellings */
int handle_show(struct exchange *x);             /* GET /api/v1/urls/{code} */
int handle_change(struct exchange *x);           /* PUT and PATCH /api/v1/urls/{code} */
int handle_delete(struct exchange *x);           /* DELETE /api/v1/urls/{code} */
int handle_restore(struct exchange *x);          /* POST /api/v1/urls/{code}/restore */
int handle_alias_delete(struct exchange *x);     /* DELETE /api/v1/urls/{code}/aliases/{alias} */
int handle_bulk(struct exchange *x);             /* POST /api/v1/urls/bulk */
int handle_import(struct exchange *x);           /* POST /api/v1/import */
int handle_export(struct exchange *x);           /* GET /api/v1/export */
int handle_keys_list(struct exchange *x);        /* GET /api/v1/keys */
int handle_key_create(struct exchange *x);       /* POST /api/v1/keys */
int handle_key_revoke(struct exchange *x);       /* DELETE /api/v1/keys/{id} */
int handle_sign_in(struct exchange *x);          /* POST {pages.path}/session */
int handle_session_show(struct exchange *x);     /* GET {pages.path}/session */
int handle_sign_out(struct exchange *x);         /* DELETE {pages.path}/session */
int handle_sessions_list(struct exchange *x);    /* GET /api/v1/sessions */
int handle_session_end(struct exchange *x);      /* DELETE /api/v1/sessions/{id} */
int handle_sessions_end_all(struct exchange *x); /* DELETE /api/v1/sessions */
int handle_alias_show(struct exchange *x);       /* GET /api/v1/aliases/{alias} */
int handle_tags_list(struct exchange *x);        /* GET /api/v1/tags */
int handle_tag_rename(struct exchange *x);       /* PATCH /api/v1/tags/{tag} */
int handle_history(struct exchange *x);          /* GET /api/v1/urls/{code}/history */
int handle_users_list(struct exchange *x);       /* GET /api/v1/users */
int handle_user_create(struct exchange *x);      /* POST /api/v1/users */
int handle_user_change(struct exchange *x);      /* PATCH /api/v1/users/{user} */
int handle_user_delete(struct exchange *x);      /* DELETE /api/v1/users/{user} */
int handle_list(struct exchange *x);             /* GET /api/v1/urls */
int handle_stats(struct exchange *x);            /* GET /api/v1/urls/{code}/stats */
int handle_qr(struct exchange *x);               /* GET /api/v1/urls/{code}/qr */
int handle_totals(struct exchange *x);           /* GET /api/v1/stats */
int handle_series(struct exchange *x);           /* GET /api/v1/stats/series */
int handle_problem(struct exchange *x);          /* GET /api/v1/problems/{code} */
int handle_openapi(struct exchange *x);          /* GET /api/v1/openapi.json */
int handle_readyz(struct exchange *x);           /* GET /readyz */
int handle_metrics(struct exchange *x);          /* GET /metrics */
int handle_healthz(struct exchange *x);          /* GET /healthz */
int handle_home(struct exchange *x);             /* GET / */
int handle_pages(struct exchange *x);            /* GET {pages.path}/ */
int handle_logo(struct exchange *x);             /* GET {pages.path}/logo */
int handle_icon(struct exchange *x);             /* GET {pages.path}/icon */
int handle_manifest(struct exchange *x);         /* GET {pages.path}/manifest.webmanifest */
int handle_favicon(struct exchange *x);          /* GET /favicon.ico */
int handle_robots(struct exchange *x);           /* GET /robots.txt */
int handle_yourls(struct exchange *x);           /* /yourls-api.php */
