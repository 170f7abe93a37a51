import { writeFileSync } from "node:fs";
import { DESK, PHONE, BASE, check, finished, open, ready, start, stop } from "./page.mjs";
const out = "/tmp/e-shots";
await start();
const get = async (d) => { const r = await fetch(`${BASE}/api/v1/check?domain=${d}`, { headers: { accept: "application/json" } }); return r.text(); };
const healthy = await get("healthy-apex.test");
const broken = await get("missing-www.test");
writeFileSync(`${out}/healthy.json`, healthy); writeFileSync(`${out}/broken.json`, broken);
const older = JSON.parse(broken.replaceAll("missing-www.test", "healthy-apex.test")); older.seen_at = "2026-11-01T10:00:00Z"; older.observed.seen_at = older.seen_at;
older.observed.web.corners.forEach((c) => c.first.seen?.headers?.push(["x-frame-options", "DENY"]));
writeFileSync(`${out}/older.json`, JSON.stringify(older));
const only = process.argv[2];
for (const [kind, viewport, colorScheme] of [["desk", DESK, "light"], ["dark", DESK, "dark"], ["phone", PHONE, "light"], ["phonedark", PHONE, "dark"]]) {
  const page = await open("/check/missing-www.test", { viewport, colorScheme });
  await finished(page);
  const shot = async (name) => { await page.waitForTimeout(300); await page.screenshot({ path: `${out}/${name}-${kind}.png` }); };
  await page.locator("[data-tool=save]").first().scrollIntoViewIfNeeded(); await page.evaluate(() => scrollTo(0, document.body.scrollHeight)); await shot("toolbar");
  for (const tool of ["save", "share", "compare"]) {
    await page.click(`[data-tool=${tool}]`);
    await page.waitForSelector("dialog[open]"); await page.waitForTimeout(400);
    if (tool === "share") await page.click(".follow summary");
    await shot(tool); await page.keyboard.press("Escape");
  }
  const chooser = page.waitForEvent("filechooser");
  await page.evaluate(() => document.querySelector("[data-tool=compare]").click());
  await page.click("dialog >> text=A saved report");
  await (await chooser).setFiles(`${out}/older.json`);
  await page.waitForSelector("#comparison"); await page.waitForTimeout(300);
  await page.screenshot({ path: `${out}/comparison-${kind}.png`, fullPage: true });
  const home = await open("/", { viewport, colorScheme });
  await ready(home);
  const [c2] = await Promise.all([home.waitForEvent("filechooser"), home.click("[data-tool=open]")]);
  await c2.setFiles(`${out}/broken.json`);
  await home.waitForSelector("#kept"); await home.waitForTimeout(400);
  await home.screenshot({ path: `${out}/kept-${kind}.png` });
  await home.setViewportSize(viewport);
  await home.evaluate(() => {});
  if (kind === "desk") {
    for (const [name, it] of [["print-report", home], ["print-comparison", page]]) {
      await it.emulateMedia({ media: "print" }); await it.setViewportSize({ width: 700, height: 1000 });
      await it.screenshot({ path: `${out}/${name}.png`, fullPage: true }); await it.emulateMedia({ media: "screen" }); await it.setViewportSize(viewport);
    }
    const fine = await open("/", { viewport }); await ready(fine);
    const t = await fine.evaluateHandle(async ([a, b]) => { const t = new DataTransfer(); t.items.add(new File([a], "a.json")); t.items.add(new File([b], "b.json")); return t; }, [healthy, JSON.stringify(older)]);
    await fine.dispatchEvent("main", "dragover", { dataTransfer: t }); await fine.waitForSelector("[data-over]", { state: "attached" }); await fine.screenshot({ path: `${out}/over.png` });
    await fine.dispatchEvent("main", "drop", { dataTransfer: t }); await fine.waitForSelector("#comparison"); await fine.waitForTimeout(300);
    await fine.screenshot({ path: `${out}/since-${kind}.png`, fullPage: true });
  }
  if (kind === "phonedark") { await page.click("text=Back to the report"); await page.click(".toolbar [data-tool=share]"); await page.click("dialog >> text=Create link"); await page.waitForSelector(".address"); await page.waitForTimeout(300); await page.screenshot({ path: `${out}/link-${kind}.png` }); }
  if (kind === "desk") { await home.pdf({ path: `${out}/broken.pdf`, preferCSSPageSize: true }); await page.pdf({ path: `${out}/comparison.pdf` }); }
  console.log(kind, page.complaints, home.complaints);
  if (only) break;
}
await stop();
