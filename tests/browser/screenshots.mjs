// Pictures of every state, to be looked at: node tests/browser/screenshots.mjs FOLDER
import { mkdirSync } from "node:fs";
import { BASE, DESK, PHONE, finished, open, ready, start, stop } from "./page.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("usage: node tests/browser/screenshots.mjs FOLDER");
mkdirSync(folder, { recursive: true });

/** A report of the practice network, as somebody saved it. */
async function saved(domain) {
  const answer = await fetch(`${BASE}/api/v1/check?domain=${domain}`, { headers: { accept: "application/json" } });
  return { name: `${domain}.json`, mimeType: "application/json", buffer: Buffer.from(await answer.text()) };
}

/** The address of a shared report of the practice network. */
async function linked(domain) {
  const { buffer } = await saved(domain);
  const answer = await fetch(`${BASE}/api/v1/reports`, { method: "POST", headers: { "content-type": "application/json" }, body: buffer });
  return (await answer.json()).url;
}

/** Chooses files where the page asks for some. */
async function chosen(page, press, ...files) {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click(press)]);
  await chooser.setFiles(files);
}

/** A tool of a finished report. */
const tool = (name, more) => [
  "/check/missing-www.test",
  async (page) => {
    await finished(page);
    await page.click(`.toolbar [data-tool=${name}]`);
    await page.waitForSelector("dialog[open]");
    await more?.(page);
  },
];

const link = await linked("missing-www.test");
const whole = (page) => page.waitForLoadState("load");

const STATES = {
  link: [link, whole],
  since: [`${link}/since`, whole],
  "without-scripts": ["/check?domain=missing-www.test", whole],
  about: ["/about", whole],
  api: ["/api", whole],
  checks: ["/checks", whole],
  limits: ["/limits", whole],
  privacy: ["/privacy", whole],
  home: ["/", ready],
  running: ["/check/filtered-443.test", (page) => page.waitForSelector(".board .layers li:not(.waiting)")],
  fine: ["/check/healthy-apex.test", finished],
  broken: ["/check/redirect-loop.test", finished],
  "several-causes": ["/check/two-homes.test", finished],
  warning: ["/check/renewal-overdue.test", finished],
  "not-connected": ["/check/not-set-up.test", finished],
  "bad-name": ["/check/localhost", (page) => page.waitForSelector("#trouble")],
  save: tool("save", (page) => page.waitForFunction(() => document.querySelectorAll(".forms li").length === 4)),
  share: tool("share"),
  shared: tool("share", async (page) => {
    await page.click("dialog >> text=Create link");
    await page.waitForSelector("dialog .address");
  }),
  compare: tool("compare"),
  saved: [
    "/",
    async (page) => {
      await ready(page);
      await chosen(page, "[data-tool=open]", await saved("missing-www.test"));
      await page.waitForSelector("#kept");
    },
  ],
  comparison: [
    "/",
    async (page) => {
      await ready(page);
      await chosen(page, "[data-tool=open]", await saved("missing-www.test"), await saved("healthy-apex.test"));
      await page.waitForSelector("#comparison");
    },
  ],
  paper: [
    "/check/missing-www.test",
    async (page) => {
      await finished(page);
      await page.emulateMedia({ media: "print" });
    },
  ],
};

/** What covers the page is pictured as it is seen. */
const IN_SIGHT = ["home", "running", "save", "share", "shared", "compare"];

await start();
for (const [state, [path, shown]] of Object.entries(STATES)) {
  for (const [kind, viewport, colorScheme] of [["desk", DESK, "light"], ["dark", DESK, "dark"], ["phone", PHONE, "light"], ["phone-dark", PHONE, "dark"]]) {
    const page = await open(path, { viewport, colorScheme });
    await shown(page);
    await page.waitForTimeout(250);
    await page.screenshot({ path: `${folder}/${state}-${kind}.png`, fullPage: !IN_SIGHT.includes(state) });
    await page.context().close();
  }
}
await stop();
