// SPDX-License-Identifier: MIT
// A link as a row of the list: what it is, and the buttons of what can be done with it. A deleted one can only be restored.

import { pageUrl, restoreWindowS } from "./site.js";
import { formatNumber, formatTime, formatTimeLeft, t } from "./text.js";
import { Copy } from "./parts.js";
import { LinkEdit } from "./link-edit.js";
import { Fragment, html } from "./view.js";

/** Whether a link is deleted, or filters want such links. */
export const isDeleted = ({ state }) => state === "deleted";

/** The short URL without its scheme. */
export const shown = (url) => url.replace(/^https?:\/\//, "");

/** The site that a link leads to, as a search finds it; empty for addresses without one. */
function siteOf(url) {
  try {
    return new URL(url).hostname.replace(/^www\./, "");
  } catch {
    return "";
  }
}

/** A badge that filters the list where it can be filtered. */
function Badge({ text, dir, label, onClick }) {
  return onClick ? html`<button type="button" class="badge" dir=${dir} onClick=${onClick} aria-label=${label}>${text}</button>`
    : html`<span class="badge" dir=${dir}>${text}</span>`;
}

function ShortUrl({ link }) {
  if (isDeleted(link)) return html`<p class="short"><bdi dir="ltr">${shown(link.short_url)}</bdi></p>`;
  return html`<p class="short"><a href=${link.short_url} dir="ltr" target="_blank" rel="noopener">${shown(link.short_url)}</a>
    <${Copy} text=${link.short_url} label=${t("copy-url", { url: link.short_url })} /></p>`;
}

/** How long a deleted link can still be restored. */
function TimeLeft({ link }) {
  const end = new Date(link.deleted_at).getTime() + 1000 * restoreWindowS;
  return html`<time class="hint" datetime=${new Date(end).toISOString()}>${t("gone-in", { time: formatTimeLeft(end) })}</time>`;
}

function LinkCell({ link, user, onTag, onSite }) {
  const site = siteOf(link.long_url);
  return html`<td class="link">
    <${ShortUrl} link=${link} />
    ${link.title && html`<p dir="auto">${link.title}</p>`}
    <p class="long" dir="ltr">${link.long_url}</p>
    <p class="marks">
      ${link.state !== "live" && html`<span class="badge">${t(`state-${link.state}`)}</span>`}
      ${isDeleted(link) && html`<${TimeLeft} link=${link} />`}
      ${link.tags.map((tag) => html`<${Badge} key=${tag} text=${tag} dir="auto" label=${t("only-tag", { tag })}
        onClick=${!isDeleted(link) && (() => onTag(tag))} />`)}
      ${site && html`<${Badge} text=${site} dir="ltr" label=${t("only-site", { site })}
        onClick=${!isDeleted(link) && (() => onSite(site))} />`}
      ${link.expires_at && html`<span class="hint phone">${t("expires-at", { time: formatTime(link.expires_at) })}</span>`}
      ${link.max_clicks && html`<span class="hint">${t("at-most", { n: link.max_clicks })}</span>`}
      ${link.owner !== user.user && html`<span class="hint" dir="auto">${link.owner ?? t("nobody")}</span>`}
    </p>
  </td>`;
}

function Clicks({ link, name }) {
  if (isDeleted(link)) return formatNumber(link.clicks);
  return html`<a href=${pageUrl(`links/${encodeURIComponent(link.code)}`)}
    aria-label=${t("statistics-of", { url: name, n: link.clicks })}>${formatNumber(link.clicks)}</a>`;
}

function RowActions({ link, name, isEditing, actions }) {
  if (isDeleted(link)) {
    return html`<button type="button" class="quiet" onClick=${actions.restore} aria-label=${t("restore-url", { url: name })}>${t("restore")}</button>`;
  }
  return html`<button type="button" class="quiet" aria-expanded=${isEditing} onClick=${actions.edit}
      aria-label=${t("edit-url", { url: name })}>${t("edit")}</button>
    <button type="button" class="quiet" onClick=${actions.remove} aria-label=${t("delete-url", { url: name })}>${t("delete")}</button>`;
}

export function Row({ link, user, isChecked, isEditing, actions }) {
  const name = shown(link.short_url);
  return html`<${Fragment}>
    <tr>
      <td><input type="checkbox" checked=${isChecked} onChange=${actions.check} aria-label=${t("select", { url: name })} /></td>
      <${LinkCell} link=${link} user=${user} onTag=${actions.tag} onSite=${actions.site} />
      <td class="number"><${Clicks} link=${link} name=${name} /></td>
      <td class="wide">${formatTime(link.created_at, { dateStyle: "medium" })}</td>
      <td class="wide">${link.expires_at && formatTime(link.expires_at, { dateStyle: "medium" })}</td>
      <td class="end"><${RowActions} link=${link} name=${name} isEditing=${isEditing} actions=${actions} /></td>
    </tr>
    ${isEditing && html`<tr class="editing"><td colspan="6">
      <${LinkEdit} code=${link.code} onSaved=${actions.saved} onClose=${actions.close} />
    </td></tr>`}
  <//>`;
}
