/* SPDX-License-Identifier: MIT */
/* curtctl user policy: shows or changes the lifetimes of a user's links. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/users.h"

struct policy_options {
    const char *user;
    const char *default_ttl;
    const char *max_ttl;
};

static bool user_parse_options(const struct invocation *invocation, struct policy_options *out)
{
    const struct cli_option known[] = {
        { .name = "default-ttl", .text = &out->default_ttl },
        { .name = "max-ttl", .text = &out->max_ttl },
    };
    int first;
    if (!cli_take_options(invocation, known, sizeof(known) / sizeof(known[0]), &first) ||
        !cli_count_operands(invocation, first, 1, 1))
        return false;
    out->user = invocation->argv[first];
    return true;
}

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
static bool user_apply(const struct policy_options *options, struct user_policy *policy)
{
    if (options->default_ttl &&
        !cli_parse_life("default-ttl", options->default_ttl, &policy->default_ttl_s))
        return false;
    if (options->max_ttl && !cli_parse_life("max-ttl", options->max_ttl, &policy->max_ttl_s))
        return false;
    if (policy->max_ttl_s && policy->default_ttl_s > policy->max_ttl_s) {
        cli_complain("the default lifetime is longer than the maximum");
        return false;
    }
    return true;
}

static enum cli_status show_or_set(const struct invocation *invocation, struct cli_context *context,
                                   const void *argument)
{
    const struct policy_options *options = argument;
    struct db *db = context->app.db;
    struct error err = { "" };
    struct user user;
    enum db_result result = cli_find_user(db, options->user, context->arena, &user, &err);
    if (result != DB_OK)
        return cli_db_status(result, &err);
    if (!user_apply(options, &user.policy))
        return CLI_USAGE;
    if (options->default_ttl || options->max_ttl) {
        result = db_user_set_policy(db, user.id, &user.policy, &err);
        cli_forget_keys(invocation->config);
    }
    if (result == DB_OK)
        user_print(invocation, &user);
    return cli_db_status(result, &err);
}

enum cli_status command_user_policy(const struct invocation *invocation)
{
    struct policy_options options = { 0 };
    if (!user_parse_options(invocation, &options))
        return cli_usage(invocation);
    return cli_context_run(invocation, APP_DATABASE, show_or_set, &options);
}
