// SPDX-License-Identifier: MIT
// Files of links: an import, with a trial before it, and an export.

import { call, session } from "./api.js";
import { explain, formatNumber, formatPercent, formatSize, formatTime, t } from "./text.js";
import { Field, Heading, say } from "./parts.js";
import { COUNTS, continueImport, exporting, importing, startExport, startImport } from "./transfer-run.js";
import { Fragment, html, useEffect, useRef, useState } from "./view.js";
import { useStore } from "./store.js";

const NO_OPTIONS = {
  delimiter: "", time_zone: "", date_order: "", map: "", skip_unknown: false, spreadsheet: false,
  owner: "", keep_owners: false, make_users: false, force: false,
};
const DELIMITERS = [",", ";", "|", "tab"];
const DATE_ORDERS = ["dmy", "mdy"];
const FORMATS = { jsonl: { format: "jsonl" }, csv: { format: "csv" }, spreadsheet: { format: "csv", spreadsheet: "yes" } };

const isBusy = (job) => job?.state === "running" || job?.state === "waiting";

/** What runs, if it is this user's. */
function useJob(store, user) {
  const job = useStore(store);
  return job?.user === user.user ? job : null;
}

/** The options that are set, as the API takes them. */
function queryOptions(options) {
  const set = Object.entries(options).map(([name, value]) => [name, value === true ? "yes" : value === false ? "" : value.trim()]);
  return Object.fromEntries(set.filter(([, value]) => value));
}

/** Text, choice or yes and no: one option of an import. */
function Option({ name, options, set, choices, hint }) {
  const change = (value) => set((now) => ({ ...now, [name]: value }));
  const key = name.replace("_", "-");
  if (typeof options[name] === "boolean") {
    return html`<label class="check"><input type="checkbox" name=${name} checked=${options[name]}
      onChange=${(event) => change(event.target.checked)} /> ${t(`import-${key}`)}</label>`;
  }
  return html`<${Field} label=${t(`import-${key}`)} hint=${hint}>
    ${(attributes) => (choices ? html`<select ...${attributes} name=${name} value=${options[name]} onChange=${(event) => change(event.target.value)}>
        <option value="">${t("import-by-itself")}</option>
        ${choices.map((one) => html`<option value=${one}>${t(`import-${key}-${one}`)}</option>`)}
      </select>` : html`<input ...${attributes} name=${name} dir="ltr" autocapitalize="none" autocomplete="off" spellcheck=${false}
        value=${options[name]} onInput=${(event) => change(event.target.value)} />`)}
  <//>`;
}

function Options({ options, set, isAdmin }) {
  return html`<details><summary>${t("more-options")}</summary>
    <div class="more-fields">
      <${Option} name="time_zone" options=${options} set=${set} hint=${t("import-time-zone-hint")} />
      <${Option} name="date_order" options=${options} set=${set} choices=${DATE_ORDERS} />
      <${Option} name="delimiter" options=${options} set=${set} choices=${DELIMITERS} />
      <${Option} name="map" options=${options} set=${set} hint=${t("import-map-hint")} />
      ${isAdmin && html`<${Option} name="owner" options=${options} set=${set} hint=${t("import-owner-hint")} />`}
    </div>
    ${["skip_unknown", "spreadsheet", ...(isAdmin ? ["keep_owners", "make_users", "force"] : [])].map((name) => html`<${Option} key=${name}
      name=${name} options=${options} set=${set} />`)}
  </details>`;
}

/** How far a job is: `done` of `all`, or an unknown part of it. */
function Progress({ job, label, done, all, text }) {
  return html`<div class="progress">
    <progress aria-label=${label} max=${all ? 1 : undefined} value=${all ? Math.min(1, done / all) : undefined}></progress>
    <p>${text} ${job.state === "waiting" && html`<span class="bad">${t("waiting")} ${explain(job.problem)}</span>`}</p>
    <button type="button" onClick=${job.stop}>${t("stop")}</button>
  </div>`;
}

