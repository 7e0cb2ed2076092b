/* SPDX-License-Identifier: MIT */
/* The files of the pages, by the names with hashes that www/build-pages gave them. The web server
 * sends the files; Curt only names them. */
#pragma once

enum pages_role {
    PAGES_END,     /* the end of the table */
    PAGES_SCRIPT,  /* the module that starts the pages */
    PAGES_PRELOAD, /* a module that it needs at once */
    PAGES_STYLE,
    PAGES_ICON,
};

struct pages_file {
    enum pages_role role;
    const char *name; /* of letters, digits, '.' and '-' */
};

/* Ends with PAGES_END; nothing else in a build without the pages. */
extern const struct pages_file PAGES_FILES[];
