// A check from the form to the report, and each way in which it can end otherwise.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PHONE, calm, check, finished, open, ready, seen, start, stop } from "./page.mjs";

before(start);
after(stop);

test("a healthy site: the report says so, nothing fails or warns", async () => {
  const page = await open("/");
  await ready(page);
  await check(page, "healthy-apex.test");
  await finished(page);
  const { stages, said } = await seen(page);
  // Where all of it comes in one piece the board is over before it is drawn; the test of Stop sees it fill in.
  assert.equal(stages.at(-1), "report", stages.join(", "));
  assert.equal(await page.textContent("#verdict"), "Everything visible from outside is right.");
  assert.match(await page.title(), /^✓ healthy-apex\.test: All right/);
  assert.match(await page.getAttribute("#icon", "href"), /passed/);
  const text = await page.innerText(".report");
  assert.doesNotMatch(text, /\b(Failed|Warning)\b/);
  assert.equal(await page.locator(".facts li").count(), 5);
  assert.equal(await page.locator(".corners tbody tr").count(), 4);
  assert.ok((await page.locator(".life .bar").count()) >= 1);
  assert.match(said.at(-1), /^Check finished: (\d+ notes?, )?\d+ passed/);
  assert.equal(await page.getAttribute("#result", "aria-busy"), "false");
  await calm(page);
});

test("a broken site: the cause stands on top, with the change and the proof, and rows say what explains them", async () => {
  const page = await open("/check/redirect-loop.test", { viewport: PHONE });
  await finished(page);
  assert.match(await page.title(), /^✕ redirect-loop\.test: \d+ failed/);
  assert.match(await page.getAttribute("#icon", "href"), /failed/);
  assert.match(await page.textContent("#verdict"), /does not learn that visitors/);
  for (const selector of ["#verdict", "#cause-1 dd p", "#cause-1 .code"]) {
    const { y, height } = await page.locator(selector).first().boundingBox();
    // Of a long block the first two lines are enough.
    assert.ok(y + Math.min(height, 48) <= PHONE.height, `${selector} is in sight without scrolling: ${y + height}`);
  }
  assert.ok((await page.locator("details[open]").count()) <= 3, "at most three actions stand open");
  assert.match(await page.textContent("#redirect-loop"), /Failed.*explained by 1/s);
  const empty = await page.locator("#redirect-loop").evaluate((row) => {
    const shown = [...row.querySelectorAll("summary, .by")].reduce((sum, it) => sum + it.getBoundingClientRect().height, 0);
    return row.getBoundingClientRect().height - shown;
  });
  assert.ok(empty < 16, `a row that is explained elsewhere holds nothing but its words: ${empty} pixels`);
  assert.ok(await page.locator(".facts .by").count());
  await calm(page);
});

test("every row opens to what was seen, what it means, the fix and the proof, and its code can be copied", async () => {
  const page = await open("/check/no-redirect.test");
  await finished(page);
  const row = page.locator("#http-not-redirected");
  if ((await row.locator("> details").getAttribute("open")) === null) await row.locator("summary").first().click();
  for (const label of ["Seen", "Means", "Fix", "Prove"]) {
    assert.ok(await row.locator("dt", { hasText: new RegExp(`^${label}$`) }).count(), label);
  }
  const button = row.locator("[data-copy]").first();
  assert.match(await button.getAttribute("aria-label"), /^Copy .+ .+/);
  await button.click();
  await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("Copied: "));
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await button.getAttribute("data-copy"));
});

test("a domain that is not set up: a ladder with its current rung open, and nothing red", async () => {
  const page = await open("/check/not-set-up.test", { viewport: PHONE });
  await finished(page);
  assert.equal(await page.textContent("#verdict"), "Not connected yet.");
  assert.equal(await page.locator(".ladder li").count(), 7);
  assert.equal(await page.locator(".ladder .current").count(), 1);
  assert.match(await page.textContent(".ladder .current"), /address record.*dig \+short not-set-up\.test/s);
  assert.match(await page.textContent(".ladder .current"), /may remember “no” until \d\d:\d\d UTC/);
  assert.equal(await page.locator(".glyph.failed, .glyph.warning").count(), 0);
  assert.doesNotMatch(await page.innerText("main"), /\b(Failed|Warning)\b/);
  const { y } = await page.locator(".ladder .current .code").first().boundingBox();
  assert.ok(y < PHONE.height, `the first action is in sight: ${y}`);
  await calm(page);
});