/** A link that downloads a file of the page's own making. */
function Download({ blob, name, label, isOffered }) {
  const [url, setUrl] = useState(null);
  const link = useRef(null);
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  useEffect(() => {
    if (url && isOffered) link.current.click();
  }, [url]);
  return url && html`<a class="button" ref=${link} href=${url} download=${name}>${label}</a>`;
}

function Kinds({ title, kinds }) {
  if (kinds.length === 0) return null;
  return html`<h3>${title}</h3><div class="scroll" tabindex="0" role="region" aria-label=${title}><table>
    <thead><tr><th scope="col" class="number">${t("rows")}</th><th scope="col" class="number">${t("first-line")}</th>
      <th scope="col">${t("what")}</th></tr></thead>
    <tbody>${kinds.map((one) => html`<tr key=${one.kind}><td class="number">${formatNumber(one.rows)}</td>
      <td class="number">${formatNumber(one.line)}</td><td lang="en" dir="ltr">${one.text}</td></tr>`)}</tbody>
  </table></div>`;
}

/** The first rows as they are understood. */
function Rows({ rows }) {
  if (rows.length === 0) return null;
  return html`<h3>${t("first-rows")}</h3><div class="scroll" tabindex="0" role="region" aria-label=${t("first-rows")}><table>
    <thead><tr>${["alias", "long-url", "title", "tags", "made-at", "ends-at"].map((name) => html`<th scope="col">${t(name)}</th>`)}
      <th scope="col" class="number">${t("clicks")}</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${row.line}>
      <td dir="ltr">${row.code ?? t("generated")}</td><td dir="ltr">${row.long_url}</td><td dir="auto">${row.title}</td>
      <td dir="auto">${row.tags.join(", ")}</td><td>${row.created_at && formatTime(row.created_at, { dateStyle: "medium" })}</td>
      <td>${row.expires_at && formatTime(row.expires_at, { dateStyle: "medium" })}</td>
      <td class="number">${formatNumber(row.clicks)}</td></tr>`)}</tbody>
  </table></div>`;
}

function Report({ job }) {
  const { counts } = job;
  const left = counts.conflicts + counts.refused;
  const title = job.state !== "done" ? "import-so-far" : job.isTrial ? "trial-done" : "import-done";
  return html`<section class="report" aria-labelledby="report">
    <h3 id="report">${t(title, { name: job.file.name })}</h3>
    ${job.of && html`<p class="hint">${t("file-of", { program: job.of })}${job.skipped && html` ${t("columns-skipped", { names: job.skipped })}`}</p>`}
    <dl class="totals">${COUNTS.map((name) => html`<div key=${name}><dt>${t(`count-${name}`)}</dt><dd>${formatNumber(counts[name])}</dd></div>`)}</dl>
    ${left > 0 && job.state !== "running" && html`<p><${Download} blob=${job.left} name="not-imported.csv" label=${t("download-left", { n: left })} /></p>`}
    <${Kinds} title=${t("kinds-left")} kinds=${job.refusals} />
    <${Kinds} title=${t("kinds-changed")} kinds=${job.changes} />
    <${Rows} rows=${job.rows} />
  </section>`;
}

/** What came of the import: why it has stopped, how to go on, and the report. */
function Outcome({ job }) {
  return html`<${Fragment}>
    ${job.state === "stopped" && html`<p class=${job.problem ? "error" : "hint"} role="alert">
      ${job.problem ? explainJob(job.problem) : t("was-stopped")}</p>
      <button type="button" onClick=${() => continueImport().then((isDone) => isDone && say(t("import-ready")))}>${t("continue")}</button>`}
    ${(job.at > 0 || job.state === "done") && html`<${Report} job=${job} />`}
  <//>`;
}

/** The browser does not read a file on that was changed or moved since it was chosen. */
const explainJob = (problem) => (problem.name === "NotReadableError" || problem.name === "NotFoundError" ? t("file-changed") : explain(problem));

