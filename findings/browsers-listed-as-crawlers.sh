#!/bin/sh
# SPDX-License-Identifier: MIT
# crawler-user-agents ("user-agents used by robots, crawlers, and spiders") has patterns that are found in the user agents
# of people. One is AP3A\.240617\.008, the number of a build of Android 15 that telephones of several models report in
# every browser; its example is a person's telephone with the browser inside Instagram. Others are the browser inside
# Facebook (MetaIAB), and words that are also names of an application with a browser (Viber), of a maker (ViewSonic)
# or of models (HTC Butterfly, Fever). Whoever drops listed crawlers drops these people. The list isbot, for
# comparison, takes none of them for a bot.
#
# Also seen in 1.56.0 and 1.57.0; in 1.45.0 Viber, Sonic and Fever alone.
# shellcheck source=support/fetch
. "$(dirname "$0")/support/fetch"

fetch_npm crawler-user-agents@1.60.0 isbot@5.2.3

cat >"$tmp/ask.mjs" <<'EOF'
import { createRequire } from "node:module";
import { isbot } from "isbot";
const listed = createRequire(import.meta.url)("crawler-user-agents")
    .filter(({ pattern }) => new RegExp(pattern).test(process.argv[2])).map(({ pattern }) => pattern);
console.log(`${listed.join(" and ") || "not listed"}; isbot: ${isbot(process.argv[2])}`);
EOF

phone='Mozilla/5.0 (Linux; Android'
chrome='AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36'
try() { # try WHAT AGENT WANTED
    expect "$1" "$(node "$tmp/ask.mjs" "$2")" "$3; isbot: false"
}

try 'Chrome, build AP3A.240617.008' "$phone 15; CPH2655 Build/AP3A.240617.008) $chrome" 'AP3A\.240617\.008'
try 'Chrome, another build of Android 15' "$phone 15; Pixel 9 Build/AP3A.241005.015) $chrome" 'not listed'
try 'the browser inside Facebook' "$phone 16; Pixel 10 Build/CP1A.260305.018; wv) $chrome MetaIAB Facebook" 'MetaIAB Facebook'
try 'the browser inside Viber' "$phone 14; Pixel 8 Build/UQ1A; wv) $chrome Viber/23.1.0.3" 'Viber'
try 'Chrome on ViewSonic' "$phone 5.0; ViewSonic V500) $chrome" 'Sonic'
try 'Chrome on HTC Butterfly' "$phone 5.0; HTC Butterfly) $chrome" 'Butterfly'
try 'Chrome on Fever' "$phone 8.1.0; Fever_Plus) $chrome" 'Fever'
exit "$changed"
