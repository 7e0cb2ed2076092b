/* SPDX-License-Identifier: MIT */
/* What the checks of a URL and of its parts return. */
#pragma once

enum url_verdict { URL_OK, URL_INVALID, URL_UNSUPPORTED_SCHEME, URL_TOO_LONG, URL_NO_MEMORY };
