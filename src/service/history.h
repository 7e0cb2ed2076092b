/* SPDX-License-Identifier: MIT */
/* The history of a link: who changed its destination, for admins. */
#pragma once

#include "service/manage.h"

/* Reads changes of the link that `request` names, the newest first; query->link_id is ignored.
 * OUTCOME_FORBIDDEN: the caller is no admin, and the error a sentence. */
enum outcome history_list(struct db *db, const struct manage_request *request,
                          const struct history_query *query, struct history_page *out,
                          struct error *err);
