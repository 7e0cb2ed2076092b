// SPDX-License-Identifier: MIT
// The form that changes a link where it stands in the list.

import { call, linkTarget } from "./api.js";
import { explain, t } from "./text.js";
import { AliasField, DAY_MS, MONTH_MS, MoreFields, WEEK_MS, completeUrl, extended, fromLocal, tagsOf, toLocal } from "./link-fields.js";
import { LinkHistory } from "./link-history.js";
import { Field, say, sayProblem } from "./parts.js";
import { html, useEffect, useRef, useState } from "./view.js";

const EXTENSIONS = { "extend-day": DAY_MS, "extend-week": WEEK_MS, "extend-month": MONTH_MS };
const FIELDS = new Set(["long_url", "custom_alias", "title", "tags", "expires_at", "max_clicks", "expired_url", "not_started_url",
  "redirect_status"]);

const formOf = (link) => ({
  url: link.long_url,
  alias: "",
  title: link.title ?? "",
  tags: link.tags.join(", "),
  expires: toLocal(link.expires_at),
  max: link.max_clicks ? String(link.max_clicks) : "",
  expiredUrl: link.expired_url ?? "",
  notStartedUrl: link.not_started_url ?? "",
  status: String(link.redirect_status),
});

/** What the form changes of the link; a value that was emptied is null. */
function changesOf(form, link) {
  const was = formOf(link);
  const changes = {};
  if (form.url !== was.url) changes.long_url = completeUrl(form.url);
  if (form.alias.trim()) changes.custom_alias = form.alias.trim();
  if (form.title !== was.title) changes.title = form.title.trim() || null;
  if (form.tags !== was.tags) changes.tags = tagsOf(form.tags);
  if (form.expires !== was.expires) changes.expires_at = fromLocal(form.expires);
  if (form.max !== was.max) changes.max_clicks = form.max ? Number(form.max) : null;
  if (form.expiredUrl !== was.expiredUrl) changes.expired_url = completeUrl(form.expiredUrl) || null;
  if (form.notStartedUrl !== was.notStartedUrl) changes.not_started_url = completeUrl(form.notStartedUrl) || null;
  if (form.status !== was.status) changes.redirect_status = form.status ? Number(form.status) : null;
  return changes;
}

function Times({ form, setForm, onEnd }) {
  const extend = (by) => () => setForm((now) => ({ ...now, expires: toLocal(extended(fromLocal(now.expires), by)) }));
  return html`<div class="row" role="group" aria-label=${t("expires")}>
    ${Object.entries(EXTENSIONS).map(([name, by]) => html`<button type="button" onClick=${extend(by)}>${t(name)}</button>`)}
    ${form.expires && html`<button type="button" onClick=${() => setForm((now) => ({ ...now, expires: "" }))}>${t("extend-forever")}</button>`}
    <button type="button" class="danger" onClick=${onEnd}>${t("end-now")}</button>
  </div>`;
}

export function LinkEdit({ code, onSaved, onClose }) {
  const [link, setLink] = useState(null);
  const [form, setForm] = useState(null);
  const [errors, setErrors] = useState({});
  const [isBusy, setBusy] = useState(false);
  const etag = useRef(null);
  const first = useRef(null);
  const load = async () => {
    try {
      const answer = await call(linkTarget(code));
      etag.current = answer.etag;
      setLink(answer.body);
      setForm(formOf(answer.body));
    } catch (problem) {
      sayProblem(problem);
      onClose();
    }
  };
  useEffect(() => {
    load();
  }, [code]);
  useEffect(() => {
    if (form) first.current.focus();
  }, [form === null]);
  const send = async (changes) => {
    if (isBusy) return;
    setErrors({});
    setBusy(true);
    try {
      const headers = etag.current ? { "If-Match": etag.current } : {};
      onSaved((await call(linkTarget(code), { method: "PATCH", body: changes, headers })).body);
    } catch (problem) {
      setBusy(false);
      if (FIELDS.has(problem.field)) setErrors({ [problem.field]: explain(problem) });
      else if (problem.code === "precondition_failed") await load().then(() => say(t("problem.precondition_failed"), { isBad: true }));
      else sayProblem(problem);
    }
  };
  if (!form) return html`<p class="hint">${t("loading")}</p>`;
  const set = (name) => (event) => setForm((now) => ({ ...now, [name]: event.target.value }));
  const submit = (event) => {
    event.preventDefault();
    const changes = changesOf(form, link);
    if (Object.keys(changes).length) send(changes);
    else onClose();
  };
  return html`<form class="edit" onSubmit=${submit} novalidate aria-label=${t("edit-url", { url: link.short_url })}
    onKeyDown=${(event) => event.key === "Escape" && onClose()}>
    <${Field} label=${t("long-url")} error=${errors.long_url}>
      ${(attributes) => html`<input ...${attributes} ref=${first} dir="ltr" name="edit-url" inputmode="url" autocapitalize="none"
        spellcheck=${false} value=${form.url} onInput=${set("url")} />`}
    <//>
    <div class="more-fields">
      <${AliasField} value=${form.alias} onInput=${set("alias")} error=${errors.custom_alias} />
      <${MoreFields} form=${form} set=${set} errors=${errors} />
    </div>
    <${Times} form=${form} setForm=${setForm} onEnd=${() => send({ ttl_seconds: 1 })} />
    <div class="row">
      <button type="submit" class="primary" aria-busy=${isBusy}>${t("save")}</button>
      <button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button>
    </div>
    <${LinkHistory} link=${link} />
  </form>`;
}
