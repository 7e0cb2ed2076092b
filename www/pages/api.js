// SPDX-License-Identifier: MIT
// Calls of Curt's API with the session's cookie, and the session itself. Keys and tokens pass through; nothing stores them.

import { apiUrl, sessionUrl } from "./site.js";
import { Store } from "./store.js";

const TIMEOUT_MS = 30_000;

/** {user, role, csrf, expires_at}; null: signed out; undefined: not known yet. */
export const session = new Store(undefined);

/** An answer that is an error: RFC 9457 problem details, or no answer at all ("unreachable"). */
export class Problem extends Error {
  constructor(status, body, retryAfterS = 0) {
    super(body.detail || body.title || String(status));
    this.status = status;
    this.code = body.code || "unexpected";
    this.detail = body.detail || "";
    this.field = body.field || null;
    this.retryAfterS = retryAfterS;
  }
}

async function jsonOf(response) {
  if (!/\bjson\b/.test(response.headers.get("Content-Type") || "")) return {};
  return response.json().catch(() => ({}));
}

/** A signal that aborts with `signal`, or when the time is up, until `end` is called. Older browsers have no AbortSignal.any. */
function limited(signal) {
  const stop = new AbortController();
  const abort = () => stop.abort();
  const timer = setTimeout(abort, TIMEOUT_MS);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return {
    signal: stop.signal,
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

/** Sends `body`, the bytes of a file or what JSON has; with `isFile` the answer's is a file, too. */
async function send(url, { method = "GET", body, headers = {}, signal, isFile = false } = {}) {
  const sent = { Accept: isFile ? "*/*" : "application/json", ...headers };
  const sendsFile = body instanceof ArrayBuffer;
  if (body !== undefined) sent["Content-Type"] = sendsFile ? "application/octet-stream" : "application/json";
  if (method !== "GET" && session.value) sent["X-Csrf-Token"] = session.value.csrf;
  const limit = limited(signal);
  let answer, retryAfterS;
  try {
    const response = await fetch(url, {
      method,
      headers: sent,
      body: body === undefined || sendsFile ? body : JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
      signal: limit.signal,
    });
    const { status, headers: got } = response;
    retryAfterS = Number(got.get("Retry-After")) || 0;
    answer = { status, body: await (isFile && response.ok ? response.blob() : jsonOf(response)), etag: got.get("ETag"), link: got.get("Link"), retryAfterS };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, { code: "unreachable" });
  } finally {
    limit.end();
  }
  if (answer.status < 300 || answer.status === 304) return answer;
  throw new Problem(answer.status, answer.body, retryAfterS);
}

/** Sends a change; once more if this browser has signed in anew in another window, so that the text of its session is another one. */
async function sendChange(url, options) {
  try {
    return await send(url, options);
  } catch (error) {
    const before = session.value;
    if (error.status !== 403 || !before) throw error;
    const now = await send(sessionUrl).then(({ body }) => body, () => before);
    if (now.csrf === before.csrf) throw error;
    session.set(now);
    if (now.user !== before.user) throw error;
    return send(url, options);
  }
}

/** The session `ended` is over. One may have signed in anew while the answer that says so was on its way. */
export function leave(ended) {
  if (ended && session.value === ended) session.set(null);
}

/**
 * Calls the API: {status, body, etag, link, retryAfterS}. Throws a Problem. Who turns out to be signed out is.
 * @param {string} target below /api/v1/
 */
export async function call(target, options) {
  const before = session.value;
  try {
    return await (options?.method ? sendChange : send)(apiUrl(target), options);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) leave(before);
    throw error;
  }
}

/** The query string of the parameters that have a value. */
export function queryOf(parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text && `?${text}`;
}

export const linkTarget = (code) => `urls/${encodeURIComponent(code)}`;

/** Asks who is signed in. Where that cannot be known, nobody is. */
export async function loadSession() {
  try {
    session.set((await send(sessionUrl)).body);
  } catch {
    session.set(null);
  }
}

/** Signs in with {key} or {token}. */
export async function signIn(credential) {
  session.set((await send(sessionUrl, { method: "POST", body: credential })).body);
}

export async function signOut() {
  const ended = session.value;
  await sendChange(sessionUrl, { method: "DELETE" }).catch((error) => {
    if (error.status !== 401) throw error;
  });
  leave(ended);
}
