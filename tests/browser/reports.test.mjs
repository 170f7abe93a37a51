// What is done with a finished report: saved, opened again, compared, shared, printed. Files are read in the tab: opening and
// comparing them sends nothing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { BASE, DESK, PHONE, calm, check, finished, open, ready, start, stop } from "./page.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const BROKEN = "missing-www.test";
const FINE = "healthy-apex.test";
const saved = {};

before(async () => {
  await start();
  for (const domain of [BROKEN, FINE]) {
    const answer = await fetch(`${BASE}/api/v1/check?domain=${domain}`, { headers: { accept: "application/json" } });
    saved[domain] = await answer.text();
  }
  // The same site some weeks before: with the fault, another certificate, and a header that is gone.
  const older = JSON.parse(saved[BROKEN].replaceAll(BROKEN, FINE));
  older.seen_at = older.observed.seen_at = "2026-10-01T10:00:00Z";
  for (const corner of older.observed.web.corners) corner.first.seen?.headers.push(["x-frame-options", "DENY"]);
  for (const { certificates } of older.observed.tls.chains) certificates[0].sha256 = "ab".repeat(32);
  saved.older = JSON.stringify(older);
});
after(stop);

const file = (text, name = "report.json") => ({ name, mimeType: "application/json", buffer: Buffer.from(text) });

/** Everything that the page asks for besides its own files. */
function asking(page) {
  const asked = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (!/^\/(assets\/|favicon)/.test(pathname)) asked.push(`${request.method()} ${pathname}`);
  });
  return asked;
}

async function choose(page, press, ...files) {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press()]);
  await chooser.setFiles(files);
}

const opening = (page, ...files) => choose(page, () => page.click(".asked [data-tool=open]"), ...files);

/** Drops files on the middle of the page, as a person does. */
async function drop(page, ...files) {
  const transfer = await page.evaluateHandle((all) => {
    const transfer = new DataTransfer();
    for (const { name, text } of all) transfer.items.add(new File([text], name, { type: "application/json" }));
    return transfer;
  }, files.map(({ name, buffer }) => ({ name, text: buffer.toString() })));
  await page.dispatchEvent("main", "dragover", { dataTransfer: transfer });
  await page.waitForSelector("[data-over]", { state: "attached" });
  await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
}

const active = (page) => page.evaluate(() => document.activeElement.textContent.trim());

async function home(more) {
  const page = await open("/", more);
  await ready(page);
  return page;
}

async function reported(domain, more) {
  const page = await open(`/check/${domain}`, more);
  await finished(page);
  return page;
}

async function dialog(page, tool) {
  await page.click(`.toolbar [data-tool=${tool}]`);
  await page.waitForSelector("dialog[open]");
}

test("each tool opens by keyboard, keeps the focus inside, and gives it back on Escape", async () => {
  const page = await reported(BROKEN, { viewport: PHONE });
  for (const [tool, title] of [["share", "Share this report"], ["save", "Save this report"], ["compare", "Compare with another report"]]) {
    await page.focus(`.toolbar [data-tool=${tool}]`);
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    assert.equal(await active(page), title);
    assert.equal(await page.getAttribute("dialog", "aria-labelledby"), await page.getAttribute("dialog h2", "id"));
    for (let i = 0; i < 25; i++) {
      await page.keyboard.press("Tab");
      const outside = await page.evaluate(() => document.activeElement !== document.body && !document.activeElement.closest("dialog"));
      assert.ok(!outside, `the focus left ${tool} for ${await active(page)}`);
    }
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement.dataset.tool), tool);
  }
  await calm(page);
});

