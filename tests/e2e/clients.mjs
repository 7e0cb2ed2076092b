// SPDX-License-Identifier: MIT
// What www/curt.js does with a running Curt: node clients.mjs SCENARIO, with CURT_URL and CURT_KEY
// in the environment. A scenario that does not throw has passed; without one, prints their names.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { BATCH_BYTES, BATCH_LINKS, Curt, Problem } from "../../www/curt.js";

const { CURT_URL, CURT_KEY } = process.env;
const connect = (options) => new Curt(CURT_URL, { key: CURT_KEY, ...options });
const unique = () => `js${process.hrtime.bigint().toString(36)}`;

const refusal = async (promise) => {
  const error = await promise.then(() => null, (thrown) => thrown);
  assert.ok(error instanceof Problem, `no Problem: ${error && error.stack}`);
  return error;
};

// A server of our own that gives these answers one after the other, and notes what it was asked.
const answering = async (answers, use) => {
  const asked = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => { body += piece; });
    request.on("end", () => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push({ at: performance.now(), method: request.method, url: request.url, headers: request.headers, body });
      if (answer === "hang up") return request.socket.destroy();
      if (answer === "say nothing") return undefined;
      const [status, json, headers] = answer;
      response.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...headers });
      return response.end(JSON.stringify(json));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${server.address().port}/s/`, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

// The results of a bulk of these links, each made by a server of our own; `check` gets the bodies.
const bulks = async (links, check) => {
  const sent = [];
  const fetch = async (_, { body }) => {
    sent.push(body);
    const results = JSON.parse(body).links.map((link) => ({ status: 201, link }));
    return new Response(JSON.stringify({ results }), { status: 207, headers: { "Content-Type": "application/json" } });
  };
  const results = await new Curt("https://s.example", { fetch }).bulkCreate(links);
  await check(sent);
  return results;
};

const UNAVAILABLE = [503, { code: "unavailable", detail: "Later." }, { "Retry-After": "0" }];
const LINK = { code: "abc", short_url: "https://s.example/abc" };

const scenarios = {
  async creates_and_shows() {
    const curt = connect();
    const alias = unique();
    const made = await curt.createLink({ long_url: "https://example.com/%2B?q=1", custom_alias: alias });
    assert.equal(made.short_url, `${CURT_URL}/${alias}`);
    assert.deepEqual(await curt.getLink(alias), made);
    const followed = await fetch(made.short_url, { redirect: "manual" });
    assert.equal(followed.headers.get("Location"), "https://example.com/%2B?q=1");
  },

  async tells_problems() {
    const problem = await refusal(connect().createLink({ long_url: "javascript:alert(1)" }));
    assert.equal(problem.code, "unsupported_scheme");
    assert.equal(problem.status, 400);
    assert.equal(problem.field, "long_url");
    assert.ok(problem.requestId && problem.detail && problem.message === problem.detail);
    assert.equal((await refusal(connect().getLink("no/such?code"))).code, "not_found");
    assert.equal((await refusal(connect({ key: "curt_1_wrong" }).getLink("abc"))).code, "unauthorized");
    assert.equal((await refusal(connect({ key: undefined }).getLink("abc"))).status, 401);
  },

  async waits_as_told_and_creates_once() {
    const answers = [[429, { code: "rate_limited" }, { "Retry-After": "1" }], UNAVAILABLE, "hang up", [201, LINK, { ETag: '"1"' }]];
    await answering(answers, async (url, asked) => {
      const link = await new Curt(url, { key: "k" }).createLink({ long_url: "https://a.example/" });
      assert.deepEqual(link, LINK);
      assert.equal(link.etag, '"1"');
      assert.equal(asked.length, 4);
      assert.ok(asked[1].at - asked[0].at >= 1000, "asked again too early");
      assert.equal(new Set(asked.map((one) => one.headers["idempotency-key"])).size, 1);
      assert.match(asked[0].headers["idempotency-key"], /^[0-9a-f]{32}$/);
      assert.equal(asked[3].url, "/s/api/v1/urls");
      assert.equal(asked[3].headers.authorization, "Bearer k");
      assert.deepEqual(JSON.parse(asked[3].body), { long_url: "https://a.example/" });
    });
  },

  async gives_up_in_the_end() {
    await answering([UNAVAILABLE], async (url, asked) => {
      assert.equal((await refusal(new Curt(url, { retries: 2 }).getLink("abc"))).code, "unavailable");
      assert.equal(asked.length, 3);
    });
    await answering([[429, { code: "rate_limited" }, { "Retry-After": "31" }]], async (url, asked) => {
      assert.equal((await refusal(new Curt(url).getLink("abc"))).retryAfter, 31);
      assert.equal(asked.length, 1);
    });
    await answering(["hang up"], async (url, asked) => {
      await assert.rejects(new Curt(url, { retries: 1 }).getLink("abc"), TypeError);
      assert.equal(asked.length, 2);
    });
  },

  async does_not_repeat_what_may_have_been_done() {
    const calls = [
      (curt) => curt.createKey({ user: "ann" }),
      (curt) => curt.deleteLink("abc"),
      (curt) => curt.updateLink("abc", { title: "x" }),
      (curt) => curt.bulkCreate([{ long_url: "https://a.example/" }]),
    ];
    for (const call of calls) {
      await answering([UNAVAILABLE], async (url, asked) => {
        assert.equal((await refusal(call(new Curt(url)))).code, "unavailable");
        assert.equal(asked.length, 1);
      });
    }
  },

  async heeds_signal_and_timeout() {
    await answering(["say nothing"], async (url, asked) => {
      await assert.rejects(new Curt(url, { timeout: 0.1, retries: 0 }).getLink("abc"), { name: "TimeoutError" });
      const stop = new AbortController();
      const waiting = assert.rejects(new Curt(url).getLink("abc", { signal: stop.signal }), /enough/);
      stop.abort(new Error("enough"));
      await waiting;
      assert.ok(asked.length <= 2);
    });
    await answering([[503, {}, { "Retry-After": "20" }]], async (url, asked) => {
      const stop = new AbortController();
      const waiting = assert.rejects(new Curt(url).getLink("abc", { signal: stop.signal }), /enough/);
      while (asked.length === 0) await new Promise((resolve) => { setImmediate(resolve); });
      setImmediate(() => stop.abort(new Error("enough")));
      await waiting;
    });
  },

  async takes_what_is_no_json_as_a_problem() {
    const page = [502, "<html>", { "Content-Type": "text/html" }];
    await answering([page], async (url) => {
      const problem = await refusal(new Curt(url).getLink("abc"));
      assert.deepEqual([problem.code, problem.status], ["unexpected", 502]);
    });
  },

  async updates_with_etags() {
    const curt = connect();
    const made = await curt.createLink({ long_url: "https://example.com/", title: "One" });
    assert.ok(made.etag);
    const changed = await curt.updateLink(made.code, { title: "Two" }, { etag: made.etag });
    assert.equal(changed.title, "Two");
    assert.notEqual(changed.etag, made.etag);
    const stale = await refusal(curt.updateLink(made.code, { title: "Three" }, { etag: made.etag }));
    assert.deepEqual([stale.code, stale.status], ["precondition_failed", 412]);
    const cleared = await curt.updateLink(made.code, { title: null });
    assert.equal(cleared.title, null);
    assert.equal((await curt.getLink(made.code)).etag, cleared.etag);
  },

  async deletes() {
    const curt = connect();
    const made = await curt.createLink({ long_url: "https://example.com/" });
    assert.equal((await refusal(curt.deleteLink(made.code, { etag: '"77"' }))).code, "precondition_failed");
    assert.equal(await curt.deleteLink(made.code, { etag: made.etag }), undefined);
    assert.equal((await refusal(curt.getLink(made.code))).code, "not_found");
  },

  async creates_in_bulk() {
    const alias = unique();
    const results = await connect().bulkCreate([
      { long_url: "https://example.com/", custom_alias: alias }, { long_url: "nonsense" },
      { long_url: "https://example.com/", custom_alias: alias }]);
    assert.deepEqual(results.map((one) => one.status), [201, 400, 409]);
    assert.equal(results[0].link.code, alias);
    assert.ok(results[1].problem instanceof Problem);
    assert.equal(results[2].problem.code, "alias_taken");
  },

  async cuts_bulks_to_fit() {
    const long = (i) => ({ long_url: `https://example.com/${i}?${"é".repeat(i % 300)}`, title: `the ${i}th` });
    const rows = [ // links, and the most and the least requests that they take
      [[], 1, 1], [Array.from({ length: 1000 }, () => ({ long_url: "https://e.com/" })), 1, 1],
      [Array.from({ length: 1001 }, () => ({ long_url: "https://e.com/" })), 2, 2],
      [Array.from({ length: 700 }, (_, i) => long(i)), 3, 4],
      [[long(1), { long_url: `https://e.com/${"x".repeat(BATCH_BYTES)}` }, long(2)], 3, 3],
    ];
    for (const [links, least, most] of rows) {
      const results = await bulks(links, async (sent) => {
        assert.ok(sent.length >= least && sent.length <= most, `${sent.length} requests`);
        assert.deepEqual(sent.flatMap((body) => JSON.parse(body).links), links);
        for (const body of sent) {
          const { length } = JSON.parse(body).links;
          assert.ok(length <= BATCH_LINKS);
          assert.ok(length === 1 || Buffer.byteLength(body) <= BATCH_BYTES, `${Buffer.byteLength(body)} bytes`);
        }
      });
      assert.deepEqual(results.map((one) => one.link.long_url), links.map((link) => link.long_url));
    }
  },

  async says_which_of_many_were_made() {
    const links = Array.from({ length: 2500 }, (_, i) => ({ long_url: `https://e.com/${i}` }));
    const made = (n) => [207, { results: Array(n).fill({ status: 201, link: LINK }) }];
    const refused = [413, { code: "payload_too_large", detail: "Too much." }];
    const count = (results) => results.map((one) => one.problem?.code ?? one.problem?.name ?? one.status);
    await answering([made(1000), refused], async (url, asked) => {
      const results = await new Curt(url).bulkCreate(links);
      assert.deepEqual(count(results), [...Array(1000).fill(201), ...Array(1500).fill("payload_too_large")]);
      assert.equal(results[2499].status, 413);
      assert.equal(asked.length, 2);
    });
    await answering([made(1000), made(1000), "hang up"], async (url) => {
      const results = await new Curt(url).bulkCreate(links);
      assert.equal(results.length, 2500);
      assert.equal(results[1999].status, 201);
      assert.ok(results[2000].status === 0 && results[2499].problem instanceof Error);
    });
    await answering([refused], async (url) => {
      assert.equal((await refusal(new Curt(url).bulkCreate(links))).code, "payload_too_large");
    });
  },

  async makes_700_links_on_a_shared_host() {
    const links = Array.from({ length: 700 }, (_, i) => ({ long_url: `https://example.com/${i}/${"x".repeat(250)}` }));
    assert.ok(Buffer.byteLength(JSON.stringify({ links })) > 131072);
    const results = await connect().bulkCreate(links);
    assert.deepEqual(results.map((one) => one.link?.long_url), links.map((link) => link.long_url));
  },

  async draws_qr_codes() {
    const curt = connect();
    const { code } = await curt.createLink({ long_url: "https://example.com/" });
    const svg = await fetch(curt.qrUrl(code));
    assert.equal(svg.headers.get("Content-Type"), "image/svg+xml");
    const png = await fetch(curt.qrUrl(code, { format: "png", size: 200, margin: 0 }));
    assert.equal(png.headers.get("Content-Type"), "image/png");
    assert.equal((await fetch(curt.qrUrl("no/such"))).status, 404);
  },

  async lists_over_pages() {
    const curt = connect();
    const tag = unique();
    await curt.bulkCreate(Array.from({ length: 7 }, (_, i) => ({ long_url: `https://example.com/${i}`, tags: [tag] })));
    const page = await curt.listPage({ tag, limit: 3, order: "created" });
    assert.equal(page.links.length, 3);
    assert.ok(page.next_cursor);
    const seen = [];
    for await (const link of curt.listLinks({ tag, limit: 3, order: "created" })) seen.push(link.long_url);
    assert.deepEqual(seen, Array.from({ length: 7 }, (_, i) => `https://example.com/${i}`));
    for await (const link of curt.listLinks({ tag: unique() })) assert.fail(`found ${link.code}`);
    assert.equal((await refusal(curt.listPage({ cursor: "garbage" }))).code, "invalid_field");
  },

  async tells_statistics() {
    const curt = connect();
    const made = await curt.createLink({ long_url: "https://example.com/" });
    const headers = { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0" };
    for (let i = 0; i < 3; i += 1) await fetch(made.short_url, { redirect: "manual", headers });
    const told = await curt.getStatistics(made.code, { unit: "hour", by: ["browser", "os"], limit: 5 });
    assert.deepEqual([told.code, told.unit, told.clicks, told.series.length], [made.code, "hour", 3, 48]);
    assert.deepEqual(told.by, { browser: [{ value: "Firefox", clicks: 3 }], os: [{ value: "Linux", clicks: 3 }] });
    assert.equal((await curt.getStatistics(made.code)).series.length, 30);
    assert.equal((await refusal(curt.getStatistics(unique()))).code, "not_found");
    assert.equal((await refusal(curt.getStatistics(made.code, { unit: "year" }))).field, "unit");
    assert.ok((await curt.getTotals()).links >= 1);
    assert.equal((await curt.getAllStatistics({ unit: "week" })).series.length, 12);
  },

  async renames_tags() {
    const admin = connect();
    const key = await admin.createKey({ user: unique(), role: "user" });
    const curt = connect({ key: key.secret });
    for (const tags of [["a/b ü"], ["a/b ü", "c"]]) await curt.createLink({ long_url: "https://example.com/", tags });
    assert.equal(await curt.renameTag("a/b ü", "c"), 2);
    assert.deepEqual(await curt.listTags(), [{ tag: "c", links: 2 }]);
    assert.equal((await refusal(curt.renameTag("a/b ü", "c"))).code, "not_found");
    const listed = (await admin.listUsers()).find((one) => one.user === key.user);
    assert.deepEqual([listed.role, listed.links, listed.keys], ["user", 2, 1]);
    assert.equal((await refusal(curt.listUsers())).code, "forbidden");
  },

  async manages_users() {
    const admin = connect();
    const name = `${unique()} ü/1`;
    const made = await admin.createUser({ user: name, max_ttl_seconds: 3600 });
    assert.deepEqual([made.user, made.role, made.keys, made.max_ttl_seconds], [name, "user", 0, 3600]);
    assert.equal((await refusal(admin.createUser({ user: name }))).code, "conflict");
    assert.equal((await admin.changeUser(name, { role: "admin", max_ttl_seconds: null })).role, "admin");
    const key = await admin.createKey({ user: name });
    const curt = connect({ key: key.secret });
    const link = await curt.createLink({ long_url: "https://example.com/" });
    assert.equal((await refusal(admin.deleteUser(name))).code, "conflict");
    assert.deepEqual(await admin.deleteUser(name, { deleteLinks: true }), { links: 1, keys: 1 });
    assert.equal((await refusal(curt.listKeys())).status, 401);
    assert.equal((await refusal(admin.getLink(link.code))).code, "not_found");
    assert.equal((await refusal(admin.deleteUser(name))).code, "not_found");
  },

  async checks_aliases() {
    const curt = connect();
    const alias = unique();
    assert.equal((await curt.checkAlias(alias)).available, true);
    await curt.createLink({ long_url: "https://example.com/", custom_alias: alias });
    assert.equal((await curt.checkAlias(alias)).reason, "alias_taken");
    assert.equal((await curt.checkAlias("a b")).reason, "invalid_alias");
  },

  async manages_keys() {
    const curt = connect();
    const key = await curt.createKey({ user: unique(), role: "user", name: "js" });
    const listed = (await curt.listKeys()).find((one) => one.id === key.id);
    assert.equal(listed.name, "js");
    assert.equal(listed.secret, undefined);
    const other = connect({ key: key.secret });
    assert.equal((await other.createLink({ long_url: "https://example.com/" })).owner, key.user);
    assert.equal((await refusal(other.createKey({ user: key.user, role: "admin" }))).code, "forbidden");
    await curt.revokeKey(key.id);
    assert.equal((await refusal(curt.revokeKey(2 ** 31))).code, "not_found");
  },
};

const name = process.argv[2];
if (name) await scenarios[name]();
else console.log(Object.keys(scenarios).join("\n"));
