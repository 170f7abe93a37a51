// The nginx page: text in, findings beside it, fixes back into it, and nothing of it to anyone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { BASE, DESK, PHONE, open, seen, start, stop } from "./page.mjs";

before(start);
after(stop);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const BROKEN = `server {
    listen 443 ssl
    server_name a.test;
    ssl_certificate /etc/letsencrypt/live/a.test/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/a.test/privkey.pem;
    location / {
        proxy_pass http://127.0.0.1:8000;
        proxy_redirects off;
    }
}
`;

async function ready(page) {
  await page.waitForSelector("[data-program=ready]");
}

/** Pastes a text as a person does, into whatever stands there. */
async function paste(page, text) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.locator("#text:visible, .cm-content").first().click();
  await page.keyboard.press("Control+V");
}

async function pasted(text, options) {
  const page = await open("/nginx", options);
  await ready(page);
  await paste(page, text);
  await page.waitForSelector("#verdict");
  return page;
}

const editor = (page) => page.waitForSelector("[data-editor=ready]");
/** What the editor shows; short texts are shown whole. */
const text = (page) => page.$$eval(".editor .cm-line", (lines) => lines.map((line) => line.textContent).join("\n"));
const area = (page) => page.inputValue("#text");
const titles = (page) => page.$$eval("li[data-card] .title", (all) => all.map((it) => it.textContent));
const has = (page, id) => page.waitForSelector(`#${id}`, { state: "attached" });
const gone = (page, id) => page.waitForSelector(`#${id}`, { state: "detached" });

/** What no page may do, whatever it shows. */
async function sound(page, { complaints = 0 } = {}) {
  const { refused } = await seen(page);
  assert.deepEqual(refused, [], "refused by the page's own policy");
  assert.equal(page.complaints.length, complaints, page.complaints.join("\n"));
  const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(inside <= outside, `scrolls sideways: ${inside} > ${outside}`);
}

async function accessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), RULES);
  assert.deepEqual(violations.map((it) => `${it.id}: ${it.nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`), []);
}

test("what is pasted is read, and a finding leads to its line", async () => {
  const page = await pasted(BROKEN);
  await editor(page);
  assert.match(await page.textContent("#verdict"), /nginx refuses this, for 2 reasons/);
  assert.ok((await titles(page)).includes("A semicolon is missing"));
  assert.match(await page.textContent(".read-as"), /what stands inside http.*1\.22/);
  await page.click("#unknown-directive-1 summary");
  assert.match(await page.textContent("#unknown-directive-1 .words"), /unknown directive "proxy_redirects"/);
  await page.click("#unknown-directive-1 .go");
  const selected = await page.evaluate(() => document.querySelector(".editor").shadowRoot.getSelection?.().toString() ?? getSelection().toString());
  assert.match(selected, /proxy_redirects/);
  assert.ok(await page.evaluate(() => document.activeElement.matches(".editor")), "the editor has the focus");
  await sound(page);
  await page.context().close();
});

test("a fix is shown, applied, and can be taken back", async () => {
  const page = await pasted(BROKEN);
  await editor(page);
  await page.click("#missing-semicolon-1 summary");
  assert.deepEqual(await page.$$eval("#missing-semicolon-1 .diff > *", (all) => all.map((it) => it.textContent.trim())), ["2−    listen 443 ssl", "2+    listen 443 ssl;"]);
  await page.click("#missing-semicolon-1 [data-apply]");
  await gone(page, "missing-semicolon-1");
  assert.equal(await text(page), BROKEN.replace("443 ssl\n", "443 ssl;\n"));
  assert.ok(await page.evaluate(() => document.getElementById("result").contains(document.activeElement)), "the focus stays among the findings");
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+Z");
  await has(page, "missing-semicolon-1");
  assert.equal(await text(page), BROKEN);
  await page.keyboard.press("Control+Y");
  await gone(page, "missing-semicolon-1");
  await sound(page);
  await page.context().close();
});

test("all safe fixes at once, with what they changed", async () => {
  const page = await pasted(BROKEN);
  await editor(page);
  await page.click("#mend");
  await page.waitForSelector("#difference .new");
  assert.match(await page.textContent("#difference h2"), /What the safe fixes changed/);
  assert.match(await page.textContent("#difference"), /listen 443 ssl;/);
  assert.ok(await page.evaluate(() => document.activeElement.matches("#difference h2")));
  assert.match(await text(page), /listen 443 ssl;\n/);
  await page.click("#close-difference");
  await page.click("#changed");
  assert.match(await page.textContent("#difference h2"), /since the first fix/);
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+Z");
  await has(page, "missing-semicolon-1");
  assert.equal(await text(page), BROKEN, "one step takes all of it back");
  await sound(page);
  await page.context().close();
});

