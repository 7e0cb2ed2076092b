// SPDX-License-Identifier: MIT
// The fields of a link as people fill them in, for the form that makes one and the form that changes one.

import { call } from "./api.js";
import { t } from "./text.js";
import { Field, useSettled } from "./parts.js";
import { html, useEffect, useState } from "./view.js";

export const DAY_MS = 86_400_000;
export const WEEK_MS = 7 * DAY_MS;
export const MONTH_MS = 30 * DAY_MS;

/** A time of the API so many milliseconds after `end`, or after now where that is later or there is no end. */
export function extended(end, by) {
  const from = Math.max(end ? Date.parse(end) : 0, Date.now());
  return `${new Date(from + by).toISOString().slice(0, 19)}Z`;
}

export const STATUSES = [302, 301, 303, 307, 308];
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** A long URL as it was typed, or "https://" and it, where it has no scheme. */
export function completeUrl(typed) {
  const text = typed.trim();
  return !text || SCHEME.test(text) ? text : `https://${text}`;
}

export const tagsOf = (typed) => typed.split(",").map((tag) => tag.trim()).filter(Boolean);

/** A time of the API as an <input type="datetime-local"> has it, in the reader's zone. */
export function toLocal(time) {
  if (!time) return "";
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What such an input has, as a time of the API; null: none. */
export const fromLocal = (typed) => (typed ? `${new Date(typed).toISOString().slice(0, 19)}Z` : null);

/** Whether an alias is free, asked as it is typed; null: not known. */
function useAvailability(alias) {
  const [answer, setAnswer] = useState(null);
  const settled = useSettled(alias.trim());
  useEffect(() => {
    setAnswer(null);
    if (!settled) return undefined;
    const stop = new AbortController();
    call(`aliases/${encodeURIComponent(settled)}`, { signal: stop.signal })
      .then(({ body }) => setAnswer(body), () => {});
    return () => stop.abort();
  }, [settled]);
  return answer && answer.alias === alias.trim() ? answer : null;
}

/** The alias, with what is known of it below. */
export function AliasField({ value, onInput, error }) {
  const answer = useAvailability(value);
  const taken = answer && !answer.available ? t(`problem.${answer.reason}`) : null;
  return html`<${Field} label=${t("alias")} hint=${t("alias-hint")} error=${error || taken}>
    ${(attributes) => html`<input ...${attributes} dir="ltr" name="alias" value=${value} onInput=${onInput}
        autocomplete="off" autocapitalize="none" spellcheck=${false} maxlength="100" />
      <p class="good" role="status">${answer?.available ? t("alias-available") : ""}</p>`}
  <//>`;
}

/** The fields that are the same in both forms; `set` makes the handler that stores a member. */
export function MoreFields({ form, set, errors }) {
  return html`
    <${Field} label=${t("title")} error=${errors.title}>
      ${(attributes) => html`<input ...${attributes} dir="auto" name="title" value=${form.title} onInput=${set("title")} />`}
    <//>
    <${Field} label=${t("tags")} hint=${t("tags-hint")} error=${errors.tags}>
      ${(attributes) => html`<input ...${attributes} dir="auto" name="tags" value=${form.tags} onInput=${set("tags")}
        autocapitalize="none" />`}
    <//>
    <${Field} label=${t("expires")} hint=${t("expires-hint")} error=${errors.expires_at}>
      ${(attributes) => html`<input ...${attributes} type="datetime-local" name="expires" value=${form.expires}
        onInput=${set("expires")} />`}
    <//>
    <${Field} label=${t("max-clicks")} hint=${t("max-clicks-hint")} error=${errors.max_clicks}>
      ${(attributes) => html`<input ...${attributes} type="number" min="1" step="1" inputmode="numeric" name="max"
        value=${form.max} onInput=${set("max")} />`}
    <//>
    ${[["expiredUrl", "expired-url", errors.expired_url], ["notStartedUrl", "not-started-url", errors.not_started_url]].map(([name, text, error]) => html`
    <${Field} key=${name} label=${t(text)} hint=${t(`${text}-hint`)} error=${error}>
      ${(attributes) => html`<input ...${attributes} dir="ltr" name=${text} inputmode="url" autocapitalize="none" spellcheck=${false}
        value=${form[name]} onInput=${set(name)} />`}
    <//>`)}
    <${Field} label=${t("status")} error=${errors.redirect_status}>
      ${(attributes) => html`<select ...${attributes} name="status" value=${form.status} onChange=${set("status")}>
        <option value="">${t("status-default")}</option>
        ${STATUSES.map((status) => html`<option value=${String(status)}>${t(`status-${status}`)}</option>`)}
      </select>`}
    <//>`;
}
