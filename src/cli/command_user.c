/* SPDX-License-Identifier: MIT */
/* curtctl user policy: shows or changes the lifetimes of a user's links. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/users.h"

static void print_life(const char *name, int64_t seconds)
{
    if (seconds)
        printf("%s\t%" PRId64 "s\n", name, seconds);
    else
        printf("%s\tnone\n", name);
}

static void user_print(const struct invocation *invocation, const struct user *user)
{
    if (!invocation->json) {
        print_life("default-ttl", user->policy.default_ttl_s);
        print_life("max-ttl", user->policy.max_ttl_s);
        return;
    }
    const struct json_member members[] = {
        json_member_text("user", user->name),
        json_member_number("default_ttl_seconds", user->policy.default_ttl_s),
        json_member_number("max_ttl_seconds", user->policy.max_ttl_s),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

/* Applies the options to the policy; false with a message. */
static bool user_apply(const struct invocation *invocation, struct user_policy *policy)
{
    if (!cli_option_life(invocation, "default-ttl", &policy->default_ttl_s) ||
        !cli_option_life(invocation, "max-ttl", &policy->max_ttl_s))
        return false;
    if (policy->max_ttl_s && policy->default_ttl_s > policy->max_ttl_s)
        return cli_complain("the default lifetime is longer than the maximum");
    return true;
}

enum cli_status command_user_policy(const struct invocation *invocation,
                                    struct cli_context *context)
{
    struct db *db = context->app.db;
    struct error err = { "" };
    struct user user;
    enum db_result result = cli_find_user(db, invocation->operands[0], context->arena, &user, &err);
    if (result != DB_OK)
        return cli_db_status(result, &err);
    if (!user_apply(invocation, &user.policy))
        return CLI_USAGE;
    if (invocation->n_given) {
        result = db_user_set_policy(db, user.id, &user.policy, &err);
        cli_forget_keys(invocation->config);
    }
    if (result == DB_OK)
        user_print(invocation, &user);
    return cli_db_status(result, &err);
}
