/* SPDX-License-Identifier: MIT */
/* Lists the changes of a link's destination. */
#include "service/history.h"

enum outcome history_list(struct db *db, const struct manage_request *request,
                          const struct history_query *query, struct history_page *out,
                          struct error *err)
{
    struct link link;
    *out = (struct history_page){ 0 };
    if (request->caller.role != ROLE_ADMIN) {
        error_set(err, "Only an admin may see who changed a link.");
        return OUTCOME_FORBIDDEN;
    }
    enum outcome outcome = manage_show(db, request, &link, err);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct history_query of_link = *query;
    of_link.link_id = link.target.link_id;
    return outcome_of(db_history_list(db, &of_link, request->arena, out, err));
}