test("a report is saved as JSON, checklist, runbook and text, and each can be copied", async () => {
  const page = await reported(BROKEN);
  const asked = asking(page);
  await dialog(page, "save");
  await page.waitForFunction(() => document.querySelectorAll(".forms li").length === 4);
  const texts = {};
  for (const [title, ending] of [["JSON", "json"], ["Checklist", "md"], ["Runbook", "runbook.md"], ["Plain text", "txt"]]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`[aria-label="Download as ${title}"]`)]);
    assert.match(download.suggestedFilename(), new RegExp(`^missing-www\\.test-\\d{4}-\\d\\d-\\d\\d\\.${ending.replace(".", "\\.")}$`));
    texts[title] = await readFile(await download.path(), "utf8");
    await page.click(`[aria-label="Copy as ${title}"]`);
    await page.waitForFunction((title) => document.getElementById("status").textContent === `Copied: as ${title}.`, title);
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied.trim(), texts[title].trim());
  }
  const report = JSON.parse(texts.JSON);
  assert.equal(report.schema, "lockstep.report/1");
  assert.ok(report.observed.renewal, "the whole report, not what the page draws of it");
  assert.match(texts.Checklist, /^# missing-www\.test\n[^]*## What to change\n[^]*```[^]*- \[x\] /);
  assert.ok(!texts.Checklist.includes("## To fill in"));
  assert.match(texts.Runbook, /## In operation\n[^]*\*\*Valid until\*\*: \d[^]*## To fill in\n[^]*________/);
  assert.match(texts["Plain text"], /X FAIL[^]*CAUSE/);
  assert.deepEqual(asked, [], "nothing is sent");
  await page.keyboard.press("Escape");
  await calm(page);
});

test("a saved report opens by the file picker: nothing is sent, and the page says what it shows", async () => {
  const page = await home({ viewport: PHONE });
  const asked = asking(page);
  await page.focus(".asked [data-tool=open]");
  await choose(page, () => page.keyboard.press("Enter"), file(`${saved[BROKEN]}\n`, "last week.json"));
  await page.waitForSelector("#kept");
  assert.match(await page.textContent("#kept"), /A saved report, seen \d+ \w+ \d{4} at [\d:]+ UTC\. Opened from last week\.json in this tab; nothing was sent\./);
  assert.match(await page.textContent("#verdict"), /www/);
  assert.match(await page.title(), /^✕ missing-www\.test/);
  assert.equal(await page.inputValue("#domain"), BROKEN);
  assert.equal(await page.evaluate(() => document.activeElement.id), "kept-title");
  assert.deepEqual(asked, []);
  await calm(page);
  // Checked again it is a report like any other, held against the saved one.
  await page.click("#kept >> text=Check again");
  await page.waitForSelector("#changed", { timeout: 40_000 });
  assert.equal(await page.locator("#kept").count(), 0);
  assert.deepEqual(asked, ["GET /api/v1/check"]);
  // What was saved comes back with its address.
  await page.goBack();
  await page.waitForFunction(() => document.documentElement.dataset.at === "home");
});

test("a saved report can be dropped on any page and pasted into the box", async () => {
  const page = await reported(FINE);
  const asked = asking(page);
  await drop(page, file(saved[BROKEN], "dropped.json"));
  await page.waitForSelector("#kept");
  assert.match(await page.textContent("#kept"), /Opened from dropped\.json/);
  assert.match(await page.textContent("#gauge"), /missing-www\.test/);
  await page.evaluate((text) => navigator.clipboard.writeText(text), saved[FINE]);
  await page.focus("#domain");
  await page.keyboard.press("Control+V");
  await page.waitForFunction(() => /Opened from what you pasted/.test(document.getElementById("kept").textContent));
  assert.equal(await page.textContent("#verdict"), "Everything visible from outside is right.");
  assert.equal(await page.inputValue("#domain"), FINE);
  assert.deepEqual(asked, []);
  // Other text is pasted as ever.
  await page.evaluate(() => navigator.clipboard.writeText("example.com"));
  await page.fill("#domain", "");
  await page.keyboard.press("Control+V");
  assert.equal(await page.inputValue("#domain"), "example.com");
  assert.deepEqual(page.complaints, []);
});