test("a link holds the text, and only in its fragment", async () => {
  const name = "# é 🦀 <b>\n";
  const page = await pasted(name + BROKEN);
  await editor(page);
  await page.selectOption("#version", "1.18");
  await page.check("#everything");
  await page.click("#share");
  await page.waitForSelector("#share[data-state=copied]");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.startsWith(`${BASE}/nginx#1.`), link);
  const asked = [];
  const other = await open(link.slice(BASE.length), { before: (page) => page.on("request", (request) => asked.push(request.url())) });
  await other.waitForSelector("#missing-semicolon-1");
  await editor(other);
  assert.equal(await text(other), name + BROKEN);
  assert.equal(await other.inputValue("#version"), "1.18");
  assert.ok(await other.isChecked("#everything"));
  assert.ok(asked.every((address) => !address.includes("?") && !address.includes("#")), asked.join("\n"));
  await sound(other);
  // A change makes it another text: the address no longer claims to hold it.
  await other.locator(".cm-content").click();
  await other.keyboard.type("#");
  await other.waitForFunction(() => location.hash === "");
  await page.context().close();
  await other.context().close();
});

test("a link that cannot be read, or unfolds without end, says so", async () => {
  const bomb = await (async () => {
    const zeros = new Blob([new Uint8Array(20 << 20).fill(32)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
    return Buffer.from(await new Response(zeros).arrayBuffer()).toString("base64url");
  })();
  const nothing = await (async () => {
    const json = new Blob(["{\"files\":[]}"]).stream().pipeThrough(new CompressionStream("deflate-raw"));
    return Buffer.from(await new Response(json).arrayBuffer()).toString("base64url");
  })();
  for (const [hash, words] of [["#1.AAAA", /cannot be read/], ["#1.%%%", /cannot be read/], ["#9.AAAA", /newer Lockstep/], [`#1.${bomb}`, /more than 8 MB/], [`#1.${nothing}`, /holds no configuration/]]) {
    const page = await open(`/nginx${hash}`);
    // Not before the page is there, and not frame by frame: a page that draws nothing has no frames to wait for.
    await page.waitForLoadState();
    await page.waitForFunction((words) => new RegExp(words).test(document.getElementById("news").textContent), words.source, { polling: 100 });
    await sound(page);
    await page.context().close();
  }
});

test("without the editor everything works in the textarea", async () => {
  const page = await pasted(BROKEN, { before: (page) => page.route("**/editor-*.js", (route) => route.abort()) });
  await has(page, "missing-semicolon-1");
  assert.equal(await page.$(".editor"), null);
  await page.click("#missing-semicolon-1 summary");
  await page.click("#missing-semicolon-1 .go");
  assert.equal(await page.evaluate(() => getSelection().toString() || document.getElementById("text").value.slice(document.getElementById("text").selectionStart, document.getElementById("text").selectionEnd)), "listen 443 ssl");
  await page.keyboard.press("Control+Enter");
  await gone(page, "missing-semicolon-1");
  assert.match(await area(page), /listen 443 ssl;\n/);
  await page.focus("#text");
  await page.keyboard.press("Control+Z");
  await has(page, "missing-semicolon-1");
  await page.click("#mend");
  await page.waitForSelector("#difference .new");
  await page.click("#share");
  await page.waitForSelector("#share[data-state=copied]");
  await sound(page, { complaints: page.complaints.length }); // the blocked file is told in the console
  await page.context().close();
});

test("the editor takes the textarea's place without losing text or cursor", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const page = await open("/nginx", { before: (page) => page.route("**/editor-*.js", async (route) => (await held, route.continue())) });
  await ready(page);
  await page.click("#text");
  await page.keyboard.type("server {\n    listen 80;");
  release();
  await editor(page);
  await page.keyboard.type("\n    server_name b.test;\n}");
  assert.equal((await text(page)).replace(/\n[ \t]*/g, "\n"), "server {\nlisten 80;\nserver_name b.test;\n}");
  assert.equal((await seen(page)).shift, 0);
  await sound(page);
  await page.context().close();
});

test("several files are tabs, and includes between them are followed", async () => {
  const page = await open("/nginx");
  await ready(page);
  const files = { "nginx.conf": "events {}\nhttp {\n    include sites/*.conf;\n}\n", "a.conf": "server {\n    listen 80\n}\n", "b.conf": "server {\r\n    listen 81;\r\n    server_name b.test;\r\n}\r\n" };
  await page.setInputFiles("#picker", Object.entries(files).map(([name, text]) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) })));
  await has(page, "missing-semicolon-1");
  await editor(page);
  assert.deepEqual(await page.$$eval("#tabs [role=tab]", (all) => all.map((it) => it.textContent)), Object.keys(files));
  assert.match(await page.textContent("#missing-semicolon-1 .where"), /a\.conf, line 2/);
  await page.click("#missing-semicolon-1 summary");
  await page.click("#missing-semicolon-1 .go");
  assert.equal(await page.textContent("#tabs [aria-selected=true]"), "a.conf");
  await page.focus("#tabs [aria-selected=true]");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.textContent("#tabs [aria-selected=true]"), "b.conf");
  await page.click("#close");
  assert.equal(await page.locator("#tabs [role=tab]").count(), 2);
  await sound(page);
  await page.context().close();
});

