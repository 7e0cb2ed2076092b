// SPDX-License-Identifier: MIT
// A client of Curt's API for browsers and for Node 18 and later; it needs nothing but fetch.
//
//   import { Curt, Problem } from "./curt.js";
//   const curt = new Curt("https://s.example", { key: "curt_1_..." });
//   const link = await curt.createLink({ long_url: "https://example.com/", custom_alias: "spring" });
//   await curt.updateLink(link.code, { title: "Spring" }, { etag: link.etag });
//   for await (const one of curt.listLinks({ tag: "news" })) console.log(one.short_url);

/**
 * A link as the API shows it. Times are RFC 3339 in UTC. `etag` identifies this version; it is not
 * enumerable, so that a copied link, or its JSON, has only the API's members.
 * @typedef {{code: string, short_url: string, long_url: string, custom_alias: string|null,
 *   aliases: string[], title: string|null, tags: string[], redirect_status: number,
 *   forward_query: boolean, extra_path: "404"|"append"|"ignore"|null,
 *   created_at: string, updated_at: string, starts_at: string|null,
 *   expires_at: string|null, max_clicks: number|null, expired_url: string|null, not_started_url: string|null, clicks: number, clicks_imported: number, owner: string|null,
 *   state: "live"|"scheduled"|"expired"|"exhausted"|"deleted", deleted_at?: string, etag?: string}} Link
 */

/**
 * The members of a new link; a change takes the same ones, and null removes a value.
 * @typedef {{long_url?: string, custom_alias?: string|null, expires_at?: string|null,
 *   ttl_seconds?: number, starts_at?: string|null, max_clicks?: number|null,
 *   expired_url?: string|null, not_started_url?: string|null,
 *   redirect_status?: number|null, forward_query?: boolean|null,
 *   extra_path?: "404"|"append"|"ignore"|null, title?: string|null,
 *   tags?: string[]|null, reuse?: boolean}} LinkFields
 */

/**
 * @typedef {{q?: string, long_url?: string, tag?: string, state?: string, owner?: string, order?: string,
 *   limit?: number, cursor?: string}} Filters
 */

/**
 * `from` and `to` are the first and the last unit, both included.
 * @typedef {{from?: string, to?: string, unit?: "hour"|"day"|"week"|"month", tz?: string,
 *   by?: string|string[], limit?: number}} Range
 */

/**
 * @typedef {{clicks: number, visitors: number, bots: number}} Counts
 * @typedef {Counts & {code: string, from: string, to: string, unit: string,
 *   zone: {name: string, utc_until: ?string}, series: Array<Counts & {at: string}>,
 *   by: Record<string, Array<{value: string, clicks: number}>>}} Statistics
 */

/**
 * The scope of a key: to see links and statistics; also to make links; everything that its user may do.
 * @typedef {"read"|"create"|"manage"} Scope
 * @typedef {{id: number, user: string, role: "admin"|"user", scope: Scope, name: string|null,
 *   created_at: string, expires_at: string|null, last_used_at?: string|null,
 *   revoked_at?: string|null, secret?: string}} Key
 */

/**
 * The lifetimes of new links, in seconds: of those that name none, and the longest; null: none.
 * @typedef {{role?: "admin"|"user", default_ttl_seconds?: number|null, max_ttl_seconds?: number|null}} UserChange
 * @typedef {{user: string, role: "admin"|"user", links: number, keys: number, created_at: string,
 *   default_ttl_seconds: number|null, max_ttl_seconds: number|null}} User
 */

/**
 * `signal` aborts the call, also while it waits for a retry.
 * @typedef {{signal?: AbortSignal}} Options
 */

