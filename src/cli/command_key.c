/* SPDX-License-Identifier: MIT */
/* curtctl key create: creates an API key. */
#include <stdio.h>
#include <sys/random.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/sign_in.h"
#include "cli/users.h"
#include "os/clock.h"
#include "service/auth.h"
#include "service/keys.h"
#include "text/rfc3339.h"
#include "text/utf8.h"

/* Why the names are invalid; NULL: they are valid. */
static const char *check_names(const struct api_key *key)
{
    if (key->name.len > KEY_NAME_MAX)
        return "the key's name is longer than 100 bytes";
    return utf8_is_line(key->name) ? user_name_fault(key->user)
                                   : "the key's name is not UTF-8, or has a control character";
}

/* Reads --expires-at and --ttl. */
static bool read_end(const struct invocation *invocation, int64_t now, int64_t *expires_at)
{
    int64_t ttl_s = 0;
    if (!cli_option_life(invocation, "ttl", &ttl_s) ||
        !cli_option_time(invocation, "expires-at", expires_at))
        return false;
    if (ttl_s)
        *expires_at = now + ttl_s;
    if (*expires_at == 0 || (*expires_at > now && *expires_at <= RFC3339_MAX))
        return true;
    return cli_complain("a key must expire in the future, before the year 10000");
}

/* Reads the options of the new key; false with a message. */
static bool key_read_key(const struct invocation *invocation, struct api_key *key)
{
    const char *role = cli_option(invocation, "role");
    const char *scope = cli_option(invocation, "scope");
    key->user = slice_of(cli_option(invocation, "user"));
    key->name = slice_of(cli_option(invocation, "name"));
    if (role)
        cli_parse_role(role, &key->role);
    if (scope)
        auth_scope_parse(slice_of(scope), &key->scope);
    const char *wrong = key->user.len ? check_names(key) : "key create: --user is missing";
    if (wrong)
        cli_complain("%s", wrong);
    return !wrong && read_end(invocation, key->created_at, &key->expires_at);
}

/* `url`: the one-time link; NULL: none. */
static void print_key(const struct invocation *invocation, const struct api_key *key,
                      const char *text, const char *url)
{
    if (!invocation->json) {
        puts(text);
        if (url)
            puts(url);
        return;
    }
    char expires_at[RFC3339_SIZE];
    const struct json_member members[] = {
        json_member_number("id", key->id),
        json_member_text("user", key->user),
        json_member_text("role", slice_of(auth_role_name(key->role))),
        json_member_text("scope", slice_of(auth_scope_name(key->scope))),
        json_member_text("name", key->name),
        json_member_text("expires_at", cli_time_text(key->expires_at, expires_at)),
        json_member_text("secret", slice_of(text)),
        json_member_text("sign_in_url", slice_of(url)), /* the last: left out without one */
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]) - (url ? 0 : 1));
}

/* An existing user keeps its role. DB_TAKEN: it has another role than was given. */
static enum db_result check_role(struct cli_context *context, const struct api_key *key,
                                 struct error *err)
{
    struct user user;
    enum db_result result = db_user_find(context->app.db, key->user, context->arena, &user, err);
    if (result == DB_MISSING)
        return DB_OK;
    if (result != DB_OK || user.role == key->role)
        return result;
    error_set(err, "the user %.*s exists with the role %s: curtctl user role %.*s %s changes it",
              SLICE_ARG(key->user), auth_role_name(user.role), SLICE_ARG(key->user),
              auth_role_name(key->role));
    return DB_TAKEN;
}

enum cli_status command_key_create(const struct invocation *invocation, struct cli_context *context)
{
    bool signs_in = cli_option(invocation, "sign-in");
    struct api_key key = { .role = ROLE_USER, .created_at = clock_now() };
    unsigned char secret[KEY_SECRET_BYTES];
    char text[KEY_TEXT_MAX], url[SIGN_IN_URL_MAX];
    struct error err = { "" };
    enum db_result result = DB_OK;
    if (!key_read_key(invocation, &key))
        return CLI_USAGE;
    if (cli_option(invocation, "role"))
        result = check_role(context, &key, &err);
    if (result == DB_OK && getrandom(secret, sizeof(secret), 0) != sizeof(secret)) {
        error_set(&err, "getrandom: no random bytes");
        result = DB_FAILED;
    }
    if (result == DB_OK)
        result = auth_key_create(context->app.db, &key, secret, text, &err);
    bool is_made = result == DB_OK;
    if (is_made && signs_in)
        result = sign_in_url(context, key.id, key.created_at, url, &err);
    if (is_made) /* also without its link: the key is stored */
        print_key(invocation, &key, text, signs_in && result == DB_OK ? url : NULL);
    return cli_db_status(result, &err);
}
