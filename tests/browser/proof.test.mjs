// "This is my server": what to publish is shown, and only a proof that holds has ports and files looked at.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PHONE, calm, check, finished, open, ready, start, stop } from "./page.mjs";

before(start);
after(stop);

// The secret whose hash the practice network's sites have published.
const SECRET = "000102030405060708090a0b0c0d0e0f";
const known = { before: (page) => page.addInitScript((secret) => sessionStorage.setItem("lockstep-proof", secret), SECRET) };
const ROWS = ["#backend-port-public", "#database-port-public", "#private-file-served"];

test("the owner publishes a record and is told what is open; the secret stays out of the address", async () => {
  const page = await open("/", { ...known, viewport: PHONE });
  await ready(page);
  await page.click(".lead summary");
  // By keyboard, and before there is a name.
  await page.focus("#mine");
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.getElementById("prove").textContent.startsWith("Type the domain above"));
  await page.fill("#domain", "proved-by-record.test");
  await page.press("#domain", "Tab");
  await page.waitForSelector("#prove .code");
  const shown = await page.textContent("#prove");
  assert.match(shown, /What to publish for proved-by-record\.test/);
  assert.match(shown, /_lockstep\.proved-by-record\.test\. 300 IN TXT "lockstep=[0-9a-f]{64}"/);
  assert.match(shown, /sudo mkdir -p .+\/acme-challenge/);
  assert.ok(!shown.includes(SECRET), "the secret is nowhere to be published");
  await page.click("#prove .copy >> nth=0");
  await page.waitForFunction(() => document.getElementById("status").textContent === "Copied: record.");
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^_lockstep\.proved-by-record\.test\. 300 IN TXT "lockstep=/);
  const asked = [];
  page.on("request", (request) => request.url().includes("/api/v1/check") && asked.push(request.url()));
  await page.press("#domain", "Enter");
  await finished(page);
  assert.ok(page.url().endsWith("/check/proved-by-record.test"), page.url());
  assert.equal(await page.getAttribute("#prove details", "open"), null, "the result has the room");
  for (const row of ROWS) assert.match(await page.textContent(row), /Failed|Warning/, row);
  assert.ok(!(await page.content()).includes(SECRET), "the secret is nowhere in the page");
  await page.click(".again >> nth=0");
  await page.waitForSelector("#changed", { timeout: 40_000 });
  assert.equal(asked.length, 2);
  assert.ok(asked.every((url) => url.includes(`&proof=${SECRET}`)), asked.join("\n"));
  await calm(page);
});

test("without the published record it is said what was seen instead, and nothing passes", async () => {
  const page = await open("/");
  await ready(page);
  await page.click(".lead summary");
  await page.fill("#domain", "proved-by-record.test");
  await page.check("#mine");
  await page.waitForSelector("#prove .code");
  const secret = await page.evaluate(() => sessionStorage.getItem("lockstep-proof"));
  assert.match(secret, /^[0-9a-f]{32}$/);
  await check(page, "proved-by-record.test");
  await finished(page);
  for (const row of ROWS) {
    assert.match(await page.textContent(row), /Not tested/, row);
    assert.match(await page.textContent(row), /has not been proved: the TXT record at _lockstep\.proved-by-record\.test has another value/);
  }
  assert.equal(await page.textContent("#verdict"), "Nothing fails.");
  assert.match(await page.textContent("#verdict ~ .affects"), /has not been proved/);
  // Not ticked any longer: a check like any other.
  await page.uncheck("#mine");
  assert.equal(await page.textContent("#prove"), "");
  await check(page, "proved-by-record.test");
  await page.waitForSelector("#changed", { timeout: 40_000 });
  for (const row of ROWS) assert.equal(await page.locator(row).count(), 0, row);
});

test("what cannot be proved for a name is said under the box", async () => {
  const page = await open("/");
  await ready(page);
  await page.click(".lead summary");
  await page.check("#mine");
  await page.fill("#domain", "localhost");
  await page.press("#domain", "Tab");
  await page.waitForFunction(() => /two parts/.test(document.getElementById("prove").textContent));
  await page.route("**/api/v1/proof?**", (route) => route.abort());
  await page.fill("#domain", "healthy-apex.test");
  await page.press("#domain", "Tab");
  await page.waitForFunction(() => /cannot be reached/.test(document.getElementById("prove").textContent));
});
