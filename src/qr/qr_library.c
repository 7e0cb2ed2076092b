/* SPDX-License-Identifier: MIT */
/* Loads the libraries of the floor. */
#include <dlfcn.h>
#include <string.h>

#include "qr/qr_private.h"

bool qr_library_open(struct qr_library *library, const char *soname, struct error *err)
{
    *library = (struct qr_library){ soname, dlopen(soname, RTLD_NOW | RTLD_LOCAL) };
    if (!library->handle)
        error_set(err, "%s", dlerror());
    return library->handle;
}

bool qr_library_find(const struct qr_library *library, const char *name, void *function,
                     struct error *err)
{
    void *found = dlsym(library->handle, name);
    if (!found)
        error_set(err, "%s has no %s", library->name, name);
    memcpy(function, &found, sizeof(found)); /* as POSIX has it: both kinds of pointers are alike */
    return found;
}

void qr_library_close(struct qr_library *library)
{
    if (library->handle)
        dlclose(library->handle);
    library->handle = NULL;
}
