/* SPDX-License-Identifier: MIT */
/* What the services' refusals mean to a client. */
#pragma once

#include "service/manage.h"
#include "web/exchange.h"

/* The status of an answer that has a link: 200, 201 or 202; 0 when the outcome gives none. */
int status_of_link(enum shorten_outcome outcome);

/* Refuses for `outcome`; x->err has the sentence. Returns what refuse() does. */
int refuse_wish(struct exchange *x, enum shorten_outcome outcome);

/* The same for a link that is there; `refusal` counts where `outcome` is MANAGE_REFUSED. */
int refuse_managing(struct exchange *x, enum manage_outcome outcome, enum shorten_outcome refusal);
