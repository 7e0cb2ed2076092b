/* SPDX-License-Identifier: MIT */
/* curtctl link add, edit, show, rm and restore: work on links as an admin can through the API. */
#include <limits.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/link_code.h"
#include "cli/link_options.h"
#include "cli/link_print.h"
#include "cli/users.h"
#include "os/clock.h"
#include "service/manage.h"

static enum cli_status fail_made(enum outcome outcome, const struct error *err)
{
    cli_complain("%s", err->text);
    return outcome == OUTCOME_UNAVAILABLE ? CLI_UNAVAILABLE : CLI_FAILED;
}

/* --- add --- */

struct add {
    const char *owner;
    bool force;
    struct link_fields fields;
};

/* Sets the caller to the owner, so that its policy applies, too. */
static enum db_result act_for(struct cli_context *context, const char *owner, struct caller *caller,
                              struct error *err)
{
    *caller = (struct caller){ .role = ROLE_ADMIN };
    if (!owner)
        return DB_OK;
    struct user user;
    enum db_result result = cli_find_user(context->app.db, owner, context->arena, &user, err);
    if (result == DB_OK) {
        caller->user_id = user.id;
        caller->user = user.name;
        caller->policy = user.policy;
    }
    return result;
}

static enum cli_status link_add(const struct invocation *invocation, struct cli_context *context,
                                const void *argument)
{
    const struct add *add = argument;
    struct create_request request = {
        .fields = add->fields,
        .now = clock_now(),
        .arena = context->arena,
        .force = add->force,
    };
    struct error err = { "" };
    enum db_result found = act_for(context, add->owner, &request.caller, &err);
    if (found != DB_OK)
        return cli_db_status(found, &err);
    struct link link;
    enum outcome outcome = create_link(&context->app.services.shortener, &request, &link, &err);
    if (outcome != OUTCOME_OK && outcome != OUTCOME_REUSED)
        return fail_made(outcome, &err);
    if (invocation->json)
        link_print_json(invocation, &link, context->arena);
    else
        printf("%s/%.*s\n", invocation->config->server.base_url, SLICE_ARG(link.code));
    return CLI_OK;
}

enum cli_status command_link_add(const struct invocation *invocation)
{
    struct link_options given = { 0 };
    struct add argument = { 0 };
    bool reuse = false;
    struct cli_option known[LINK_OPTIONS + 3];
    unsigned n = link_options_list(&given, known);
    known[n++] = (struct cli_option){ .name = "owner", .text = &argument.owner };
    known[n++] = (struct cli_option){ .name = "reuse", .flag = &reuse };
    known[n++] = (struct cli_option){ .name = "force", .flag = &argument.force };
    int first;
    if (!cli_take_options(invocation, known, n, &first) ||
        !cli_count_operands(invocation, first, 1, 1))
        return cli_usage(invocation);
    given.text[OPTION_URL] = invocation->argv[first];
    if (!link_options_read(&given, clock_now(), &argument.fields))
        return CLI_USAGE;
    argument.fields.reuse = reuse;
    return cli_context_run(invocation, APP_COMMAND, link_add, &argument);
}

/* --- show, edit, rm --- */

static struct manage_request request_for(struct cli_context *context, const char *code)
{
    return (struct manage_request){
        .code = slice_of(code),
        .caller = { .role = ROLE_ADMIN },
        .now = clock_now(),
        .arena = context->arena,
        .ignores_case = context->app.config->links.ignores_alias_case,
    };
}

static enum cli_status link_status_of(enum outcome outcome, const char *code,
                                      const struct error *err)
{
    switch (outcome) {
    case OUTCOME_OK:
        return CLI_OK;
    case OUTCOME_MISSING:
        cli_complain("there is no link %s", code);
        return CLI_MISSING;
    case OUTCOME_UNAVAILABLE:
        cli_complain("%s", err->text);
        return CLI_UNAVAILABLE;
    default:
        cli_complain("%s", err->text);
        return CLI_FAILED;
    }
}

static enum cli_status link_show(const struct invocation *invocation, struct cli_context *context,
                                 const void *argument)
{
    const char *code = argument;
    const struct manage_request request = request_for(context, code);
    struct link link;
    struct error err = { "" };
    enum outcome outcome = manage_show(context->app.db, &request, &link, &err);
    if (outcome == OUTCOME_OK)
        link_print(invocation, &link, context->arena);
    return link_status_of(outcome, code, &err);
}

enum cli_status command_link_show(const struct invocation *invocation)
{
    int first;
    if (!cli_take_options(invocation, NULL, 0, &first) ||
        !cli_count_operands(invocation, first, 1, 1))
        return cli_usage(invocation);
    if (!cli_read_code(invocation->config, &invocation->argv[first]))
        return CLI_MISSING;
    return cli_context_run(invocation, APP_COMMAND, link_show, invocation->argv[first]);
}

