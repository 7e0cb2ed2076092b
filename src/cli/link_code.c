/* SPDX-License-Identifier: MIT */
/* Finds the code in a short URL, and makes requests for its link. */
#include "cli/link_code.h"

#include <string.h>
#include <strings.h>

#include "os/clock.h"

/* The text after "https://" or "http://", or all of it. */
static char *without_scheme(char *text)
{
    static const char *const schemes[] = { "https://", "http://" };
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(text, schemes[i], len) == 0)
            return text + len;
    }
    return text;
}

static bool begins_with_host(const char *text, struct slice host)
{
    return host.len && strncasecmp(text, host.at, host.len) == 0 && text[host.len] == '/';
}

/* The length of the site's host (or one of own_domains) that `text` begins with; 0: another
 * host. */
static size_t host_of(const struct config_server *server, const char *text)
{
    if (begins_with_host(text, server->base_host))
        return server->base_host.len;
    for (struct slice list = slice_of(server->own_domains); list.len;) {
        struct slice host = { list.at, slice_find(list, ' ') };
        if (begins_with_host(text, host))
            return host.len;
        list = slice_from(list, host.len + 1);
    }
    return 0;
}

bool cli_read_code(const struct config *config, char **text)
{
    const struct config_server *server = &config->server;
    if (!strchr(*text, '/'))
        return true;
    char *at = without_scheme(*text);
    size_t host = host_of(server, at);
    at += host;
    if (host && strncmp(at, server->base_path.at, server->base_path.len) == 0 &&
        at[server->base_path.len] == '/') {
        at += server->base_path.len + 1;
        char *end = at + strcspn(at, "/?#");
        if (end > at && (*end != '/' || end[1] == '\0' || strchr("?#", end[1]))) {
            *end = '\0';
            *text = at;
            return true;
        }
    }
    return cli_complain("%s is no short URL of this Curt: they begin with %s/", *text,
                        server->base_url);
}

struct manage_request cli_link_request(struct cli_context *context, const char *code)
{
    return (struct manage_request){
        .code = slice_of(code),
        .caller = { .role = ROLE_ADMIN },
        .now = clock_now(),
        .arena = context->arena,
        .ignores_case = context->app.config->links.ignores_alias_case,
    };
}

enum cli_status cli_link_status(enum outcome outcome, const char *code, const struct error *err)
{
    switch (outcome) {
    case OUTCOME_OK:
        return CLI_OK;
    case OUTCOME_MISSING:
        return cli_fail(CLI_MISSING, "there is no link %s", code);
    case OUTCOME_UNAVAILABLE:
        return cli_fail(CLI_UNAVAILABLE, "%s", err->text);
    default:
        return cli_fail(CLI_FAILED, "%s", err->text);
    }
}