test("a dropped file is opened", async () => {
  const page = await open("/nginx");
  await ready(page);
  const transfer = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "dropped.conf"));
    return transfer;
  }, BROKEN);
  await page.dispatchEvent("#text", "drop", { dataTransfer: transfer });
  await has(page, "missing-semicolon-1");
  await sound(page);
  await page.context().close();
});

test("by keyboard alone: to the next finding, its fix, all fixes, and out of the text again", async () => {
  const page = await open("/nginx");
  await ready(page);
  for (let i = 0; i < 8 && !(await page.evaluate(() => document.activeElement.matches("#text, .editor"))); i++) await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.activeElement.matches("#text, .editor")));
  await editor(page);
  await page.evaluate((text) => navigator.clipboard.writeText(text), BROKEN);
  await page.keyboard.press("Control+V");
  await has(page, "missing-semicolon-1");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("F8");
  await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("A semicolon is missing"));
  assert.ok(await page.evaluate(() => document.querySelector("#missing-semicolon-1 > details").open));
  await page.keyboard.press("Control+Enter");
  await gone(page, "missing-semicolon-1");
  assert.ok(await page.evaluate(() => document.activeElement.matches(".editor")), "the focus stays in the text");
  await page.keyboard.press("Shift+F8");
  await page.keyboard.press("Control+Shift+Enter");
  await page.waitForSelector("#difference .new");
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Tab");
  assert.ok(!(await page.evaluate(() => document.activeElement.matches(".editor"))), "Tab leaves the text");
  await sound(page);
  await page.context().close();
});

