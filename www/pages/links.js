// SPDX-License-Identifier: MIT
// The links: searched as one types, filtered, changed in place, one or many at a time. A page of them is in memory.

import { pageUrl, shortBase } from "./site.js";
import { call, linkTarget, queryOf, session } from "./api.js";
import { explain, formatNumber, formatTime, language, t } from "./text.js";
import { Copy, Field, Heading, Question, say, sayProblem, useSettled } from "./parts.js";
import { LinkEdit } from "./link-edit.js";
import { BULK_ACTIONS, runOnEach } from "./link-bulk.js";
import { Statistics } from "./statistics.js";
import { Fragment, html, useEffect, useMemo, useRef, useState } from "./view.js";
import { useStore } from "./store.js";

const PAGE_SIZE = 50;
/** A page that filters leave empty may have successors: so many are asked for at once. */
const EMPTY_PAGES_MAX = 20;
const STATES = ["live", "scheduled", "expired", "exhausted"];
const ORDERS = ["-created", "created", "-clicks", "clicks", "expires", "-expires"];
const NO_FILTERS = { q: "", tag: "", state: "", owner: "", order: "-created" };

/** A page of links from `cursor` on; of those without a link the first that has one. */
async function fetchPage(filters, cursor, signal) {
  let next = cursor;
  for (let tried = 0; ; tried++) {
    const query = queryOf({ ...filters, limit: PAGE_SIZE, cursor: next });
    const { body } = await call(`urls${query}`, { signal });
    if (body.links.length || !body.next_cursor || tried === EMPTY_PAGES_MAX) return body;
    next = body.next_cursor;
  }
}

/** The page of links that the filters and the way through the pages lead to. */
function useLinks(filters) {
  const [way, setWay] = useState([null]);
  const [page, setPage] = useState(null);
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify(filters);
  const shown = useRef(key);
  const path = shown.current === key ? way : [null];
  useEffect(() => {
    if (shown.current !== key) {
      shown.current = key;
      setWay([null]);
    }
    const stop = new AbortController();
    fetchPage(filters, path.at(-1), stop.signal).then(setPage, sayProblem);
    return () => stop.abort();
  }, [key, path.at(-1), turn]);
  return {
    page,
    reload: () => setTurn((now) => now + 1),
    replace: (link) => setPage((now) => ({ ...now, links: now.links.map((one) => (one.code === link.code ? link : one)) })),
    next: page?.next_cursor ? () => setWay([...path, page.next_cursor]) : null,
    previous: path.length > 1 ? () => setWay(path.slice(0, -1)) : null,
  };
}