/** An error that the API returned, as RFC 9457 problem details. Programs compare `code`. */
export class Problem extends Error {
  /**
   * @param {number} status the HTTP status
   * @param {Record<string, any>} body the problem details
   * @param {string|null} [requestId]
   * @param {number|null} [retryAfter] seconds, from the header Retry-After
   */
  constructor(status, body, requestId = null, retryAfter = null) {
    super(body.detail || body.title || `the server answered ${status}`);
    this.name = "Problem";
    /** @type {string} "alias_taken" and so on; "unexpected" if the answer had no problem details */
    this.code = body.code || "unexpected";
    this.status = status;
    this.title = body.title || "";
    this.detail = body.detail || "";
    /** @type {string|null} the wrong member of the request */
    this.field = body.field || null;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

const RETRIED = new Set([429, 503]);

/** 128 random bits in hex. crypto is not a global in Node 18, and these need not be secret. */
function randomKey() {
  const bytes = new Uint8Array(16);
  if (globalThis.crypto?.getRandomValues) globalThis.crypto.getRandomValues(bytes);
  else bytes.forEach((_, i) => { bytes[i] = Math.floor(Math.random() * 256); });
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Seconds of a Retry-After header (RFC 9110, 10.2.3), a number or a date; null without one. */
function secondsOf(header) {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

/** Resolves after `ms`; rejects as soon as `signal` aborts. */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener("abort", stop); resolve(); }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** The JSON of an answer; null for anything else. */
async function jsonOf(response) {
  const type = response.headers.get("Content-Type") || "";
  if (!/^application\/(problem\+)?json\b/i.test(type)) return null;
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function withEtag(link, response) {
  const value = response.headers.get("ETag");
  if (value) Object.defineProperty(link, "etag", { value, configurable: true });
  return link;
}

const path = (code) => `urls/${encodeURIComponent(code)}`;

/** The most links of a bulk request: Curt takes no more. */
export const BATCH_LINKS = 1000;
/** The most bytes of a bulk request of several links: web servers of shared hosts take 128 KiB. */
export const BATCH_BYTES = 100 * 1024;

/** The links in their order, in lists that each fit one bulk request; an empty list is one of its own. */
function batchesOf(links) {
  const utf8 = new TextEncoder();
  const sizeOf = (link) => utf8.encode(JSON.stringify(link) ?? "null").length + 1; // and a comma
  const frame = '{"links":[]}'.length;
  const batches = [[]];
  let bytes = frame;
  for (const link of links) {
    const size = sizeOf(link);
    const batch = batches[batches.length - 1];
    if (batch.length === BATCH_LINKS || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
      batches.push([link]);
      bytes = frame + size;
    } else {
      batch.push(link);
      bytes += size;
    }
  }
  return batches;
}

/** The query string of the given parameters; empty if there are none. */
function queryOf(parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text && `?${text}`;
}

export class Curt {
  /**
   * @param {string} baseUrl the base URL, "https://s.example/s"
   * @param {object} [options]
   * @param {string} [options.key] the API key; without one only calls that need none
   * @param {number} [options.retries] the number of retries after 429 and 503
   * @param {number} [options.maxWait] seconds; if the server asks for a longer wait, the Problem is thrown at once
   * @param {number} [options.timeout] seconds for one try
   * @param {typeof fetch} [options.fetch] instead of the global one
   */
  constructor(baseUrl, { key, retries = 3, maxWait = 30, timeout = 30, fetch } = {}) {
    this.api = `${String(baseUrl).replace(/\/+$/, "")}/api/v1/`;
    this.key = key;
    this.retries = retries;
    this.maxWait = maxWait;
    this.timeout = timeout;
    this.fetch = fetch || globalThis.fetch.bind(globalThis);
  }

  /**
   * Makes a link. A try whose answer was lost is repeated with the same Idempotency-Key, so
   * that there is never a second link; pass a key of your own to be able to repeat the call after a crash.
   * @param {LinkFields} fields
   * @param {Options & {idempotencyKey?: string}} [options]
   * @returns {Promise<Link>}
   */
  async createLink(fields, { idempotencyKey = randomKey(), signal } = {}) {
    const headers = { "Idempotency-Key": idempotencyKey };
    const { body, response } = await this.#send("POST", "urls", { body: fields, headers, signal, again: true });
    return withEtag(body, response);
  }

  /**
   * @param {string} code the generated code or an alias
   * @param {Options} [options]
   * @returns {Promise<Link>}
   */
  async getLink(code, { signal } = {}) {
    const { body, response } = await this.#send("GET", path(code), { signal, again: true });
    return withEtag(body, response);
  }

  /**
   * Changes the given members; null removes a value. With the `etag` of a link that was read, a change made since
   * then is not overwritten: the call throws a Problem with the code "precondition_failed".
   * @param {string} code
   * @param {LinkFields} changes
   * @param {Options & {etag?: string}} [options]
   * @returns {Promise<Link>}
   */
  async updateLink(code, changes, { etag, signal } = {}) {
    const headers = etag ? { "If-Match": etag } : {};
    const { body, response } = await this.#send("PATCH", path(code), { body: changes, headers, signal });
    return withEtag(body, response);
  }

  /**
   * Deletes the link and all its codes. It can be restored for a while.
   * @param {string} code
   * @param {Options & {etag?: string}} [options]
   * @returns {Promise<void>}
   */
  async deleteLink(code, { etag, signal } = {}) {
    const headers = etag ? { "If-Match": etag } : {};
    await this.#send("DELETE", path(code), { headers, signal });
  }

  /**
   * Restores a link that was deleted lately (`links.restore_window`), with all it had.
   * @param {string} code any of the codes that it had
   * @param {Options} [options]
   * @returns {Promise<Link>}
   */
  async restoreLink(code, { signal } = {}) {
    const { body, response } = await this.#send("POST", `${path(code)}/restore`, { signal });
    return withEtag(body, response);
  }

  /**
   * One page of links; `next_cursor` is null on the last one.
   * @param {Filters} [filters]
   * @param {Options} [options]
   * @returns {Promise<{links: Link[], next_cursor: string|null}>}
   */
  async listPage(filters = {}, { signal } = {}) {
    const { body } = await this.#send("GET", `urls${queryOf(filters)}`, { signal, again: true });
    return body;
  }

  /**
   * The statistics of a link.
   * @param {string} code the generated code or an alias
   * @param {Range} [range]
   * @param {Options} [options]
   * @returns {Promise<Statistics>}
   */
  async getStatistics(code, range = {}, { signal } = {}) {
    const { body } = await this.#send("GET", `${path(code)}/stats${queryOf(range)}`, { signal, again: true });
    return body;
  }

  /**
   * The address of a picture of the short URL as a QR code, for `<img src>`; it needs no key.
   * @param {string} code the generated code or an alias
   * @param {{format?: "svg"|"png", size?: number, level?: "L"|"M"|"Q"|"H", margin?: number, dark?: string,
   *   light?: string, logo?: "yes"|"no"}} [options]
   * @returns {string}
   */
  qrUrl(code, options = {}) {
    return `${this.api}${path(code)}/qr${queryOf(options)}`;
  }

  /**
   * The statistics of all links of the caller, for an admin of all links; without `code`.
   * @param {Range} [range]
   * @param {Options} [options]
   * @returns {Promise<Omit<Statistics, "code">>}
   */
  async getAllStatistics(range = {}, { signal } = {}) {
    const { body } = await this.#send("GET", `stats/series${queryOf(range)}`, { signal, again: true });
    return body;
  }

  /**
   * The totals of the caller's links, for an admin those of all links.
   * @param {Options} [options]
   * @returns {Promise<Counts & {links: number}>}
   */
  async getTotals({ signal } = {}) {
    const { body } = await this.#send("GET", "stats", { signal, again: true });
    return body;
  }

  /**
   * All links that match; each page is requested when it is needed.
   * @param {Filters} [filters] `limit` is the size of a page
   * @param {Options} [options]
   * @returns {AsyncGenerator<Link, void, void>}
   */
  async *listLinks(filters = {}, options = {}) {
    let cursor = filters.cursor;
    do {
      const page = await this.listPage({ ...filters, cursor }, options);
      yield* page.links;
      cursor = page.next_cursor;
    } while (cursor);
  }

  /**
   * Makes any number of links, in requests of at most BATCH_LINKS links and BATCH_BYTES bytes, one after the other.
   * Each link has its own result, in the order of `links`. If a request fails, the call throws; but if requests before it
   * have made links, it ends there, and the failure is the result of each link from there on: its `problem`, with
   * the status of the answer, or an Error of the network with the status 0, after which these links may have been made.
   * @param {LinkFields[]} links
   * @param {Options} [options]
   * @returns {Promise<Array<{status: number, link?: Link, problem?: Problem|Error}>>}
   */
  async bulkCreate(links, { signal } = {}) {
    const results = [];
    for (const batch of batchesOf(links)) {
      try {
        results.push(...await this.#bulk(batch, signal));
      } catch (problem) {
        if (results.length === 0) throw problem;
        const { status = 0 } = problem;
        return results.concat(links.slice(results.length).map(() => ({ status, problem })));
      }
    }
    return results;
  }

  async #bulk(links, signal) {
    const { body, response } = await this.#send("POST", "urls/bulk", { body: { links }, signal });
    const id = response.headers.get("X-Request-Id");
    return body.results.map(({ status, link, problem }) =>
      (problem ? { status, problem: new Problem(status, problem, id) } : { status, link }));
  }

  /**
   * Whether a link may get the alias. If not, `reason` is the code of the Problem that createLink would throw.
   * @param {string} alias
   * @param {Options} [options]
   * @returns {Promise<{alias: string, available: boolean, reason: string|null, detail: string|null}>}
   */
  async checkAlias(alias, { signal } = {}) {
    const { body } = await this.#send("GET", `aliases/${encodeURIComponent(alias)}`, { signal, again: true });
    return body;
  }

  /**
   * The tags of the caller's links, with the numbers of their links; 10,000 means so many or more.
   * @param {Options} [options]
   * @returns {Promise<{tag: string, links: number}[]>}
   */
  async listTags({ signal } = {}) {
    return this.#all("tags", signal);
  }

  /**
   * Renames a tag in all links of the caller.
   * @param {string} tag
   * @param {string} name the new one
   * @param {Options} [options]
   * @returns {Promise<number>} how many links had it
   */
  async renameTag(tag, name, { signal } = {}) {
    let links = 0;
    for (;;) {
      const target = `tags/${encodeURIComponent(tag)}`;
      const { body } = await this.#send("PATCH", target, { body: { tag: name }, signal });
      links += body.links;
      if (!body.more) return links;
    }
  }

  /**
   * All users with their roles and the numbers of their links and keys; for admins.
   * @param {Options} [options]
   * @returns {Promise<User[]>}
   */
  async listUsers({ signal } = {}) {
    return this.#all("users", signal);
  }

  /**
   * Makes a user without keys; for admins.
   * @param {{user: string} & UserChange} fields
   * @param {Options} [options]
   * @returns {Promise<User>}
   */
  async createUser(fields, { signal } = {}) {
    const { body } = await this.#send("POST", "users", { body: fields, signal });
    return body;
  }

  /**
   * Changes a user; for admins.
   * @param {string} user
   * @param {UserChange} fields
   * @param {Options} [options]
   * @returns {Promise<User>}
   */
  async changeUser(user, fields, { signal } = {}) {
    const { body } = await this.#send("PATCH", `users/${encodeURIComponent(user)}`, { body: fields, signal });
    return body;
  }

  /**
   * Deletes a user, in steps of some seconds, until it is gone; for admins.
   * @param {string} user
   * @param {{deleteLinks?: boolean, giveLinksTo?: string} & Options} [options] what becomes of the links
   * @returns {Promise<{links: number, keys: number}>} how many were given or deleted, and revoked
   */
  async deleteUser(user, { deleteLinks = false, giveLinksTo, signal } = {}) {
    const query = new URLSearchParams();
    if (deleteLinks) query.set("delete_links", "yes");
    if (giveLinksTo) query.set("give_links_to", giveLinksTo);
    const sum = { links: 0, keys: 0 };
    for (;;) {
      const { body, response } = await this.#send("DELETE", `users/${encodeURIComponent(user)}?${query}`, { signal });
      sum.links += body.links;
      sum.keys += body.keys;
      if (!body.more) return sum;
      await pause(1000 * (secondsOf(response.headers.get("Retry-After")) ?? 1), signal);
    }
  }

  /**
   * The caller's API keys, for an admin all, without secrets.
   * @param {Options} [options]
   * @returns {Promise<Key[]>}
   */
  async listKeys({ signal } = {}) {
    return this.#all("keys", signal);
  }

  /** All items of a list whose pages have them in the member of its name. */
  async #all(name, signal) {
    const items = [];
    let target = name;
    for (;;) {
      const { body } = await this.#send("GET", target, { signal, again: true });
      items.push(...body[name]);
      if (!body.next_cursor) return items;
      target = `${name}?${new URLSearchParams({ cursor: body.next_cursor })}`;
    }
  }

  /**
   * Makes a key. Its `secret` is returned only this once.
   * @param {{user?: string, role?: "admin"|"user", name?: string, scope?: Scope,
   *   expires_at?: string}} fields
   * @param {Options} [options]
   * @returns {Promise<Key>}
   */
  async createKey(fields, { signal } = {}) {
    const { body } = await this.#send("POST", "keys", { body: fields, signal });
    return body;
  }

  /**
   * @param {number} id
   * @param {Options} [options]
   * @returns {Promise<void>}
   */
  async revokeKey(id, { signal } = {}) {
    await this.#send("DELETE", `keys/${encodeURIComponent(id)}`, { signal });
  }

  /**
   * Sends the request, with retries, and returns the final answer. A request that may be sent `again` is also
   * repeated when the connection broke or the server does not know the result; others only after a 429,
   * which changed nothing.
   */
  async #send(method, target, { body, headers = {}, signal, again = false }) {
    for (let tried = 0; ; tried++) {
      let problem;
      try {
        const response = await this.#once(method, target, { body, headers, signal });
        const json = await jsonOf(response);
        if (response.ok && json !== null) return { body: json, response };
        problem = new Problem(response.status, json || {}, response.headers.get("X-Request-Id"),
          secondsOf(response.headers.get("Retry-After")));
      } catch (error) {
        if (signal?.aborted || !again) throw error;
        problem = error;
      }
      if (tried >= this.retries || !this.#isWorthAgain(problem, again)) throw problem;
      await this.#wait(problem, tried, signal);
    }
  }

  #isWorthAgain(problem, again) {
    if (!(problem instanceof Problem)) return again;
    return RETRIED.has(problem.status) && (again || problem.status === 429) &&
      (problem.retryAfter ?? 0) <= this.maxWait;
  }

  /** The server's Retry-After; else a quarter of a second, doubled at each retry. */
  #wait(problem, tried, signal) {
    const seconds = problem.retryAfter ?? Math.min(0.25 * 2 ** tried, this.maxWait);
    return pause(seconds * 1000 * (1 + Math.random() / 4), signal);
  }

  /** One try; the whole answer has to arrive within the time-out. */
  async #once(method, target, { body, headers, signal }) {
    const sent = { Accept: "application/json", ...headers };
    if (this.key) sent.Authorization = `Bearer ${this.key}`;
    if (body !== undefined) sent["Content-Type"] = "application/json";
    const stop = new AbortController();
    const pass = () => stop.abort(signal.reason);
    if (signal?.aborted) pass();
    signal?.addEventListener("abort", pass, { once: true });
    const late = () => stop.abort(new DOMException("The server took too long.", "TimeoutError"));
    const timer = setTimeout(late, this.timeout * 1000);
    try {
      const response = await this.fetch(this.api + target, {
        method,
        headers: sent,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: stop.signal,
        redirect: "error",
        credentials: "omit",
        cache: "no-store",
      });
      const bytes = await response.arrayBuffer();
      const { status, statusText } = response;
      const whole = bytes.byteLength ? bytes : null;
      return new Response(whole, { status, statusText, headers: response.headers });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", pass);
    }
  }
}
