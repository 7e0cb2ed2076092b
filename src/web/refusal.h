/* SPDX-License-Identifier: MIT */
/* What the services' refusals mean to a client. */
#pragma once

#include "service/manage.h"
#include "web/exchange.h"

/* Refuses for `outcome`; x->err has the sentence. Returns what refuse() does. */
int refuse_wish(struct exchange *x, enum shorten_outcome outcome);

/* The same for a link that is there; `refusal` counts where `outcome` is MANAGE_REFUSED. */
int refuse_managing(struct exchange *x, enum manage_outcome outcome, enum shorten_outcome refusal);