test("of a file with several reports the first is shown and the others are offered", async () => {
  const page = await home();
  await opening(page, file(`${saved[BROKEN]}\n${saved[FINE]}\n`, "all.ndjson"));
  await page.waitForSelector("#kept");
  assert.match(await page.textContent("#kept"), /The file holds 2 reports: healthy-apex\.test/);
  await page.click(`#kept >> text=${FINE}`);
  await page.waitForFunction(() => document.getElementById("verdict").textContent === "Everything visible from outside is right.");
  assert.match(await page.textContent("#kept"), /The file holds 2 reports: missing-www\.test/);
});

test("what is no report is refused with the reason, and what was shown stays", async () => {
  const page = await reported(FINE);
  const asked = asking(page);
  const hostile = JSON.parse(saved[BROKEN]);
  const cases = [
    ["", /: This is empty\./],
    ["server { listen 80; }", /: This is not JSON \(/],
    [saved[BROKEN].slice(0, 5000), /: This is not whole JSON: it breaks off/],
    ["{}", /: This is JSON, and no report of Lockstep's is in it\./],
    ["[".repeat(200_000), /no report of Lockstep's/],
    [JSON.stringify({ schema: "lockstep.report/7", domain: "x" }), /made by a newer Lockstep \(lockstep\.report\/7\); this page reads lockstep\.report\/1/],
    [JSON.stringify({ schema: "<img src=x onerror=alert(1)>" }), /it says that it is "<img src=x/],
    [JSON.stringify({ ...hostile, findings: "none" }), /This report cannot be read: a part of it is missing or was changed/],
    [JSON.stringify({ ...hostile, seen_at: "yesterday" }), /This report cannot be read/],
    [`{"schema":"lockstep.report/1","x":"${"y".repeat(9 << 20)}"}`, /is larger than 8 MB/],
  ];
  for (const [text, why] of cases) {
    await drop(page, file(text, "odd.json"));
    await page.waitForFunction(() => document.querySelector("dialog .refused")?.textContent);
    assert.match(await page.textContent("dialog .refused"), why);
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
  }
  // Not text at all.
  await page.click(".toolbar [data-tool=compare]");
  await choose(page, () => page.click("dialog >> text=A saved report"), { name: "picture.png", mimeType: "image/png", buffer: Buffer.from([0x89, 0x50, 0xff, 0xfe]) });
  await page.waitForFunction(() => document.querySelector("dialog .refused").textContent === "picture.png is not text.");
  await page.keyboard.press("Escape");
  await drop(page, file("{}"), file("{}"), file("{}"));
  await page.waitForFunction(() => /more than two files/.test(document.querySelector("dialog .refused")?.textContent));
  await page.keyboard.press("Escape");
  assert.equal(await page.textContent("#verdict"), "Everything visible from outside is right.");
  assert.equal(await page.locator("#kept").count(), 0);
  assert.deepEqual(asked, []);
  await calm(page);
});

test("whatever a saved report says stays text, and what points nowhere breaks nothing", async () => {
  const page = await home();
  await page.evaluate(() => (window.alert = () => (window.hit = true)));
  const evil = "</pre><img src=x onerror=alert(1)><script>alert(1)</script>\"'`[x](javascript:alert(1))";
  const report = JSON.parse(saved[BROKEN]);
  for (const finding of report.findings) Object.assign(finding, { title: evil, seen: evil, subject: evil, means: evil });
  for (const cause of report.diagnoses) Object.assign(cause, { cause: evil, affects: evil });
  for (const endpoint of report.observed.tls.endpoints) if (endpoint.handshake?.Ok) endpoint.handshake.Ok.chain = 4_000_000_000;
  for (const corner of report.observed.web.corners) corner.trail = 4_000_000_000;
  report.observed.tls.chains[0].certificates[0].names = [evil];
  report.domain = `${evil}/../..`;
  await opening(page, file(JSON.stringify(report), `${evil}.json`));
  await page.waitForSelector("#kept");
  const other = JSON.parse(saved[FINE]);
  other.observed.web.corners.forEach((corner) => corner.first.seen?.headers.push(["server", evil]));
  await drop(page, file(JSON.stringify(report), "a.json"), file(JSON.stringify(other), "b.json"));
  await page.waitForSelector("#comparison");
  await page.click("text=Back to the report");
  for (const tool of ["save", "share", "compare"]) {
    await dialog(page, tool);
    await page.waitForTimeout(100);
    await page.keyboard.press("Escape");
  }
  assert.equal(await page.locator("main img, main script, dialog img").count(), 0);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  assert.deepEqual(page.complaints, []);
});

test("two files are compared: what was put right, and what looks different, before and now", async () => {
  const page = await home();
  const asked = asking(page);
  // The later first: they are put in order.
  await drop(page, file(saved[FINE], "now.json"), file(saved.older, "then.json"));
  await page.waitForSelector("#comparison");
  assert.equal(await page.evaluate(() => document.activeElement.id), "compared");
  assert.equal(await page.textContent("#compared"), "One thing was put right.");
  const sides = await page.locator(".sides dd").allTextContents();
  assert.match(sides[0], /^healthy-apex\.test, 1 October 2026/);
  const said = await page.textContent("#comparison");
  assert.match(said, /What was put right.*Right now.*Certificate misses one name.*www\.healthy-apex\.test/s);
  const header = page.locator(".differences .line", { hasText: "x-frame-options" });
  assert.equal(await header.locator("del").textContent(), "Before: DENY");
  assert.equal(await header.locator("ins").textContent(), "Now: nothing");
  assert.match(await page.textContent(".differences .line:has-text('Certificate') del"), /abababababababab…/);
  await page.click("text=Copy as text");
  await page.waitForFunction(() => /Copied/.test(document.getElementById("status").textContent));
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^One thing was put right\.\n[^]*x-frame-options of [^]*- DENY\n {4}\+ nothing/);
  assert.deepEqual(asked, []);
  await calm(page);
  await page.click("#comparison >> text=Back");
  assert.equal(await page.locator("#comparison").count(), 0);
  assert.ok(await page.isVisible(".asked"));
});

test("what changed since a saved report is one fresh check away", async () => {
  const page = await home();
  const asked = asking(page);
  await opening(page, file(saved.older));
  await page.waitForSelector("#kept");
  await page.click("#kept >> text=What changed since");
  await page.waitForSelector("#comparison", { timeout: 40_000 });
  assert.equal(await page.textContent("#compared"), "One thing was put right.");
  assert.deepEqual(asked, ["GET /api/v1/check"]);
  await page.click("text=Back to the report");
  assert.equal(await page.textContent("#verdict"), "Everything visible from outside is right.");
  // A new check takes the place of a comparison.
  await dialog(page, "compare");
  await page.click("dialog .known button");
  await page.waitForSelector("#comparison");
  await check(page, BROKEN);
  await finished(page);
  assert.equal(await page.locator("#comparison").count(), 0);
  assert.match(await page.textContent("#gauge"), /missing-www\.test/);
});

test("a report is shared only when asked, with what was ticked, and the link leads to it", async () => {
  const page = await reported(BROKEN, { viewport: PHONE });
  const asked = asking(page);
  await dialog(page, "share");
  const says = await page.textContent("dialog");
  for (const part of [/kept for 90 days/, /listed nowhere/, /Never part of it: nginx configuration/, /Left out, unless you tick it/]) assert.match(says, part);
  assert.deepEqual(asked, [], "opening the dialog stores nothing");
  const [request] = await Promise.all([page.waitForRequest("**/api/v1/reports?**"), page.click("dialog >> text=Create link")]);
  assert.match(request.url(), /\?keep=$/);
  await page.waitForSelector("dialog .address");
  const [link, remove] = await page.locator("dialog .address code").allTextContents();
  assert.match(link, new RegExp(`^${BASE}/r/[0-9a-f]{32}$`));
  assert.match(remove, new RegExp(`^${BASE}/r/[0-9a-f]{32}/delete\\?key=[0-9a-f]+$`));
  assert.match(await page.textContent("dialog .made"), /The report is kept until \d+ \w+ \d{4}\./);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.copy), link, "the focus is on the link's button");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("Copied"));
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  await page.keyboard.press("Escape");
  await calm(page);
  const shared = await open(new URL(link).pathname);
  await shared.waitForSelector(".report");
  assert.equal(await shared.textContent("h1"), BROKEN);
  // Another tab compares what it shows with the link.
  const other = await reported(FINE);
  await dialog(other, "compare");
  for (const [typed, why] of [
    ["", /Type the link of a shared report/],
    ["https://elsewhere.example/r/0123456789abcdef0123456789abcdef", /leads to elsewhere\.example/],
    ["0123456789abcdef0123456789abcdef", /\S/],
  ]) {
    await other.fill("#shared", typed);
    await other.press("#shared", "Enter");
    await other.waitForFunction((why) => new RegExp(why).test(document.querySelector("dialog .refused").textContent), why.source);
  }
  other.complaints = other.complaints.filter((text) => !/404/.test(text)); // the browser's own line about it
  await other.fill("#shared", link);
  await other.press("#shared", "Enter");
  await other.waitForSelector("#comparison");
  assert.match(await other.textContent("#comparison"), /Wrong at missing-www\.test only/);
  await calm(other);
  // And by its id, after which it is deleted by whoever has the key.
  const answer = await fetch(`${BASE}/api/v1/reports/${link.split("/").pop()}`, { method: "DELETE", headers: { authorization: `Bearer ${remove.split("key=").pop()}` } });
  assert.ok(answer.ok, String(answer.status));
});

