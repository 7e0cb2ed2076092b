// SPDX-License-Identifier: MIT
// What the document says of the site, and the addresses within it. Addresses begin with the path of base_url, so
// that the pages work in a folder, too.

const { short, operator, create, restore, logo, imprint, privacy, abuse } = document.documentElement.dataset;

/** The path of base_url, and pages.path below it. */
export const { base, path } = document.documentElement.dataset;

/** base_url, without a trailing slash. */
export const shortBase = short;
/** Who runs the site; may be empty. */
export const operatorName = operator;
/** Whether links may be made without signing in. */
export const isOpen = create === "anyone";
/** For how long a deleted link can be restored; 0: not at all. */
export const restoreWindowS = Number(restore);
/** The folder of the site, as a prefix of what this browser stores. */
export const folder = base;

/** The operator's picture at the head of the pages; null: there is none. */
export const logoUrl = logo === "yes" ? `${base}${path}/logo` : null;
/** The operator's addresses, by the keys of their texts; those that are not configured are left out. */
export const operatorLinks = Object.entries({ imprint, privacy, abuse }).filter(([, url]) => url);

export const apiUrl = (target) => `${base}/api/v1/${target}`;
export const sessionUrl = `${base}${path}/session`;

/** The address of a page: "#/links" below the path of the pages, from whichever document. */
export const pageUrl = (page) => `${base}${path}/#/${page}`;
