// SPDX-License-Identifier: MIT
// Parts that several pages have: fields, buttons, messages, dialogs.

import { t, explain } from "./text.js";
import { html, useEffect, useId, useRef, useState } from "./view.js";
import { Store, useStore } from "./store.js";

const SAID_FOR_MS = 6000;
const DEBOUNCE_MS = 250;

/** What was said last, to all readers: {text, isBad, action}; null: nothing. */
const said = new Store(null);
let saying;

/**
 * Says a sentence at the end of the page, and to screen readers, for some seconds. With an action, {label, run}, it stays until it is
 * closed or something else is said.
 */
export function say(text, { isBad = false, action = null } = {}) {
  clearTimeout(saying);
  said.set({ text, isBad, action });
  if (!action) saying = setTimeout(() => said.set(null), SAID_FOR_MS);
}

/** Says what is wrong; nothing for what the reader has left. */
export function sayProblem(problem) {
  if (problem.name !== "AbortError") say(explain(problem), { isBad: true });
}

/** The buttons of what was said. The first one gets the focus, since the element that had it is often gone; then the heading does. */
function SaidAction({ action }) {
  const button = useRef(null);
  useEffect(() => {
    button.current.focus();
  }, [action]);
  const close = (then) => () => {
    said.set(null);
    focusHeading();
    then?.();
  };
  return html`<button type="button" ref=${button} onClick=${close(action.run)}>${action.label}</button>
    <button type="button" onClick=${close()} aria-label=${t("close")}>×</button>`;
}

export function Said() {
  const now = useStore(said);
  return html`<div class="said" role="status" aria-live="polite">
    ${now && html`<p class=${now.isBad ? "bad" : ""}><span>${now.text}</span>
      ${now.action && html`<${SaidAction} action=${now.action} />`}</p>`}
  </div>`;
}

/** A labelled control; `children` is a function of the attributes that belong on it. */
export function Field({ label, hint, error, children, class: extra = "" }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const attributes = { id, "aria-invalid": error ? "true" : undefined, "aria-describedby": described || undefined };
  return html`<div class="field ${extra}">
    <label for=${id}>${label}</label>
    ${children(attributes)}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${error && html`<p class="error" id="${id}-error" role="alert">${error}</p>`}
  </div>`;
}

/** Copies a text to the clipboard; says whether it worked. */
export function Copy({ text, label, copied = t("copied") }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await toClipboard(text);
      setCopied(true);
      say(copied);
    } catch {
      say(t("not-copied"), { isBad: true });
    }
  };
  return html`<button type="button" class="quiet copy" onClick=${copy} aria-label=${label}>
    ${isCopied ? t("copied-short") : t("copy")}
  </button>`;
}

/** The clipboard wants https or localhost; elsewhere a selection is copied, as browsers did before. */
async function toClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  if (!isDone) throw new Error("not copied");
  return undefined;
}

/** A question over the page, perhaps with fields. It is answered by a button, or left by Escape. */
export function Question({ title, text, yes, onYes, onNo, children }) {
  const dialog = useRef(null);
  const id = useId();
  useEffect(() => {
    dialog.current.showModal();
  }, []);
  const answer = (then) => () => {
    dialog.current.close();
    then();
  };
  return html`<dialog ref=${dialog} aria-labelledby=${id} onCancel=${onNo}>
    <h2 id=${id}>${title}</h2>
    <p>${text}</p>
    ${children}
    <div class="row">
      <button type="button" class="danger" onClick=${answer(onYes)}>${yes}</button>
      <button type="button" class="quiet" autofocus onClick=${answer(onNo)}>${t("cancel")}</button>
    </div>
  </dialog>`;
}

/** The heading of a page, which gets the focus when the page is gone to. */
export function Heading({ children }) {
  const heading = useRef(null);
  useEffect(() => {
    if (document.body.dataset.went) heading.current.focus();
  }, []);
  return html`<h1 tabindex="-1" ref=${heading}>${children}</h1>`;
}

/** Where reading goes on when the element that had the focus is gone. */
export const focusHeading = () => document.querySelector("#main h1")?.focus();

/** `value`, once it has not changed for a moment. */
export function useSettled(value) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
