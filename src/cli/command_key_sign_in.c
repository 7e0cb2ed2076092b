/* SPDX-License-Identifier: MIT */
/* curtctl key sign-in: prints a link that signs a browser in once. */
#include <stdio.h>
#include <sys/random.h>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/sign_in.h"
#include "cli/users.h"
#include "os/clock.h"
#include "service/sessions.h"
#include "text/rfc3339.h"

enum db_result sign_in_url(struct cli_context *context, uint32_t key_id, int64_t now,
                           char out[SIGN_IN_URL_MAX], struct error *err)
{
    const struct config *config = context->app.config;
    struct sign_in token = { .key_id = key_id, .expires_at = now + SIGN_IN_LIFE_S };
    unsigned char secret[SECRET_BYTES];
    char text[SECRET_DIGITS + 1];
    if (getrandom(secret, sizeof(secret), 0) != sizeof(secret)) {
        error_set(err, "getrandom: no random bytes");
        return DB_FAILED;
    }
    enum db_result result = sessions_offer(context->app.db, &token, secret, text, err);
    snprintf(out, SIGN_IN_URL_MAX, "%s%s/#token=%s", config->server.base_url, config->pages.path,
             text);
    secret_wipe(text, sizeof(text));
    return result;
}

static bool is_valid(const struct api_key *key, int64_t now)
{
    return !key->revoked_at && (!key->expires_at || key->expires_at > now);
}

enum cli_status command_key_sign_in(const struct invocation *invocation,
                                    struct cli_context *context)
{
    const int64_t now = clock_now();
    uint32_t key_id;
    struct api_key key;
    struct error err = { "" };
    char url[SIGN_IN_URL_MAX], expires_at[RFC3339_SIZE];
    if (!cli_parse_key_id(invocation->operands[0], &key_id))
        return CLI_USAGE;
    enum db_result result = db_key_find(context->app.db, key_id, context->arena, &key, &err);
    if (result == DB_MISSING || (result == DB_OK && !is_valid(&key, now))) {
        error_set(&err, "there is no valid key %u", key_id);
        return cli_db_status(DB_MISSING, &err);
    }
    if (result == DB_OK)
        result = sign_in_url(context, key.id, now, url, &err);
    if (result != DB_OK)
        return cli_db_status(result, &err);
    const struct json_member members[] = {
        json_member_text("user", key.user),
        json_member_text("sign_in_url", slice_of(url)),
        json_member_text("expires_at", cli_time_text(now + SIGN_IN_LIFE_S, expires_at)),
    };
    if (invocation->json)
        json_print_object(members, sizeof(members) / sizeof(members[0]));
    else
        puts(url);
    return CLI_OK;
}
