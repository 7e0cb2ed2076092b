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

struct key_options {
    const char *user;
    const char *role;
    const char *name;
    const char *scope;
    const char *expires_at;
    const char *ttl;
    bool signs_in;
};

static bool key_parse_options(const struct invocation *invocation, struct key_options *out)
{
    const struct cli_option known[] = {
        { .name = "user", .text = &out->user },
        { .name = "role", .text = &out->role },
        { .name = "name", .text = &out->name },
        { .name = "expires-at", .text = &out->expires_at },
        { .name = "scope", .text = &out->scope },
        { .name = "ttl", .text = &out->ttl },
        { .name = "sign-in", .flag = &out->signs_in },
    };
    int first;
    return cli_take_options(invocation, known, sizeof(known) / sizeof(known[0]), &first) &&
           cli_count_operands(invocation, first, 0, 0);
}

static bool read_end(const struct key_options *options, int64_t now, int64_t *expires_at)
{
    if (options->expires_at && options->ttl) {
        cli_complain("--expires-at and --ttl both set the end: give one of them");
        return false;
    }
    if (options->ttl && !cli_parse_life("ttl", options->ttl, expires_at))
        return false;
    if (options->ttl && *expires_at)
        *expires_at += now;
    if (options->expires_at && !cli_parse_time("expires-at", options->expires_at, expires_at))
        return false;
    if (*expires_at == 0 || (*expires_at > now && *expires_at <= RFC3339_MAX))
        return true;
    cli_complain("a key must expire in the future, before the year 10000");
    return false;
}

/* Why the names are invalid; NULL: they are valid. */
static const char *check_names(const struct api_key *key)
{
    if (key->name.len > KEY_NAME_MAX)
        return "the key's name is longer than 100 bytes";
    return utf8_is_line(key->name) ? user_name_fault(key->user)
                                   : "the key's name is not UTF-8, or has a control character";
}

/* Reads the options of the new key. */
static enum cli_status key_read_key(const struct invocation *invocation,
                                    const struct key_options *options, struct api_key *key)
{
    key->user = slice_of(options->user);
    key->name = slice_of(options->name);
    if (key->user.len == 0) {
        cli_complain("key create: --user is missing");
        return CLI_USAGE;
    }
    if (options->role && !cli_parse_role(options->role, &key->role))
        return cli_refuse_choice(invocation, "role", options->role);
    if (options->scope && !auth_scope_parse(slice_of(options->scope), &key->scope))
        return cli_refuse_choice(invocation, "scope", options->scope);
    const char *wrong = check_names(key);
    if (wrong)
        cli_complain("%s", wrong);
    return !wrong && read_end(options, key->created_at, &key->expires_at) ? CLI_OK : CLI_USAGE;
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

/* The arguments of key create. */
struct key_job {
    struct api_key key;
    bool role_given;
    bool signs_in; /* print a one-time link, too */
};

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

static enum cli_status key_create(const struct invocation *invocation, struct cli_context *context,
                                  const void *argument)
{
    const struct key_job *job = argument;
    struct api_key key = job->key;
    unsigned char secret[KEY_SECRET_BYTES];
    char text[KEY_TEXT_MAX], url[SIGN_IN_URL_MAX];
    struct error err = { "" };
    enum db_result result = job->role_given ? check_role(context, &key, &err) : DB_OK;
    if (result == DB_OK && getrandom(secret, sizeof(secret), 0) != sizeof(secret)) {
        error_set(&err, "getrandom: no random bytes");
        result = DB_FAILED;
    }
    if (result == DB_OK)
        result = auth_key_create(context->app.db, &key, secret, text, &err);
    bool is_made = result == DB_OK;
    if (is_made && job->signs_in)
        result = sign_in_url(context, key.id, key.created_at, url, &err);
    if (is_made) /* also without its link: the key is stored */
        print_key(invocation, &key, text, job->signs_in && result == DB_OK ? url : NULL);
    return cli_db_status(result, &err);
}

enum cli_status command_key_create(const struct invocation *invocation)
{
    struct key_options options = { 0 };
    struct key_job job = { .key = { .role = ROLE_USER, .created_at = clock_now() } };
    if (!key_parse_options(invocation, &options))
        return cli_usage(invocation);
    job.role_given = options.role != NULL;
    job.signs_in = options.signs_in;
    enum cli_status read = key_read_key(invocation, &options, &job.key);
    return read == CLI_OK ? cli_context_run(invocation, APP_DATABASE, key_create, &job) : read;
}
