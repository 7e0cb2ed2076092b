// SPDX-License-Identifier: MIT
// What the document says of the site, and the addresses within it. Addresses begin with the path of base_url, so
// that the pages work in a folder, too.

const { base, path, short, operator, create } = document.documentElement.dataset;

/** base_url, without a trailing slash. */
export const shortBase = short;
/** Who runs the site; may be empty. */
export const operatorName = operator;
/** Whether links may be made without signing in. */
export const isOpen = create === "anyone";
/** The folder of the site, as a prefix of what this browser stores. */
export const folder = base;

export const apiUrl = (target) => `${base}/api/v1/${target}`;
export const sessionUrl = `${base}${path}/session`;

/** The address of a page: "#/links" below the path of the pages, from whichever document. */
export const pageUrl = (page) => `${base}${path}/#/${page}`;
