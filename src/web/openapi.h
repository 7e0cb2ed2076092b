/* SPDX-License-Identifier: MIT */
/* The description of the API, docs/openapi.json, made part of the program when it is built. */
#pragma once

#include <stddef.h>

extern const char openapi_text[];
extern const size_t openapi_length;
