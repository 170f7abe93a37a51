// The form is there before the program is, and nothing typed is lost when the program comes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { calm, finished, open, ready, start, stop } from "./page.mjs";

before(start);
after(stop);

test("the form can be used while the program is still on its way", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const page = await open("/", {
    before: (page) => page.route("**/*.wasm", async (route) => (await held, route.continue())),
  });
  await page.waitForSelector("#domain");
  assert.equal(await page.textContent("h1"), "Is the HTTPS of this domain right?");
  assert.equal(await page.getAttribute("form", "action"), "/check");
  await page.focus("#domain");
  await page.keyboard.type("htpps://Healthy-apex,");
  assert.equal(await page.textContent("#understood"), "");
  release();
  await ready(page);
  await page.keyboard.type("test/");
  assert.equal(await page.inputValue("#domain"), "htpps://Healthy-apex,test/");
  assert.ok(await page.evaluate(() => document.activeElement.id === "domain"));
  await page.waitForFunction(() => document.getElementById("understood").textContent === "Understood as healthy-apex.test");
  await page.keyboard.press("Enter");
  await finished(page);
  assert.ok(page.url().endsWith("/check/healthy-apex.test"));
  assert.ok(await page.evaluate(() => document.activeElement.id === "domain"), "the focus stays in the box");
  await calm(page);
});

test("pasted terminal text stays in the tab", async () => {
  const page = await open("/");
  await ready(page);
  const asked = [];
  page.on("request", (request) => request.url().endsWith(".svg") || asked.push(request.url()));
  await page.evaluate(() => navigator.clipboard.writeText("$ dig +short a.test\n192.0.2.1"));
  await page.focus("#domain");
  await page.keyboard.press("Control+V");
  await page.waitForFunction(() => document.getElementById("understood").textContent.includes("a command printed"));
  assert.match(await page.textContent("#understood"), /stays in this tab.*not built yet/);
  assert.equal(await page.inputValue("#domain"), "");
  assert.deepEqual(asked, []);
  await calm(page);
});

test("pasted nginx text is offered to the nginx page, and goes there without leaving the tab", async () => {
  const page = await open("/");
  await ready(page);
  const asked = [];
  page.on("request", (request) => asked.push(`${request.method()} ${request.url()} ${request.postData() ?? ""}`));
  const text = "server {\n  listen 80\n  server_name handed-over.test;\n}";
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.focus("#domain");
  await page.keyboard.press("Control+V");
  await page.waitForFunction(() => document.getElementById("understood").textContent.includes("nginx configuration"));
  assert.equal(await page.inputValue("#domain"), "");
  await page.click("#understood a");
  await page.waitForSelector("#missing-semicolon-1");
  assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, "/nginx");
  assert.ok(asked.every((line) => line.startsWith("GET ") && !line.includes("handed-over")), asked.join("\n"));
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, "taken, and not kept");
});
