/* SPDX-License-Identifier: MIT */
/* Reads user agents from JSON files. */
#include "support/agent_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json.h>

static void keep(struct agent_samples *samples, const char *text)
{
    char **more = realloc(samples->texts, (samples->n + 1) * sizeof(*more));
    char *copy = strdup(text);
    if (!more || !copy)
        abort();
    more[samples->n++] = copy;
    samples->texts = more;
}

static void keep_all(struct agent_samples *samples, struct json_object *list)
{
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *entry = json_object_array_get_idx(list, i), *instances;
        if (json_object_is_type(entry, json_type_string))
            keep(samples, json_object_get_string(entry));
        else if (json_object_object_get_ex(entry, "instances", &instances))
            keep_all(samples, instances);
    }
}

struct agent_samples agent_samples_read(const char *file)
{
    struct agent_samples samples = { NULL, 0 };
    const char *srcdir = getenv("CURT_SRCDIR");
    char path[4096];
    snprintf(path, sizeof(path), "%s/build/crawlers/node_modules/%s", srcdir ? srcdir : ".", file);
    struct json_object *root = json_object_from_file(path);
    if (root && json_object_is_type(root, json_type_array))
        keep_all(&samples, root);
    json_object_put(root);
    return samples;
}

void agent_samples_free(struct agent_samples *samples)
{
    for (size_t i = 0; i < samples->n; i++)
        free(samples->texts[i]);
    free(samples->texts);
    *samples = (struct agent_samples){ NULL, 0 };
}
