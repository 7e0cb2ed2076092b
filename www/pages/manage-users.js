// SPDX-License-Identifier: MIT
// Users, for admins: listed, made, changed, and deleted in steps.

import { call, queryOf } from "./api.js";
import { explain, formatNumber, formatTime, t } from "./text.js";
import { Field, Question, say, sayProblem } from "./parts.js";
import { ListTable, useList } from "./list.js";
import { Fragment, html, useEffect, useRef, useState } from "./view.js";

const ROLES = ["user", "admin"];
const DAY_S = 86_400;

const target = (name) => `users/${encodeURIComponent(name)}`;
const daysOf = (seconds) => (seconds ? String(seconds / DAY_S) : "");
/** Seconds of so many days; null: none; NaN: no number. */
const secondsOf = (days) => (days.trim() ? Math.round(Number(days.trim().replace(",", ".")) * DAY_S) : null);

function wait(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 1000 * Math.max(1, seconds));
    signal.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
}

/** Deletes a user, step by step, until it is gone or the page is left. */
async function remove(name, heir, signal) {
  const query = heir ? { give_links_to: heir } : { delete_links: "yes" };
  for (;;) {
    const { body, retryAfterS } = await call(`${target(name)}${queryOf(query)}`, { method: "DELETE", signal });
    if (!body.more) return;
    await wait(retryAfterS, signal);
  }
}

function RoleField({ value, onChange, name }) {
  return html`<${Field} label=${t("role")}>
    ${(attributes) => html`<select ...${attributes} name=${name} value=${value} onChange=${onChange}>
      ${ROLES.map((role) => html`<option value=${role}>${t(`role-${role}`)}</option>`)}
    </select>`}
  <//>`;
}

function Make({ onMade }) {
  const [fields, setFields] = useState({ user: "", role: "user" });
  const [error, setError] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const set = (name) => (event) => setFields((now) => ({ ...now, [name]: event.target.value }));
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    const user = fields.user.trim();
    if (!user) {
      setError(t("user-missing"));
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await call("users", { method: "POST", body: { user, role: fields.role } });
      say(t("user-made", { user }));
      setFields({ user: "", role: "user" });
      onMade();
    } catch (problem) {
      setError(problem.code === "conflict" ? t("user-there") : explain(problem));
    }
    setBusy(false);
  };
  return html`<form class="more-fields" onSubmit=${submit} novalidate aria-label=${t("make-user")}>
    <${Field} label=${t("user-name")} hint=${t("user-name-hint")} error=${error}>
      ${(attributes) => html`<input ...${attributes} name="user-name" dir="auto" maxlength="100" autocapitalize="none" autocomplete="off"
        value=${fields.user} onInput=${set("user")} />`}
    <//>
    <${RoleField} name="user-role" value=${fields.role} onChange=${set("role")} />
    <div class="row whole"><button type="submit" class="primary" aria-busy=${isBusy}>${t("make-user")}</button></div>
  </form>`;
}

function Edit({ one, onSaved, onClose }) {
  const [fields, setFields] = useState({
    role: one.role, default_ttl_seconds: daysOf(one.default_ttl_seconds), max_ttl_seconds: daysOf(one.max_ttl_seconds),
  });
  const [problem, setProblem] = useState(null);
  const set = (name) => (event) => setFields((now) => ({ ...now, [name]: event.target.value }));
  const explained = problem && (problem.code === "conflict" ? t("last-admin") : explain(problem));
  const submit = async (event) => {
    event.preventDefault();
    const body = {
      role: fields.role, default_ttl_seconds: secondsOf(fields.default_ttl_seconds), max_ttl_seconds: secondsOf(fields.max_ttl_seconds),
    };
    const wrong = ["default_ttl_seconds", "max_ttl_seconds"].find((name) => Number.isNaN(body[name]));
    try {
      if (wrong) setProblem({ code: "invalid_field", field: wrong });
      else onSaved((await call(target(one.user), { method: "PATCH", body })).body);
    } catch (refused) {
      setProblem(refused);
    }
  };
  const days = (name, label) => html`<${Field} label=${label} hint=${t("days-hint")} error=${problem?.field === name ? explained : null}>
    ${(attributes) => html`<input ...${attributes} name=${name} inputmode="decimal" dir="ltr" autocomplete="off" value=${fields[name]} onInput=${set(name)} />`}
  <//>`;
  return html`<form class="more-fields" onSubmit=${submit} novalidate aria-label=${t("edit-user", { user: one.user })}
    onKeyDown=${(event) => event.key === "Escape" && onClose()}>
    <${RoleField} name="role" value=${fields.role} onChange=${set("role")} />
    ${days("default_ttl_seconds", t("default-days"))}
    ${days("max_ttl_seconds", t("max-days"))}
    <div class="row whole">
      <button type="submit" class="primary">${t("save")}</button>
      <button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button>
      ${problem && !/ttl/.test(problem.field) && html`<p class="error" role="alert">${explained}</p>`}
    </div>
  </form>`;
}

