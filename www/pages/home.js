// SPDX-License-Identifier: MIT
// Home: one field, one button, the short link with its QR code.

import { apiUrl, isOpen, pageUrl } from "./site.js";
import { call, linkTarget, session } from "./api.js";
import { explain, formatTime, t } from "./text.js";
import { AliasField, MoreFields, completeUrl, fromLocal, tagsOf } from "./link-fields.js";
import { Copy, Field, Heading, sayProblem } from "./parts.js";
import { takeShared } from "./shared.js";
import { html, useEffect, useRef, useState } from "./view.js";
import { useStore } from "./store.js";

const EMPTY = { url: "", alias: "", title: "", tags: "", expires: "", max: "", expiredUrl: "", notStartedUrl: "", status: "" };
const SHOWN_MAX = 5;
/** The member of the API -> the field of the form that has its error. */
const FIELDS = new Set(["long_url", "custom_alias", "title", "tags", "expires_at", "max_clicks", "expired_url", "not_started_url",
  "redirect_status"]);

/** The members of the create; those that were left empty are absent. */
function membersOf(form) {
  const members = { long_url: completeUrl(form.url) };
  if (form.alias.trim()) members.custom_alias = form.alias.trim();
  if (form.title.trim()) members.title = form.title.trim();
  if (tagsOf(form.tags).length) members.tags = tagsOf(form.tags);
  if (form.expires) members.expires_at = fromLocal(form.expires);
  if (form.max) members.max_clicks = Number(form.max);
  if (form.expiredUrl.trim()) members.expired_url = completeUrl(form.expiredUrl);
  if (form.notStartedUrl.trim()) members.not_started_url = completeUrl(form.notStartedUrl);
  if (form.status) members.redirect_status = Number(form.status);
  return members;
}

/** The QR code; nothing where the server has none. */
function Qr({ link }) {
  const [isMissing, setMissing] = useState(false);
  if (isMissing) return null;
  const source = apiUrl(`${linkTarget(link.code)}/qr?format=svg`);
  return html`<figure class="qr">
    <img src=${source} width="160" height="160" alt=${t("qr-of", { url: link.short_url })} onError=${() => setMissing(true)} />
    <figcaption>
      <a href=${source} download=${`${link.code}.svg`}>SVG</a>
      <a href=${apiUrl(`${linkTarget(link.code)}/qr?format=png&size=1000`)} download=${`${link.code}.png`}>PNG</a>
    </figcaption>
  </figure>`;
}

function Made({ link, isNewest }) {
  const field = useRef(null);
  useEffect(() => {
    if (!isNewest) return;
    field.current.focus({ preventScroll: true });
    field.current.closest(".made").scrollIntoView({ block: "nearest" });
  }, [isNewest]);
  return html`<li class="made">
    <div class="made-text">
      <p class="short"><a ref=${field} href=${link.short_url} dir="ltr" target="_blank" rel="noopener">${link.short_url}</a>
        <${Copy} text=${link.short_url} label=${t("copy-url", { url: link.short_url })} /></p>
      <p class="long" dir="ltr">${link.long_url}</p>
      ${link.expires_at && html`<p class="hint">${t("expires-at", { time: formatTime(link.expires_at) })}</p>`}
    </div>
    <${Qr} link=${link} />
  </li>`;
}

/** A key for each content, so that a second try never makes a second link. */
function useOnceKey() {
  const last = useRef({ content: "", key: "" });
  return (content) => {
    if (last.current.content !== content) last.current = { content, key: randomKey() };
    return last.current.key;
  };
}

const randomKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

function MakeForm({ onMade }) {
  const [form, setForm] = useState(() => ({ ...EMPTY, ...takeShared() }));
  const [isOpened] = useState(form.title !== "");
  const [errors, setErrors] = useState({});
  const [isBusy, setBusy] = useState(false);
  const onceKey = useOnceKey();
  const set = (name) => (event) => setForm((now) => ({ ...now, [name]: event.target.value }));
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    if (!form.url.trim()) {
      setErrors({ long_url: t("url-missing") });
      return;
    }
    setErrors({});
    setBusy(true);
    try {
      const body = membersOf(form);
      const headers = { "Idempotency-Key": onceKey(JSON.stringify(body)) };
      const answer = await call("urls", { method: "POST", body, headers });
      setForm(EMPTY);
      onMade(answer.body);
    } catch (problem) {
      if (FIELDS.has(problem.field)) setErrors({ [problem.field]: explain(problem) });
      else sayProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  return html`<form class="make" onSubmit=${submit} novalidate>
    <${Field} class="main" label=${t("long-url")} error=${errors.long_url}>
      ${(attributes) => html`<div class="main-row">
        <input ...${attributes} dir="ltr" name="url" inputmode="url" autocomplete="off" autocapitalize="none"
          spellcheck=${false} placeholder="https://example.com/a/long/address" value=${form.url} onInput=${set("url")} />
        <button type="submit" class="primary" aria-busy=${isBusy}>${t("shorten")}</button>
      </div>`}
    <//>
    <details open=${isOpened || Object.keys(errors).some((name) => name !== "long_url") || undefined}>
      <summary>${t("more-options")}</summary>
      <div class="more-fields">
        <${AliasField} value=${form.alias} onInput=${set("alias")} error=${errors.custom_alias} />
        <${MoreFields} form=${form} set=${set} errors=${errors} />
      </div>
    </details>
  </form>`;
}

export function Home() {
  const user = useStore(session);
  const [made, setMade] = useState([]);
  const isAllowed = isOpen || user;
  return html`<main id="main" class="home">
    <${Heading}>${t("home-title")}<//>
    ${user === undefined && !isOpen && html`<p class="hint">${t("loading")}</p>`}
    ${user === null && !isOpen && html`<p>${t("sign-in-first")}</p>
      <p><a class="button primary" href=${pageUrl("sign-in")}>${t("sign-in")}</a></p>`}
    ${isAllowed && html`<${MakeForm} onMade=${(link) => setMade((links) => [link, ...links].slice(0, SHOWN_MAX))} />`}
    ${made.length > 0 && html`<section aria-label=${t("made-links")}><ul class="made-list">
      ${made.map((link, index) => html`<${Made} key=${link.code} link=${link} isNewest=${index === 0} />`)}
    </ul></section>`}
  </main>`;
}
