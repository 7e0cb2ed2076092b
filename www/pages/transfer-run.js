// SPDX-License-Identifier: MIT
// Files of links in chunks: reading a chosen file for an import, and putting an export together. What runs goes on while other pages are
// shown, waits while the server does not answer, and then continues where it was.

import { Problem, call, queryOf, session } from "./api.js";
import { Store } from "./store.js";

/** The most bytes of an import's request; the server never leaves such a chunk unread as a whole. */
const CHUNK_BYTES = 100 * 1024;
const SHOWN_ROWS = 10;
const PAUSE_MS = 1000;
const PAUSE_MAX_MS = 30_000;
export const COUNTS = ["imported", "changed", "present", "conflicts", "refused"];

/** The import, and the export, that runs or ran last; null: none. `state` is running, waiting, stopped or done. */
export const importing = new Store(null);
export const exporting = new Store(null);

const isPassing = (problem) => problem instanceof Problem && (problem.status === 0 || problem.status === 429 || problem.status >= 500);

/** Waits; not after the browser is online again. Throws when `signal` aborts. */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const end = (then) => () => {
      clearTimeout(timer);
      removeEventListener("online", goOn);
      signal.removeEventListener("abort", stop);
      then(signal.reason);
    };
    const goOn = end(resolve);
    const stop = end(reject);
    const timer = setTimeout(goOn, ms);
    addEventListener("online", goOn);
    signal.addEventListener("abort", stop);
  });
}

/** Sends until there is an answer that trying again would not change. */
async function persist(send, signal, onWait) {
  for (let tried = 0; ; tried++) {
    try {
      return await send();
    } catch (problem) {
      if (signal.aborted || !isPassing(problem)) throw problem;
      onWait(problem);
      await pause(1000 * problem.retryAfterS || Math.min(PAUSE_MS * 2 ** tried, PAUSE_MAX_MS), signal);
    }
  }
}

/** Runs `step` until it returns nothing more to change in the store's value, or is stopped. Returns whether it came to the end. */
async function run(store, step) {
  const stop = new AbortController();
  const change = (changes) => store.set({ ...store.value, ...changes });
  const leave = (event) => event.preventDefault();
  change({ state: "running", problem: null, stop: () => stop.abort() });
  addEventListener("beforeunload", leave);
  try {
    while (store.value.state !== "done") {
      const changes = await persist(() => step(store.value, stop.signal), stop.signal, (problem) => change({ state: "waiting", problem }));
      change({ state: "running", problem: null, ...changes });
    }
  } catch (problem) {
    change({ state: "stopped", problem: stop.signal.aborted ? null : problem });
  } finally {
    removeEventListener("beforeunload", leave);
  }
  return store.value.state === "done";
}

/** A value for a table that a spreadsheet may open: no formula (as the server's own tables), and quoted where it must be. */
function cell(value) {
  const text = String(value ?? "");
  const safe = /^[=+\-@\t\r']/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const csvOf = (rows) => rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

/** Adds the kinds of `found` to those that were seen, with all their rows. */
function addKinds(seen, found) {
  const all = new Map(seen.map((one) => [one.kind, one]));
  for (const one of found) all.set(one.kind, { ...(all.get(one.kind) ?? one), rows: (all.get(one.kind)?.rows ?? 0) + one.rows });
  return [...all.values()];
}

/** A name for an import, by which the server makes no row twice. Browsers have randomUUID for https alone. */
const newName = () => [...crypto.getRandomValues(new Uint32Array(4))].map((one) => one.toString(36)).join("-");

/** Sends the next chunk of the import: the head of the file, and what comes after that which was read. */
async function importChunk(job, signal) {
  const { file, at, head, next, options, isTrial } = job;
  const end = Math.min(at + CHUNK_BYTES - head, file.size);
  const body = await new Blob([file.slice(0, head), file.slice(at, end)]).arrayBuffer();
  const more = end < file.size ? "yes" : "no";
  const trial = isTrial ? { dry_run: "yes" } : {};
  const shown = at === 0 ? { show: SHOWN_ROWS } : {};
  const target = `import${queryOf({ ...options, ...trial, ...shown, next, more })}`;
  const { body: said } = await call(target, { method: "POST", body, signal, headers: { "Idempotency-Key": job.name } });
  const lines = csvOf(said.problems.map(({ line, code, kind, why }) => [line, code, kind, why]));
  return {
    at: at + said.consumed,
    head: said.head,
    next: said.next,
    state: said.done ? "done" : "running",
    of: said.file,
    skipped: said.columns_skipped,
    counts: Object.fromEntries(COUNTS.map((name) => [name, job.counts[name] + said[name]])),
    changes: addKinds(job.changes, said.changes),
    refusals: addKinds(job.refusals, said.refusals),
    rows: at === 0 ? said.rows : job.rows,
    left: new Blob([job.left, lines]),
  };
}

/** Imports a file, or only says what an import would do. */
export function startImport(file, options, isTrial) {
  importing.set({
    file, options, isTrial,
    user: session.value.user,
    name: newName(),
    at: 0, head: 0, next: null,
    of: null, skipped: null,
    counts: Object.fromEntries(COUNTS.map((name) => [name, 0])),
    changes: [], refusals: [], rows: [],
    left: new Blob([csvOf([["line", "code", "kind", "why"]])]),
  });
  return run(importing, importChunk);
}

/** Goes on with what was stopped. */
export const continueImport = () => run(importing, importChunk);

const lineBreaks = async (blob) => new Uint8Array(await blob.arrayBuffer()).reduce((n, byte) => n + (byte === 10), 0);

/** Takes the next chunk of the export. */
async function exportChunk(job, signal) {
  const { body, link } = await call(job.target, { signal, isFile: true });
  const next = /<(\?[^>]+)>; *rel="next"/.exec(link ?? "")?.[1];
  return {
    target: next && `export${next}`,
    state: next ? "running" : "done",
    file: new Blob([job.file, body]),
    bytes: job.bytes + body.size,
    lines: job.lines + await lineBreaks(body),
  };
}

/** Exports the links; `query` has the format, and whose they are. */
export async function startExport(query, total) {
  exporting.set({ user: session.value.user, target: `export${queryOf(query)}`, format: query.format, total, file: new Blob(), bytes: 0, lines: 0 });
  return run(exporting, exportChunk);
}
