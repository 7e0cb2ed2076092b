/* SPDX-License-Identifier: MIT */
/* Long URLs: which URLs may be a link's destination, and the normal form in which they are stored.
 * The scheme and the authority decide which server a browser contacts, so they are checked and
 * normalised. The path, the query and the fragment are stored byte for byte, except for bytes that
 * must be percent-encoded. docs/compatibility.md compares the form with that of other programs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "text/url_verdict.h"

/* The default maximum length of a URL, in bytes after encoding. */
#define URL_MAX_BYTES_DEFAULT 8000

/* The visible ASCII that is percent-encoded in the path and in the query of a web URL. */
#define URL_PATH_ENCODED  "\"<>[\\]^`{|}"
#define URL_QUERY_ENCODED "\"'<>\\^`{|}"

/* Which URLs are allowed; the slices are borrowed. Schemes are in lower case; with an empty list,
 * http and https are allowed. javascript, data, vbscript and file are never allowed, even if
 * listed. `max_bytes` of 0 means URL_MAX_BYTES_DEFAULT. */
struct url_policy {
    const struct slice *schemes;
    size_t n_schemes;
    bool allow_credentials;
    size_t max_bytes;
};

/* An accepted URL. `text` is NUL-terminated visible ASCII (0x21 to 0x7e alone), at most `max_bytes`
 * long, and lives in the arena; the other slices are parts of it. `host` is in lower case, IPv6
 * within brackets; empty only where the scheme is not a web scheme (see url_normalize). `path` is
 * without query and fragment. `port` is 0 when the URL names none or the default one. */
struct url {
    struct slice text;
    struct slice scheme;
    struct slice host;
    struct slice path;
    unsigned port;
};

/* Checks `input` and writes its normal form to *out. For any other result than URL_OK, *out is
 * unchanged; for any but URL_NO_MEMORY, *why (may be NULL) is set to a text for the client.
 *
 * - White space, control characters and characters without width are removed around the URL
 *   (utf8_strip), and TAB, LF and CR within it. Input that is not UTF-8 (RFC 3629) is refused.
 * - The scheme is required and put in lower case. A web scheme (http, https, ws, wss, ftp) must be
 *   followed by "//". A second scheme behind it is refused (scheme_is_repeated).
 * - Credentials ("user:password@") are refused unless the policy allows them; then they are kept
 *   unchanged.
 * - The host of a web URL must not be empty. It is percent-decoded, mapped to ASCII by UTS #46
 *   (non-transitional) and put in lower case; see host_normalize for what is refused. An IPv4
 *   address is written as four decimal numbers, whatever its form in the input (0x7f.1,
 *   2130706433); an IPv6 address in the form of RFC 5952, without zone. A trailing dot is kept.
 * - The port is 1 to 65535 without leading zeros; the scheme's default port is removed with its
 *   colon, and so is a colon without a port.
 * - Spaces, control characters and backslashes before the path are refused: parsers disagree
 *   about them, and so about the host.
 * - In path, query and fragment, spaces, control characters, non-ASCII and " < > become %XX in
 *   upper-case hex; in those of a web URL also ` (everywhere), ^ { | } (path, query), [ ] (path), '
 *   and \ (query). A backslash in the path of a web URL becomes a slash. All other bytes are kept:
 *   "%2B", "%zz", "/../". An empty path stays empty.
 * - If the policy allows a scheme that is not a web scheme, its host may be empty or missing
 *   ("mailto:a@b.example", "app:///x") and is kept unchanged, with non-ASCII bytes encoded.
 * - An input or a normal form longer than `max_bytes` is URL_TOO_LONG. */
enum url_verdict url_normalize(struct slice input, const struct url_policy *policy,
                               struct arena *arena, struct url *out, struct error *why);

/* Whether `text` may be a result of url_normalize: visible ASCII with a scheme that the policy
 * allows. A quick check of a URL read from a cache; it does not parse. */
bool url_may_be_ours(struct slice text, const struct url_policy *policy);