test("why a rule matters is told with an example", async () => {
  const page = await pasted(BROKEN);
  await page.click("#missing-semicolon-1 > details > summary");
  await page.click("#missing-semicolon-1 [data-lesson] summary");
  await page.waitForSelector("#missing-semicolon-1 .example");
  assert.equal(await page.locator("#missing-semicolon-1 .example").count(), 2);
  const link = page.locator("#missing-semicolon-1 a[data-out]");
  assert.match(await link.getAttribute("href"), /^https:\/\/nginx\.org\/en\/docs\//);
  assert.equal(await link.getAttribute("aria-label"), "nginx’s documentation: A semicolon is missing");
  await sound(page);
  await page.context().close();
});

test("a large text is capped, and hostile text stays text", async () => {
  const hostile = `server { listen 80; server_name x; set $a "<img src=x onerror=alert(1)>";\n${"    nonsense</script><b> on;\n".repeat(90)}}\n`;
  const page = await pasted(hostile);
  await has(page, "unknown-directive-40");
  assert.equal(await page.$("#unknown-directive-41"), null);
  await page.click("[data-more]");
  await has(page, "unknown-directive-80");
  assert.equal(await page.locator("#result img, #result script, #result b:not(.diff b)").count(), 0);
  await sound(page);
  await page.context().close();
});

test("what cannot be judged is listed with its reason", async () => {
  const page = await pasted("server {\n    listen 80;\n    server_name a.test;\n    include snippets/own.conf;\n    location / { proxy_pass http://127.0.0.1:8000; }\n}\n");
  await page.waitForSelector(".undecided", { state: "attached" });
  await page.click(".undecided > summary");
  assert.match(await page.textContent(".undecided"), /snippets\/own\.conf was not pasted/);
  await page.context().close();
});

test("the findings can be taken along as Markdown and JSON", async () => {
  const page = await pasted(BROKEN);
  await page.click("#markdown");
  await page.waitForSelector("#markdown[data-state=copied]");
  const markdown = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(markdown, /A semicolon is missing/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#json")]);
  const json = JSON.parse(readFileSync(await download.path(), "utf8"));
  assert.ok(json.findings.some((finding) => finding.rule === "missing-semicolon"));
  await sound(page);
  await page.context().close();
});

test("from paste through fix and share, only known files are asked for, without query or body", async () => {
  const asked = [];
  const page = await open("/nginx", { before: (page) => page.context().on("request", (request) => asked.push([request.method(), request.url(), request.postData()])) });
  await ready(page);
  await paste(page, BROKEN.replaceAll("a.test", "secret-name.test"));
  await has(page, "missing-semicolon-1");
  await editor(page);
  await page.click("#missing-semicolon-1 > details > summary");
  await page.click("#missing-semicolon-1 [data-lesson] summary");
  await page.waitForSelector(".example");
  await page.click("#missing-semicolon-1 [data-apply]");
  await gone(page, "missing-semicolon-1");
  await page.click("#mend");
  await page.waitForSelector("#difference .new");
  await page.click("#markdown");
  await page.waitForSelector("#markdown[data-state=copied]");
  await explained(page, "https://secret-name.test/private");
  await page.waitForSelector("#explained .steps");
  await page.click("#share");
  await page.waitForSelector("#share[data-state=copied]");
  const html = await (await fetch(`${BASE}/nginx`)).text();
  for (const [method, address, body] of asked) {
    const { origin, pathname, search } = new URL(address);
    assert.equal(method, "GET", address);
    assert.equal(body, null, address);
    assert.equal(search, "", address);
    assert.ok(!address.includes("secret"), address);
    assert.ok(address.startsWith("blob:") || (origin === BASE && (pathname === "/nginx" || html.includes(pathname))), `not a file of the page: ${address}`);
  }
  assert.ok(asked.some(([, address]) => address.endsWith(".wasm")), "requests were seen");
  await page.context().close();
});

const SITE = `server {
    listen 80;
    server_name a.test www.a.test;
    return 301 https://a.test$request_uri;
}
server {
    listen 443 ssl;
    server_name a.test;
    ssl_certificate /etc/letsencrypt/live/a.test/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/a.test/privkey.pem;
    location ~ ^/(en|de)/(?<rest>.*)$ {
        proxy_pass http://127.0.0.1:8000;
    }
    location / {
        root /srv/a;
    }
    location ~ ^/slow/(x+x+)+y$ {
        return 204;
    }
}
`;

async function explained(page, url) {
  await page.fill("#url", url);
  await page.press("#url", "Enter");
}

test("a URL is explained step by step, each with its line", async () => {
  const page = await pasted(SITE);
  await editor(page);
  await explained(page, "https://a.test/en/page?x=1");
  await page.waitForSelector("#explained .steps li");
  assert.match(await page.textContent("#explained h3"), /127\.0\.0\.1:8000.*\/en\/page\?x=1/);
  await page.locator("#explained .steps li", { hasText: "Location" }).locator(".go").first().click();
  assert.ok(await page.evaluate(() => document.activeElement.matches(".editor")), "the line is shown in the editor");
  // It follows the text.
  await paste(page, "\n");
  await explained(page, "http://www.a.test/x");
  await page.waitForFunction(() => document.querySelector("#explained h3")?.textContent.includes("301"));
  await explained(page, "ftp://a.test/");
  await page.waitForSelector("#explained .wrong");
  await sound(page);
  await page.context().close();
});

test("a pattern that never ends is ended", async () => {
  const page = await pasted(SITE);
  await explained(page, `https://a.test/slow/${"x".repeat(60)}`);
  await page.waitForFunction(() => document.querySelector("#explained .wrong")?.textContent.includes("took longer than 3 seconds"));
  // The next question is answered.
  await explained(page, "http://a.test/");
  await page.waitForFunction(() => document.querySelector("#explained h3")?.textContent.includes("301"));
  await sound(page);
  await page.context().close();
});

test("the redirect map shows each entrance, and is drawn anew with the text", async () => {
  const page = await pasted(SITE);
  await page.locator("#leads").scrollIntoViewIfNeeded();
  await page.waitForSelector("#map .drawn");
  assert.equal(await page.locator("#map figure").count(), 4);
  // The drawing has an arrow for each redirect, and says to those who cannot see it where to look.
  assert.match(await page.getAttribute("#map svg.graph", "aria-label"), /list below.*2 names, 2 redirects, 0 circles/);
  assert.equal(await page.locator("#map .graph .way").count(), 2);
  assert.match(await page.locator("#map figure").nth(2).textContent(), /http:\/\/www\.a\.test.*301.*https:\/\/a\.test\//);
  await sound(page);
  await page.context().close();
});

test("the live site is held against the text, and only its name is sent", async () => {
  const observed = {
    tls: { endpoints: [{ host: "a.test", address: "2001:db8::1", handshake: { Ok: { chain: 0 } }, http2: { seen: true } }], chains: [{ certificates: [{ names: ["shop.a.test"] }] }] },
    web: { corners: [{ scheme: "http", host: "a.test", address: "2001:db8::1", first: { seen: { status: 200, headers: [] } } }, { scheme: "https", host: "a.test", address: "2001:db8::1", first: { seen: { status: 200, headers: [] } } }] },
  };
  const asked = [];
  const page = await pasted(SITE, {
    before: (page) =>
      page.route("**/api/v1/check**", (route) => {
        asked.push(route.request().method() + new URL(route.request().url()).search + (route.request().postData() ?? ""));
        return route.fulfill({ json: { domain: "a.test", observed } });
      }),
  });
  await page.fill("#live-name", "a.test");
  await page.press("#live-name", "Enter");
  await page.waitForSelector("#compared .differences");
  const told = await page.textContent("#compared");
  assert.match(told, /http:\/\/a\.test is redirected to https.*answers without such a redirect/s);
  assert.match(told, /No listen takes IPv6/);
  assert.match(told, /no server_name is shop\.a\.test/);
  assert.match(told, /certificate is \/etc\/letsencrypt\/live\/a\.test\/fullchain\.pem.*is for shop\.a\.test, not for a\.test.*nginx was not reloaded/s);
  assert.deepEqual(asked, ["GET?domain=a.test"]);
  await accessible(page);
  await page.unroute("**/api/v1/check**");
  await page.route("**/api/v1/check**", (route) => route.fulfill({ status: 400, json: { title: "Not a name", detail: "This is not a domain." } }));
  await page.press("#live-name", "Enter");
  await page.waitForFunction(() => document.getElementById("compared").textContent.includes("This is not a domain."));
  await page.context().close();
});

test("a new configuration is written, checked, and put into the text", async () => {
  const page = await open("/nginx");
  await ready(page);
  await page.click("#generator > summary");
  await page.fill("#site-domain", "not a name;");
  await page.press("#site-domain", "Enter");
  await page.waitForSelector("#site-domain[aria-invalid=true]");
  assert.ok(await page.evaluate(() => document.activeElement.id === "site-domain"));
  await page.fill("#site-domain", "new.test");
  await page.press("#site-domain", "Enter");
  await page.waitForSelector("#written pre");
  assert.equal(await page.$("#site-domain[aria-invalid]"), null);
  await page.click("#written button >> nth=0");
  await page.waitForSelector("#verdict");
  assert.match(await page.textContent("#verdict"), /Nothing wrong found/);
  await editor(page);
  assert.match(await text(page), /server_name new\.test/);
  await sound(page);
  await page.context().close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    test(`axe finds nothing: empty and with findings, ${colorScheme}, ${size}`, async () => {
      const page = await open("/nginx", { viewport, colorScheme });
      await ready(page);
      await accessible(page);
      await page.click("#example");
      await page.waitForSelector("#verdict");
      await editor(page);
      await page.waitForTimeout(250);
      await accessible(page);
      await page.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = true)));
      await page.waitForSelector(".example");
      await accessible(page);
      await page.click("#mend");
      await page.waitForSelector("#difference .new");
      await explained(page, "http://shop.example.com/static/a.css");
      await page.waitForSelector("#explained .steps");
      await page.locator("#leads").scrollIntoViewIfNeeded();
      await page.waitForSelector("#map .drawn");
      await page.press("#site-domain", "Enter");
      await page.waitForSelector("[aria-invalid=true]");
      await page.fill("#site-domain", "new.test");
      await page.press("#site-domain", "Enter");
      await page.waitForSelector("#written pre");
      await accessible(page);
      assert.equal((await seen(page)).refused.length, 0);
      await sound(page);
      await page.context().close();
    });
  }
}