struct edit {
    const char *code;
    const char *owner; /* NULL: unchanged */
    bool force;
    struct link_fields fields;
};

static enum db_result edit_set_owner(struct cli_context *context, const char *owner,
                                     struct link_fields *fields, struct error *err)
{
    struct user user;
    if (!owner)
        return DB_OK;
    enum db_result result = cli_find_user(context->app.db, owner, context->arena, &user, err);
    if (result != DB_OK)
        return result;
    fields->given |= FIELD_BIT(FIELD_OWNER);
    fields->link.owner_id = user.id;
    fields->link.owner = user.name;
    return DB_OK;
}

static enum cli_status edit(const struct invocation *invocation, struct cli_context *context,
                            const void *argument)
{
    const struct edit *edit = argument;
    struct manage_request request = request_for(context, edit->code);
    request.force = edit->force;
    struct link_fields fields = edit->fields;
    struct link changed;
    struct error err = { "" };
    enum db_result found = edit_set_owner(context, edit->owner, &fields, &err);
    if (found != DB_OK)
        return cli_db_status(found, &err);
    enum outcome outcome =
        manage_change(&context->app.services.shortener, &request, &fields, &changed, &err);
    if (outcome == OUTCOME_OK)
        cli_context_mind_stale(context, invocation->config);
    if (outcome == OUTCOME_OK && invocation->json)
        link_print_json(invocation, &changed, context->arena);
    return link_status_of(outcome, edit->code, &err);
}

enum cli_status command_link_edit(const struct invocation *invocation)
{
    struct link_options given = { 0 };
    struct cli_option known[LINK_OPTIONS + 2];
    unsigned n = link_options_list(&given, known);
    struct edit argument = { 0 };
    known[n++] = (struct cli_option){ .name = "owner", .text = &argument.owner };
    known[n++] = (struct cli_option){ .name = "force", .flag = &argument.force };
    int first;
    if (!cli_take_options(invocation, known, n, &first) ||
        !cli_count_operands(invocation, first, 1, 1))
        return cli_usage(invocation);
    if (!cli_read_code(invocation->config, &invocation->argv[first]))
        return CLI_MISSING;
    argument.code = invocation->argv[first];
    if (!link_options_read(&given, clock_now(), &argument.fields))
        return CLI_USAGE;
    if (argument.fields.given == 0 && !argument.owner) {
        cli_complain("nothing to change: give at least one option");
        return CLI_USAGE;
    }
    return cli_context_run(invocation, APP_COMMAND, edit, &argument);
}

/* --- rm, restore --- */

typedef enum outcome link_action(struct shortener *shortener, const struct manage_request *request,
                                 struct link *out, struct error *err);

struct many {
    link_action *act;
    int first; /* the argument of the first code */
};

/* Deletes or restores the links; a code that does not exist is reported on standard error, and it
 * is done with the other links. */
static enum cli_status act_on_each(const struct invocation *invocation, struct cli_context *context,
                                   const void *argument)
{
    const struct many *many = argument;
    enum cli_status worst = CLI_OK;
    bool changed = false;
    for (int i = many->first; i < invocation->argc; i++) {
        if (!cli_read_code(invocation->config, &invocation->argv[i])) {
            worst = CLI_MISSING;
            continue;
        }
        const struct manage_request request = request_for(context, invocation->argv[i]);
        struct link link;
        struct error err = { "" };
        enum outcome outcome = many->act(&context->app.services.shortener, &request, &link, &err);
        enum cli_status status = link_status_of(outcome, invocation->argv[i], &err);
        if (status != CLI_OK && status != CLI_MISSING)
            return status;
        if (status != CLI_OK)
            worst = status;
        changed = changed || status == CLI_OK;
    }
    if (changed)
        cli_context_mind_stale(context, invocation->config);
    return worst;
}

static enum cli_status command_link_many(const struct invocation *invocation, link_action *act)
{
    struct many many = { .act = act };
    if (!cli_take_options(invocation, NULL, 0, &many.first) ||
        !cli_count_operands(invocation, many.first, 1, INT_MAX))
        return cli_usage(invocation);
    return cli_context_run(invocation, APP_COMMAND, act_on_each, &many);
}

/* An administrator deletes for good: the codes are free at once, as an import needs them. */
static enum outcome delete_for_good(struct shortener *shortener,
                                    const struct manage_request *request, struct link *out,
                                    struct error *err)
{
    struct shortener final = *shortener;
    final.restore_window_s = 0;
    return manage_delete(&final, request, out, err);
}

enum cli_status command_link_rm(const struct invocation *invocation)
{
    return command_link_many(invocation, delete_for_good);
}

enum cli_status command_link_restore(const struct invocation *invocation)
{
    return command_link_many(invocation, manage_restore);
}
