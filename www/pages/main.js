// SPDX-License-Identifier: MIT
// Starts the pages: which one is shown depends on the address ("#/links"), and on whether one is signed in.

import { logoUrl, operatorLinks, operatorName, pageUrl } from "./site.js";
import { loadSession, session, signOut } from "./api.js";
import { LANGUAGES, choose, language, speakFirst, t } from "./text.js";
import { Said, focusHeading, sayProblem } from "./parts.js";
import { Home } from "./home.js";
import { keepShared } from "./shared.js";
import { SignIn, takeToken } from "./sign-in.js";
import { html, render, useEffect, useState } from "./view.js";
import { useStore } from "./store.js";

/** Pages for those who are signed in; each is loaded when it is first gone to. */
const MEMBERS = {
  links: () => import("./links.js").then((module) => module.Links),
  statistics: () => import("./statistics.js").then((module) => module.AllStatistics),
  transfer: () => import("./transfer.js").then((module) => module.Transfer),
  manage: () => import("./manage.js").then((module) => module.Manage),
  sessions: () => import("./sessions.js").then((module) => module.Sessions),
};

/** Pages for everybody, loaded likewise. */
const PUBLIC = {
  tools: () => import("./tools.js").then((module) => module.Tools),
};

const isMember = (name) => Object.hasOwn(MEMBERS, name);
const isPublic = (name) => Object.hasOwn(PUBLIC, name);

/** What the address says after "#/"; as it is where that is no percent-encoding. */
function pageOf() {
  const page = /^#\/([^?]*)/.exec(location.hash)?.[1] ?? "";
  try {
    return decodeURIComponent(page);
  } catch {
    return page;
  }
}

function usePage() {
  const [page, setPage] = useState(pageOf());
  useEffect(() => {
    const turn = () => {
      document.body.dataset.went = "yes";
      setPage(pageOf());
    };
    addEventListener("hashchange", turn);
    return () => removeEventListener("hashchange", turn);
  }, []);
  return page;
}

function Member({ name, rest }) {
  const [Page, setPage] = useState(null);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    setPage(null);
    (MEMBERS[name] ?? PUBLIC[name])().then((component) => setPage(() => component), () => setFailed(true));
  }, [name]);
  if (hasFailed) {
    return html`<main id="main"><p role="alert">${t("not-loaded")}</p>
      <button type="button" class="primary" onClick=${() => location.reload()}>${t("reload")}</button></main>`;
  }
  return Page ? html`<${Page} rest=${rest} />` : html`<main id="main"><p class="hint">${t("loading")}</p></main>`;
}

function Nav({ page, user }) {
  const link = (name, text) => html`<li><a href=${pageUrl(name)} aria-current=${page === name ? "page" : undefined}>${text}</a></li>`;
  return html`<nav aria-label=${t("pages")}><ul>
    ${link("", t("home"))}
    ${user && Object.keys(MEMBERS).map((name) => link(name, t(name)))}
    ${Object.keys(PUBLIC).map((name) => link(name, t(name)))}
    ${user === null && link("sign-in", t("sign-in"))}
    ${user && html`<li><button type="button" class="quiet" onClick=${() => signOut().catch(sayProblem)}>
      ${t("sign-out")}</button></li>`}
  </ul></nav>`;
}

function Languages() {
  return html`<label class="language"><span class="hidden">${t("language")}</span>
    <select value=${language.value} onChange=${(event) => choose(event.target.value).catch(sayProblem)}>
      ${Object.entries(LANGUAGES).map(([code, name]) => html`<option value=${code} lang=${code}>${name}</option>`)}
    </select></label>`;
}

function App({ firstToken }) {
  const page = usePage();
  const user = useStore(session);
  useStore(language);
  const [token, setToken] = useState(firstToken);
  const [name, ...rest] = page.split("/");
  let shown = html`<${Home} />`;
  if (name === "sign-in" || (isMember(name) && user === null)) {
    shown = html`<${SignIn} token=${token} isPage=${name === "sign-in"} onDone=${() => setToken(null)} />`;
  } else if (isPublic(name) || (isMember(name) && user)) {
    shown = html`<${Member} name=${name} rest=${rest} />`;
  } else if (isMember(name)) {
    shown = html`<main id="main"><p class="hint">${t("loading")}</p></main>`;
  }
  useEffect(() => {
    document.title = [page === "" ? null : t(name), operatorName || t("short-links")].filter(Boolean).join(" – ");
  });
  return html`
    <a class="skip" href="#main" onClick=${skip}>${t("skip")}</a>
    <header><p class="name"><a href=${pageUrl("")}>
      ${logoUrl && html`<img src=${logoUrl} alt="" />`}<bdi>${operatorName || t("short-links")}</bdi></a></p>
      <${Nav} page=${name} user=${user} /></header>
    ${shown}
    <footer><${Languages} />
      ${operatorLinks.map(([name, url]) => html`<a href=${url} rel="noreferrer">${t(name)}</a>`)}
      ${user && html`<p>${t("signed-in-as", { user: user.user })}</p>`}</footer>
    <${Said} />`;
}

/** The address stays that of the page. */
function skip(event) {
  event.preventDefault();
  focusHeading();
}

const token = takeToken();
keepShared();
loadSession();
await speakFirst();
render(html`<${App} firstToken=${token} />`, document.getElementById("app"));