function Import({ user }) {
  const [file, setFile] = useState(null);
  const [error, setError] = useState(null);
  const [options, setOptions] = useState(NO_OPTIONS);
  const job = useJob(importing, user);
  const start = (isTrial) => async () => {
    if (isBusy(job)) return;
    setError(file ? null : t("file-missing"));
    if (file && await startImport(file, queryOptions(options), isTrial)) say(t(isTrial ? "trial-ready" : "import-ready"));
  };
  return html`<section aria-labelledby="import-links"><h2 id="import-links">${t("import-links")}</h2>
    <form onSubmit=${(event) => { event.preventDefault(); start(true)(); }} novalidate>
      <${Field} label=${t("file")} hint=${t("file-hint")} error=${error}>
        ${(attributes) => html`<input ...${attributes} type="file" name="file" onChange=${(event) => setFile(event.target.files[0] ?? null)} />`}
      <//>
      <${Options} options=${options} set=${setOptions} isAdmin=${user.role === "admin"} />
      <div class="row">
        <button type="submit" class="primary" aria-disabled=${isBusy(job)}>${t("trial")}</button>
        <button type="button" aria-disabled=${isBusy(job)} onClick=${start(false)}>${t("import-links")}</button>
      </div>
    </form>
    ${isBusy(job) && html`<${Progress} job=${job} label=${t(job.isTrial ? "trial" : "import-links")} done=${job.at} all=${job.file.size}
      text=${t("part-of", { part: formatPercent(job.at / job.file.size), size: formatSize(job.file.size) })} />`}
    ${job && html`<${Outcome} job=${job} />`}
  </section>`;
}

/** How many links there are to export; unknown for those of one owner. */
async function countLinks(owner) {
  return owner ? null : call("stats").then(({ body }) => body.links, () => null);
}

function Export({ user }) {
  const [format, setFormat] = useState("csv");
  const [owner, setOwner] = useState("");
  const job = useJob(exporting, user);
  const [isFresh, setFresh] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy(job)) return;
    const whose = owner.trim();
    setFresh(true);
    if (await startExport({ ...FORMATS[format], owner: whose }, await countLinks(whose))) say(t("export-ready"));
  };
  return html`<section aria-labelledby="export-links"><h2 id="export-links">${t("export-links")}</h2>
    <form onSubmit=${submit}>
      <${Field} label=${t("format")} hint=${t(`format-${format}-hint`)}>
        ${(attributes) => html`<select ...${attributes} name="format" value=${format} onChange=${(event) => setFormat(event.target.value)}>
          ${Object.keys(FORMATS).map((name) => html`<option value=${name}>${t(`format-${name}`)}</option>`)}
        </select>`}
      <//>
      ${user.role === "admin" && html`<${Field} label=${t("owner")} hint=${t("export-owner-hint")}>
        ${(attributes) => html`<input ...${attributes} name="export-owner" dir="auto" autocapitalize="none" autocomplete="off" value=${owner}
          onInput=${(event) => setOwner(event.target.value)} />`}
      <//>`}
      <button type="submit" class="primary" aria-disabled=${isBusy(job)}>${t("export-links")}</button>
    </form>
    ${isBusy(job) && html`<${Progress} job=${job} label=${t("export-links")} done=${job.lines} all=${job.total} text=${formatSize(job.bytes)} />`}
    ${job?.state === "stopped" && html`<p class=${job.problem ? "error" : "hint"} role="alert">
      ${job.problem ? explain(job.problem) : t("was-stopped")}</p>`}
    ${job?.state === "done" && html`<p class="row"><${Download} key=${job.target} blob=${job.file} isOffered=${isFresh}
      name=${`links.${job.format}`} label=${t("download", { size: formatSize(job.bytes) })} /></p>`}
  </section>`;
}

export function Transfer() {
  const user = useStore(session);
  if (!user) return null;
  return html`<main id="main" class="transfer"><${Heading}>${t("transfer")}<//>
    <${Import} user=${user} /><${Export} user=${user} /></main>`;
}
