/* SPDX-License-Identifier: MIT */
/* curtctl key: API keys. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "cli/json.h"
#include "cli/options.h"
#include "runtime/clock.h"
#include "service/auth.h"
#include "store/db_sql.h"
#include "text/utf8.h"

static bool parse_role(const char *text, enum user_role *role)
{
    *role = strcmp(text, "admin") == 0 ? ROLE_ADMIN : ROLE_USER;
    return *role == ROLE_ADMIN || strcmp(text, "user") == 0;
}

static enum cli_status read_options(const struct invocation *invocation, struct api_key *key)
{
    const char *user = NULL;
    const char *role = "user";
    const char *name = NULL;
    const struct cli_option known[] = {
        { .name = "user", .text = &user },
        { .name = "role", .text = &role },
        { .name = "name", .text = &name },
    };
    int first;
    if (!cli_take_options(invocation, known, sizeof(known) / sizeof(known[0]), &first) ||
        !cli_count_operands(invocation, first, 0, 0))
        return cli_usage(invocation);
    if (!parse_role(role, &key->role))
        return cli_refuse_choice(invocation, "role", role);
    key->user = slice_of(user);
    key->name = slice_of(name);
    if (key->user.len)
        return CLI_OK;
    cli_complain("key create: --user says whose key it is");
    return CLI_USAGE;
}

/* NULL when the names are fine, else what is wrong with them. */
static const char *check_names(const struct api_key *key)
{
    if (key->user.len > DB_USER_NAME_MAX)
        return "the user's name is longer than 100 bytes";
    if (key->name.len > DB_KEY_NAME_MAX)
        return "the key's name is longer than 100 bytes";
    return utf8_is_line(key->user) && utf8_is_line(key->name)
               ? NULL
               : "names are UTF-8 without control characters";
}

static void print_key(const struct invocation *invocation, const struct api_key *key,
                      const char *text)
{
    if (!invocation->json) {
        puts(text);
        return;
    }
    const struct json_member members[] = {
        json_member_number("id", key->id),
        json_member_text("user", key->user),
        json_member_text("role", slice_of(key->role == ROLE_ADMIN ? "admin" : "user")),
        json_member_text("name", key->name),
        json_member_text("secret", slice_of(text)),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

enum cli_status command_key_create(const struct invocation *invocation)
{
    struct api_key key = { .role = ROLE_USER, .created_at = clock_now() };
    enum cli_status status = read_options(invocation, &key);
    if (status != CLI_OK)
        return status;
    const char *wrong = check_names(&key);
    if (wrong) {
        cli_complain("%s", wrong);
        return CLI_USAGE;
    }
    unsigned char secret[KEY_SECRET_BYTES];
    char text[KEY_TEXT_MAX];
    struct error err = { "no randomness, or no memory, to be had" };
    struct db *db = db_sql_open(&invocation->config->mysql);
    enum db_result result = DB_FAILED;
    if (db && getrandom(secret, sizeof(secret), 0) == sizeof(secret))
        result = auth_key_create(db, &key, secret, text, &err);
    if (result == DB_OK)
        print_key(invocation, &key, text);
    db_close(&db);
    return cli_db_status(result, &err);
}
