// SPDX-License-Identifier: MIT
// Lists of the API that are shown page after page, one below the other.

import { call, queryOf } from "./api.js";
import { explain, t } from "./text.js";
import { html, useEffect, useRef, useState } from "./view.js";

/** The list at `target`, whose answers have it in the member `name`: what was loaded of it, and how to load more. */
export function useList(target, name, filter = {}) {
  const [state, setState] = useState({ items: null, next: null, problem: null });
  const [turn, setTurn] = useState(0);
  const stop = useRef(null);
  const query = JSON.stringify(filter);
  const load = async (cursor, before) => {
    const { signal } = stop.current;
    try {
      const { body } = await call(`${target}${queryOf({ ...filter, cursor })}`, { signal });
      if (!signal.aborted) setState({ items: [...before, ...body[name]], next: body.next_cursor, problem: null });
    } catch (problem) {
      if (!signal.aborted) setState((now) => ({ ...now, problem }));
    }
  };
  useEffect(() => {
    stop.current = new AbortController();
    load(null, []);
    return () => stop.current.abort();
  }, [target, query, turn]);
  return {
    ...state,
    reload: () => setTurn((now) => now + 1),
    more: state.next && (() => load(state.next, state.items)),
  };
}

/** The items of a list as rows of a table, with what is to be said while there are none. */
export function ListTable({ list, empty, label, head, row, filter = () => true }) {
  if (!list.items) return list.problem ? html`<p class="error" role="alert">${explain(list.problem)}</p>` : html`<p class="hint">${t("loading")}</p>`;
  const shown = list.items.filter(filter);
  return html`
    ${list.problem && html`<p class="error" role="alert">${explain(list.problem)}</p>`}
    ${shown.length === 0 ? html`<p class="hint">${empty}</p>` : html`<table aria-label=${label}>
      <thead><tr>${head}<th scope="col"><span class="hidden">${t("actions")}</span></th></tr></thead>
      <tbody>${shown.map(row)}</tbody>
    </table>`}
    ${list.more && html`<p class="row"><button type="button" onClick=${list.more}>${t("show-more")}</button></p>`}`;
}
