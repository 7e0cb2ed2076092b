/* SPDX-License-Identifier: MIT */
/* The checks, through json_text and json-c where the body is JSON. */
#include "fuzz_answer.h"

#include <json-c/json.h>
#include <string.h>

#include "fuzz.h"
#include "text/json_text.h"

static void check_status(int status)
{
    static const int known[] = { 200, 201, 204, 207, 301, 302, 303, 304, 307, 308, 400,
                                 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 429 };
    bool found = false;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        found = found || known[i] == status;
    if (!found)
        (void)fprintf(stderr, "status %d\n", status);
    MUST(found);
}

static void check_headers(const struct http_response *response)
{
    MUST(!response->refused_header);
    for (size_t i = 0; i < response->n_headers; i++) {
        struct slice value = response->headers[i].value;
        for (size_t n = 0; n < value.len; n++)
            MUST(value.at[n] >= 0x20 && value.at[n] < 0x7f);
    }
    struct slice location = http_header_get(response, "Location");
    MUST(slice_find(location, ' ') == location.len);
    if (response->status > 300 && response->status < 400)
        MUST(location.len > 0 || response->status == 304);
}

/* What a status asks for beside itself (RFC 9110, 10 and 15; RFC 6585, 4). */
static void check_companions(const struct http_response *response)
{
    static const struct {
        int status;
        const char *header;
    } companions[] = { { 401, "WWW-Authenticate" }, { 405, "Allow" }, { 429, "Retry-After" } };
    for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++) {
        if (response->status == companions[i].status)
            MUST(http_header_get(response, companions[i].header).len > 0);
    }
}

/* Strictness is json_text's: that of json-c differs by version. */
static struct json_object *parse(struct slice body)
{
    static const struct json_text_limits all = { SIZE_MAX, SIZE_MAX };
    struct error why = { "" };
    if (json_text_check(&body, &all, &why) != JSON_TEXT_SOUND)
        fuzz_fail(why.text, __FILE__, __LINE__);
    struct json_tokener *tokener = json_tokener_new_ex(JSON_TEXT_DEPTH_MAX + 2);
    MUST(tokener != NULL);
    struct json_object *value = json_tokener_parse_ex(tokener, body.at, (int)body.len);
    MUST(json_tokener_get_error(tokener) == json_tokener_success);
    MUST(json_tokener_get_parse_end(tokener) == body.len);
    MUST(json_object_is_type(value, json_type_object));
    json_tokener_free(tokener);
    return value;
}

static void check_problem(struct json_object *problem, int status)
{
    struct json_object *member = NULL;
    MUST(json_object_object_get_ex(problem, "status", &member));
    MUST(json_object_get_int(member) == status && status >= 400);
    MUST(json_object_object_get_ex(problem, "code", &member));
    MUST(json_object_get_string_len(member) > 0);
}

/* The API's own document is deeper than what the API takes; it is the same for every request. */
static void check_body(const struct exchange *x)
{
    const struct http_response *response = &x->response;
    struct slice type = http_header_get(response, "Content-Type");
    MUST((type.len == 0) == (response->body.len == 0));
    bool is_problem = slice_starts_with(type, SLICE("application/problem+json"));
    bool is_json = is_problem || slice_starts_with(type, SLICE("application/json"));
    if (!is_json || slice_eq(x->path, SLICE("/api/v1/openapi.json")))
        return;
    struct json_object *body = parse(response->body);
    if (is_problem)
        check_problem(body, response->status);
    json_object_put(body);
}

void fuzz_check_answer(const struct exchange *x)
{
    check_status(x->response.status);
    check_headers(&x->response);
    check_companions(&x->response);
    check_body(x);
    if (x->response.status == 201 && !slice_starts_with(x->path, SLICE("/api/v1/keys")))
        MUST(http_header_get(&x->response, "Location").len > 0);
    MUST(slice_eq(http_header_get(&x->response, "X-Request-Id"), x->request_id));
}
