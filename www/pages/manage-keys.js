// SPDX-License-Identifier: MIT
// API keys: listed, made (the key is shown once), revoked. What is made here is kept nowhere.

import { call } from "./api.js";
import { explain, formatTime, t } from "./text.js";
import { Copy, Field, Question, say, sayProblem } from "./parts.js";
import { fromLocal } from "./link-fields.js";
import { ListTable, useList } from "./list.js";
import { Fragment, html, useState } from "./view.js";

const SCOPES = ["manage", "create", "read"];
const NOTHING = { name: "", scope: "manage", expires: "", user: "" };

const isOver = (key) => key.revoked_at || (key.expires_at && Date.parse(key.expires_at) <= Date.now());

/** The new key, until the page is left or another one is made. */
function Made({ made }) {
  return html`<div class="made" role="status"><div class="made-text">
    <p>${t("key-made")}</p>
    <p class="secret"><code dir="ltr">${made.secret}</code> <${Copy} text=${made.secret} label=${t("copy-key")} copied=${t("key-copied")} /></p>
    <p class="hint">${t("key-sign-in-hint")}</p>
    <p class="hint"><code dir="ltr">curtctl key sign-in ${made.id}</code></p>
  </div></div>`;
}

function Make({ user, onMade }) {
  const [fields, setFields] = useState(NOTHING);
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const set = (name) => (event) => setFields((now) => ({ ...now, [name]: event.target.value }));
  const errorOf = (name) => (problem?.field === name ? explain(problem) : null);
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      const body = { name: fields.name.trim() || null, scope: fields.scope, expires_at: fromLocal(fields.expires) };
      if (fields.user.trim()) body.user = fields.user.trim();
      onMade((await call("keys", { method: "POST", body })).body);
      setFields(NOTHING);
    } catch (refused) {
      setProblem(refused);
    }
    setBusy(false);
  };
  const isElsewhere = problem && !["name", "expires_at", "user"].includes(problem.field);
  return html`<form class="more-fields" onSubmit=${submit} novalidate aria-label=${t("make-key")}>
    <${Field} label=${t("key-name")} hint=${t("key-name-hint")} error=${errorOf("name")}>
      ${(attributes) => html`<input ...${attributes} name="key-name" dir="auto" maxlength="100" autocomplete="off" value=${fields.name} onInput=${set("name")} />`}
    <//>
    <${Field} label=${t("scope")}>
      ${(attributes) => html`<select ...${attributes} name="key-scope" value=${fields.scope} onChange=${set("scope")}>
        ${SCOPES.map((scope) => html`<option value=${scope}>${t(`scope-${scope}`)}</option>`)}
      </select>`}
    <//>
    <${Field} label=${t("expires")} hint=${t("expires-hint")} error=${errorOf("expires_at")}>
      ${(attributes) => html`<input ...${attributes} type="datetime-local" name="key-expires" value=${fields.expires} onInput=${set("expires")} />`}
    <//>
    ${user.role === "admin" && html`<${Field} label=${t("user")} hint=${t("key-user-hint")} error=${errorOf("user")}>
      ${(attributes) => html`<input ...${attributes} name="key-user" dir="auto" autocapitalize="none" autocomplete="off" maxlength="100"
        value=${fields.user} onInput=${set("user")} />`}
    <//>`}
    <div class="row whole"><button type="submit" class="primary" aria-busy=${isBusy}>${t("make-key")}</button>
      ${isElsewhere && html`<p class="error" role="alert">${explain(problem)}</p>`}</div>
  </form>`;
}

function Row({ one, isAdmin, onRevoke }) {
  const name = one.name ?? t("key-number", { id: one.id });
  const state = one.revoked_at ? "revoked" : isOver(one) ? "expired" : null;
  return html`<tr>
    <td><bdi>${name}</bdi> ${state && html`<span class="badge">${t(`key-${state}`)}</span>`}
      ${isAdmin && html`<p class="hint"><bdi>${one.user}</bdi></p>`}</td>
    <td>${t(`scope-${one.scope}`)}</td>
    <td class="wide">${one.last_used_at ? formatTime(one.last_used_at) : t("never")}</td>
    <td class="wide">${one.expires_at ? formatTime(one.expires_at, { dateStyle: "medium" }) : t("never")}</td>
    <td class="end">${!one.revoked_at && html`<button type="button" class="quiet" onClick=${onRevoke}
      aria-label=${t("revoke-key", { name })}>${t("revoke")}</button>`}</td>
  </tr>`;
}

export function Keys({ user }) {
  const list = useList("keys", "keys");
  const [made, setMade] = useState(null);
  const [revoking, setRevoking] = useState(null);
  const [isAll, setAll] = useState(false);
  const isAdmin = user.role === "admin";
  const revoke = async () => {
    const { id } = revoking;
    setRevoking(null);
    try {
      await call(`keys/${id}`, { method: "DELETE" });
      say(t("key-revoked-now"));
      if (made?.id === id) setMade(null);
      list.reload();
    } catch (problem) {
      sayProblem(problem);
    }
  };
  const head = html`<${Fragment}><th scope="col">${t("key-name")}</th><th scope="col">${t("scope")}</th>
    <th scope="col" class="wide">${t("last-used")}</th><th scope="col" class="wide">${t("ends-at")}</th><//>`;
  return html`<section class="manage-keys"><h2>${t("keys")}</h2>
    <p class="hint">${t("keys-hint")}</p>
    ${made && html`<${Made} made=${made} />`}
    <${Make} user=${user} onMade=${(key) => { setMade(key); list.reload(); }} />
    <${ListTable} list=${list} empty=${t("no-keys")} label=${t("keys")} head=${head} filter=${(one) => isAll || !isOver(one)}
      row=${(one) => html`<${Row} key=${one.id} one=${one} isAdmin=${isAdmin} onRevoke=${() => setRevoking(one)} />`} />
    <p class="row"><label><input type="checkbox" name="keys-all" checked=${isAll} onChange=${() => setAll(!isAll)} /> ${t("keys-all")}</label></p>
    ${revoking && html`<${Question} title=${t("revoke-key", { name: revoking.name ?? t("key-number", { id: revoking.id }) })}
      text=${t("revoke-text")} yes=${t("revoke")} onYes=${revoke} onNo=${() => setRevoking(null)} />`}
  </section>`;
}
