// SPDX-License-Identifier: MIT
// The history of a link, below the form that changes it: its codes, and, for admins, who changed where it leads.

import { linkTarget, session } from "./api.js";
import { useList } from "./list.js";
import { explain, formatTime, t } from "./text.js";
import { useStore } from "./store.js";
import { html, useState } from "./view.js";

/** All codes of the link, the newest first. */
const codesOf = (link) => [...new Set([...[...link.aliases].reverse(), link.code])];

function Change({ change }) {
  return html`<li>
    <p class="hint"><time datetime=${change.changed_at}>${formatTime(change.changed_at)}</time>${" "}
      <bdi>${change.user ?? t("by-operator")}</bdi></p>
    <p class="long"><del dir="ltr">${change.old_url}</del></p>
    <p class="long"><ins dir="ltr">${change.new_url}</ins></p>
  </li>`;
}

function Changes({ code }) {
  const list = useList(`${linkTarget(code)}/history`, "changes");
  return html`<h2>${t("history-destinations")}</h2>
    ${list.problem && html`<p class="error" role="alert">${explain(list.problem)}</p>`}
    ${!list.items && !list.problem && html`<p class="hint">${t("loading")}</p>`}
    ${list.items?.length === 0 && html`<p class="hint">${t("history-empty")}</p>`}
    ${list.items?.length > 0 && html`<ol class="history">${list.items.map((change, i) => html`<${Change} key=${i} change=${change} />`)}</ol>`}
    ${list.more && html`<p class="row"><button type="button" onClick=${list.more}>${t("show-more")}</button></p>`}`;
}

export function LinkHistory({ link }) {
  const user = useStore(session);
  const [isOpen, setOpen] = useState(false);
  return html`<details class="link-history" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>${t("history")}</summary>
    <h2>${t("history-codes")}</h2>
    <ul class="history">${codesOf(link).map((code) => html`<li key=${code}><bdi dir="ltr" class="code">/${code}</bdi></li>`)}</ul>
    ${isOpen && user?.role === "admin" && html`<${Changes} code=${link.code} />`}
  </details>`;
}
