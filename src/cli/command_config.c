/* SPDX-License-Identifier: MIT */
/* curtctl config check: prints the effective configuration and the source of each value. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/json.h"

static void print_line(void *context, const char *section, const char *key, const char *value,
                       const char *source)
{
    (void)context;
    printf("%s.%s = %s\t(%s)\n", section, key, value, source);
}

static void config_print_json(void *context, const char *section, const char *key,
                              const char *value, const char *source)
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

static void complain_of_doubt(void *context, const char *section, const char *key,
                              const char *source, const char *text)
{
    (void)context;
    cli_complain("%s: %s of [%s] %s", source, key, section, text);
}

enum cli_status command_config_check(const struct invocation *invocation,
                                     struct cli_context *context)
{
    (void)context;
    config_walk(invocation->config, invocation->json ? config_print_json : print_line, NULL);
    config_doubts(invocation->config, complain_of_doubt, NULL);
    return CLI_OK;
}
