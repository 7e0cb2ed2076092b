/* SPDX-License-Identifier: MIT */
/* curtctl user rm: removes a user in steps, until the user is gone. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/users.h"
#include "os/clock.h"
#include "os/monotonic.h"
#include "service/users.h"

enum {
    ARENA_MAX = 64 * 1024 * 1024,
    TRIES = 6, /* other processes may go on creating links for the user: import, link add */
};

struct removal {
    const struct invocation *invocation;
    const char *name;
    struct cli_context *context;
    struct user heir; /* without an id: the links are deleted */
    uint64_t links;   /* of the user before */
    uint64_t keys;    /* valid ones of the user before */
    struct progress progress;
    struct user_removal service;
};

/* --- the links --- */

static void show_progress(void *context, uint64_t done)
{
    struct removal *removal = context;
    progress_step(&removal->progress, done, monotonic_us());
}

/* Waits until no worker accepts a key of the user: cache.local_ttl after its revocation. */
static void wait_for_workers(const struct removal *removal)
{
    if (removal->service.wait_s == 0)
        return;
    cli_complain("waiting %" PRId64 " s: until then workers may accept the keys (cache.local_ttl)",
                 removal->service.wait_s);
    monotonic_sleep_ms(removal->service.wait_s * 1000);
}

/* --- all of it --- */

static enum db_result user_rm_look(struct removal *removal, struct error *err)
{
    struct cli_context *context = removal->context;
    struct user *user = &removal->service.user;
    enum db_result result =
        cli_find_user(context->app.db, removal->name, context->arena, user, err);
    if (result == DB_OK)
        result =
            cli_option_user(removal->invocation, context, "give-links-to", &removal->heir, err);
    if (result == DB_OK)
        result = db_links_count(context->app.db, user->id, &removal->links, err);
    if (result == DB_OK)
        result = user_removal_count(&removal->service, err);
    removal->keys = removal->service.keys;
    return result;
}

/* Whether the options say what to do with the links; false with a message. */
static bool is_clear(const struct removal *removal)
{
    if (removal->heir.id == removal->service.user.id)
        cli_complain("--give-links-to must name another user");
    else if (removal->links > 0 && !removal->service.touches_links)
        cli_complain("%s has %" PRIu64 " links and %" PRIu64
                     " valid keys; the keys are revoked, and "
                     "--give-links-to NAME or --delete-links decides about the links",
                     removal->name, removal->links, removal->keys);
    else
        return true;
    return false;
}

static enum db_result user_rm_step(struct removal *removal, struct error *err)
{
    removal->service.work.now = clock_now();
    removal->progress = progress_start(removal->heir.id ? "links given" : "links deleted",
                                       removal->links, monotonic_us());
    enum db_result result = user_removal_step(&removal->service, err);
    progress_end(&removal->progress);
    return result;
}

static enum db_result remove_user(struct removal *removal, struct error *err)
{
    enum db_result result = DB_OK;
    removal->service.more = true;
    for (int tries = 0; tries < TRIES && result == DB_OK && removal->service.more; tries++) {
        wait_for_workers(removal);
        result = user_rm_step(removal, err);
    }
    if (result == DB_TAKEN)
        error_set(err,
                  "%s is the last admin: make another one first with curtctl user role NAME admin",
                  removal->name);
    if (result == DB_STALE || (result == DB_OK && removal->service.more)) {
        error_set(err, "new links of %s were created meanwhile: run this again", removal->name);
        return DB_STALE;
    }
    return result;
}

static void user_rm_print(const struct removal *removal)
{
    const char *done = removal->heir.id ? "given" : "deleted";
    if (!removal->invocation->json) {
        printf("%s is gone: %" PRIu64 " links %s, %" PRIu64 " keys revoked\n", removal->name,
               removal->service.work.done, done, removal->keys);
        return;
    }
    const struct json_member members[] = {
        json_member_text("user", removal->service.user.name),
        json_member_number(removal->heir.id ? "links_given" : "links_deleted",
                           (int64_t)removal->service.work.done),
        json_member_number("keys_revoked", (int64_t)removal->keys),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

static enum cli_status remove_in(struct removal *removal)
{
    struct error err = { "" };
    struct user_removal *service = &removal->service;
    enum db_result result = user_rm_look(removal, &err);
    if (result != DB_OK)
        return cli_db_status(result, &err);
    service->touches_links = removal->heir.id || cli_option(removal->invocation, "delete-links");
    if (!is_clear(removal))
        return CLI_USAGE;
    bool is_admin = service->user.role == ROLE_ADMIN;
    service->work.owner_id = service->user.id;
    service->work.heir = removal->heir.id ? &removal->heir : NULL;
    result = remove_user(removal, &err);
    if (service->work.done > 0 && !removal->heir.id)
        cli_context_mind_stale(removal->context, removal->invocation->config);
    if (result == DB_OK) {
        user_rm_print(removal);
        if (is_admin)
            cli_mind_admins(removal->context->app.db, service->work.arena);
    }
    return cli_db_status(result, &err);
}

enum cli_status command_user_rm(const struct invocation *invocation, struct cli_context *context)
{
    struct services *services = &context->app.services;
    struct removal removal = { .invocation = invocation,
                               .name = invocation->operands[0],
                               .context = context };
    removal.service = (struct user_removal){
        .work = { .shortener = &services->shortener,
                  .now = clock_now(),
                  .arena = arena_new(ARENA_MAX),
                  .step = show_progress,
                  .context = &removal },
        .auth = &services->auth,
    };
    enum cli_status status = removal.service.work.arena ? remove_in(&removal) : CLI_FAILED;
    arena_free(&removal.service.work.arena);
    return status;
}
