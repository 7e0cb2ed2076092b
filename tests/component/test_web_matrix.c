/* SPDX-License-Identifier: MIT */
/* The table of docs/api.md: every call × (scope, valid, invalid, no key, another owner's link,
 * conflict, database unavailable), a row a call. */
#include <stdio.h>
#include <string.h>

#include "support/web_site.h"

#define URLS "/api/v1/urls"
#define KEYS "/api/v1/keys"
#define URL  "{'long_url':'http://a.example/x'}"

/* A column: how the call is made, and what it must be answered. A status of 0: there is no such
 * case. */
struct cell {
    const char *target;
    const char *body;
    int status;
    const char *if_match;
    const char *has; /* in the answer's body */
};

struct row {
    const char *call;
    const char *method;
    const char *scope; /* that a key needs; NULL: any key, or none, will do */
    struct cell good, bad, no_key, others, conflict, away;
};

/* As long as a token is; nobody has it. */
#define TOKEN "00000000000000000000000000000000000000000000"

static const struct row MATRIX[] = {
    { "create", "POST", .scope = "create", .good = { URLS, URL, 201 },
      .bad = { URLS, "{'long_url':'x'}", 400 }, .no_key = { URLS, URL, 401 },
      .conflict = { URLS, "{'long_url':'http://a.example/','custom_alias':'bobs'}", 409 },
      .away = { URLS, URL, 503 } },
    { "create once more", "POST", .scope = "create",
      .good = { URLS, "{'long_url':'http://a.example/','reuse':true}", 200, .has = "'anns'" } },
    { "bulk", "POST", .scope = "create", .good = { URLS "/bulk", "{'links':[" URL "]}", 207 },
      .bad = { URLS "/bulk", "{'links':5}", 400 },
      .no_key = { URLS "/bulk", "{'links':[" URL "]}", 401 },
      .conflict = { URLS "/bulk",
                    "{'links':[{'long_url':'http://a.example/','custom_alias':'bobs'}]}", 207,
                    .has = "{'results':[{'status':409,'problem':{" },
      .away = { URLS "/bulk", "{'links':[" URL "]}", 503 } },
    { "import", "POST", .scope = "create", .good = { "/api/v1/import", URL, 200 },
      .bad = { "/api/v1/import?more=x", URL, 400 }, .no_key = { "/api/v1/import", URL, 401 },
      .others = { "/api/v1/import?owner=bob", URL, 403 },
      .conflict = { "/api/v1/import", "{'code':'bobs','long_url':'http://a.example/'}", 200,
                    .has = "'conflicts':1" },
      .away = { "/api/v1/import", URL, 503 } },
    { "export", "GET", .scope = "read", .good = { "/api/v1/export", NULL, 200 },
      .bad = { "/api/v1/export?format=x", NULL, 400 }, .no_key = { "/api/v1/export", NULL, 401 },
      .others = { "/api/v1/export?owner=bob", NULL, 403 },
      .away = { "/api/v1/export", NULL, 503 } },
    { "show", "GET", .scope = "read", .good = { URLS "/anns", NULL, 200 },
      .bad = { URLS "/a.b", NULL, 404 }, .no_key = { URLS "/anns", NULL, 401 },
      .others = { URLS "/bobs", NULL, 404 }, .away = { URLS "/anns", NULL, 503 } },
    { "list", "GET", .scope = "read", .good = { URLS, NULL, 200 },
      .bad = { URLS "?limit=x", NULL, 400 }, .no_key = { URLS, NULL, 401 },
      .others = { URLS "?owner=bob", NULL, 403 }, .away = { URLS, NULL, 503 } },
    { "change by PUT", "PUT", .scope = "manage", .good = { URLS "/anns", "{'title':'t'}", 200 },
      .bad = { URLS "/anns", "{'title':5}", 400 }, .no_key = { URLS "/anns", "{'title':'t'}", 401 },
      .others = { URLS "/bobs", "{'title':'t'}", 404 },
      .conflict = { URLS "/anns", "{'custom_alias':'bobs'}", 409 },
      .away = { URLS "/anns", "{'title':'t'}", 503 } },
    { "change by PUT of an old version", "PUT",
      .conflict = { URLS "/anns", "{'title':'t'}", 412, .if_match = "\"77\"" } },
    { "change by PATCH to a taken alias", "PATCH",
      .conflict = { URLS "/anns", "{'custom_alias':'bobs'}", 409 } },
    { "change by PATCH", "PATCH", .scope = "manage", .good = { URLS "/anns", "{'title':'t'}", 200 },
      .bad = { URLS "/anns", "{'max_clicks':0}", 400 },
      .no_key = { URLS "/anns", "{'title':'t'}", 401 },
      .others = { URLS "/bobs", "{'title':'t'}", 404 },
      .conflict = { URLS "/anns", "{'title':'t'}", 412, .if_match = "\"77\"" },
      .away = { URLS "/anns", "{'title':'t'}", 503 } },
    { "delete", "DELETE", .scope = "manage", .good = { URLS "/anns", NULL, 200 },
      .bad = { URLS "/a.b", NULL, 404 }, .no_key = { URLS "/anns", NULL, 401 },
      .others = { URLS "/bobs", NULL, 404 },
      .conflict = { URLS "/anns", NULL, 412, .if_match = "\"77\"" },
      .away = { URLS "/anns", NULL, 503 } },
    { "restore", "POST", .scope = "manage", .good = { URLS "/gone/restore", NULL, 200 },
      .bad = { URLS "/anns/restore", NULL, 404 }, .no_key = { URLS "/gone/restore", NULL, 401 },
      .others = { URLS "/bobs-gone/restore", NULL, 404 },
      .away = { URLS "/gone/restore", NULL, 503 } },
    { "statistics", "GET", .scope = "read", .good = { URLS "/anns/stats", NULL, 200 },
      .bad = { URLS "/anns/stats?unit=year", NULL, 400 },
      .no_key = { URLS "/anns/stats", NULL, 401 }, .others = { URLS "/bobs/stats", NULL, 404 },
      .away = { URLS "/anns/stats", NULL, 503 } },
    { "statistics by their other name", "GET", .scope = "read",
      .good = { "/analytics/anns", NULL, 200 }, .bad = { "/analytics/anns?limit=0", NULL, 400 },
      .no_key = { "/analytics/anns", NULL, 401 }, .others = { "/analytics/bobs", NULL, 404 },
      .away = { "/analytics/anns", NULL, 503 } },
    { "QR code", "GET", .good = { URLS "/anns/qr", NULL, 200 },
      .bad = { URLS "/anns/qr?size=0", NULL, 400 }, .no_key = { URLS "/anns/qr", NULL, 200 },
      .others = { URLS "/bobs/qr", NULL, 200 }, .away = { URLS "/uncached/qr", NULL, 503 } },
    { "statistics of everything", "GET", .scope = "read",
      .good = { "/api/v1/stats/series", NULL, 200 },
      .bad = { "/api/v1/stats/series?unit=year", NULL, 400 },
      .no_key = { "/api/v1/stats/series", NULL, 401 },
      .away = { "/api/v1/stats/series", NULL, 503 } },
    { "totals", "GET", .scope = "read", .good = { "/api/v1/stats", NULL, 200 },
      .bad = { "/api/v1/stats?x=y", NULL, 400 }, .no_key = { "/api/v1/stats", NULL, 401 },
      .away = { "/api/v1/stats", NULL, 503 } },
    { "list keys", "GET", .scope = "manage", .good = { KEYS, NULL, 200 },
      .bad = { KEYS "?limit=x", NULL, 400 }, .no_key = { KEYS, NULL, 401 },
      .away = { KEYS, NULL, 503 } },
    { "create key", "POST", .scope = "manage", .good = { KEYS, "{'name':'laptop'}", 201 },
      .bad = { KEYS, "{'role':'king'}", 400 }, .no_key = { KEYS, "{}", 401 },
      .others = { KEYS, "{'user':'bob'}", 403 }, .away = { KEYS, "{'name':'laptop'}", 503 } },
    { "revoke key", "DELETE", .scope = "manage", .good = { KEYS "/2", NULL, 200 },
      .bad = { KEYS "/x", NULL, 404 }, .no_key = { KEYS "/2", NULL, 401 },
      .others = { KEYS "/3", NULL, 404 }, .away = { KEYS "/2", NULL, 503 } },
    { "alias", "GET", .scope = "create", .good = { "/api/v1/aliases/new-one", NULL, 200 },
      .no_key = { "/api/v1/aliases/new-one", NULL, 401 },
      .others = { "/api/v1/aliases/bobs", NULL, 200, .has = "'reason':'alias_taken'" },
      .away = { "/api/v1/aliases/new-one", NULL, 503 } },
    { "list tags", "GET", .scope = "read", .good = { "/api/v1/tags", NULL, 200 },
      .bad = { "/api/v1/tags?limit=0", NULL, 400 }, .no_key = { "/api/v1/tags", NULL, 401 },
      .others = { "/api/v1/tags?owner=bob", NULL, 403 }, .away = { "/api/v1/tags", NULL, 503 } },
    { "rename a tag", "PATCH", .scope = "manage", .bad = { "/api/v1/tags/a", "{'tag':''}", 400 },
      .no_key = { "/api/v1/tags/a", "{'tag':'b'}", 401 },
      .others = { "/api/v1/tags/a?owner=bob", "{'tag':'b'}", 403 },
      .conflict = { "/api/v1/tags/a", "{'tag':'b'}", 404 },
      .away = { "/api/v1/tags/a", "{'tag':'b'}", 503 } },
    { "list users", "GET", .no_key = { "/api/v1/users", NULL, 401 },
      .others = { "/api/v1/users", NULL, 403 }, .away = { "/api/v1/users", NULL, 403 } },
    { "create user", "POST", .no_key = { "/api/v1/users", "{'user':'new'}", 401 },
      .others = { "/api/v1/users", "{'user':'new'}", 403 },
      .away = { "/api/v1/users", "{'user':'new'}", 403 } },
    { "change user", "PATCH", .no_key = { "/api/v1/users/bob", "{'role':'admin'}", 401 },
      .others = { "/api/v1/users/bob", "{'role':'admin'}", 403 },
      .away = { "/api/v1/users/bob", "{'role':'admin'}", 403 } },
    { "delete user", "DELETE", .no_key = { "/api/v1/users/bob", NULL, 401 },
      .others = { "/api/v1/users/bob?delete_links=yes", NULL, 403 },
      .away = { "/api/v1/users/bob?delete_links=yes", NULL, 403 } },
    { "sign in", "POST", .bad = { "/admin/session", "{'key':5}", 400 },
      .no_key = { "/admin/session", "{'key':'x'}", 401 },
      .away = { "/admin/session", "{'token':'" TOKEN "'}", 503 } },
    { "session", "GET", .bad = { "/admin/session", NULL, 401 },
      .no_key = { "/admin/session", NULL, 401 } },
    { "sign out", "DELETE", .bad = { "/admin/session", NULL, 401 },
      .no_key = { "/admin/session", NULL, 401 } },
    { "list sessions", "GET", .scope = "read", .good = { "/api/v1/sessions", NULL, 200 },
      .no_key = { "/api/v1/sessions", NULL, 401 }, .away = { "/api/v1/sessions", NULL, 503 } },
    { "end a session", "DELETE", .scope = "manage", .bad = { "/api/v1/sessions/x", NULL, 404 },
      .no_key = { "/api/v1/sessions/1", NULL, 401 }, .others = { "/api/v1/sessions/1", NULL, 404 },
      .away = { "/api/v1/sessions/1", NULL, 503 } },
    { "end all sessions", "DELETE", .scope = "manage", .good = { "/api/v1/sessions", NULL, 200 },
      .no_key = { "/api/v1/sessions", NULL, 401 }, .away = { "/api/v1/sessions", NULL, 503 } },
    { "redirect", "GET", .good = { "/anns", NULL, 302 }, .bad = { "/a.b", NULL, 404 },
      .no_key = { "/anns", NULL, 302 }, .others = { "/bobs", NULL, 302 },
      .away = { "/uncached", NULL, 503 } },
    { "redirect that a cache has", "GET", .away = { "/anns", NULL, 302 } },
    { "preview", "GET", .good = { "/anns+", NULL, 200 }, .bad = { "/nothing+", NULL, 404 },
      .no_key = { "/anns+", NULL, 200 }, .others = { "/bobs+", NULL, 200 },
      .away = { "/uncached+", NULL, 503 } },
    { "problem type", "GET", .good = { "/api/v1/problems/expired", NULL, 200 },
      .bad = { "/api/v1/problems/none", NULL, 404 },
      .no_key = { "/api/v1/problems/expired", NULL, 200 },
      .away = { "/api/v1/problems/expired", NULL, 200 } },
    { "description", "GET", .good = { "/api/v1/openapi.json", NULL, 200 },
      .no_key = { "/api/v1/openapi.json", NULL, 200 },
      .away = { "/api/v1/openapi.json", NULL, 200 } },
    { "health", "GET", .good = { "/healthz", NULL, 200 }, .no_key = { "/healthz", NULL, 200 },
      .away = { "/healthz", NULL, 200 } },
    { "readiness", "GET", .good = { "/readyz", NULL, 200 }, .no_key = { "/readyz", NULL, 200 } },
    { "metrics", "GET", .no_key = { "/metrics", NULL, 401 }, .others = { "/metrics", NULL, 401 } },
};

