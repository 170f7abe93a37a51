// Without scripts: the form leads to the whole report, in one answer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { BASE, DESK, PHONE, open, start, stop } from "./page.mjs";

before(start);
after(stop);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function asked(domain, options = {}) {
  const page = await open("/", { scripts: false, ...options });
  await page.fill("#domain", domain);
  await page.press("#domain", "Enter");
  await page.waitForURL(/\/check\?/, { timeout: 60_000, waitUntil: "load" });
  return page;
}

test("the form leads to the whole report, in one answer", async () => {
  const page = await asked("missing-www.test");
  assert.match(await page.title(), /missing-www\.test/);
  assert.equal(await page.inputValue("#domain"), "missing-www.test");
  assert.match(await page.textContent("#verdict"), /www/);
  assert.ok((await page.locator(".report .facts li").count()) === 5);
  assert.equal(await page.locator("script").count(), 0);
  assert.equal(await page.locator(".copy:visible, .again:visible").count(), 0, "buttons that would do nothing");
  // What is folded opens, and the facts lead to their layers.
  const folded = page.locator(".report details:not([open]) > summary").first();
  await folded.click();
  assert.equal(await page.locator(".report .facts a").first().getAttribute("href").then((to) => to[0]), "#");
});

test("what was asked stays in the form, and a terminal is asked the same", async () => {
  const page = await open("/", { scripts: false });
  await page.click(".lead summary");
  await page.fill("#path", "/=200");
  await page.check("#subdomains");
  await page.fill("#domain", "healthy-both.test");
  await page.press("#domain", "Enter");
  await page.waitForURL(/\/check\?/, { timeout: 60_000, waitUntil: "load" });
  assert.ok(await page.isVisible("#path"), "it is unfolded");
  assert.equal(await page.inputValue("#path"), "/=200");
  assert.ok(await page.isChecked("#subdomains"));
  const plain = await open("/check?domain=healthy-both.test", { scripts: false });
  await plain.waitForLoadState("load", { timeout: 60_000 });
  assert.ok(!(await plain.isVisible("#path")), "nothing was asked there");
  const asked = "domain=healthy-both.test&path=/a&path=/b=200&crawl=1&fresh=1";
  const terminal = await fetch(`${BASE}/check?${asked}`, { headers: { accept: "text/plain" }, redirect: "manual" });
  assert.equal(terminal.headers.get("location"), "/check/healthy-both.test?path=%2Fa,%20%2Fb=200&crawl=1&fresh=1");
});

test("what cannot be checked is said above the form as it was typed", async () => {
  const page = await asked('a"><b>..test');
  assert.match(await page.textContent("#result .trouble"), /\S/);
  assert.equal(await page.inputValue("#domain"), 'a"><b>..test');
  assert.equal(await page.locator("#result b").count(), 0);
});

test("the answer is neither kept nor found, and admits no script", async () => {
  const answer = await fetch(`${BASE}/check?domain=healthy-both.test`, { headers: { accept: "text/html" } });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-security-policy"), /default-src 'none'; style-src 'self'/);
  assert.equal(answer.headers.get("x-robots-tag"), "noindex");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const file = await fetch(`${BASE}/about`);
  for (const guard of ["cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy", "referrer-policy", "x-content-type-options", "x-frame-options"]) {
    assert.ok(file.headers.get(guard), guard);
    assert.equal(answer.headers.get(guard), file.headers.get(guard), guard);
  }
  const html = await answer.text();
  assert.ok(!html.includes("<script") && !html.includes("[[") && !html.includes("{{"), html.slice(0, 500));
  const head = await fetch(`${BASE}/check?domain=healthy-both.test`, { method: "HEAD", headers: { accept: "text/html" } });
  assert.equal(head.status, 200);
  const bad = await fetch(`${BASE}/check?domain=localhost`, { headers: { accept: "text/html" } });
  assert.equal(bad.status, 400);
  const terminal = await fetch(`${BASE}/check?domain=healthy-both.test`, { headers: { accept: "text/plain" }, redirect: "manual" });
  assert.equal(terminal.headers.get("location"), "/check/healthy-both.test");
});

for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    test(`axe finds nothing and nothing is cut off: ${colorScheme}, ${size}`, async () => {
      const page = await open("/check?domain=missing-www.test", { viewport, colorScheme });
      // With its styles, which decide how large things are.
      await page.waitForLoadState("load", { timeout: 60_000 });
      await page.evaluate(axe);
      const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      const { violations } = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), rules);
      assert.deepEqual(violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join(" | ")}`), []);
      const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      assert.ok(inside <= outside, `scrolls sideways: ${inside} > ${outside}`);
    });
  }
}
