/* SPDX-License-Identifier: MIT */
/* curtctl code: translates an id to its code and back. */
#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"
#include "cli/link_code.h"
#include "cli/options.h"
#include "db/db.h"
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

static enum cli_status translate(const struct invocation *invocation,
                                 const struct code_scheme *scheme, const char *text)
{
    char code[CODE_MAX + 1];
    uint64_t id;
    /* Digits of a code's length may be either: both are printed. */
    bool is_code = code_to_id(scheme, slice_of(text), &id);
    if (is_code)
        code_print(invocation, id, text);
    bool is_id = parse_id(text, &id) && code_from_id(scheme, id, code);
    if (is_id)
        code_print(invocation, id, code);
    if (is_code || is_id)
        return CLI_OK;
    cli_complain("%s is neither an id nor a generated code", text);
    return CLI_MISSING;
}

enum cli_status command_code(const struct invocation *invocation)
{
    int first;
    if (!cli_take_options(invocation, NULL, 0, &first) ||
        !cli_count_operands(invocation, first, 1, 1))
        return cli_usage(invocation);
    if (!cli_read_code(invocation->config, &invocation->argv[first]))
        return CLI_MISSING;
    struct error err = { "out of memory" };
    struct db *db = db_open(&invocation->config->mysql);
    struct codes codes = { .db = db, .length = invocation->config->links.code_length };
    enum cli_status status = CLI_UNAVAILABLE;
    if (db && codes_prepare(&codes, &err))
        status = translate(invocation, &codes.scheme, invocation->argv[first]);
    else
        cli_complain("%s", err.text);
    db_close(&db);
    return status;
}
