/* SPDX-License-Identifier: MIT */
/* curtctl user rm: revokes the keys, then deletes or gives away the links, then deletes the user.
 * Workers accept a revoked key for a while, so the user is deleted only after that time. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_context.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/users.h"
#include "os/clock.h"
#include "os/monotonic.h"
#include "service/owner_links.h"
#include "shm/key_cache.h"

enum {
    ARENA_MAX = 64 * 1024 * 1024,
    TRIES = 5, /* other processes may go on creating links for the user: import, link add */
};

struct rm_options {
    const char *user;
    const char *heir;
    bool delete_links;
};

struct removal {
    const struct invocation *invocation;
    const struct rm_options *options;
    struct cli_context *context;
    struct arena *arena; /* of one page */
    struct user user;
    struct user heir;
    uint64_t links; /* of the user before */
    uint64_t keys;  /* valid ones of the user before */
    int64_t last_revoked_at;
    struct progress progress;
    struct owner_links work;
};

static bool user_rm_parse_options(const struct invocation *invocation, struct rm_options *out)
{
    const struct cli_option known[] = {
        { .name = "give-links-to", .text = &out->heir },
        { .name = "delete-links", .flag = &out->delete_links },
    };
    int first;
    if (!cli_take_options(invocation, known, sizeof(known) / sizeof(known[0]), &first) ||
        !cli_count_operands(invocation, first, 1, 1))
        return false;
    out->user = invocation->argv[first];
    return true;
}

/* --- the keys --- */

/* Revokes or counts one key. */
static enum db_result end_key(struct removal *removal, const struct api_key *key, bool revoke,
                              struct error *err)
{
    int64_t now = clock_now();
    bool valid = !key->revoked_at && (!key->expires_at || key->expires_at > now);
    if (!revoke) {
        removal->keys += valid;
        return DB_OK;
    }
    int64_t revoked_at = key->revoked_at ? key->revoked_at : now;
    if (revoked_at > removal->last_revoked_at)
        removal->last_revoked_at = revoked_at;
    enum db_result result =
        key->revoked_at ? DB_OK
                        : db_key_revoke(removal->context->app.db, key->id, key->user_id, now, err);
    key_cache_forget(removal->context->app.segment, key->id);
    return result == DB_MISSING ? DB_OK : result;
}

/* Goes through the user's keys, to count the valid ones or revoke all. */
static enum db_result user_rm_each_key(struct removal *removal, bool revoke, struct error *err)
{
    struct key_query query = { .user_id = removal->user.id, .limit = DB_PAGE_MAX };
    struct key_page page = { .more = true };
    while (page.more) {
        arena_reset(removal->arena);
        enum db_result result =
            db_key_list(removal->context->app.db, &query, removal->arena, &page, err);
        for (size_t i = 0; i < page.n && result == DB_OK; i++)
            result = end_key(removal, &page.keys[i], revoke, err);
        if (result != DB_OK)
            return result;
        if (page.n)
            query.after_id = page.keys[page.n - 1].id;
    }
    return DB_OK;
}

/* --- the links --- */

static void show_progress(void *context, uint64_t done)
{
    struct removal *removal = context;
    progress_step(&removal->progress, done, monotonic_us());
}

static enum db_result user_rm_empty(struct removal *removal, struct error *err)
{
    removal->progress = progress_start(removal->options->heir ? "links given" : "links deleted",
                                       removal->links, monotonic_us());
    enum db_result result = owner_links_empty(&removal->work, err);
    progress_end(&removal->progress);
    return result;
}

/* Waits until no worker accepts a key of the user: cache.local_ttl after its revocation. */
static void wait_for_workers(const struct removal *removal)
{
    int64_t remember_s = removal->invocation->config->cache.local_ttl_ms / 1000;
    int64_t left_s = removal->last_revoked_at + remember_s + 1 - clock_now();
    if (left_s <= 0 || left_s > remember_s + 1)
        return;
    cli_complain("waiting %" PRId64 " s: until then workers may accept the keys (cache.local_ttl)",
                 left_s);
    monotonic_sleep_ms(left_s * 1000);
}

/* --- all of it --- */

static enum db_result user_rm_look(struct removal *removal, struct error *err)
{
    struct cli_context *context = removal->context;
    const struct rm_options *options = removal->options;
    enum db_result result =
        cli_find_user(context->app.db, options->user, context->arena, &removal->user, err);
    if (result == DB_OK && options->heir)
        result = cli_find_user(context->app.db, options->heir, context->arena, &removal->heir, err);
    if (result == DB_OK)
        result = db_links_count(context->app.db, removal->user.id, &removal->links, err);
    return result == DB_OK ? user_rm_each_key(removal, false, err) : result;
}

