/* SPDX-License-Identifier: MIT */
/* curtctl config check: what the configuration is, and where each value comes from. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/json.h"

static void print_line(void *context, const char *section, const char *key, const char *value,
                       const char *source)
{
    (void)context;
    printf("%s.%s = %s\t(%s)\n", section, key, value, source);
}

static void print_json(void *context, const char *section, const char *key, const char *value,
                       const char *source)
{
    (void)context;
    const struct json_member members[] = {
        json_member_text("section", slice_of(section)),
        json_member_text("key", slice_of(key)),
        json_member_text("value", slice_of(value)),
        json_member_text("source", slice_of(source)),
    };
    json_print_object(members, sizeof(members) / sizeof(members[0]));
}

enum cli_status command_config_check(const struct invocation *invocation)
{
    if (invocation->argc != 1)
        return cli_usage(invocation);
    config_walk(invocation->config, invocation->json ? print_json : print_line, NULL);
    return CLI_OK;
}
