// SPDX-License-Identifier: MIT
// What was shared with the installed pages, or sent by a bookmarklet: "?url=&title=&text=" of the document. It fills the
// form of the home page; nothing is made until the reader sends the form.

import { base, path } from "./site.js";

const KEPT = `curt${base}:shared`;
const URL_MAX = 8000;
/** Bytes of UTF-8, and characters of a bookmarklet's. */
const TITLE_MAX = 255;
const TITLE_SENT = 200;
/** An address in a text, and what a sentence puts behind one. */
const ADDRESS = /https?:\/\/[^\s<>"“”«»]+/i;
const BEHIND = /[.,;:!?'’)\]]+$/;

/** The first address of a text; empty: there is none. */
function addressIn(text) {
  return ADDRESS.exec(text ?? "")?.[0].replace(BEHIND, "") ?? "";
}

/** As much of a title as a link may have. */
function cutTitle(title) {
  const characters = [...title].slice(0, TITLE_MAX);
  while (new TextEncoder().encode(characters.join("")).length > TITLE_MAX) characters.pop();
  return characters.join("");
}

/** {url, title} of a query; null when it has no address. Apps share an address as any of the three. */
function linkOf(query) {
  const url = ["url", "text", "title"].map((name) => addressIn(query.get(name))).find(Boolean);
  if (!url || url.length > URL_MAX) return null;
  const title = (query.get("title") ?? "").trim();
  return { url, title: addressIn(title) ? "" : cutTitle(title) };
}

/** Takes it out of the address, so that neither the history nor a reload has it, and keeps it over signing in. */
export function keepShared() {
  const link = linkOf(new URLSearchParams(location.search));
  if (!link) return;
  history.replaceState(null, "", `${location.pathname}${location.hash}`);
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(link));
  } catch {
    // No storage for this page: the form stays empty.
  }
}

/** What was shared, once; null: nothing. */
export function takeShared() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    sessionStorage.removeItem(KEPT);
    return kept;
  } catch {
    return null;
  }
}

/** A bookmark that opens the home page with the address and the title of the page that is shown. It only goes there, which
 * no policy of that page forbids. */
export function bookmarklet() {
  const home = JSON.stringify(`${location.origin}${base}${path}/`);
  const script = `(()=>{location.href=${home}+"?url="+encodeURIComponent(location.href)+"&title="+`
    + `encodeURIComponent(document.title.slice(0,${TITLE_SENT}))})()`;
  return `javascript:${encodeURIComponent(script)}`;
}
