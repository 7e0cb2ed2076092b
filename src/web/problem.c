/* SPDX-License-Identifier: MIT */
/* The table of problem types: code, status, title, meaning. */
#include "web/problem.h"

static const struct problem PROBLEMS[PROBLEM_COUNT] = {
    [PROBLEM_NONE] = { "none", 200, "No problem", "Nothing went wrong." },
    [PROBLEM_INVALID_JSON] = { "invalid_json", 400, "The body is not valid JSON",
                               "Send one JSON object (RFC 8259) in UTF-8." },
    [PROBLEM_INVALID_URL] = { "invalid_url", 400, "The long URL is not a valid URL",
                              "Send an absolute URL with a scheme and a host." },
    [PROBLEM_UNSUPPORTED_SCHEME] = { "unsupported_scheme", 400, "The URL's scheme is not allowed",
                                     "Use http, https, or another scheme that this site allows." },
    [PROBLEM_URL_TOO_LONG] = { "url_too_long", 400, "The long URL is too long",
                               "At most 8,000 bytes are kept, counted after percent-encoding." },
    [PROBLEM_URL_IS_SHORT_URL] = { "url_is_short_url", 400, "The URL is one of this shortener's",
                                   "A link may not lead to this site: redirects could form a "
                                   "loop." },
    [PROBLEM_BLOCKED_DESTINATION] = { "blocked_destination", 400, "The URL's domain is blocked",
                                      "Links to this domain are not allowed on this site." },
    [PROBLEM_INVALID_ALIAS] = { "invalid_alias", 400, "The alias cannot be used",
                                "Use letters, digits, '-' and '_' within the allowed length." },
    [PROBLEM_RESERVED_ALIAS] = { "reserved_alias", 400, "The alias is reserved",
                                 "Choose another alias." },
    [PROBLEM_ALIAS_TAKEN] = { "alias_taken", 409, "The alias is taken",
                              "Another link has this alias: choose another one." },
    [PROBLEM_INVALID_TIME] = { "invalid_time", 400, "The time is not valid",
                               "Send a time in the future in RFC 3339 format "
                               "(2026-11-22T08:00:00Z)." },
    [PROBLEM_INVALID_FIELD] = { "invalid_field", 400, "A member or a parameter is not valid",
                                "The member `field` names the one that is not valid." },
    [PROBLEM_UNAUTHORIZED] = { "unauthorized", 401, "An API key is needed",
                               "Send Authorization: Bearer KEY, or X-Api-Key: KEY." },
    [PROBLEM_FORBIDDEN] = { "forbidden", 403, "The request is not allowed",
                            "Use a key whose role and scope allow it." },
    [PROBLEM_NOT_FOUND] = { "not_found", 404, "There is nothing here",
                            "The link or page does not exist, or the link has not started yet." },
    [PROBLEM_EXPIRED] = { "expired", 410, "The link has expired",
                          "The link is past its end, or its clicks are used up." },
    [PROBLEM_METHOD_NOT_ALLOWED] = { "method_not_allowed", 405, "The method is not allowed here",
                                     "The Allow header names the methods that are." },
    [PROBLEM_CONFLICT] = { "conflict", 409, "The request does not fit what is there",
                           "The detail says what has to change first." },
    [PROBLEM_IDEMPOTENCY_CONFLICT] = { "idempotency_conflict", 409,
                                       "The Idempotency-Key was used for something else",
                                       "Use a new key for a request that is not a retry." },
    [PROBLEM_PRECONDITION_FAILED] = { "precondition_failed", 412, "The link has changed meanwhile",
                                      "Get it again, and send If-Match with its new ETag." },
    [PROBLEM_PAYLOAD_TOO_LARGE] = { "payload_too_large", 413, "The body is too large",
                                    "Send less at once." },
    [PROBLEM_UNSUPPORTED_MEDIA_TYPE] = { "unsupported_media_type", 415, "The body must be JSON",
                                         "Send Content-Type: application/json." },
    [PROBLEM_RATE_LIMITED] = { "rate_limited", 429, "Too many requests",
                               "Wait as long as Retry-After says before you ask again." },
    [PROBLEM_UNAVAILABLE] = { "unavailable", 503, "The service is unavailable for the moment",
                              "Try again after the time that Retry-After names." },
    [PROBLEM_INTERNAL] = { "internal", 500, "Internal error",
                           "Tell the administrator the request id." },
};

const struct problem *problem_of(enum problem_id id)
{
    return &PROBLEMS[id];
}
