/* SPDX-License-Identifier: MIT */
/* The user agents in the npm packages of script/crawlers, which script/bootstrap fetches. */
#pragma once

#include <stddef.h>

#define AGENT_SAMPLES_BOTS   "crawler-user-agents/crawler-user-agents.json"
#define AGENT_SAMPLES_PEOPLE "top-user-agents/src/index.json"

struct agent_samples {
    char **texts;
    size_t n;
};

/* Reads a file of build/crawlers/node_modules: an array of strings, or of objects with such an
 * array called "instances". n is 0 when the file does not exist. */
struct agent_samples agent_samples_read(const char *file);
void agent_samples_free(struct agent_samples *samples);