test("what is ticked is kept, and what the server refuses is said in place", async () => {
  const page = await open(`/check/${FINE}?path=/`);
  await finished(page);
  await dialog(page, "share");
  const offered = await page.locator("dialog fieldset input").evaluateAll((all) => all.map((it) => it.value));
  assert.deepEqual(offered, ["subdomains", "path"], "only what is in it");
  await page.check("dialog [value=path]");
  let status = 429;
  await page.route("**/api/v1/reports?**", (route) =>
    status ? route.fulfill({ status, headers: { "retry-after": "30" }, contentType: "application/problem+json", body: JSON.stringify({ title: "Too many", detail: "Too many in a minute." }) }) : route.abort(),
  );
  const [request] = await Promise.all([page.waitForRequest("**/api/v1/reports?**"), page.click("dialog >> text=Create link")]);
  assert.match(request.url(), /\?keep=path$/);
  await page.waitForFunction(() => document.querySelector("dialog .refused").textContent === "Too many in a minute. Try again in 30 seconds.");
  status = 0;
  await page.click("dialog >> text=Create link");
  await page.waitForFunction(() => /cannot be reached at the moment\. Nothing was stored\./.test(document.querySelector("dialog .refused").textContent));
  await page.unroute("**/api/v1/reports?**");
  await page.click("dialog >> text=Create link");
  await page.waitForSelector("dialog .address");
  assert.equal(await page.textContent("dialog .refused"), "");
});