/** Asks what becomes of the links: an empty heir means that they are deleted. */
function Removal({ one, onYes, onNo }) {
  const [heir, setHeir] = useState("");
  return html`<${Question} title=${t("delete-user", { user: one.user })} yes=${t("delete")} onYes=${() => onYes(heir.trim())} onNo=${onNo}
    text=${one.links ? t("delete-user-links", { n: one.links }) : t("delete-user-text")}>
    ${one.links > 0 && html`<${Field} label=${t("heir")} hint=${t("heir-hint")}>
      ${(attributes) => html`<input ...${attributes} name="heir" dir="auto" maxlength="100" autocapitalize="none" autocomplete="off"
        value=${heir} onInput=${(event) => setHeir(event.target.value)} />`}
    <//>`}
  <//>`;
}

function Row({ one, isSelf, isEditing, isGoing, actions }) {
  return html`<${Fragment}>
    <tr>
      <td><bdi>${one.user}</bdi> ${isSelf && html`<span class="badge">${t("you")}</span>`}
        ${isGoing && html`<span class="badge" role="status">${t("user-going")}</span>`}</td>
      <td>${t(`role-${one.role}`)}</td>
      <td class="number">${formatNumber(one.links)}</td>
      <td class="number">${formatNumber(one.keys)}</td>
      <td class="wide">${formatTime(one.created_at, { dateStyle: "medium" })}</td>
      <td class="end">
        <button type="button" class="quiet" aria-expanded=${isEditing} onClick=${actions.edit}
          aria-label=${t("edit-user", { user: one.user })}>${t("edit")}</button>
        ${!isSelf && html`<button type="button" class="quiet" onClick=${actions.remove}
          aria-label=${t("delete-user", { user: one.user })}>${t("delete")}</button>`}
      </td>
    </tr>
    ${isEditing && html`<tr class="editing"><td colspan="6"><${Edit} one=${one} onSaved=${actions.saved} onClose=${actions.edit} /></td></tr>`}
  <//>`;
}

export function Users({ user }) {
  const list = useList("users", "users");
  const [editing, setEditing] = useState(null);
  const [asking, setAsking] = useState(null);
  const [going, setGoing] = useState(null);
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(new DOMException("", "AbortError")), []);
  const removeAsked = async (heir) => {
    const name = asking.user;
    setAsking(null);
    setGoing(name);
    try {
      await remove(name, heir, stop.current.signal);
      say(t("user-deleted", { user: name }));
    } catch (problem) {
      sayProblem(problem);
    }
    if (stop.current.signal.aborted) return;
    setGoing(null);
    list.reload();
  };
  const actionsOf = (one) => ({
    edit: () => setEditing(editing === one.user ? null : one.user),
    remove: () => setAsking(one),
    saved: () => {
      setEditing(null);
      say(t("saved"));
      list.reload();
    },
  });
  const head = html`<${Fragment}><th scope="col">${t("user")}</th><th scope="col">${t("role")}</th><th scope="col" class="number">${t("links")}</th>
    <th scope="col" class="number">${t("keys")}</th><th scope="col" class="wide">${t("made-at")}</th><//>`;
  return html`<section class="manage-users"><h2>${t("users")}</h2>
    <p class="hint">${t("users-hint")}</p>
    <${Make} onMade=${list.reload} />
    <${ListTable} list=${list} empty=${t("nothing-yet")} label=${t("users")} head=${head}
      row=${(one) => html`<${Row} key=${one.user} one=${one} isSelf=${one.user === user.user} isEditing=${editing === one.user}
        isGoing=${going === one.user} actions=${actionsOf(one)} />`} />
    ${asking && html`<${Removal} one=${asking} onYes=${removeAsked} onNo=${() => setAsking(null)} />`}
  </section>`;
}