/* A fresh site with a link of ann's and one of bob's for every cell, and one of each that is
 * deleted. */
static struct web_site *fresh_site(void **state)
{
    web_site_set_up(state);
    struct web_site *s = *state;
    web_site_send(s,
                  &(struct sent){ "POST", URLS, "ann",
                                  "{'long_url':'http://a.example/','custom_alias':'anns'}", 201 });
    web_site_send(s,
                  &(struct sent){ "POST", URLS, "bob",
                                  "{'long_url':'http://b.example/','custom_alias':'bobs'}", 201 });
    web_site_send(s,
                  &(struct sent){ "POST", URLS, "ann",
                                  "{'long_url':'http://a.example/','custom_alias':'gone'}", 201 });
    web_site_send(s, &(struct sent){ "POST", URLS, "bob",
                                     "{'long_url':'http://b.example/','custom_alias':'bobs-gone'}",
                                     201 });
    web_site_send(s, &(struct sent){ "DELETE", URLS "/gone", "ann", NULL, 200 });
    web_site_send(s, &(struct sent){ "DELETE", URLS "/bobs-gone", "bob", NULL, 200 });
    return s;
}

static void try_cell(void **state, const struct row *row, const struct cell *cell, const char *user,
                     bool is_away)
{
    if (cell->status == 0)
        return;
    struct web_site *s = fresh_site(state);
    if (is_away)
        db_fake_fail(s->db, 1000, DB_UNAVAILABLE, false);
    print_message("# %s\n", row->call);
    struct exchange x =
        web_site_send(s, &(struct sent){ row->method, cell->target, user, cell->body, cell->status,
                                         cell->has, .if_match = cell->if_match });
    if (cell->status >= 400)
        assert_true(slice_eq(http_header_get(&x.response, "Content-Type"),
                             SLICE("application/problem+json")));
    web_site_tear_down(state);
}

