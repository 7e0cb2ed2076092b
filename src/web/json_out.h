/* SPDX-License-Identifier: MIT */
/* Response bodies in JSON. Each returns a slice in the arena, empty when that is full. */
#pragma once

#include "link/link.h"
#include "web/exchange.h"

#define JSON_TYPE "application/json"

/* The Link object of the API. */
struct slice json_link(const struct exchange *x, const struct link *link);

/* The problem details object (RFC 9457) of x->problem, with x->detail and x->field. */
struct slice json_problem(const struct exchange *x);

/* What a problem type means. */
struct slice json_problem_type(const struct exchange *x, const struct problem *problem);

/* {"status": `status`}. */
struct slice json_status(const struct exchange *x, const char *status);

/* {"message": `message`}. */
struct slice json_message(const struct exchange *x, const char *message);
