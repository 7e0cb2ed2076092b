// SPDX-License-Identifier: MIT
// Where one is signed in, and signing out there.

import { call, leave, session, signOut } from "./api.js";
import { formatTime, t } from "./text.js";
import { Heading, Question, say, sayProblem } from "./parts.js";
import { html, useEffect, useState } from "./view.js";

function Row({ one, onEnd }) {
  return html`<tr>
    <td>${one.agent || t("unknown-browser")} ${one.current && html`<span class="badge">${t("this-one")}</span>`}</td>
    <td>${formatTime(one.last_used_at ?? one.created_at)}</td>
    <td class="wide">${formatTime(one.created_at)}</td>
    <td class="end"><button type="button" class="quiet" onClick=${onEnd}
      aria-label=${t("sign-out-of", { agent: one.agent || t("unknown-browser") })}>${t("sign-out")}</button></td>
  </tr>`;
}

export function Sessions() {
  const [sessions, setSessions] = useState(null);
  const [isAsking, setAsking] = useState(false);
  const load = () => call("sessions").then(({ body }) => setSessions(body.sessions), sayProblem);
  useEffect(() => {
    load();
  }, []);
  const end = (one) => async () => {
    try {
      if (one.current) {
        await signOut();
        return;
      }
      await call(`sessions/${encodeURIComponent(one.id)}`, { method: "DELETE" });
      say(t("signed-out-there"));
      await load();
    } catch (problem) {
      sayProblem(problem);
    }
  };
  const endAll = async () => {
    const ended = session.value;
    setAsking(false);
    try {
      await call("sessions", { method: "DELETE" });
      leave(ended);
    } catch (problem) {
      sayProblem(problem);
    }
  };
  return html`<main id="main">
    <${Heading}>${t("sessions")}<//>
    <p class="hint">${t("sessions-hint")}</p>
    ${sessions === null ? html`<p class="hint">${t("loading")}</p>` : html`<table>
      <thead><tr><th scope="col">${t("browser")}</th><th scope="col">${t("last-used")}</th>
        <th scope="col" class="wide">${t("signed-in-at")}</th><th scope="col"><span class="hidden">${t("actions")}</span></th></tr></thead>
      <tbody>${sessions.map((one) => html`<${Row} key=${one.id} one=${one} onEnd=${end(one)} />`)}</tbody>
    </table>`}
    <p><button type="button" class="danger" onClick=${() => setAsking(true)}>${t("sign-out-everywhere")}</button></p>
    ${isAsking && html`<${Question} title=${t("sign-out-everywhere")} text=${t("sign-out-everywhere-text")}
      yes=${t("sign-out-everywhere")} onYes=${endAll} onNo=${() => setAsking(false)} />`}
  </main>`;
}