static void every_call_in_every_case(void **state)
{
    for (size_t i = 0; i < sizeof(MATRIX) / sizeof(MATRIX[0]); i++) {
        const struct row *row = &MATRIX[i];
        try_cell(state, row, &row->good, "ann", false);
        try_cell(state, row, &row->bad, "ann", false);
        try_cell(state, row, &row->no_key, NULL, false);
        try_cell(state, row, &row->others, "ann", false);
        try_cell(state, row, &row->conflict, "ann", false);
        try_cell(state, row, &row->away, "ann", true);
    }
}

/* What a key of ann's of each scope is answered: 403 where the call needs a wider one. */
static void every_call_with_every_scope(void **state)
{
    static const char *const scopes[] = { "read", "create", "manage" };
    char text[64];
    for (size_t i = 0; i < sizeof(MATRIX) / sizeof(MATRIX[0]); i++) {
        const struct row *row = &MATRIX[i];
        bool allowed = row->scope == NULL;
        for (size_t j = 0; j < 3 && row->good.status; j++) {
            allowed = allowed || strcmp(scopes[j], row->scope) == 0;
            struct web_site *s = fresh_site(state);
            snprintf(text, sizeof(text), "{'scope':'%s'}", scopes[j]);
            struct exchange x = web_site_send(s, &(struct sent){ "POST", KEYS, "ann", text, 201 });
            const char *key = web_site_member(s, &x, "secret");
            snprintf(text, sizeof(text), "has the scope %s:this call needs %s", scopes[j],
                     row->scope);
            print_message("# %s with %s\n", row->call, scopes[j]);
            web_site_send(s, &(struct sent){ row->method, row->good.target, key, row->good.body,
                                             allowed ? row->good.status : 403,
                                             allowed ? NULL : text });
            web_site_tear_down(state);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_call_in_every_case),
                                        cmocka_unit_test(every_call_with_every_scope) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
