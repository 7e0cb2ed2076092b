/* SPDX-License-Identifier: MIT */
/* What is at the address of the site itself, and who runs it. */
#pragma once

enum {
    PAGES_OPERATOR_MAX = 100, /* bytes of pages.operator */
};

/* The grounds of the pages that need the most contrast: of light pages the darker one, of dark
 * pages the lighter one (www/pages/pages.css, PAGE_STYLE of web/page.h). */
#define PAGES_GROUND_LIGHT "f7f8fa"
#define PAGES_GROUND_DARK  "1c1e22"

/* What robots.txt says of short links. */
enum robots_rule {
    ROBOTS_FOLLOW, /* crawlers may follow them */
    ROBOTS_NONE,   /* they may not request anything */
};

/* What visitors of the site's own address get. */
enum root_page {
    ROOT_PAGE_HINT, /* who runs the site, and where to sign in */
    ROOT_PAGE_HOME, /* the page that makes links */
    ROOT_PAGE_NONE, /* 404 */
};