test("on a phone the verdict is in sight beside a long text, and leads to the findings", async () => {
  // With the keyboard up.
  const page = await pasted(BROKEN + "# more\n".repeat(200), { viewport: { ...PHONE, height: 600 } });
  await editor(page);
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForFunction(() => document.getElementById("sum").checkVisibility({ visibilityProperty: true }));
  assert.match(await page.textContent("#sum"), /nginx refuses this, for 2 reasons/);
  const inSight = (id) => page.$eval(id, (it) => it.getBoundingClientRect().top >= 0 && it.getBoundingClientRect().bottom <= innerHeight);
  assert.ok(await inSight("#sum"));
  assert.ok(!(await inSight("#verdict")), "else it is not needed");
  // It stays while the text is scrolled past, and goes where the verdict itself stands.
  await page.evaluate(() => scrollTo(0, 120));
  assert.ok(await inSight("#sum"));
  await page.click("#sum");
  assert.ok(await inSight("#verdict"));
  assert.ok(await page.evaluate(() => document.activeElement.id === "verdict"));
  await page.waitForFunction(() => !document.getElementById("sum").checkVisibility({ visibilityProperty: true }));
  // The editor may say that it puts measuring off to the next frame when the page jumps while it measures: nothing is wrong.
  page.complaints = page.complaints.filter((it) => !it.startsWith("Measure loop restarted"));
  await sound(page);
  await page.evaluate(() => scrollTo(0, 0));
  await page.click("#clear");
  await page.waitForSelector("#sum", { state: "hidden" });
  await page.context().close();
});

