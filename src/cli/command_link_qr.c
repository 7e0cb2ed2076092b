/* SPDX-License-Identifier: MIT */
/* curtctl link qr: draws the short URL of a link as a QR code, to standard output. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli_context.h"
#include "cli/link_code.h"
#include "cli/options.h"
#include "files/logo_file.h"
#include "qr/qr_options.h"

enum {
    URL_BYTES = 2048,
};

struct link_qr {
    const char *code;
    struct qr_options options;
};

static enum cli_status link_qr_fail(const struct error *err)
{
    return cli_fail(CLI_FAILED, "%s", err->text);
}

/* The picture; empty, with the reason, on failure. */
static struct slice link_qr_draw(const struct config *config, const struct link_qr *wanted,
                                 struct arena *arena, struct error *err)
{
    struct slice logo = { NULL, 0 };
    struct qr_code code;
    struct buf url = buf_in(arena, URL_BYTES);
    buf_printf(&url, "%s/%s", config->server.base_url, wanted->code);
    if (!qr_encode(buf_slice(&url), wanted->options.level, arena, &code, err) ||
        !qr_options_fit(&wanted->options, &code, err))
        return logo;
    if (wanted->options.logo &&
        !logo_file_read(config->pages.logo, QR_LOGO_BYTES_MAX, arena, &logo, err))
        return (struct slice){ NULL, 0 };
    return qr_options_draw(&wanted->options, &code, logo, arena, err);
}

static bool link_qr_read(const struct invocation *invocation, struct qr_options *out)
{
    struct slice values[QR_OPTIONS];
    struct error why;
    enum qr_option wrong;
    for (unsigned i = 0; i < QR_OPTIONS; i++) {
        const char *text = cli_option(invocation, qr_option_names[i]);
        values[i] = text ? slice_of(text) : (struct slice){ NULL, 0 };
    }
    if (values[QR_LOGO].at)
        values[QR_LOGO] = SLICE("yes");
    if (!qr_options_read(values, out, &wrong, &why))
        cli_complain("--%s: %s", qr_option_names[wrong], why.text);
    else if (out->logo && !*invocation->config->pages.logo)
        cli_complain("--logo: there is none; logo of [pages] in the configuration names the file");
    else
        return true;
    return false;
}

enum cli_status command_link_qr(const struct invocation *invocation, struct cli_context *context)
{
    struct link_qr wanted;
    struct link link;
    struct error err = { "" };
    if (!link_qr_read(invocation, &wanted.options))
        return CLI_USAGE;
    if (!cli_read_code(invocation->config, &invocation->operands[0]))
        return CLI_MISSING;
    wanted.code = invocation->operands[0];
    enum db_result result =
        db_link_find(context->app.db, slice_of(wanted.code), context->arena, &link, &err);
    if (result == DB_MISSING)
        return cli_fail(CLI_MISSING, "there is no link %s", wanted.code);
    if (result != DB_OK)
        return cli_db_status(result, &err);
    struct slice picture = link_qr_draw(invocation->config, &wanted, context->arena, &err);
    if (!picture.len)
        return link_qr_fail(&err);
    if (fwrite(picture.at, 1, picture.len, stdout) == picture.len && fflush(stdout) == 0)
        return CLI_OK;
    error_set(&err, "writing: %s", strerror(errno));
    return link_qr_fail(&err);
}
