// A page in a real browser, and what it must never do: complain in the console, be refused by its own policy, push
// about what stands, scroll sideways, or talk without end.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const BASE = process.env.LOCKSTEP_WORKER_URL ?? "http://127.0.0.1:8787";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 900 };

let browser;

const launch = (flags) => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });

/** One browser for a test file. */
export async function start() {
  browser = await launch(FLAGS);
}

/** The same, for a program of its own that steers it through this port. */
export async function startSteered(port) {
  browser = await launch([...FLAGS, `--remote-debugging-port=${port}`]);
}

export async function stop() {
  await browser?.close();
}

/** Opens an address in a context of its own. */
export async function open(path, { viewport = DESK, colorScheme = "light", before, scripts = true } = {}) {
  const permissions = ["clipboard-read", "clipboard-write"];
  const context = await browser.newContext({ viewport, colorScheme, baseURL: BASE, permissions, javaScriptEnabled: scripts });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  await page.addInitScript(watch);
  if (before) await before(page);
  await page.goto(path, { waitUntil: "commit" });
  return page;
}

/** Runs in the page before anything else: what was refused, what moved, what was said, what stood in the result. */
function watch() {
  const seen = (window.__seen = { refused: [], shift: 0, shifts: [], said: [], stages: [] });
  document.addEventListener("securitypolicyviolation", (event) => seen.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      seen.shift += entry.value;
      seen.shifts.push(...entry.sources.map((source) => source.node?.outerHTML?.slice(0, 80) ?? source.node?.textContent));
    }
  }).observe({ type: "layout-shift", buffered: true });
  document.addEventListener("DOMContentLoaded", () => {
    const status = document.getElementById("status");
    const result = document.getElementById("result");
    // Pages that came whole have none, or nothing in it that changes.
    if (!status || !result) return;
    new MutationObserver(() => seen.said.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
    new MutationObserver(() => {
      const answered = result.querySelectorAll(".board li:not(.waiting)").length;
      const waiting = result.querySelectorAll(".board li.waiting").length;
      const stage = result.querySelector(".report") ? "report" : waiting + answered ? `board ${answered} of ${waiting + answered}` : "";
      if (stage && seen.stages.at(-1) !== stage) seen.stages.push(stage);
    }).observe(result, { childList: true, subtree: true });
  });
}

export const seen = (page) => page.evaluate(() => window.__seen);

/** Waits until the program has taken over. */
export const ready = (page) => page.waitForFunction(() => document.getElementById("gauge")?.childElementCount > 0);

/** Types a name and presses Enter. */
export async function check(page, domain) {
  await page.fill("#domain", domain);
  await page.press("#domain", "Enter");
}

export async function finished(page) {
  await page.waitForSelector(".report", { timeout: 40_000 });
  await page.waitForFunction(() => document.getElementById("result").getAttribute("aria-busy") === "false");
}

/** What no page may do, whatever it shows. */
export async function calm(page, { complaints = 0 } = {}) {
  const { refused, shift, shifts, said } = await seen(page);
  assert.deepEqual(refused, [], "refused by the page's own policy");
  assert.equal(page.complaints.length, complaints, page.complaints.join("\n"));
  assert.equal(shift, 0, `moved: ${shifts.join(" | ")}`);
  assert.ok(said.length <= 10, `said too much: ${said.join(" | ")}`);
  const [inside, outside] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(inside <= outside, `scrolls sideways: ${inside} > ${outside}`);
}