test("a deep link runs, and back and forward go between checks", async () => {
  const page = await open("/check/healthy-www.test");
  await finished(page);
  await check(page, "missing-www.test");
  await page.waitForFunction(() => document.title.includes("missing-www.test: 1 failed"));
  assert.ok(page.url().endsWith("/check/missing-www.test"));
  await page.goBack();
  await page.waitForFunction(() => document.title.includes("healthy-www.test: All right"));
  assert.equal(await page.inputValue("#domain"), "healthy-www.test");
  await page.goForward();
  await page.waitForFunction(() => document.title.includes("missing-www.test"));
});

test("a link to a row opens it", async () => {
  const page = await open("/check/redirect-loop.test#redirect-loop");
  await finished(page);
  await page.waitForFunction(() => document.querySelector("#redirect-loop > details").open);
});

test("the expected address is asked for and judged", async () => {
  const page = await open("/");
  await ready(page);
  await page.click(".lead summary");
  await page.fill("#expect", "192.0.2.250");
  await check(page, "healthy-apex.test");
  await finished(page);
  assert.ok(page.url().endsWith("/check/healthy-apex.test?expect=192.0.2.250"));
  assert.ok(await page.locator("#address-not-expected").count());
});

test("paths and subdomains are asked for, kept in the address and judged", async () => {
  const page = await open("/");
  await ready(page);
  await page.click(".lead summary");
  await page.fill("#path", "/health=204, /basket");
  await page.check("#subdomains");
  await check(page, "forgotten-subdomain.test");
  await finished(page);
  assert.ok(page.url().endsWith("/check/forgotten-subdomain.test?path=%2Fhealth%3D204,%20%2Fbasket&subdomains=1"), page.url());
  assert.ok(await page.locator("#path-not-as-expected").count());
  assert.ok(await page.locator("#hsts-covers-broken-subdomain").count());
  await page.reload();
  await finished(page);
  assert.equal(await page.inputValue("#path"), "/health=204, /basket");
  assert.ok(await page.isChecked("#subdomains"));
});

test("a path that cannot be read is said at its field", async () => {
  const page = await open("/check/healthy-apex.test?path=login");
  await page.waitForSelector("#trouble");
  assert.equal(await page.getAttribute("#path", "aria-invalid"), "true");
});

test("Check again looks afresh and says what changed", async () => {
  const page = await open("/check/missing-www.test");
  await finished(page);
  let asked = 0;
  page.on("request", (request) => (asked += request.url().includes("/api/v1/check") ? 1 : 0));
  await page.click("#again-cause-1");
  await page.waitForSelector("#changed", { timeout: 30_000 });
  assert.equal(asked, 1);
  assert.match(await page.textContent("#changed"), /nothing has changed/);
  assert.ok(await page.evaluate(() => document.activeElement.id === "again-cause-1"), "the focus stays on the button");
});

test("what was fixed is called fixed, at the top and at its row", async () => {
  let answers = 0;
  const page = await open("/check/missing-www.test", {
    // The second look is of a site that was put right: the same report with the finding turned to passed.
    before: (page) =>
      page.route("**/api/v1/check?**", async (route) => {
        const response = await route.fetch();
        let body = await response.text();
        if (++answers > 1) {
          const lines = body.trim().split("\n").map((line) => JSON.parse(line));
          const { report } = lines.at(-1);
          for (const finding of report.findings) if (finding.state === "failed") finding.state = "passed";
          Object.assign(report, { diagnoses: [], situation: "fine" });
          body = lines.map((line) => JSON.stringify(line)).join("\n") + "\n";
        }
        await route.fulfill({ response, body });
      }),
  });
  await finished(page);
  await page.click("#again-cause-1");
  await page.waitForSelector("#changed");
  assert.match(await page.textContent("#changed"), /^Fixed: “.+”\.$/);
  assert.ok(await page.locator(".row .word", { hasText: "Fixed" }).count());
  assert.ok(await page.evaluate(() => document.activeElement.id === "changed"), "the button is gone: the focus goes to the news");
});

