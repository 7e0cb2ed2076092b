// SPDX-License-Identifier: MIT
// What is done with many links, one after the other.

import { call, linkTarget } from "./api.js";
import { MONTH_MS, extended } from "./link-fields.js";

/** Reads a link, and changes what `change` returns of it. A change meanwhile is not overwritten. */
async function changeLink(code, change) {
  const { body, etag } = await call(linkTarget(code));
  const changes = change(body);
  if (changes) await call(linkTarget(code), { method: "PATCH", body: changes, headers: etag ? { "If-Match": etag } : {} });
}

const ACTIONS = {
  tag: (code, tag) => changeLink(code, ({ tags }) => (tags.includes(tag) ? null : { tags: [...tags, tag] })),
  untag: (code, tag) => changeLink(code, ({ tags }) => (tags.includes(tag) ? { tags: tags.filter((one) => one !== tag) } : null)),
  extend: (code) => changeLink(code, ({ expires_at: end }) => (end ? { expires_at: extended(end, MONTH_MS) } : null)),
  end: (code) => call(linkTarget(code), { method: "PATCH", body: { ttl_seconds: 1 } }),
  delete: (code) => call(linkTarget(code), { method: "DELETE" }),
  restore: (code) => call(`${linkTarget(code)}/restore`, { method: "POST" }),
};

export const BULK_ACTIONS = Object.keys(ACTIONS).filter((name) => name !== "restore");
/** What can be done with links that are deleted. */
export const DELETED_ACTIONS = ["restore"];

/** Does it with each link, and reports how many are tried. Returns the codes with which it is done, how many failed, and why the first did. */
export async function runOnEach(action, codes, tag = "", onProgress = () => {}) {
  const result = { done: [], failed: 0, first: null };
  for (const [index, code] of codes.entries()) {
    try {
      await ACTIONS[action](code, tag.trim());
      result.done.push(code);
    } catch (error) {
      result.failed += 1;
      result.first ??= error;
    }
    onProgress(index + 1);
  }
  return result;
}