function Filters({ filters, set, isAdmin }) {
  return html`<form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
    <${Field} class="grow" label=${t("search")}>
      ${(attributes) => html`<input ...${attributes} type="search" name="q" dir="auto" autocapitalize="none"
        autocomplete="off" value=${filters.q} placeholder=${t("search-hint")} onInput=${set("q")} />`}
    <//>
    <${Field} label=${t("tag")}>
      ${(attributes) => html`<input ...${attributes} name="tag" dir="auto" autocapitalize="none" autocomplete="off"
        value=${filters.tag} onInput=${set("tag")} />`}
    <//>
    <${Field} label=${t("state")}>
      ${(attributes) => html`<select ...${attributes} name="state" value=${filters.state} onChange=${set("state")}>
        <option value="">${t("all")}</option>
        ${STATES.map((state) => html`<option value=${state}>${t(`state-${state}`)}</option>`)}
      </select>`}
    <//>
    ${isAdmin && html`<${Field} label=${t("owner")}>
      ${(attributes) => html`<input ...${attributes} name="owner" dir="auto" autocapitalize="none" autocomplete="off"
        value=${filters.owner} onInput=${set("owner")} />`}
    <//>`}
    <${Field} class="phone" label=${t("order")}>
      ${(attributes) => html`<select ...${attributes} name="order" value=${filters.order} onChange=${set("order")}
        disabled=${filters.q.trim() !== ""}>
        ${ORDERS.map((order) => html`<option value=${order}>${t(`order-${order}`)}</option>`)}
      </select>`}
    <//>
  </form>`;
}

/** The short URL without its scheme. */
const shown = (url) => url.replace(/^https?:\/\//, "");

/** The site that a link leads to, as a search finds it; empty for addresses without one. */
function siteOf(url) {
  try {
    return new URL(url).hostname.replace(/^www\./, "");
  } catch {
    return "";
  }
}

/** The head of a column by which the list is ordered; a search has an order of its own. */
function Head({ name, label, order, onOrder, class: extra }) {
  const isUp = order === name;
  const isDown = order === `-${name}`;
  const sort = isUp ? "ascending" : isDown ? "descending" : undefined;
  const first = name === "expires" ? name : `-${name}`;
  const other = isUp ? `-${name}` : name;
  return html`<th scope="col" class=${extra} aria-sort=${sort}>${onOrder
    ? html`<button type="button" onClick=${() => onOrder(sort ? other : first)}>${label}</button>` : label}</th>`;
}

function LinkCell({ link, user, onTag, onSite }) {
  const site = siteOf(link.long_url);
  return html`<td class="link">
    <p class="short"><a href=${link.short_url} dir="ltr" target="_blank" rel="noopener">${shown(link.short_url)}</a>
      <${Copy} text=${link.short_url} label=${t("copy-url", { url: link.short_url })} /></p>
    ${link.title && html`<p dir="auto">${link.title}</p>`}
    <p class="long" dir="ltr">${link.long_url}</p>
    <p class="marks">
      ${link.state !== "live" && html`<span class="badge">${t(`state-${link.state}`)}</span>`}
      ${link.tags.map((tag) => html`<button type="button" class="badge" dir="auto" onClick=${() => onTag(tag)}
        aria-label=${t("only-tag", { tag })}>${tag}</button>`)}
      ${site && html`<button type="button" class="badge" dir="ltr" onClick=${() => onSite(site)}
        aria-label=${t("only-site", { site })}>${site}</button>`}
      ${link.expires_at && html`<span class="hint phone">${t("expires-at", { time: formatTime(link.expires_at) })}</span>`}
      ${link.max_clicks && html`<span class="hint">${t("at-most", { n: link.max_clicks })}</span>`}
      ${link.owner !== user.user && html`<span class="hint" dir="auto">${link.owner ?? t("nobody")}</span>`}
    </p>
  </td>`;
}

function Row({ link, user, isChecked, isEditing, actions }) {
  const name = shown(link.short_url);
  return html`<${Fragment}>
    <tr>
      <td><input type="checkbox" checked=${isChecked} onChange=${actions.check} aria-label=${t("select", { url: name })} /></td>
      <${LinkCell} link=${link} user=${user} onTag=${actions.tag} onSite=${actions.site} />
      <td class="number"><a href=${pageUrl(`links/${encodeURIComponent(link.code)}`)}
        aria-label=${t("statistics-of", { url: name, n: link.clicks })}>${formatNumber(link.clicks)}</a></td>
      <td class="wide">${formatTime(link.created_at, { dateStyle: "medium" })}</td>
      <td class="wide">${link.expires_at && formatTime(link.expires_at, { dateStyle: "medium" })}</td>
      <td class="end">
        <button type="button" class="quiet" aria-expanded=${isEditing} onClick=${actions.edit}
          aria-label=${t("edit-url", { url: name })}>${t("edit")}</button>
        <button type="button" class="quiet" onClick=${actions.remove} aria-label=${t("delete-url", { url: name })}>${t("delete")}</button>
      </td>
    </tr>
    ${isEditing && html`<tr class="editing"><td colspan="6">
      <${LinkEdit} code=${link.code} onSaved=${actions.saved} onClose=${actions.close} />
    </td></tr>`}
  <//>`;
}

function Bulk({ codes, onDone }) {
  const [action, setAction] = useState("");
  const [tag, setTag] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [done, setDone] = useState(null);
  const run = async () => {
    setAsking(false);
    setDone(0);
    const problem = await runOnEach(action, codes, tag, setDone);
    setDone(null);
    onDone();
    if (problem) say(t("bulk-failed", { n: problem.failed, why: explain(problem.first) }), { isBad: true });
    else say(t("bulk-done", { n: codes.length }));
  };
  const submit = (event) => {
    event.preventDefault();
    if (!action || done !== null) return;
    if (action === "tag" && !tag.trim()) say(t("tag-missing"), { isBad: true });
    else if (action === "delete") setAsking(true);
    else run();
  };
  return html`<form class="bulk row" onSubmit=${submit} aria-label=${t("bulk")}>
    <span>${done === null ? t("selected", { n: codes.length }) : t("bulk-progress", { done, n: codes.length })}</span>
    <select name="bulk" aria-label=${t("bulk-action")} value=${action} onChange=${(event) => setAction(event.target.value)}>
      <option value="">${t("bulk-choose")}</option>
      ${BULK_ACTIONS.map((name) => html`<option value=${name}>${t(`bulk-${name}`)}</option>`)}
    </select>
    ${(action === "tag" || action === "untag") && html`<input name="bulk-tag" dir="auto" aria-label=${t("tag")} value=${tag}
      autocapitalize="none" onInput=${(event) => setTag(event.target.value)} />`}
    <button type="submit" aria-busy=${done !== null}>${t("apply")}</button>
    ${isAsking && html`<${Question} title=${t("delete-n", { n: codes.length })} text=${t("delete-text")} yes=${t("delete")}
      onYes=${run} onNo=${() => setAsking(false)} />`}
  </form>`;
}

