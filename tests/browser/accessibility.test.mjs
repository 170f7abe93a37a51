// axe finds nothing in any state, in light and dark, on a phone and on a desk; and all of it works by keyboard.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { DESK, PHONE, calm, finished, open, ready, start, stop } from "./page.mjs";

before(start);
after(stop);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function sound(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), RULES);
  assert.deepEqual(violations.map((it) => `${it.id}: ${it.nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`), []);
}

const STATES = {
  idle: ["/", ready],
  running: ["/check/filtered-443.test", (page) => page.waitForSelector(".board .layers li:not(.waiting)")],
  fine: ["/check/healthy-both.test", finished],
  broken: ["/check/missing-www.test", finished],
  "not connected": ["/check/not-set-up.test", finished],
  "what to publish": [
    "/",
    async (page) => {
      await ready(page);
      await page.click(".lead summary");
      await page.fill("#domain", "proved-by-record.test");
      await page.check("#mine");
      await page.waitForSelector("#prove .code");
    },
  ],
  "a bad name": ["/check/localhost", (page) => page.waitForSelector("#trouble")],
};

for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    for (const [state, [path, shown]] of Object.entries(STATES)) {
      test(`axe finds nothing: ${state}, ${colorScheme}, ${size}`, async () => {
        const page = await open(path, { viewport, colorScheme });
        await shown(page);
        await page.waitForTimeout(250); // the report fades in: contrast is measured when it has
        await sound(page);
        // With everything open as well.
        await page.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = true)));
        await sound(page);
        const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(inside <= outside, `scrolls sideways: ${inside} > ${outside}`);
        await page.context().close();
      });
    }
  }
}

test("from the box to the evidence by keyboard alone", async () => {
  const page = await open("/");
  await ready(page);
  const active = () => page.evaluate(() => [document.activeElement.tagName, document.activeElement.id, document.activeElement.textContent.trim().slice(0, 40)]);
  await page.keyboard.press("Tab");
  assert.equal((await active())[2], "To the result");
  for (let i = 0; i < 5 && (await active())[1] !== "domain"; i++) await page.keyboard.press("Tab");
  assert.equal((await active())[1], "domain");
  await page.keyboard.type("self-signed.test");
  await page.keyboard.press("Enter");
  await finished(page);
  assert.equal((await active())[1], "domain", "the focus did not move");
  // On to the row that failed, into it, and on to its evidence.
  let found = false;
  for (let i = 0; i < 50 && !found; i++) {
    await page.keyboard.press("Tab");
    const failed = await page.evaluate(() => document.activeElement.matches(".row.failed > details:not([open]) > summary"));
    if (failed) await page.keyboard.press("Enter");
    const outlined = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== "none");
    assert.ok(outlined, `the focus can be seen on ${await active()}`);
    const covered = await page.evaluate(() => {
      const { top, height } = document.activeElement.getBoundingClientRect();
      const gauge = document.getElementById("gauge");
      const bar = gauge.getBoundingClientRect();
      return getComputedStyle(gauge).display !== "none" && !gauge.contains(document.activeElement) && top + height <= bar.bottom && top >= bar.top && bar.top <= 0;
    });
    assert.ok(!covered, `the bar does not cover ${await active()}`);
    found = (await active())[2].startsWith("Evidence") || (await active())[2].startsWith("Why we think so");
  }
  assert.ok(found);
  await page.keyboard.press("Enter");
  assert.ok(await page.evaluate(() => document.activeElement.parentElement.open));
  await calm(page);
});

test("headings make an outline, in the running and in the finished page", async () => {
  const page = await open("/check/healthy-apex.test");
  await finished(page);
  const levels = await page.evaluate(() => [...document.querySelectorAll("h1,h2,h3,h4")].map((it) => Number(it.tagName[1])));
  assert.equal(levels[0], 1);
  assert.equal(levels.filter((level) => level === 1).length, 1);
  for (let i = 1; i < levels.length; i++) assert.ok(levels[i] - levels[i - 1] <= 1, levels.join(" "));
});
