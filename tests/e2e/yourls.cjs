// SPDX-License-Identifier: MIT
// Every method of npm's clients for YOURLS against a running Curt: node yourls.cjs CLIENT FOLDER SITE, with
// CURT_KEY in the environment. FOLDER has the packages.

const assert = require("node:assert/strict");
const { createRequire } = require("node:module");

const [name, folder, site] = process.argv.slice(2);
const key = process.env.CURT_KEY;
const load = createRequire(`${folder}/`);
const unique = () => `n${process.hrtime.bigint().toString(36)}`;
const target = () => `https://example.com/${unique()}?a=%2B&b=c`;
const missing = "Error: short URL not found";

const clients = {
  async yourls() {
    // The client knows no ports: this machine's port 80 is the site's.
    const http = require("node:http");
    const { get } = http;
    const { hostname, port } = new URL(site);
    http.get = (options, answered) => get({ path: options.path, hostname, port }, answered);
    const Client = load("yourls");
    const client = new Client(site, key);
    const call = (method, ...given) => new Promise((resolve, reject) => {
      client[method](...given, (error, result) => (error ? reject(error) : resolve(result)));
    });
    const [url, word] = [target(), unique()];
    const made = await call("shorten", url);
    assert.equal(made.status, "success");
    assert.equal((await call("shorten", url)).code, "error:url");
    assert.equal((await call("vanity", target(), word)).shorturl, `${site}/${word}`);
    assert.equal((await call("expand", made.shorturl)).longurl, url);
    assert.equal((await call("expand", "nope")).message, missing);
    assert.equal((await call("urlstats", made.url.keyword)).link.clicks, 0);
    assert.equal((await call("stats", 2, "last")).message, missing); // asks for url-stats of nothing
    assert.ok((await call("dbstats"))["db-stats"].total_links >= 2);
    const stranger = new Client(site, "wrong");
    const refused = await new Promise((resolve) => { stranger.shorten(url, (_, result) => resolve(result)); });
    assert.deepEqual(refused, { message: "Please log in", errorCode: "403", callback: "" });
  },

  async "yourls-api"() {
    global.XMLHttpRequest = load("xmlhttprequest").XMLHttpRequest;
    // What a page has: the name of a callback is called as the script that came says.
    global.window = global;
    global.document = {
      createElement: () => ({
        setAttribute(_, source) { this.source = source; },
        parentNode: { removeChild() {} },
      }),
      getElementsByTagName: () => [{
        async appendChild({ source }) {
          const answer = await fetch(source);
          assert.match(answer.headers.get("Content-Type"), /^(application|text)\/javascript/);
          (0, eval)(await answer.text());
        },
      }],
    };
    const yourls = load("yourls-api");
    const api = `${site}/yourls-api.php`;
    const call = (on, method, ...given) => new Promise((resolve) => {
      on[method](...given, (result, response) => resolve({ result, response }));
    });
    const credentials = [{ signature: key }, { username: "anybody", password: key }];
    const ways = [{ format: "json", method: "GET" }, { format: "json", method: "POST" }, { format: "jsonp", method: "GET" }];
    for (const who of credentials) {
      for (const way of ways) {
        yourls.connect(api, who, way);
        const [url, word] = [target(), unique()];
        const made = await call(yourls, "shorten", url, { keyword: word, title: "T" });
        assert.equal(made.response.status, "success", JSON.stringify(way));
        assert.equal(made.result.shorturl, `${site}/${word}`);
        assert.equal((await call(yourls.url(word), "expand")).result.longurl, url);
        assert.equal((await call(yourls.url(made.result.shorturl), "stats")).result.title, "T");
        const listed = await call(yourls, "stats", { filter: "last", limit: 2 });
        assert.equal(listed.result.links[0].shorturl, made.result.shorturl);
        assert.ok((await call(yourls.db, "stats")).result.total_links >= 1);
        assert.deepEqual((await call(yourls, "version", true)).result, { db_version: "507", version: "1.10.4" });
      }
    }
    yourls.disconnect();
  },
};

clients[name]().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
