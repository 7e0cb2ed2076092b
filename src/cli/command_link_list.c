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

static void link_list_add_state(struct slice name, struct list_request *out)
{
    static const enum link_state all[] = { LINK_LIVE, LINK_SCHEDULED, LINK_EXPIRED,
                                           LINK_EXHAUSTED };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (slice_eq(name, slice_of(link_state_name(all[i]))))
            out->states |= LINK_STATE_BIT(all[i]);
    }
    out->deleted = out->deleted || slice_eq(name, SLICE("deleted"));
}

/* Reads the options; false with a message. */
static bool link_list_read_request(const struct invocation *invocation, struct list_request *out)
{
    struct slice states[OPTIONS_GIVEN_MAX];
    const unsigned n_states = cli_option_values(invocation, "state", states);
    const char *order = cli_option(invocation, "order");
    uint64_t limit = LIST_LIMIT_DEFAULT;
    *out = (struct list_request){
        .owner = slice_of(cli_option(invocation, "owner")),
        .tag = slice_of(cli_option(invocation, "tag")),
        .search = slice_of(cli_option(invocation, "search")),
        .order = cli_option(invocation, "oldest") ? LINK_ORDER_OLDEST : LINK_ORDER_NEWEST,
        .caller = { .role = ROLE_ADMIN },
        .now = clock_now(),
        .restore_window_s = invocation->config->links.restore_window_s,
    };
    if (order)
        list_order_find(slice_of(order), &out->order);
    for (unsigned i = 0; i < n_states; i++)
        link_list_add_state(states[i], out);
    if (out->deleted &&
        (out->states || out->tag.at || out->search.at || link_order_has_values(out->order)))
        return cli_complain(
            "--state deleted goes with no other --state, --tag, --search or --order");
    if (!cli_option_number(invocation, "limit", DB_PAGE_MAX, &limit))
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
        if (outcome != OUTCOME_OK)
            return cli_fail(CLI_UNAVAILABLE, "%s", err.text);
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

enum cli_status command_link_list(const struct invocation *invocation, struct cli_context *context)
{
    struct list_request request;
    struct user owner;
    struct error err = { "" };
    if (!link_list_read_request(invocation, &request))
        return CLI_USAGE;
    request.arena = context->arena;
    /* in the API an unknown user has no links, here the name is probably mistyped */
    enum db_result result = cli_option_user(invocation, context, "owner", &owner, &err);
    return result == DB_OK ? link_list_list(invocation, context->app.db, &request)
                           : cli_db_status(result, &err);
}
