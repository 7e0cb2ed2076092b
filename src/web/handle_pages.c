/* SPDX-License-Identifier: MIT */
/* Handles the pages for people: their document, and what is at the address of the site itself. */
#include "base/buf.h"
#include "web/handlers.h"
#include "web/page.h"
#include "web/refusal.h"
#include "web/shell.h"

enum {
    PATH_MAX_BYTES = 2048, /* of a path on this host */
};

int handle_pages(struct exchange *x)
{
    struct slice page = shell_render(x);
    if (!page.len)
        return refuse(x, PROBLEM_NOT_FOUND, "This build of Curt has no pages.");
    respond_body(x, PAGE_TYPE, page);
    http_header_add(&x->response, "Content-Security-Policy",
                    x->site->brand.shell_policy.len ? x->site->brand.shell_policy
                                                    : SLICE(SHELL_POLICY));
    http_header_add(&x->response, "Referrer-Policy", SLICE("same-origin"));
    return 200;
}

static int pages_hint(struct exchange *x)
{
    struct buf sign_in = buf_in(x->arena, PATH_MAX_BYTES);
    buf_add(&sign_in, x->site->base_path);
    buf_add(&sign_in, x->site->pages_path);
    buf_add_text(&sign_in, "/");
    page_respond_hint(x, buf_slice(&sign_in));
    return 200;
}

int handle_home(struct exchange *x)
{
    if (x->site->root_url.len)
        return send_elsewhere(x, x->site->root_url);
    switch (x->site->root_page) {
    case ROOT_PAGE_HOME:
        return handle_pages(x);
    case ROOT_PAGE_NONE:
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    case ROOT_PAGE_HINT:
        break;
    }
    return pages_hint(x);
}
