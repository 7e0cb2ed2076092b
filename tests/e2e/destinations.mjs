// SPDX-License-Identifier: MIT
// What Node makes of URLs and of redirects. Without arguments: prints, as JSON, [{input, href}] for the cases
// of the WHATWG URL standard that are URLs by themselves, and for 10,000 made from a seed; href is null
// where Node refuses. With short URLs as arguments: follows them. As "spell": reads a JSON list of pairs of
// URLs, and prints those whose destinations differ.

import { readFileSync } from "node:fs";

const [, , command, ...rest] = process.argv;

const href = (input) => {
  try {
    const url = new URL(input);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
};

// mulberry32, so that each run makes the same URLs.
const random = ((state) => () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
})(20261130);
const below = (n) => Math.floor(random() * n);
const any = (list) => list[below(list.length)];
const several = (most, one) => Array.from({ length: below(most + 1) }, one).join("");

const LETTERS = [..."abcxyzABC019-_.~äßéñøłžςΣдЖ中日本한אבعرनमไทย"];
const SIGNS = [..."!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~ \t\n\r\u00a0\u200b\u200d\ufeff\u00ad"];
const SYMBOLS = [..."💩❤☃€∞🩵🏳🌈①ⅷ㎏…ａＢ。．"];
const BLANKS = ["", "", "", "", " ", "\n", "\t", "\u00a0", "\ufeff", "\u200b", "\u3000", "\u0000", "\u001f"];
const escape = () => any(["%41", "%2F", "%2e", "%zz", "%", "%C3%A9", "%F0%9F%92%A9", "%7C", "%00", "%25"]);
const letter = () => any(LETTERS);
const mixed = () => [letter, letter, letter, () => any(SIGNS), () => any(SYMBOLS), escape,
  () => String.fromCodePoint(any([below(0x80), below(0x3000), 0x1f300 + below(0x800)]))][below(7)]();
const label = () => any([() => any(["www", "example", "e", "xn--ls8h", "xn--bcher-kva", "a--b", "-a", "a-", "1", "0x7f", "256", ""]),
  () => letter() + several(6, letter), () => letter() + several(3, mixed), () => any(SYMBOLS) + several(3, () => any(SYMBOLS))])();
const host = () => any([() => `${label()}.${any(["example", "com", "de", "la", "рф", "中国"])}`, label,
  () => `${label()}.${label()}.${label()}`, () => any(["127.0.0.1", "[::1]", "[1:2::3]", "0x7f.1", "2130706433", "1.2.3", "[::1%25a]"])])();
const path = () => several(4, () => any(["/", "/../", "/./", "//", "\\", "/"]) + several(8, mixed));
const made = () => any(BLANKS) +
  (below(8) ? any(["http://", "https://", "HTTPS://", "ht\ntp://"]) : any(["http:", "http:/", "http:\\\\", "http://https://", "https:///"])) +
  (below(20) ? "" : any(["u@", "u:p@", "@"])) + host() + (below(5) ? any(["", "", ":80", ":443", ":8080", ":"]) : any([":0", ":65536", ":a"])) +
  path() + any(["", "", "?"]) + several(8, mixed) + any(["", "", "#"]) + several(4, mixed) + any(BLANKS);

// Without what Curt drops at the ends and browsers encode.
const INVISIBLE = "[\\0-\\x20\\x85\\xa0\\xad\\u061c\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ufeff]+";
const stripped = (text) => text.replace(new RegExp(`^${INVISIBLE}|${INVISIBLE}$`, "gu"), "");

// The bytes that Curt encodes and browsers do not.
const encoded = (text, bytes) =>
  text.replace(bytes, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const spelled = (text) => {
  const url = new URL(stripped(text));
  return `${url.protocol}//${url.username}:${url.password}@${url.host}` +
    encoded(url.pathname, /[[\]^|]/g) + encoded(url.search, /[\\^`{|}]/g) + url.hash;
};

if (command === "cases") {
  const cases = rest.length ? JSON.parse(readFileSync(rest[0], "utf8")) : [];
  const inputs = cases.filter((one) => one.input !== undefined && [null, undefined, "about:blank"].includes(one.base))
    .map((one) => one.input);
  while (inputs.length < cases.length + 10_000) inputs.push(made());
  const known = new Set(inputs.filter((one) => one.isWellFormed?.() ?? true));
  console.log(JSON.stringify([...known].map((input) => ({ input, href: href(input) }))));
} else if (command === "spell") {
  const pairs = JSON.parse(readFileSync(0, "utf8"));
  console.log(JSON.stringify(pairs.filter(([input, stored]) => href(stored) === null || spelled(input) !== spelled(stored))));
} else {
  for (const url of [command, ...rest]) await fetch(url).then((answer) => answer.arrayBuffer()).catch(() => {});
}