test("a saved report without the server's seal says why it cannot be shared", async () => {
  const { seal, ...bare } = JSON.parse(saved[BROKEN]);
  assert.match(seal, /^[0-9a-f]{64}$/);
  const page = await home();
  await opening(page, file(JSON.stringify(bare)));
  await page.waitForSelector("#kept");
  await dialog(page, "share");
  assert.ok(await page.isDisabled("dialog >> text=Create link"));
  assert.match(await page.textContent("dialog .why"), /carries no seal of this server/);
  await page.keyboard.press("Escape");
  // With the seal it is the very report that the server made.
  await page.evaluate(() => history.back());
  await page.waitForFunction(() => document.documentElement.dataset.at === "home");
  await opening(page, file(saved[BROKEN]));
  await page.waitForSelector("#kept");
  await dialog(page, "share");
  await page.click("dialog >> text=Create link");
  await page.waitForSelector("dialog .address");
});

test("calendar and badge of the domain are a link and a line of Markdown", async () => {
  const page = await reported(FINE);
  await dialog(page, "share");
  await page.click(".follow summary");
  assert.equal(await page.getAttribute(".follow a >> nth=0", "href"), `/calendar/${FINE}.ics`);
  assert.equal(await page.getAttribute(".follow a >> nth=1", "href"), `/badge/${FINE}.svg`);
  for (const [address, type] of [[`/calendar/${FINE}.ics`, "text/calendar"], [`/badge/${FINE}.svg`, "image/svg+xml"]]) {
    const answer = await fetch(BASE + address);
    assert.equal(answer.status, 200, address);
    assert.ok(answer.headers.get("content-type").startsWith(type), answer.headers.get("content-type"));
  }
  await page.click(".follow .copy");
  await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("Copied"));
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `[![HTTPS of ${FINE}](${BASE}/badge/${FINE}.svg)](${BASE}/check/${FINE})`);
});

