/* SPDX-License-Identifier: MIT */
/* Long URLs: what may be a link's destination, and the one spelling in which it is kept. The path,
 * the query and the fragment are the visitor's business and stay as they came, byte for byte; what
 * comes before them is what decides where a browser goes, so that is checked and normalised. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

/* The longest URL kept unless the policy says otherwise, in bytes after encoding. */
#define URL_MAX_BYTES_DEFAULT 8000

/* What is allowed; the slices are borrowed. Schemes are in lower case; with none listed, http and
 * https are allowed. javascript, data, vbscript and file are never allowed, listed or not.
 * `max_bytes` of 0 means URL_MAX_BYTES_DEFAULT. */
struct url_policy {
    const struct slice *schemes;
    size_t n_schemes;
    bool allow_credentials;
    size_t max_bytes;
};

enum url_verdict { URL_OK, URL_INVALID, URL_UNSUPPORTED_SCHEME, URL_TOO_LONG, URL_NO_MEMORY };

/* An accepted URL. `text` is NUL-terminated visible ASCII (0x21 to 0x7e alone), at most `max_bytes`
 * long, and lives in the arena; the other slices are parts of it. `host` is in lower case, IPv6
 * within brackets; empty only where the scheme is not of the web (see url_normalize). `path` is
 * without query and fragment. `port` is 0 when the URL names none or the default one. */
struct url {
    struct slice text;
    struct slice scheme;
    struct slice host;
    struct slice path;
    unsigned port;
};

/* Checks `input` and writes it in its normal spelling to *out. Anything but URL_OK leaves *out
 * untouched; what is the sender's fault also puts a sentence for them into *why (may be NULL).
 *
 * - ASCII white space around the URL is dropped. Input that is not UTF-8 (RFC 3629) is refused.
 * - The scheme is put in lower case. It must be there, and that of a web URL (http, https, ws,
 *   wss, ftp) must be followed by "//".
 * - Credentials ("user:password@") are refused unless allowed, and then kept as they came.
 * - The host of a web URL must not be empty. It is percent-decoded, mapped to ASCII by UTS #46
 *   (non-transitional) and put in lower case; see host_normalize for what is refused. An IPv4
 *   address is written as four decimal numbers, whatever form it came in (0x7f.1, 2130706433);
 *   an IPv6 address as RFC 5952 says, without zone. A trailing dot stays.
 * - The port is 1 to 65535 without leading zeros; the scheme's default port is dropped with its
 *   colon, and so is a colon alone.
 * - White space, control characters and backslashes before the path are refused: parsers
 *   disagree about them, and so about where the URL leads.
 * - In path, query and fragment, spaces, control characters (CR, LF and NUL too) and non-ASCII
 *   become %XX in upper-case hex. All other bytes stay: "%2B", "%zz", "|", "\", "/../". An empty
 *   path stays empty.
 * - Where the policy allows a scheme that is not of the web, its host may be empty or missing
 *   ("mailto:a@b.example", "app:///x") and is kept as it came, non-ASCII bytes encoded.
 * - What is longer than `max_bytes`, as it came or as it is kept, is URL_TOO_LONG. */
enum url_verdict url_normalize(struct slice input, const struct url_policy *policy,
                               struct arena *arena, struct url *out, struct error *why);

/* Whether `text` can be what url_normalize has once accepted: visible ASCII with a scheme that the
 * policy allows. A quick look at what was kept elsewhere; it does not parse. */
bool url_may_be_ours(struct slice text, const struct url_policy *policy);
