// Lighthouse gives every kind of page 100 for accessibility, best practices and what search engines look for, and hears no
// complaint in the console.
//
// The package is here because the promise names it, and because it looks at what axe does not: letters that are too small,
// pictures that are too coarse, what the browser's own inspector reports, what a search engine reads. It is the last
// version for the oldest Node that we take (its 13 wants 22). `overrides` in package.json give a number to what it asks for
// as "latest", which `npm ci` would refuse, and an older version to what could tell its makers of its errors: that is never
// loaded, and 75 packages less.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import lighthouse from "lighthouse";
import desktop from "lighthouse/core/config/desktop-config.js";
import { BASE, startSteered, stop } from "./page.mjs";

// Speed is not among them: the build has budgets for what is loaded, and two busy cores would measure themselves.
const CATEGORIES = ["accessibility", "best-practices", "seo"];

// What these pages say is of one moment and about somebody's site: search engines are asked to stay away (`noindex`,
// robots.txt), and Lighthouse has to see just that.
const UNLISTED = ["is-crawlable"];
// It reads robots.txt from inside the page, and the policy of pages without scripts admits no requests at all. It is the
// same file for all pages, and read from the others.
const CLOSED = ["is-crawlable", "robots-txt"];

const broken = JSON.stringify({ files: [{ name: "", text: "server {\n    listen 443 ssl\n    server_name a.test;\n}\n" }] });

/** The kinds of pages: where, a link or field that is there when it is whole, what has to be found; where also on a desk. */
const PAGES = {
  "the first page": { path: "/", has: "/checks", desk: true },
  "a finished check": { path: "/check/missing-www.test", has: "#cause-1", found: UNLISTED, desk: true },
  "a check without scripts": { path: "/check?domain=missing-www.test", has: "#cause-1", found: CLOSED },
  "the nginx page": { path: "/nginx", has: "/checks" },
  "the nginx page with a text": { path: `/nginx#1.${deflateRawSync(broken).toString("base64url")}`, has: "site-domain", desk: true },
  "all checks": { path: "/checks", has: "/checks/plain-http-hop" },
  "a check explained": { path: "/checks/plain-http-hop", has: "/checks" },
  about: { path: "/about", has: "/privacy" },
  limits: { path: "/limits", has: "/privacy" },
  privacy: { path: "/privacy", has: "/limits" },
  "the API": { path: "/api", has: "/api/openapi.json" },
  "a shared report": { path: () => shared.url, has: "#cause-1", found: CLOSED, desk: true },
  "what changed since": { path: () => `${shared.url}/since`, has: "/limits", found: CLOSED },
  "deleting a report": { path: () => shared.delete, has: "/limits", found: CLOSED },
};

let port;
let shared;

before(async () => {
  port = await free();
  await startSteered(port);
  const report = await (await fetch(`${BASE}/api/v1/check?domain=missing-www.test`)).text();
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${BASE}/api/v1/reports`, { method: "POST", headers, body: report });
  assert.equal(answer.status, 201);
  shared = await answer.json();
});
after(stop);

for (const [kind, page] of Object.entries(PAGES)) {
  test(`Lighthouse gives 100: ${kind}, phone`, () => sound(page));
  // Where the layout is another one; axe looks at each page at every size, and a visit costs four seconds.
  if (page.desk) test(`Lighthouse gives 100: ${kind}, desk`, () => sound(page, desktop));
}

async function sound({ path, has, found = [] }, config) {
  const { lhr, artifacts } = await visit(typeof path === "string" ? path : path(), config);
  assert.equal(lhr.runtimeError, undefined);
  const there = [...artifacts.AnchorElements.map((it) => it.rawHref), ...artifacts.Inputs.inputs.map((it) => it.id)];
  assert.ok(there.includes(has), `seen too early, or something else: no ${has} among ${there.join(" ")}`);
  const audits = CATEGORIES.flatMap((name) => lhr.categories[name].auditRefs.filter((it) => it.weight > 0)).map((it) => lhr.audits[it.id]);
  // Without a score the page has nothing of the kind, or the audit could not be made.
  const faults = audits.filter((it) => it.scoreDisplayMode === "error" || (it.score !== null && it.score < 1));
  assert.deepEqual(faults.filter((it) => !found.includes(it.id)).map(told), []);
  assert.deepEqual(faults.map((it) => it.id), found, "search engines are no longer asked to stay away");
  for (const name of CATEGORIES.filter((name) => name !== "seo" || found.length === 0)) {
    assert.equal(lhr.categories[name].score, 1, name);
  }
  assert.equal(lhr.audits["errors-in-console"].score, 1, "the console was looked at");
}

/** One visit, in a tab of its own. */
function visit(path, config) {
  // A half of its usual patience: that is for pages that load more and more.
  const patience = { pauseAfterFcpMs: 500, pauseAfterLoadMs: 500, networkQuietThresholdMs: 500, cpuQuietThresholdMs: 500 };
  const flags = { port, logLevel: "silent", onlyCategories: CATEGORIES, disableFullPageScreenshot: true, ...patience };
  return lighthouse(`${BASE}${path}`, flags, config);
}

/** What an audit found, in a line. */
function told({ id, title, errorMessage, explanation, details }) {
  const items = (details?.items ?? []).map((it) => it.node?.snippet ?? it.description ?? JSON.stringify(it));
  return `${id}: ${errorMessage ?? explanation ?? title} ${items.join(" | ")}`;
}

/** A port nobody listens on. */
function free() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
