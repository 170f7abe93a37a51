// A shared report: one page, no script, the same on a phone and on paper; and what its link says where it is pasted.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { BASE, DESK, PHONE, open, start, stop } from "./page.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const links = {};

async function share(domain) {
  const report = await (await fetch(`${BASE}/api/v1/check?domain=${domain}`)).text();
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${BASE}/api/v1/reports`, { method: "POST", headers, body: report });
  assert.equal(answer.status, 201);
  return answer.json();
}

before(async () => {
  await start();
  for (const domain of ["missing-www.test", "healthy-both.test"]) links[domain] = await share(domain);
});
after(stop);

/** Opens an address and waits until all of it is there. */
async function whole(path, options) {
  const page = await open(path, options);
  await page.waitForLoadState("load");
  return page;
}

test("the page is whole without scripts, and its ways lead on", async () => {
  const page = await whole(links["missing-www.test"].url, { scripts: false });
  assert.match(await page.title(), /^✕ missing-www\.test: /);
  assert.equal(await page.textContent("h1"), "missing-www.test");
  assert.equal(await page.locator(".report .facts li").count(), 5);
  assert.equal(await page.locator("script").count(), 0);
  assert.equal(await page.locator(".copy:visible, .again:visible").count(), 0, "buttons that would do nothing");
  assert.deepEqual(await page.locator(".ways a:visible").allTextContents(), ["Check again", "What changed since", "As JSON"]);
  await page.click("text=What changed since");
  await page.waitForSelector("#changed", { timeout: 60_000 });
  assert.match(await page.textContent("#changed"), /nothing has changed/);
  await page.click("text=The report of then");
  await page.waitForURL(/\/r\/[0-9a-f]{32}$/);
  await page.click(".ways noscript a");
  await page.waitForURL(/\/check\?domain=missing-www\.test$/, { timeout: 60_000 });
});

test("with scripts, checking again leads to the page that fills in", async () => {
  const page = await whole(links["healthy-both.test"].url);
  await page.click(".ways .scripted");
  await page.waitForURL(/\/check\/healthy-both\.test$/);
  await page.waitForSelector(".report", { timeout: 60_000 });
});

test("a preview of the link says the verdict, and search engines do not keep it", async () => {
  const page = await whole(links["healthy-both.test"].url);
  const meta = (name) => page.getAttribute(`meta[property="${name}"], meta[name="${name}"]`, "content");
  assert.match(await meta("og:title"), /^✓ healthy-both\.test: All right/);
  assert.match(await meta("og:description"), /^healthy-both\.test: Everything visible from outside is right\. Seen /);
  assert.equal(await meta("description"), await meta("og:description"));
  assert.equal(await meta("og:url"), `${BASE}${links["healthy-both.test"].url}`);
  assert.equal(await meta("robots"), "noindex");
  const robots = await (await fetch(`${BASE}/robots.txt`)).text();
  for (const path of ["/check", "/r/", "/api/"]) assert.ok(robots.includes(`Disallow: ${path}\n`), path);
});

test("on paper everything is unfolded and nothing is to be pressed", async () => {
  for (const path of [links["missing-www.test"].url, "/check?domain=missing-www.test"]) {
    const page = await whole(path, { scripts: false });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const gone of ["form", ".masthead", ".ways", ".copy", ".again"]) {
      assert.equal(await page.locator(`${gone} >> visible=true`).count(), 0, `${path} ${gone}`);
    }
    assert.match(await page.innerText("main"), /missing-www\.test/, "it says whose report it is");
    const unseen = await page.evaluate(() => [...document.querySelectorAll(".report details:not([open]) > :not(summary)")].filter((it) => !it.checkVisibility({ contentVisibilityAuto: true })).map((it) => it.className));
    assert.deepEqual(unseen, [], path);
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector(".report h2")).color), "rgb(0, 0, 0)", path);
    await page.context().close();
  }
});

test("whoever made the link deletes it, by hand and without scripts", async () => {
  const link = await share("missing-www.test");
  const page = await whole(link.delete, { scripts: false });
  assert.match(await page.textContent("h1"), /^Delete the report on missing-www\.test\?$/);
  await page.click("text=Keep it");
  await page.waitForURL(new RegExp(`${link.url}$`));
  await page.goBack();
  await page.keyboard.press("Tab");
  await page.click("button");
  await page.waitForSelector("h1:has-text('is deleted')");
  assert.equal((await fetch(`${BASE}${link.url}`, { headers: { accept: "text/html" } })).status, 404);
});

for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    test(`axe finds nothing and nothing is cut off: ${colorScheme}, ${size}`, async () => {
      const { url, delete: deleting } = links["missing-www.test"];
      for (const path of [url, `${url}/since`, deleting, "/r/0123"]) {
        const page = await whole(path, { viewport, colorScheme });
        await page.waitForSelector("h1", { timeout: 60_000 });
        await page.evaluate(axe);
        const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
        const { violations } = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), rules);
        assert.deepEqual(violations.map((it) => `${path} ${it.id}: ${it.nodes.map((node) => node.html).join(" | ")}`), []);
        const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
        assert.ok(inside <= outside, `${path} scrolls sideways: ${inside} > ${outside}`);
        const wrong = page.complaints.filter((it) => !it.includes("404"));
        assert.deepEqual(wrong, []);
        await page.context().close();
      }
    });
  }
}
