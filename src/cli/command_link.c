/* SPDX-License-Identifier: MIT */
/* curtctl link add, edit, show, rm and restore: work on links as an admin can through the API. */
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

/* Sets the caller to the owner, if there is one, so that its policy applies, too. */
static enum db_result act_for(const struct invocation *invocation, struct cli_context *context,
                              struct caller *caller, struct error *err)
{
    struct user user = { .id = 0 };
    enum db_result result = cli_option_user(invocation, context, "owner", &user, err);
    *caller = (struct caller){
        .role = ROLE_ADMIN, .user_id = user.id, .user = user.name, .policy = user.policy
    };
    return result;
}

enum cli_status command_link_add(const struct invocation *invocation, struct cli_context *context)
{
    struct create_request request = {
        .now = clock_now(),
        .arena = context->arena,
        .force = cli_option(invocation, "force"),
    };
    struct slice tags[OPTIONS_GIVEN_MAX];
    struct link link;
    struct error err = { "" };
    if (!link_options_read(invocation, request.now, tags, &request.fields))
        return CLI_USAGE;
    request.fields.given |= FIELD_BIT(FIELD_LONG_URL);
    request.fields.link.target.long_url = slice_of(invocation->operands[0]);
    request.fields.reuse = cli_option(invocation, "reuse");
    enum db_result found = act_for(invocation, context, &request.caller, &err);
    if (found != DB_OK)
        return cli_db_status(found, &err);
    enum outcome outcome = create_link(&context->app.services.shortener, &request, &link, &err);
    if (outcome != OUTCOME_OK && outcome != OUTCOME_REUSED)
        return fail_made(outcome, &err);
    if (invocation->json)
        link_print_json(invocation, &link, context->arena);
    else
        printf("%s/%.*s\n", invocation->config->server.base_url, SLICE_ARG(link.code));
    return CLI_OK;
}

/* --- show, edit, rm --- */

enum cli_status command_link_show(const struct invocation *invocation, struct cli_context *context)
{
    struct link link;
    struct error err = { "" };
    if (!cli_read_code(invocation->config, &invocation->operands[0]))
        return CLI_MISSING;
    const struct manage_request request = cli_link_request(context, invocation->operands[0]);
    enum outcome outcome = manage_show(context->app.db, &request, &link, &err);
    if (outcome == OUTCOME_OK)
        link_print(invocation, &link, context->arena);
    return cli_link_status(outcome, invocation->operands[0], &err);
}

static enum db_result edit_set_owner(const struct invocation *invocation,
                                     struct cli_context *context, struct link_fields *fields,
                                     struct error *err)
{
    struct user user;
    if (!cli_option(invocation, "owner"))
        return DB_OK;
    enum db_result result = cli_option_user(invocation, context, "owner", &user, err);
    if (result != DB_OK)
        return result;
    fields->given |= FIELD_BIT(FIELD_OWNER);
    fields->link.owner_id = user.id;
    fields->link.owner = user.name;
    return DB_OK;
}

/* Reads the link and its changes; CLI_OK, or another status with a message. */
static enum cli_status edit_read(const struct invocation *invocation, struct cli_context *context,
                                 struct slice tags[OPTIONS_GIVEN_MAX], struct link_fields *fields)
{
    struct error err = { "" };
    if (!cli_read_code(invocation->config, &invocation->operands[0]))
        return CLI_MISSING;
    if (!link_options_read(invocation, clock_now(), tags, fields))
        return CLI_USAGE;
    if (fields->given == 0 && !cli_option(invocation, "owner"))
        return cli_fail(CLI_USAGE, "nothing to change: give at least one option");
    return cli_db_status(edit_set_owner(invocation, context, fields, &err), &err);
}

enum cli_status command_link_edit(const struct invocation *invocation, struct cli_context *context)
{
    struct slice tags[OPTIONS_GIVEN_MAX];
    struct link_fields fields;
    struct link changed;
    struct error err = { "" };
    enum cli_status status = edit_read(invocation, context, tags, &fields);
    if (status != CLI_OK)
        return status;
    struct manage_request request = cli_link_request(context, invocation->operands[0]);
    request.force = cli_option(invocation, "force");
    enum outcome outcome =
        manage_change(&context->app.services.shortener, &request, &fields, &changed, &err);
    if (outcome == OUTCOME_OK)
        cli_context_mind_stale(context, invocation->config);
    if (outcome == OUTCOME_OK && invocation->json)
        link_print_json(invocation, &changed, context->arena);
    return cli_link_status(outcome, invocation->operands[0], &err);
}

/* --- rm, restore --- */

typedef enum outcome link_action(struct shortener *shortener, const struct manage_request *request,
                                 struct link *out, struct error *err);

/* Deletes or restores the links; a code that does not exist is reported on standard error, and it
 * is done with the other links. */
static enum cli_status act_on_each(const struct invocation *invocation, struct cli_context *context,
                                   link_action *act)
{
    enum cli_status worst = CLI_OK;
    bool changed = false;
    for (int i = 0; i < invocation->n_operands; i++) {
        if (!cli_read_code(invocation->config, &invocation->operands[i])) {
            worst = CLI_MISSING;
            continue;
        }
        const struct manage_request request = cli_link_request(context, invocation->operands[i]);
        struct link link;
        struct error err = { "" };
        enum outcome outcome = act(&context->app.services.shortener, &request, &link, &err);
        enum cli_status status = cli_link_status(outcome, invocation->operands[i], &err);
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

/* An administrator deletes for good: the codes are free at once, as an import needs them. */
static enum outcome delete_for_good(struct shortener *shortener,
                                    const struct manage_request *request, struct link *out,
                                    struct error *err)
{
    struct shortener final = *shortener;
    final.restore_window_s = 0;
    return manage_delete(&final, request, out, err);
}

enum cli_status command_link_rm(const struct invocation *invocation, struct cli_context *context)
{
    return act_on_each(invocation, context, delete_for_good);
}

enum cli_status command_link_restore(const struct invocation *invocation,
                                     struct cli_context *context)
{
    return act_on_each(invocation, context, manage_restore);
}
