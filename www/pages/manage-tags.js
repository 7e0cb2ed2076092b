// SPDX-License-Identifier: MIT
// The tags with the numbers of their links, and renaming one in all of them.

import { call, queryOf } from "./api.js";
import { explain, formatNumber, t } from "./text.js";
import { Field, say, useSettled } from "./parts.js";
import { ListTable, useList } from "./list.js";
import { html, useState } from "./view.js";

/** Links are counted up to this number. */
const COUNTED_MAX = 10_000;

/** Renames a tag, about 10,000 links at a time; says how many there were. */
async function rename(tag, name, owner) {
  let links = 0;
  for (;;) {
    const { body } = await call(`tags/${encodeURIComponent(tag)}${queryOf({ owner })}`, { method: "PATCH", body: { tag: name } });
    links += body.links;
    if (!body.more) return links;
  }
}

function Rename({ tag, owner, onDone, onClose }) {
  const [name, setName] = useState(tag);
  const [error, setError] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    if (!name.trim()) {
      setError(t("tag-missing"));
      return;
    }
    setBusy(true);
    try {
      say(t("tag-renamed", { n: await rename(tag, name.trim(), owner) }));
      onDone();
    } catch (problem) {
      setError(explain(problem));
      setBusy(false);
    }
  };
  return html`<form onSubmit=${submit} novalidate onKeyDown=${(event) => event.key === "Escape" && onClose()}>
    <${Field} label=${t("tag-new-name", { tag })} error=${error}>
      ${(attributes) => html`<input ...${attributes} name="tag-name" dir="auto" maxlength="50" autocapitalize="none" autofocus
        value=${name} onInput=${(event) => setName(event.target.value)} />`}
    <//>
    <div class="row">
      <button type="submit" class="primary" aria-busy=${isBusy}>${t("save")}</button>
      <button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button>
    </div>
  </form>`;
}

export function Tags({ user }) {
  const [owner, setOwner] = useState("");
  const whose = useSettled(owner).trim();
  const list = useList("tags", "tags", { owner: whose });
  const [renaming, setRenaming] = useState(null);
  const done = () => {
    setRenaming(null);
    list.reload();
  };
  const row = ({ tag, links }) => html`<tr key=${tag}>
    <td>${renaming === tag ? html`<${Rename} tag=${tag} owner=${whose} onDone=${done} onClose=${() => setRenaming(null)} />`
      : html`<span class="badge" dir="auto">${tag}</span>`}</td>
    <td class="number">${links >= COUNTED_MAX ? t("or-more", { number: formatNumber(links) }) : formatNumber(links)}</td>
    <td class="end">${renaming !== tag && html`<button type="button" class="quiet" onClick=${() => setRenaming(tag)}
      aria-label=${t("rename-tag", { tag })}>${t("rename")}</button>`}</td>
  </tr>`;
  return html`<section class="manage-tags"><h2 id="manage-tags">${t("tags")}</h2>
    ${user.role === "admin" && html`<${Field} label=${t("tags-of")} hint=${t("tags-of-hint")}>
      ${(attributes) => html`<input ...${attributes} name="tags-of" dir="auto" autocapitalize="none" autocomplete="off" maxlength="100"
        value=${owner} onInput=${(event) => setOwner(event.target.value)} />`}
    <//>`}
    <${ListTable} list=${list} empty=${t("no-tags")} label=${t("tags")} row=${row}
      head=${html`<th scope="col">${t("tag")}</th><th scope="col" class="number">${t("links")}</th>`} />
  </section>`;
}
