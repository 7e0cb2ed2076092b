// SPDX-License-Identifier: MIT
// The links: searched as one types, filtered, changed in place, one or many at a time. A page of them is in memory.

import { restoreWindowS, shortBase } from "./site.js";
import { call, queryOf, session } from "./api.js";
import { explain, formatDuration, language, t } from "./text.js";
import { Field, Heading, Question, focusHeading, say, sayProblem, useSettled } from "./parts.js";
import { Row, isDeleted, shown } from "./link-row.js";
import { BULK_ACTIONS, DELETED_ACTIONS, runOnEach } from "./link-bulk.js";
import { Statistics } from "./statistics.js";
import { html, useEffect, useMemo, useRef, useState } from "./view.js";
import { Store, useStore } from "./store.js";

const PAGE_SIZE = 50;
/** A page that filters leave empty may have successors: so many are asked for at once. */
const EMPTY_PAGES_MAX = 20;
const STATES = ["live", "scheduled", "expired", "exhausted", ...(restoreWindowS ? ["deleted"] : [])];
const ORDERS = ["-created", "created", "-clicks", "clicks", "expires", "-expires"];
/** Deleted links have no others. */
const ORDERS_OF_DELETED = ["-created", "created"];
const NO_FILTERS = { q: "", tag: "", state: "", owner: "", order: "-created" };

const ordersOf = (filters) => (isDeleted(filters) ? ORDERS_OF_DELETED : ORDERS);

/** What the API is asked for: deleted links are not searched. */
function askedOf({ q, tag, order, ...filters }) {
  if (!isDeleted(filters)) return { q, tag, order, ...filters };
  return { ...filters, order: ORDERS_OF_DELETED.includes(order) ? order : ORDERS_OF_DELETED[0] };
}

/** Counts the changes after which lists are loaded again, also those made by a notice that outlives its list. */
const changes = new Store(0);
const reload = () => changes.set(changes.value + 1);

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
  const turn = useStore(changes);
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
    replace: (link) => setPage((now) => ({ ...now, links: now.links.map((one) => (one.code === link.code ? link : one)) })),
    next: page?.next_cursor ? () => setWay([...path, page.next_cursor]) : null,
    previous: path.length > 1 ? () => setWay(path.slice(0, -1)) : null,
  };
}