test("where nginx -t stops leads to the finding that puts it right", async () => {
  const page = await pasted(BROKEN);
  await editor(page);
  assert.match(await page.textContent(".stops"), /^nginx -t stops at line 3: invalid parameter "server_name"/);
  await page.click(".stops .go");
  assert.ok(await page.evaluate(() => document.querySelector("#missing-semicolon-1 > details").open));
  assert.ok(await page.evaluate(() => document.activeElement.closest("[data-card]")?.id === "missing-semicolon-1"));
  assert.match(await page.textContent("#missing-semicolon-1 .sheet"), /nginx -t says.*invalid parameter "server_name" at line 3/s);
  await page.click("#missing-semicolon-1 [data-apply]");
  await gone(page, "missing-semicolon-1");
  assert.match(await page.textContent(".stops"), /at line 8: unknown directive "proxy_redirects"/);
  await sound(page);
  await page.context().close();
});

test("a part that cannot be loaded is said, and asked for again the next time", async () => {
  const blocked = (name) => ({ before: (page) => page.route(`**/${name}_bg-*.wasm`, (route) => route.abort()) });
  const words = /could not be loaded.*nothing in the text was looked at/;
  const reports = await pasted(BROKEN, blocked("reports"));
  await reports.click("#json");
  await reports.waitForFunction((words) => new RegExp(words).test(document.getElementById("news").textContent), words.source);
  assert.match(await reports.textContent("#status"), words, "and told to those who listen");
  await reports.unroute("**/reports_bg-*.wasm");
  const [download] = await Promise.all([reports.waitForEvent("download"), reports.click("#json")]);
  assert.ok(JSON.parse(readFileSync(await download.path(), "utf8")).findings.length);
  await sound(reports, { complaints: reports.complaints.length }); // the blocked file is told in the console
  await reports.context().close();

  const guide = await pasted(SITE, blocked("guide"));
  await explained(guide, "http://a.test/");
  await guide.waitForSelector("#explained .wrong");
  assert.match(await guide.textContent("#explained .wrong"), words);
  await guide.click("#generator > summary");
  await guide.fill("#site-domain", "new.test");
  await guide.press("#site-domain", "Enter");
  await guide.waitForSelector("#written .wrong");
  assert.match(await guide.textContent("#written .wrong"), words);
  await guide.unroute("**/guide_bg-*.wasm");
  await explained(guide, "http://a.test/");
  await guide.waitForFunction(() => document.querySelector("#explained h3")?.textContent.includes("301"));
  await sound(guide, { complaints: guide.complaints.length });
  await guide.context().close();
});

test("headings make an outline", async () => {
  const page = await pasted(BROKEN);
  const levels = await page.evaluate(() => [...document.querySelectorAll("h1,h2,h3,h4")].filter((it) => it.offsetParent).map((it) => Number(it.tagName[1])));
  assert.equal(levels[0], 1);
  for (let i = 1; i < levels.length; i++) assert.ok(levels[i] - levels[i - 1] <= 1, levels.join(" "));
  await page.context().close();
});
