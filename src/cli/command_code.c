/* SPDX-License-Identifier: MIT */
/* curtctl code: translates an id to its code and back. */
#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"
#include "cli/cli_context.h"
#include "cli/link_code.h"
#include "service/codes.h"

/* Parses an id: digits alone, no more than ids have; any other text is a code. */
static bool parse_id(const char *text, uint64_t *id)
{
    return number_parse(slice_of(text), UINT64_MAX, id) && *id > 0;
}

static void code_print(const struct invocation *invocation, uint64_t id, const char *code)
{
    if (invocation->json)
        printf("{\"id\": %" PRIu64 ", \"code\": \"%s\"}\n", id, code);
    else
        printf("%" PRIu64 "\t%s\n", id, code);
}

/* Prints what `text` is; digits of a code's length may be an id or a code: then both are printed.
 */
static enum cli_status code_translate(const struct code_scheme *scheme,
                                      const struct invocation *invocation, const char *text)
{
    char code[CODE_MAX + 1];
    uint64_t id;
    bool is_code = code_to_id(scheme, slice_of(text), &id);
    if (is_code)
        code_print(invocation, id, text);
    bool is_id = parse_id(text, &id) && code_from_id(scheme, id, code);
    if (is_id)
        code_print(invocation, id, code);
    if (is_code || is_id)
        return CLI_OK;
    return cli_fail(CLI_MISSING, "%s is neither an id nor a generated code", text);
}

enum cli_status command_code(const struct invocation *invocation, struct cli_context *context)
{
    struct error err = { "" };
    struct codes codes = { .db = context->app.db, .length = invocation->config->links.code_length };
    if (!cli_read_code(invocation->config, &invocation->operands[0]))
        return CLI_MISSING;
    if (codes_prepare(&codes, &err))
        return code_translate(&codes.scheme, invocation, invocation->operands[0]);
    return cli_fail(CLI_UNAVAILABLE, "%s", err.text);
}