test("Stop keeps what is known and offers another look", async () => {
  const page = await open("/check/filtered-443.test");
  await page.waitForSelector(".board .layers li:not(.waiting)", { timeout: 20_000 });
  assert.match((await seen(page)).stages[0], /^board \d+ of \d+$/, "the board fills in");
  await page.focus("#go");
  assert.equal(await page.textContent("#go"), "Stop");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("go").textContent === "Check");
  assert.match(await page.textContent(".board .slot"), /Stopped/);
  assert.ok((await page.locator(".board li:not(.waiting)").count()) > 0);
  assert.ok(await page.evaluate(() => document.activeElement.id === "go"), "the focus stays on the button");
  assert.ok(await page.isVisible(".board .again"));
  await calm(page);
});

for (const [typed, word] of [["localhost", /two parts/], ["co.uk", /suffix/], ["192.0.2.1", /address/], ["exa_mple..com", /not a domain name/]]) {
  test(`a name that cannot be checked says why: ${typed}`, async () => {
    const page = await open("/");
    await ready(page);
    await check(page, typed);
    await page.waitForSelector("#trouble");
    assert.match(await page.textContent("#trouble"), word);
    assert.equal(await page.getAttribute("#domain", "aria-invalid"), "true");
    assert.match(await page.getAttribute("#domain", "aria-describedby"), /trouble/);
    assert.equal(await page.inputValue("#domain"), typed);
    assert.equal(await page.textContent("#go"), "Check");
    // The browser itself notes an answer of 400 in its console.
    await calm(page, { complaints: 1 });
  });
}

test("too many checks: a countdown in words, then the way is open", async () => {
  const page = await open("/", {
    before: (page) =>
      page.route("**/api/v1/check?**", (route) =>
        route.fulfill({
          status: 429,
          headers: { "retry-after": "2", "content-type": "application/problem+json" },
          body: JSON.stringify({ type: "/problems/rate-limited", title: "Too many checks in a short time", status: 429, detail: "…" }),
        }),
      ),
  });
  await ready(page);
  await check(page, "healthy-apex.test");
  await page.waitForSelector("#wait");
  assert.match(await page.textContent("#wait"), /again in \d seconds?/);
  assert.ok(await page.isDisabled("#try-again"));
  await page.waitForFunction(() => document.getElementById("wait").textContent === "You can check again now.");
  assert.ok(await page.isEnabled("#try-again"));
});

test("no network: said, and tried again on request", async () => {
  let broken = true;
  const page = await open("/check/healthy-apex.test", {
    before: (page) => page.route("**/api/v1/check?**", (route) => (broken ? route.abort() : route.continue())),
  });
  await page.waitForSelector("#trouble");
  assert.match(await page.textContent("#trouble"), /cannot be reached/);
  broken = false;
  await page.click("#try-again");
  await finished(page);
});

test("a second look that fails keeps the first, and says why", async () => {
  let broken = false;
  const page = await open("/check/missing-www.test", {
    before: (page) => page.route("**/api/v1/check?**", (route) => (broken ? route.abort() : route.continue())),
  });
  await finished(page);
  broken = true;
  await page.click("#again-cause-1");
  await page.waitForSelector("#changed");
  assert.match(await page.textContent("#changed"), /^Not looked at again: .*cannot be reached/);
  assert.match(await page.title(), /missing-www\.test: 1 failed/);
  assert.ok(await page.evaluate(() => document.activeElement.id === "again-cause-1"));
});

test("an answer that breaks off keeps what came, and says so", async () => {
  const page = await open("/check/redirect-loop.test", {
    before: (page) =>
      page.route("**/api/v1/check?**", async (route) => {
        const response = await route.fetch();
        const lines = (await response.text()).split("\n");
        await route.fulfill({ response, body: lines.slice(0, 12).join("\n") + "\n{\"finding\":{\"id\":" });
      }),
  });
  await page.waitForSelector(".board .why");
  assert.match(await page.textContent(".board .why"), /broke off/);
  assert.ok(await page.isVisible(".board .again"));
  assert.match(await page.title(), /not finished/);
  await calm(page);
});

test("an answer of another version does not stop the page", async () => {
  const page = await open("/check/healthy-apex.test", {
    before: (page) =>
      page.route("**/api/v1/check?**", (route) =>
        route.fulfill({ contentType: "application/x-ndjson", body: "{\"surprise\":{}}\n{\"plan\":{\"target\":3}}\nnot json\n" }),
      ),
  });
  await page.waitForSelector("#trouble");
  assert.match(await page.textContent("#trouble"), /broke off/);
  await page.unrouteAll();
  await page.click("#try-again");
  await finished(page);
});
