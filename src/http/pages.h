/* SPDX-License-Identifier: MIT */
/* What is at the address of the site itself, and who runs it. */
#pragma once

enum {
    PAGES_OPERATOR_MAX = 100, /* bytes of pages.operator */
};

/* What visitors of the site's own address get. */
enum root_page {
    ROOT_PAGE_HINT, /* who runs the site, and where to sign in */
    ROOT_PAGE_HOME, /* the page that makes links */
    ROOT_PAGE_NONE, /* 404 */
};