/* Whether the options say what to do with the links; false with a message. */
static bool is_clear(const struct removal *removal)
{
    const struct rm_options *options = removal->options;
    if (options->heir && options->delete_links)
        cli_complain("--give-links-to and --delete-links exclude each other");
    else if (options->heir && removal->heir.id == removal->user.id)
        cli_complain("--give-links-to must name another user");
    else if (removal->links > 0 && !options->heir && !options->delete_links)
        cli_complain("%s has %" PRIu64 " links and %" PRIu64
                     " valid keys; the keys are revoked, and "
                     "--give-links-to NAME or --delete-links decides about the links",
                     options->user, removal->links, removal->keys);
    else
        return true;
    return false;
}

/* Refuses to delete the last admin, before anything is changed. */
static enum db_result keep_last_admin(const struct removal *removal, struct error *err)
{
    if (removal->user.role != ROLE_ADMIN)
        return DB_OK;
    enum db_result result =
        db_user_set_role(removal->context->app.db, removal->user.id, ROLE_USER, err);
    if (result == DB_TAKEN)
        error_set(err,
                  "%s is the last admin: make another one first with curtctl user role NAME admin",
                  removal->options->user);
    return result;
}

/* Whether links may be changed: without an option the user had none, and none are touched. */
static bool may_touch_links(const struct removal *removal)
{
    return removal->options->heir || removal->options->delete_links;
}

static enum db_result user_rm_delete_user(struct removal *removal, struct error *err)
{
    enum db_result result = DB_STALE;
    for (int tries = 0; tries < TRIES && result == DB_STALE; tries++) {
        result = may_touch_links(removal) ? user_rm_empty(removal, err) : DB_OK;
        if (result == DB_OK)
            result =
                db_user_delete(removal->context->app.db, removal->user.id, removal->heir.id, err);
    }
    if (result == DB_STALE)
        error_set(err, "new links of %s were created meanwhile: run this again",
                  removal->options->user);
    return result;
}

static enum db_result remove_user(struct removal *removal, struct error *err)
{
    enum db_result result = keep_last_admin(removal, err);
    if (result == DB_OK)
        result = user_rm_each_key(removal, true, err);
    if (result == DB_OK && may_touch_links(removal))
        result = user_rm_empty(removal, err);
    if (result != DB_OK)
        return result;
    wait_for_workers(removal);
    return user_rm_delete_user(removal, err);
}

static void user_rm_print(const struct removal *removal)
{
    const char *done = removal->options->heir ? "given" : "deleted";
    if (!removal->invocation->json) {
        printf("%s is gone: %" PRIu64 " links %s, %" PRIu64 " keys revoked\n",
               removal->options->user, removal->work.done, done, removal->keys);
        return;
    }
    const struct json_member members[] = {
        json_member_text("user", removal->user.name),
        json_member_number(removal->options->heir ? "links_given" : "links_deleted",
                           (int64_t)removal->work.done),
        json_member_number("keys_revoked", (int64_t)removal->keys),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

static enum cli_status remove_in(struct removal *removal)
{
    struct error err = { "" };
    enum db_result result = user_rm_look(removal, &err);
    if (result != DB_OK)
        return cli_db_status(result, &err);
    if (!is_clear(removal))
        return CLI_USAGE;
    removal->work = (struct owner_links){
        .shortener = &removal->context->app.services.shortener,
        .owner_id = removal->user.id,
        .heir = removal->options->heir ? &removal->heir : NULL,
        .now = clock_now(),
        .arena = removal->arena,
        .step = show_progress,
        .context = removal,
    };
    result = remove_user(removal, &err);
    if (removal->work.done > 0 && !removal->options->heir)
        cli_context_mind_stale(removal->context, removal->invocation->config);
    if (result == DB_OK) {
        user_rm_print(removal);
        if (removal->user.role == ROLE_ADMIN)
            cli_mind_admins(removal->context->app.db, removal->arena);
    }
    return cli_db_status(result, &err);
}

static enum cli_status user_rm(const struct invocation *invocation, struct cli_context *context,
                               const void *argument)
{
    struct removal removal = { .invocation = invocation,
                               .options = argument,
                               .context = context,
                               .arena = arena_new(ARENA_MAX) };
    enum cli_status status = removal.arena ? remove_in(&removal) : CLI_FAILED;
    arena_free(&removal.arena);
    return status;
}

enum cli_status command_user_rm(const struct invocation *invocation)
{
    struct rm_options options = { 0 };
    if (!user_rm_parse_options(invocation, &options))
        return cli_usage(invocation);
    return cli_context_run(invocation, APP_COMMAND, user_rm, &options);
}
