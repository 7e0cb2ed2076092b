/* SPDX-License-Identifier: MIT */
/* Writes click totals as JSON; the statistics of a link are in service/stats_text.h. */
#pragma once

#include "db/db.h"
#include "web/exchange.h"

/* {links, clicks, visitors, bots}, in the arena; empty when that is full. */
struct slice json_click_totals(const struct exchange *x, const struct click_totals *totals);