function Filters({ filters, set, isAdmin }) {
  return html`<form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
    <${Field} class="grow" label=${t("search")}>
      ${(attributes) => html`<input ...${attributes} type="search" name="q" dir="auto" autocapitalize="none"
        autocomplete="off" value=${filters.q} placeholder=${t("search-hint")} disabled=${isDeleted(filters)} onInput=${set("q")} />`}
    <//>
    <${Field} label=${t("tag")}>
      ${(attributes) => html`<input ...${attributes} name="tag" dir="auto" autocapitalize="none" autocomplete="off"
        value=${filters.tag} disabled=${isDeleted(filters)} onInput=${set("tag")} />`}
    <//>
    <${Field} label=${t("state")}>
      ${(attributes) => html`<select ...${attributes} name="state" value=${filters.state}
        onChange=${set("state", (state) => (isDeleted({ state }) ? { q: "", tag: "" } : {}))}>
        <option value="">${t("all")}</option>
        ${STATES.map((state) => html`<option value=${state}>${t(`state-${state}`)}</option>`)}
      </select>`}
    <//>
    ${isAdmin && html`<${Field} label=${t("owner")}>
      ${(attributes) => html`<input ...${attributes} name="owner" dir="auto" autocapitalize="none" autocomplete="off"
        value=${filters.owner} onInput=${set("owner")} />`}
    <//>`}
    <${Field} class="phone" label=${t("order")}>
      ${(attributes) => html`<select ...${attributes} name="order" value=${askedOf(filters).order} onChange=${set("order")}
        disabled=${filters.q.trim() !== ""}>
        ${ordersOf(filters).map((order) => html`<option value=${order}>${t(`order-${order}`)}</option>`)}
      </select>`}
    <//>
  </form>`;
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

/** What a deletion means. */
const deleteText = () => (restoreWindowS ? t("delete-text-undo", { time: formatDuration(restoreWindowS) }) : t("delete-text"));

/** Says how many links were left out, or else `text`; after a deletion with what undoes it. */
function sayResult(action, { done, failed, first }, text) {
  const undo = async () => sayResult("restore", await runOnEach("restore", done), t("restored", { n: done.length }));
  reload();
  say(failed ? t("bulk-failed", { n: failed, why: explain(first) }) : text, {
    isBad: failed > 0,
    action: action === "delete" && done.length && restoreWindowS ? { label: t("undo"), run: undo } : null,
  });
}

function Bulk({ codes, actions, onDone }) {
  const [action, setAction] = useState("");
  const [tag, setTag] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [done, setDone] = useState(null);
  const run = async () => {
    setAsking(false);
    setDone(0);
    const result = await runOnEach(action, codes, tag, setDone);
    setDone(null);
    onDone();
    sayResult(action, result, t("bulk-done", { n: codes.length }));
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
      ${actions.map((name) => html`<option value=${name}>${t(`bulk-${name}`)}</option>`)}
    </select>
    ${(action === "tag" || action === "untag") && html`<input name="bulk-tag" dir="auto" aria-label=${t("tag")} value=${tag}
      autocapitalize="none" onInput=${(event) => setTag(event.target.value)} />`}
    <button type="submit" aria-busy=${done !== null}>${t("apply")}</button>
    ${isAsking && html`<${Question} title=${t("delete-n", { n: codes.length })} text=${deleteText()} yes=${t("delete")}
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
    sayResult("delete", await runOnEach("delete", [code]), t("deleted", { url: shown(url) }));
  };
  const restore = async (code) => sayResult("restore", await runOnEach("restore", [code]), t("restored", { n: 1 }));
  const actionsOf = (link) => ({
    check: check(link.code),
    tag: onTag,
    site: onSite,
    edit: () => setEditing(editing === link.code ? null : link.code),
    close: () => setEditing(null),
    remove: () => setRemoving(link),
    restore: () => restore(link.code).then(focusHeading),
    saved: (changed) => {
      list.replace({ ...changed, code: link.code });
      setEditing(null);
      say(t("saved"));
    },
  });
  return html`
    ${codes.length > 0 && html`<${Bulk} codes=${codes} onDone=${() => setChecked(new Set())}
      actions=${links.some(isDeleted) ? DELETED_ACTIONS : BULK_ACTIONS} />`}
    <table class="links">
      <thead><tr>
        <th scope="col"><input type="checkbox" aria-label=${t("select-all")} checked=${codes.length === links.length}
          onChange=${() => setChecked(new Set(codes.length === links.length ? [] : links.map((link) => link.code)))} /></th>
        <th scope="col">${t("link")}</th>
        <${Head} name="clicks" class="number" label=${t("clicks")} order=${order} onOrder=${onOrder("clicks")} />
        <${Head} name="created" class="wide" label=${t("made-at")} order=${order} onOrder=${onOrder("created")} />
        <${Head} name="expires" class="wide" label=${t("ends-at")} order=${order} onOrder=${onOrder("expires")} />
        <th scope="col"><span class="hidden">${t("actions")}</span></th>
      </tr></thead>
      <tbody>${links.map((link) => html`<${Row} key=${link.code} link=${link} user=${user} isChecked=${checked.has(link.code)}
        isEditing=${editing === link.code} actions=${actionsOf(link)} />`)}</tbody>
    </table>
    ${removing && html`<${Question} title=${t("delete-url", { url: shown(removing.short_url) })} text=${deleteText()}
      yes=${t("delete")} onYes=${remove} onNo=${() => setRemoving(null)} />`}`;
}

function List({ user }) {
  const [filters, setFilters] = useState(NO_FILTERS);
  const settled = {
    ...filters, q: useSettled(filters.q).trim(), tag: useSettled(filters.tag).trim(), owner: useSettled(filters.owner).trim(),
  };
  const asked = askedOf(settled);
  const list = useLinks(asked);
  const set = (name, alsoOf = () => ({})) => ({ target: { value } }) => setFilters((now) => ({ ...now, ...alsoOf(value), [name]: value }));
  const onOrder = (name) => !asked.q && ordersOf(asked).includes(name) && ((order) => setFilters((now) => ({ ...now, order })));
  const isFiltered = Object.keys(NO_FILTERS).some((name) => name !== "order" && settled[name]);
  const n = list.page?.links.length;
  // The same element is not rendered again with each letter that is typed.
  const table = useMemo(() => n > 0 && html`<${Table} list=${list} user=${user} order=${asked.q ? null : asked.order} onOrder=${onOrder}
    onTag=${(tag) => setFilters((now) => ({ ...now, tag }))}
    onSite=${(q) => setFilters((now) => ({ ...now, q }))} />`,
  [list.page, user, language.value, asked.order, asked.q]);
  return html`<main id="main">
    <${Heading}>${t("links")}<//>
    <${Filters} filters=${filters} set=${set} isAdmin=${user.role === "admin"} />
    <p class="hidden" role="status">${list.page && t("shown", { n })}</p>
    ${!list.page && html`<p class="hint">${t("loading")}</p>`}
    ${n === 0 && html`<p class="empty">${t(isDeleted(asked) ? "none-deleted" : isFiltered ? "none-found" : "none-yet")}</p>`}
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