function Table({ list, user, order, onOrder, onTag, onSite }) {
  const [checked, setChecked] = useState(new Set());
  const [editing, setEditing] = useState(null);
  const [removing, setRemoving] = useState(null);
  const { links } = list.page;
  useEffect(() => {
    setChecked(new Set());
    setEditing(null);
  }, [list.page.next_cursor, links[0]?.code]);
  const codes = links.map((link) => link.code).filter((code) => checked.has(code));
  const check = (code) => () => setChecked((now) => {
    const then = new Set(now);
    if (!then.delete(code)) then.add(code);
    return then;
  });
  const remove = async () => {
    const { code, short_url: url } = removing;
    setRemoving(null);
    try {
      await call(linkTarget(code), { method: "DELETE" });
      say(t("deleted", { url: shown(url) }));
    } catch (problem) {
      sayProblem(problem);
    }
    list.reload();
  };
  const actionsOf = (link) => ({
    check: check(link.code),
    tag: onTag,
    site: onSite,
    edit: () => setEditing(editing === link.code ? null : link.code),
    close: () => setEditing(null),
    remove: () => setRemoving(link),
    saved: (changed) => {
      list.replace({ ...changed, code: link.code });
      setEditing(null);
      say(t("saved"));
    },
  });
  return html`
    ${codes.length > 0 && html`<${Bulk} codes=${codes} onDone=${() => { setChecked(new Set()); list.reload(); }} />`}
    <table class="links">
      <thead><tr>
        <th scope="col"><input type="checkbox" aria-label=${t("select-all")} checked=${codes.length === links.length}
          onChange=${() => setChecked(new Set(codes.length === links.length ? [] : links.map((link) => link.code)))} /></th>
        <th scope="col">${t("link")}</th>
        <${Head} name="clicks" class="number" label=${t("clicks")} order=${order} onOrder=${onOrder} />
        <${Head} name="created" class="wide" label=${t("made-at")} order=${order} onOrder=${onOrder} />
        <${Head} name="expires" class="wide" label=${t("ends-at")} order=${order} onOrder=${onOrder} />
        <th scope="col"><span class="hidden">${t("actions")}</span></th>
      </tr></thead>
      <tbody>${links.map((link) => html`<${Row} key=${link.code} link=${link} user=${user} isChecked=${checked.has(link.code)}
        isEditing=${editing === link.code} actions=${actionsOf(link)} />`)}</tbody>
    </table>
    ${removing && html`<${Question} title=${t("delete-url", { url: shown(removing.short_url) })} text=${t("delete-text")}
      yes=${t("delete")} onYes=${remove} onNo=${() => setRemoving(null)} />`}`;
}

function List({ user }) {
  const [filters, setFilters] = useState(NO_FILTERS);
  const settled = {
    ...filters, q: useSettled(filters.q).trim(), tag: useSettled(filters.tag).trim(), owner: useSettled(filters.owner).trim(),
  };
  const list = useLinks(settled);
  const set = (name) => (event) => setFilters((now) => ({ ...now, [name]: event.target.value }));
  const isFiltered = Object.keys(NO_FILTERS).some((name) => name !== "order" && settled[name]);
  const n = list.page?.links.length;
  // The same element is not rendered again with each letter that is typed.
  const table = useMemo(() => n > 0 && html`<${Table} list=${list} user=${user} order=${settled.q ? null : settled.order}
    onOrder=${settled.q ? null : (order) => setFilters((now) => ({ ...now, order }))}
    onTag=${(tag) => setFilters((now) => ({ ...now, tag }))}
    onSite=${(q) => setFilters((now) => ({ ...now, q }))} />`,
  [list.page, user, language.value, settled.order, settled.q]);
  return html`<main id="main">
    <${Heading}>${t("links")}<//>
    <${Filters} filters=${filters} set=${set} isAdmin=${user.role === "admin"} />
    <p class="hidden" role="status">${list.page && t("shown", { n })}</p>
    ${!list.page && html`<p class="hint">${t("loading")}</p>`}
    ${n === 0 && html`<p class="empty">${t(isFiltered ? "none-found" : "none-yet")}</p>`}
    ${table}
    <nav class="row" aria-label=${t("paging")}>
      ${list.previous && html`<button type="button" onClick=${list.previous}>${t("previous")}</button>`}
      ${list.next && html`<button type="button" onClick=${list.next}>${t("next")}</button>`}
    </nav>
  </main>`;
}

/** The list, or the statistics of the link that the address names. */
export function Links({ rest }) {
  const user = useStore(session);
  if (!user) return null;
  return rest[0] ? html`<${Statistics} key=${rest[0]} code=${rest[0]} short=${`${shortBase}/${rest[0]}`} />` : html`<${List} user=${user} />`;
}
