/* SPDX-License-Identifier: MIT */
/* Checks what the operator puts on the pages: addresses, and the colour. */
#pragma once

#include "runtime/config.h"

/* Normalises imprint_url, privacy_url and abuse of [pages] (an abuse address without a scheme
 * becomes a mailto URL), and checks accent. False with the reason, and *key is the key
 * of [pages] at fault. Texts are in `arena`. */
bool config_pages_finish(struct config_pages *pages, struct arena *arena, const char **key,
                         struct error *err);

/* The problem of an accent that light pages cannot show as it is, or NULL. That dark pages show a
 * colour lighter is as it should be. */
const char *config_pages_doubt(const struct config_pages *pages);
