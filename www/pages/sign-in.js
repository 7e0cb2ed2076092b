// SPDX-License-Identifier: MIT
// Signing in, with an API key or with the one-time token of a link ("#token=..."). Neither is stored.

import { pageUrl } from "./site.js";
import { session, signIn } from "./api.js";
import { explain, t } from "./text.js";
import { Field, Heading } from "./parts.js";
import { html, useEffect, useRef, useState } from "./view.js";
import { useStore } from "./store.js";

/** Takes the token out of the address, so that neither the history nor a bookmark has it. */
export function takeToken() {
  const token = /^#token=([^&]+)/.exec(location.hash)?.[1];
  if (token) history.replaceState(null, "", `${location.pathname}${location.search}#/sign-in`);
  return token ? decodeURIComponent(token) : null;
}

/** Who is signed in is asked before a link signs in somebody else: it may be a stranger's link. */
function Replace({ user, onYes }) {
  return html`<p>${t("signed-in-as", { user })}</p>
    <div class="row">
      <button type="button" class="primary" onClick=${onYes}>${t("use-link")}</button>
      <a class="button quiet" href=${pageUrl("")}>${t("stay")}</a>
    </div>`;
}

/** `isPage`: the reader came to sign in, and goes home then; else to the page that asked for it. */
export function SignIn({ token, isPage, onDone }) {
  const user = useStore(session);
  const key = useRef(null);
  const [error, setError] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const enter = async (credential) => {
    setBusy(true);
    setError(null);
    try {
      await signIn(credential);
      onDone();
      if (isPage) location.assign(pageUrl(""));
    } catch (problem) {
      onDone();
      setError(problem.status === 401 ? t(credential.token ? "token-refused" : "key-refused") : explain(problem));
      setBusy(false);
      if (key.current) key.current.value = "";
    }
  };
  useEffect(() => {
    if (token && user === null && !isBusy) enter({ token });
  }, [token, user]);
  const submit = (event) => {
    event.preventDefault();
    const typed = key.current.value.trim();
    if (!typed) setError(t("key-missing"));
    else if (!isBusy) enter({ key: typed });
  };
  const isAsked = token && user;
  return html`<main id="main" class="narrow">
    <${Heading}>${t("sign-in")}<//>
    ${isAsked && html`<${Replace} user=${user.user} onYes=${() => enter({ token })} />`}
    ${!isAsked && user && !isBusy && html`<p>${t("signed-in-as", { user: user.user })}</p>`}
    ${!isAsked && html`<form onSubmit=${submit} novalidate>
      <${Field} label=${t("api-key")} hint=${t("api-key-hint")} error=${error}>
        ${(attributes) => html`<input ...${attributes} ref=${key} dir="ltr" type="password" name="key"
          autocomplete="current-password" autocapitalize="none" spellcheck=${false} maxlength="200" />`}
      <//>
      <button type="submit" class="primary" aria-busy=${isBusy}>${t("sign-in")}</button>
    </form>`}
  </main>`;
}
