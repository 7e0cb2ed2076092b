/* SPDX-License-Identifier: MIT */
/* Lists: the input up to a '#' is the query string. Pages followed by their cursors end, and show
 * nothing twice and nothing of others. */
#include <json-c/json.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "fuzz_site.h"

enum {
    PAGES_MAX = 10, /* more than the site has links */
    CODES_MAX = 16,
    CODE_SIZE = 64,
    TARGET_MAX = 1 << 16,
};

struct seen {
    char codes[CODES_MAX][CODE_SIZE];
    size_t n;
};

static const char *text_member(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    MUST(json_object_object_get_ex(object, name, &value));
    return value ? json_object_get_string(value) : NULL;
}

static void check_link(struct json_object *link, struct seen *seen)
{
    const char *code = text_member(link, "code"), *owner = text_member(link, "owner");
    MUST(code && strlen(code) < CODE_SIZE && owner && strcmp(owner, "ann") == 0);
    for (size_t i = 0; i < seen->n; i++)
        MUST(strcmp(seen->codes[i], code) != 0);
    MUST(seen->n < CODES_MAX);
    (void)snprintf(seen->codes[seen->n++], CODE_SIZE, "%s", code);
}

/* Checks a page; appends its cursor to `query`. Whether there is one. */
static bool check_page(const struct exchange *x, struct seen *seen, struct buf *query)
{
    struct json_tokener *tokener = json_tokener_new();
    MUST(tokener != NULL);
    struct json_object *page =
        json_tokener_parse_ex(tokener, x->response.body.at, (int)x->response.body.len);
    struct json_object *links = NULL;
    MUST(page && json_object_object_get_ex(page, "links", &links));
    for (size_t i = 0; i < json_object_array_length(links); i++)
        check_link(json_object_array_get_idx(links, i), seen);
    const char *cursor = text_member(page, "next_cursor");
    bool more = cursor != NULL;
    if (more)
        buf_printf(query, "&cursor=%s", cursor);
    json_object_put(page);
    json_tokener_free(tokener);
    return more;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = fuzz_slice(data, size);
    input.len = slice_find(input, '#');
    struct fuzz_site *site = fuzz_site_new();
    struct arena *arena = arena_new(1 << 20);
    struct seen seen = { .n = 0 };
    bool has_cursor = size && memmem(data, size, "cursor", 6) != NULL;
    struct slice cursor = { NULL, 0 };
    MUST(arena != NULL);
    for (int pages = 0;; pages++) {
        MUST(pages < PAGES_MAX);
        struct buf target = buf_in(arena, TARGET_MAX), next = buf_in(arena, TARGET_MAX);
        buf_add_text(&target, "/s/api/v1/urls?");
        buf_add(&target, input);
        buf_add(&target, cursor);
        struct fuzz_request request = { .method = SLICE("GET"), .target = buf_slice(&target) };
        const struct exchange *x = fuzz_site_send(site, &request);
        if (x->response.status != 200 || !check_page(x, &seen, &next) || has_cursor)
            break;
        cursor = buf_slice(&next);
        MUST(cursor.len > 0);
    }
    arena_free(&arena);
    fuzz_site_free(&site);
    return 0;
}
