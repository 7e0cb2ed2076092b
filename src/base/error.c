/* SPDX-License-Identifier: MIT */
/* Error texts, formatted into a fixed-size buffer. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void error_write(struct error *err, const char *format, ...)
{
    if (!err)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
}

void error_prefix(struct error *err, const char *context)
{
    if (!err)
        return;
    char rest[sizeof(err->text)];
    memcpy(rest, err->text, sizeof(rest));
    snprintf(err->text, sizeof(err->text), "%s: ", context);
    size_t used = strlen(err->text);
    size_t keep = strnlen(rest, sizeof(rest) - 1 - used);
    memcpy(err->text + used, rest, keep);
    err->text[used + keep] = '\0';
}
