// Pictures of every state, to be looked at: node tests/browser/screenshots.mjs FOLDER
import { mkdirSync } from "node:fs";
import { DESK, PHONE, finished, open, ready, start, stop } from "./page.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("usage: node tests/browser/screenshots.mjs FOLDER");
mkdirSync(folder, { recursive: true });

const STATES = {
  home: ["/", ready],
  running: ["/check/filtered-443.test", (page) => page.waitForSelector(".board .layers li:not(.waiting)")],
  fine: ["/check/healthy-apex.test", finished],
  broken: ["/check/redirect-loop.test", finished],
  "several-causes": ["/check/two-homes.test", finished],
  warning: ["/check/renewal-overdue.test", finished],
  "not-connected": ["/check/not-set-up.test", finished],
  "bad-name": ["/check/localhost", (page) => page.waitForSelector("#trouble")],
};

await start();
for (const [state, [path, shown]] of Object.entries(STATES)) {
  for (const [kind, viewport, colorScheme] of [["desk", DESK, "light"], ["dark", DESK, "dark"], ["phone", PHONE, "light"], ["phone-dark", PHONE, "dark"]]) {
    const page = await open(path, { viewport, colorScheme });
    await shown(page);
    await page.waitForTimeout(250);
    await page.screenshot({ path: `${folder}/${state}-${kind}.png`, fullPage: !["home", "running"].includes(state) });
    await page.context().close();
  }
}
await stop();
