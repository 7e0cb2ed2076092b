/* SPDX-License-Identifier: MIT */
/* What the files of the floor share: loading a library, and where a logo is. */
#pragma once

#include "qr/qr.h"

/* A loaded shared library. */
struct qr_library {
    const char *name;
    void *handle;
};

/* Loads the library by its soname. False, with the reason, when it cannot be loaded. */
bool qr_library_open(struct qr_library *library, const char *soname, struct error *err);

/* Sets the function pointer at `function` to the library's function of that name. */
bool qr_library_find(const struct qr_library *library, const char *name, void *function,
                     struct error *err);

/* Unloads the library; does nothing if it is not loaded. */
void qr_library_close(struct qr_library *library);

/* The modules of a side of the square that a logo covers in the middle of a code: an odd number,
 * like `width`. */
unsigned qr_logo_modules(unsigned width);