test("on paper everything is unfolded and nothing is to be pressed", async () => {
  const page = await reported(BROKEN);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  for (const gone of ["form", ".masthead", ".toolbar", ".copy", ".again", "progress", "#status"]) {
    assert.equal(await page.locator(`${gone} >> visible=true`).count(), 0, gone);
  }
  assert.equal(await page.textContent("#gauge .name >> visible=true"), BROKEN, "it says whose report it is");
  const unseen = await page.evaluate(() => [...document.querySelectorAll(".report details:not([open]) > :not(summary)")].filter((it) => !it.checkVisibility({ contentVisibilityAuto: true })).map((it) => it.className));
  assert.deepEqual(unseen, []);
  const colours = await page.evaluate(() => ["h2", ".sheet p", ".code pre"].map((it) => getComputedStyle(document.querySelector(`.report ${it}`)).color));
  assert.deepEqual([...new Set(colours)], ["rgb(0, 0, 0)"]);
  await page.emulateMedia({ media: "screen" });
  const [popup] = await Promise.all([page.evaluate(() => new Promise((done) => ((window.print = () => done("printed")), document.querySelector("[data-tool=print]").click())))]);
  assert.equal(popup, "printed");
  const pdf = await page.pdf({ format: "A4" });
  assert.ok(pdf.length > 20_000, `${pdf.length} bytes`);
});

test("a part that cannot be loaded is said in the status line", async () => {
  const page = await reported(FINE);
  await page.route("**/assets/report-*.js", (route) => route.abort());
  await page.click(".toolbar [data-tool=save]");
  await page.waitForFunction(() => /could not be loaded/.test(document.getElementById("status").textContent));
});

const STATES = {
  save: async (page) => dialog(page, "save"),
  share: async (page) => (await dialog(page, "share"), page.click(".follow summary")),
  "a link": async (page) => (await dialog(page, "share"), page.click("dialog >> text=Create link"), page.waitForSelector("dialog .address")),
  compare: async (page) => {
    await dialog(page, "compare");
    await page.press("#shared", "Enter");
  },
  "no report": (page) => drop(page, file("no")),
  "a saved report": async (page) => (await drop(page, file(saved.older)), page.waitForSelector("#kept")),
  comparison: async (page) => (await drop(page, file(saved.older), file(saved[FINE])), page.waitForSelector("#comparison")),
};

for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    test(`axe finds nothing and nothing is cut off: ${colorScheme}, ${size}`, async () => {
      const page = await reported(BROKEN, { viewport, colorScheme });
      for (const [state, reach] of Object.entries(STATES)) {
        await reach(page);
        await page.waitForTimeout(300); // contrast is measured when everything has faded in
        await page.evaluate(axe);
        const { violations } = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), RULES);
        assert.deepEqual(violations.map((it) => `${state}: ${it.id}: ${it.nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`), []);
        const [inside, outside] = await page.evaluate(() => {
          const shown = document.querySelector("dialog") ?? document.documentElement;
          return [shown.scrollWidth, shown.clientWidth];
        });
        assert.ok(inside <= outside, `${state} scrolls sideways: ${inside} > ${outside}`);
        await page.keyboard.press("Escape");
      }
      await page.context().close();
    });
  }
}
