// The pages of text, about the checker and its checks: sound for everybody, readable on a phone, with lines that can be
// copied. And a report that was seen a moment ago says so, until it is looked at again.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { BASE, DESK, PHONE, calm, finished, open, start, stop } from "./page.mjs";

before(start);
after(stop);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

for (const path of ["/about", "/api", "/checks", "/checks/plain-http-hop", "/limits", "/privacy"]) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
      test(`axe finds nothing and nothing is cut off: ${path}, ${colorScheme}, ${size}`, async () => {
        const page = await open(path, { viewport, colorScheme });
        await page.waitForLoadState("load");
        await page.evaluate(axe);
        const { violations } = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), RULES);
        assert.deepEqual(violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join(" | ")}`), []);
        const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(inside <= outside, `scrolls sideways: ${inside} > ${outside}`);
        assert.deepEqual(page.complaints, []);
        await page.context().close();
      });
    }
  }
  test(`${path} is whole without scripts`, async () => {
    const page = await open(path, { scripts: false });
    assert.ok((await page.textContent("main")).length > 500);
    assert.equal(await page.locator("footer a[href='/privacy']").count(), 1);
    assert.equal(await page.locator("button").count(), 0);
  });
}

test("a line is copied with this very place in it", async () => {
  const page = await open("/api");
  await page.waitForSelector("pre + .copy");
  const button = page.locator("pre + .copy").first();
  await button.focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-state=copied]");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, `curl '${BASE}/api/v1/check?domain=example.com'`);
  assert.equal(await page.textContent("[role=status]"), "Copied.");
});

test("what was seen a moment ago says so, and is looked at again", async () => {
  const deployed = process.env.LOCKSTEP_DEPLOYED_URL;
  assert.ok(deployed, "LOCKSTEP_DEPLOYED_URL says where a worker keeps what it saw");
  const first = await open(`${deployed}/check/healthy-www.test`);
  await finished(first);
  assert.equal(await first.locator("#changed").count(), 0, "it was seen just now");
  await first.context().close();

  const page = await open(`${deployed}/check/healthy-www.test`);
  await finished(page);
  assert.match(await page.textContent("#changed"), /^Looked at \d+ s ago\.$/);
  await page.click("[data-again]");
  await page.waitForFunction(() => document.getElementById("changed")?.textContent.startsWith("Looked at afresh"), null, { timeout: 40_000 });
  await calm(page);

  const still = await open(`${deployed}/check?domain=healthy-www.test`, { scripts: false });
  await still.waitForSelector(".report");
  assert.match(await still.textContent("#result"), /Looked at \d+ s ago\. Check again/);
  await still.click("#result a[href*='fresh=1']");
  await still.waitForURL(/fresh=1/, { timeout: 60_000, waitUntil: "load" });
  assert.doesNotMatch(await still.textContent("#result"), /Looked at/);
});
