/* SPDX-License-Identifier: MIT */
/* curtctl link list: lists links. */
#include <stdio.h>
#include <string.h>

#include "cli/cli_context.h"
#include "cli/link_print.h"
#include "cli/options.h"
#include "cli/users.h"
#include "os/clock.h"
#include "service/listing.h"

struct list_options {
    const char *owner;
    const char *tag;
    const char *search;
    const char *limit;
    struct option_list states;
    const char *order;
    bool oldest;
};

static bool parse_state(const struct invocation *invocation, struct slice name,
                        struct list_request *out)
{
    static const enum link_state all[] = { LINK_LIVE, LINK_SCHEDULED, LINK_EXPIRED,
                                           LINK_EXHAUSTED };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (slice_eq(name, slice_of(link_state_name(all[i])))) {
            out->states |= LINK_STATE_BIT(all[i]);
            return true;
        }
    }
    if (slice_eq(name, SLICE("deleted"))) {
        out->deleted = true;
        return true;
    }
    return cli_refuse_choice(invocation, "state", name.at) == CLI_OK;
}

static bool link_list_parse_options(const struct invocation *invocation, struct list_options *out)
{
    const struct cli_option known[] = {
        { .name = "owner", .text = &out->owner },   { .name = "tag", .text = &out->tag },
        { .name = "search", .text = &out->search }, { .name = "limit", .text = &out->limit },
        { .name = "state", .list = &out->states },  { .name = "oldest", .flag = &out->oldest },
        { .name = "order", .text = &out->order },
    };
    int first;
    return cli_take_options(invocation, known, sizeof(known) / sizeof(known[0]), &first) &&
           cli_count_operands(invocation, first, 0, 0);
}

static bool link_list_read_request(const struct invocation *invocation,
                                   const struct list_options *options, struct list_request *out)
{
    uint64_t limit = LIST_LIMIT_DEFAULT;
    *out = (struct list_request){
        .owner = slice_of(options->owner),
        .tag = slice_of(options->tag),
        .search = slice_of(options->search),
        .order = options->oldest ? LINK_ORDER_OLDEST : LINK_ORDER_NEWEST,
        .caller = { .role = ROLE_ADMIN },
        .now = clock_now(),
    };
    if (options->order && !list_order_find(slice_of(options->order), &out->order))
        return cli_refuse_choice(invocation, "order", options->order) == CLI_OK;
    for (unsigned i = 0; i < options->states.n; i++) {
        if (!parse_state(invocation, options->states.values[i], out))
            return false;
    }
    if (out->deleted &&
        (out->states || options->tag || options->search || link_order_has_values(out->order))) {
        cli_complain("--state deleted goes with no other --state, --tag, --search or --order");
        return false;
    }
    if (options->limit && !cli_read_number("limit", options->limit, DB_PAGE_MAX, &limit))
        return false;
    out->limit = (unsigned)limit;
    return true;
}

static void link_list_print_page(const struct invocation *invocation, const struct link_page *page,
                                 struct table *table, struct arena *arena)
{
    for (size_t i = 0; i < page->n; i++) {
        if (invocation->json)
            link_print_json(invocation, &page->links[i], arena);
        else
            link_table_add(table, &page->links[i], arena);
    }
}

/* Lists pages, which may be short without being the last, until there are as many links as
 * requested. */
static enum cli_status link_list_list(const struct invocation *invocation, struct db *db,
                                      struct list_request *request)
{
    struct table table = link_table();
    struct link_page page = { .more = true };
    struct error err = { "" };
    while (page.more && request->limit) {
        enum outcome outcome = list_links(db, request, &page, &err);
        if (outcome != OUTCOME_OK) {
            cli_complain("%s", err.text);
            return CLI_UNAVAILABLE;
        }
        link_list_print_page(invocation, &page, &table, request->arena);
        request->limit -= (unsigned)page.n;
        request->after = page.next;
    }
    if (!invocation->json)
        table_print(&table, request->arena);
    if (page.more && !invocation->json)
        fputs("There are more links: --limit lists up to 1000, curtctl export writes all.\n",
              stderr);
    return CLI_OK;
}

/* Checks that the owner exists: in the API an unknown user has no links, here the name is probably
 * mistyped. */
static enum db_result check_owner(struct db *db, const char *owner, struct arena *arena,
                                  struct error *err)
{
    struct user user;
    return owner ? cli_find_user(db, owner, arena, &user, err) : DB_OK;
}

/* The arguments of link list. */
struct list_job {
    const struct list_options *options;
    struct list_request request;
};

static enum cli_status check_and_list(const struct invocation *invocation,
                                      struct cli_context *context, const void *argument)
{
    const struct list_job *job = argument;
    struct list_request request = job->request;
    struct error err = { "" };
    request.arena = context->arena;
    request.restore_window_s = invocation->config->links.restore_window_s;
    enum db_result result = check_owner(context->app.db, job->options->owner, context->arena, &err);
    return result == DB_OK ? link_list_list(invocation, context->app.db, &request)
                           : cli_db_status(result, &err);
}

enum cli_status command_link_list(const struct invocation *invocation)
{
    struct list_options options = { 0 };
    struct list_job job = { .options = &options };
    if (!link_list_parse_options(invocation, &options))
        return cli_usage(invocation);
    if (!link_list_read_request(invocation, &options, &job.request))
        return CLI_USAGE;
    return cli_context_run(invocation, APP_DATABASE, check_and_list, &job);
}
