/* SPDX-License-Identifier: MIT */
/* Parsing requests: the lines of the input are a method, a target, an Accept header and a response
 * header's value. */
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

static void check_method(struct slice name)
{
    enum http_method method = http_method_of(name);
    if (method != HTTP_OTHER)
        MUST(slice_eq(name, slice_of(http_method_name(method))));
}

static void check_target(struct http_request *request, struct slice target)
{
    http_request_set_target(request, target);
    struct slice kept = request->target, path = request->path, query = request->query;
    MUST(fuzz_within(kept, target));
    MUST(path.len > 0 && slice_find(path, '?') == path.len && slice_find(path, '#') == path.len);
    MUST(fuzz_within(path, target) || slice_eq(path, SLICE("/")));
    MUST(fuzz_within(query, target) && slice_find(query, '#') == query.len);
    struct http_request again = { .method = HTTP_GET };
    http_request_set_target(&again, kept);
    MUST(slice_eq(again.path, path) && slice_eq(again.query, query));
}

static void check_routes(struct slice path)
{
    static const char *const patterns[] = {
        "/", "/{}", "/api/v1/urls", "/api/v1/urls/{}", "/api/v1/urls/{}/stats", "/{}/{}",
    };
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        struct route_match match;
        if (!route_matches(patterns[i], path, &match))
            continue;
        MUST(match.n <= ROUTE_CAPTURES);
        for (unsigned n = 0; n < match.n; n++) {
            struct slice captured = match.captures[n];
            MUST(captured.len > 0 && fuzz_within(captured, path));
            MUST(slice_find(captured, '/') == captured.len);
        }
    }
}

static void check_accept(const char *accept)
{
    static const char name[] = "HTTP_ACCEPT=";
    size_t len = strlen(accept);
    char *variable = malloc(sizeof(name) + len);
    MUST(variable != NULL);
    memcpy(variable, name, sizeof(name) - 1);
    memcpy(variable + sizeof(name) - 1, accept, len + 1);
    const char *const variables[] = { "HTTP_ACCEPT_LANGUAGE=text/html", variable, NULL };
    struct http_request request = { .variables = variables };
    MUST(slice_eq(http_variable(&request, "HTTP_ACCEPT"), slice_of(accept)));
    MUST(!http_wants_html(&request) || strcasestr(accept, "text/html") != NULL);
    free(variable);
}

static void check_language(const char *accept)
{
    static const struct slice offered[] = { SLICE("en"), SLICE("de"), SLICE("ar") };
    static const char name[] = "HTTP_ACCEPT_LANGUAGE=";
    size_t len = strlen(accept);
    char *variable = malloc(sizeof(name) + len);
    MUST(variable != NULL);
    memcpy(variable, name, sizeof(name) - 1);
    memcpy(variable + sizeof(name) - 1, accept, len + 1);
    const char *const variables[] = { variable, NULL };
    struct http_request request = { .variables = variables };
    size_t language = http_language(&request, offered, 3);
    MUST(language < 3);
    MUST(language == 0 || strcasestr(accept, offered[language].at) != NULL);
    free(variable);
}

static void check_header(struct slice value)
{
    struct http_response response = { .status = 200 };
    http_header_add(&response, "Location", value);
    bool splits = memchr(value.at, '\r', value.len) || memchr(value.at, '\n', value.len) ||
                  memchr(value.at, '\0', value.len);
    MUST(response.refused_header == splits);
    MUST(slice_eq(http_header_get(&response, "location"),
                  splits ? (struct slice){ NULL, 0 } : value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = fuzz_slice(data, size);
    struct arena *arena = arena_new(1 << 20);
    struct http_request request = { .method = HTTP_GET };
    MUST(arena != NULL);
    check_method(fuzz_until(&rest, '\n'));
    check_target(&request, fuzz_until(&rest, '\n'));
    check_routes(request.path);
    const char *accept = arena_copy(arena, fuzz_until(&rest, '\n'));
    MUST(accept != NULL);
    check_accept(accept);
    check_language(accept);
    if (rest.len)
        check_header(rest);
    arena_free(&arena);
    return 0;
}
