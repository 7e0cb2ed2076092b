// SPDX-License-Identifier: MIT
// The statistics of a link, or of all: a chart with a table behind it, and where the clicks came from. They follow new clicks.

import { apiUrl, pageUrl } from "./site.js";
import { call, linkTarget, queryOf, session } from "./api.js";
import { explain, formatNumber, formatTime, hasText, language, t } from "./text.js";
import { Copy, Field, Heading } from "./parts.js";
import { html, useEffect, useState } from "./view.js";
import { useStore } from "./store.js";

const UNITS = ["hour", "day", "week", "month"];
const DIMENSIONS = ["referrer", "country", "browser", "os", "device"];
const STYLES = {
  hour: { dateStyle: "short", timeStyle: "short" },
  day: { dateStyle: "medium" },
  week: { dateStyle: "medium" },
  month: { month: "long", year: "numeric" },
};
const POLL_MS = 5000;
/** Values of a dimension that are asked for, so that the map has all countries; and those that a list shows. */
const VALUES_MAX = 200;
const SHOWN_MAX = 10;

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** The statistics, asked for again every few seconds while the page is seen; what has not changed is not sent again. */
function useStatistics(target, unit) {
  const [state, setState] = useState({ statistics: null, problem: null });
  useEffect(() => {
    const stop = new AbortController();
    let timer;
    let etag = null;
    const ask = async () => {
      clearTimeout(timer);
      if (!document.hidden) {
        try {
          const headers = etag ? { "If-None-Match": etag } : {};
          const answer = await call(`${target}${queryOf({ unit, tz: zone(), limit: VALUES_MAX })}`, { headers, signal: stop.signal });
          etag = answer.etag;
          if (answer.status !== 304) setState({ statistics: answer.body, problem: null });
        } catch (problem) {
          if (stop.signal.aborted) return;
          setState((now) => ({ ...now, problem }));
        }
      }
      if (!stop.signal.aborted) timer = setTimeout(ask, POLL_MS);
    };
    ask();
    document.addEventListener("visibilitychange", ask);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [target, unit]);
  return state;
}

/** The chart, loaded when it is first needed; without it the table tells the same. */
function Chart({ statistics }) {
  const [Loaded, setLoaded] = useState(null);
  useEffect(() => {
    import("./chart.js").then((module) => setLoaded(() => module.Chart), () => {});
  }, []);
  return html`<div class="chart" aria-hidden="true" dir="ltr">
    ${Loaded && html`<${Loaded} series=${statistics.series} unit=${statistics.unit} locale=${language.value}
      labels=${{ at: t("time"), clicks: t("clicks"), visitors: t("visitors") }} />`}
  </div>`;
}

function SeriesTable({ statistics }) {
  const time = (at) => formatTime(at, STYLES[statistics.unit]);
  return html`<details class="table"><summary>${t("as-table")}</summary><div class="scroll" tabindex="0" role="region"
    aria-label=${t("as-table")}><table>
    <thead><tr><th scope="col">${t("time")}</th><th scope="col" class="number">${t("clicks")}</th>
      <th scope="col" class="number">${t("visitors")}</th><th scope="col" class="number">${t("bots")}</th></tr></thead>
    <tbody>${[...statistics.series].reverse().map((one) => html`<tr key=${one.at}><th scope="row">${time(one.at)}</th>
      <td class="number">${formatNumber(one.clicks)}</td><td class="number">${formatNumber(one.visitors)}</td>
      <td class="number">${formatNumber(one.bots)}</td></tr>`)}</tbody>
  </table></div></details>`;
}

function nameOf(dimension, value) {
  if (hasText(`value-${value}`)) return t(`value-${value}`);
  if (dimension !== "country" || !/^[A-Z]{2}$/.test(value)) return value;
  return new Intl.DisplayNames([language.value], { type: "region" }).of(value) ?? value;
}

/** The first rows, and the sum of the others. */
function shortened(rows) {
  const named = rows.filter((row) => row.value !== "other").slice(0, SHOWN_MAX);
  const others = rows.reduce((sum, row) => sum + row.clicks, 0) - named.reduce((sum, row) => sum + row.clicks, 0);
  return others > 0 ? [...named, { value: "other", clicks: others }] : named;
}

/** The countries on a map, which is loaded when it is first needed, and all of them in a table. */
function Countries({ rows }) {
  const [WorldMap, setMap] = useState(null);
  useEffect(() => {
    import("./map.js").then((module) => setMap(() => module.WorldMap), () => {});
  }, []);
  const titleOf = (code, clicks) => `${nameOf("country", code)}: ${formatNumber(clicks)}`;
  return html`<section class="countries"><h2 id="countries">${t("by-country")}</h2>
    <div aria-hidden="true" dir="ltr">${WorldMap && html`<${WorldMap} rows=${rows} titleOf=${titleOf} />`}</div>
    <p class="hint">${t("map-hint")}</p>
    <details class="all-countries"><summary>${t("countries-as-table")}</summary><div tabindex="0" role="region"
      aria-label=${t("countries-as-table")}><table aria-labelledby="countries">
      <thead><tr><th scope="col">${t("country")}</th><th scope="col" class="number">${t("clicks")}</th></tr></thead>
      <tbody>${rows.map(({ value, clicks }) => html`<tr key=${value}><th scope="row"><bdi>${nameOf("country", value)}</bdi></th>
        <td class="number">${formatNumber(clicks)}</td></tr>`)}</tbody>
    </table></div></details>
  </section>`;
}

function Breakdown({ dimension, rows: all }) {
  const rows = shortened(all);
  const most = Math.max(1, ...rows.map((row) => row.clicks));
  return html`<section class="breakdown"><h2 id=${`by-${dimension}`}>${t(`by-${dimension}`)}</h2>
    ${rows.length === 0 ? html`<p class="hint">${t("nothing-yet")}</p>` : html`<table aria-labelledby=${`by-${dimension}`}>
      <tbody>${rows.map(({ value, clicks }) => html`<tr key=${value}>
        <th scope="row"><span class="bar" style=${{ inlineSize: `${(100 * clicks) / most}%` }}></span>
          <bdi>${nameOf(dimension, value)}</bdi></th>
        <td class="number">${formatNumber(clicks)}</td></tr>`)}</tbody>
    </table>`}
  </section>`;
}

function Totals({ statistics }) {
  return html`<dl class="totals" aria-live="polite">${["clicks", "visitors", "bots"].map((name) => html`<div key=${name}>
    <dt>${t(name)}</dt><dd>${formatNumber(statistics[name])}</dd></div>`)}</dl>`;
}

/** The statistics at `target`, below a heading; `name` is that of the file. */
function Shown({ target, name, children }) {
  const [unit, setUnit] = useState("day");
  const { statistics, problem } = useStatistics(target, unit);
  const csv = apiUrl(`${target}${queryOf({ unit, tz: zone(), format: "csv" })}`);
  return html`
    <div class="row">
      ${children}
      <a class="button quiet" href=${csv} download=${`${name}-${unit}.csv`}>CSV</a>
      <${Field} class="inline" label=${t("unit")}>
        ${(attributes) => html`<select ...${attributes} name="unit" value=${unit} onChange=${(event) => setUnit(event.target.value)}>
          ${UNITS.map((one) => html`<option value=${one}>${t(`unit-${one}`)}</option>`)}
        </select>`}
      <//>
    </div>
    ${problem && html`<p class="error" role="alert">${explain(problem)}</p>`}
    ${!statistics && !problem && html`<p class="hint">${t("loading")}</p>`}
    ${statistics && html`
      <${Totals} statistics=${statistics} />
      <${Chart} statistics=${statistics} />
      <${SeriesTable} statistics=${statistics} />
      <div class="breakdowns">${DIMENSIONS.map((one) => html`<${Breakdown} key=${one} dimension=${one}
        rows=${statistics.by[one] ?? []} />`)}</div>
      <${Countries} rows=${statistics.by.country ?? []} />`}`;
}

/** Of one link. */
export function Statistics({ code, short }) {
  return html`<main id="main" class="statistics">
    <p><a href=${pageUrl("links")}>${t("back-to-links")}</a></p>
    <${Heading}>${t("statistics")} <bdi dir="ltr" class="code">/${code}</bdi><//>
    <${Shown} target=${`${linkTarget(code)}/stats`} name=${code}>
      <${Copy} text=${short} label=${t("copy-url", { url: short })} />
    <//>
  </main>`;
}

/** Of all links of the reader; an admin's are those of everybody. */
export function AllStatistics() {
  const user = useStore(session);
  if (!user) return null;
  return html`<main id="main" class="statistics">
    <${Heading}>${t("statistics")}<//>
    <p class="hint">${t(user.role === "admin" ? "statistics-of-all" : "statistics-of-yours")}</p>
    <${Shown} target="stats/series" name="links" />
  </main>`;
}
