// Lockstep on a machine of your own: page, worker, kept reports, cache and rate limit, as `wrangler.toml` describes them,
// without an account. Settings are environment variables; docs/deploy.md lists them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);

function fail(why) {
  console.error(`Lockstep does not start: ${why}`);
  process.exit(1);
}

/** `127.0.0.1:8787` or `[::1]:8787` as host and port. */
function listen(text) {
  const [, host, port] = /^(\[[0-9a-f:]+\]|[^:]+):(\d{1,5})$/i.exec(text) ?? [];
  if (!host || Number(port) > 65_535) fail(`LOCKSTEP_LISTEN is "${text}"; it takes an address and a port, such as 127.0.0.1:8787.`);
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** What the worker gets of the environment: all of `LOCKSTEP_…`, but what concerns this program alone. */
function settings(environment) {
  const { LOCKSTEP_LISTEN, LOCKSTEP_STATE, LOCKSTEP_TRUST, ...rest } = environment;
  const given = Object.fromEntries(Object.entries(rest).filter(([name]) => name.startsWith("LOCKSTEP_")));
  if (LOCKSTEP_TRUST) given.LOCKSTEP_TRUST_PEM = readFileSync(LOCKSTEP_TRUST, "utf8");
  // Unlike Cloudflare's edge this machine can dial Cloudflare's addresses.
  return { LOCKSTEP_FETCH_ONLY: "none", ...given };
}

const { host, port } = listen(process.env.LOCKSTEP_LISTEN ?? "127.0.0.1:8787");
const place = process.env.LOCKSTEP_STATE ?? process.env.STATE_DIRECTORY;
if (!place) fail("LOCKSTEP_STATE is not set; it names the directory that keeps shared reports.");
// Paths in settings count from where it was started.
const state = resolve(place);
let given;
try {
  given = settings(process.env);
} catch (error) {
  fail(`LOCKSTEP_TRUST cannot be read: ${error.message}`);
}

process.chdir(root); // `wrangler.toml` names folders from here
process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
process.env.WRANGLER_SEND_METRICS = "false";
process.env.WRANGLER_LOG_PATH = resolve(state, "wrangler.log"); // what it says of the configuration; else it goes to HOME
let wrangler, miniflare;
try {
  wrangler = require("wrangler");
  // The one that this wrangler was made with.
  miniflare = createRequire(require.resolve("wrangler"))("miniflare");
} catch (error) {
  fail(`${error.message.split("\n")[0]}. \`npm ci\` brings it.`);
}
const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(resolve(root, "wrangler.toml"));
const server = new miniflare.Miniflare({
  host,
  port,
  cf: false, // nothing is fetched about where this machine stands
  log: new miniflare.Log(miniflare.LogLevel.WARN),
  defaultPersistRoot: state,
  ...workerOptions,
  bindings: { ...workerOptions.bindings, ...given },
  modules: true,
  modulesRules: [
    { type: "ESModule", include: ["**/*.js"] },
    { type: "CompiledWasm", include: ["**/*.wasm"] },
  ],
  modulesRoot: resolve(root, "build"),
  scriptPath: resolve(root, "build/shim.js"),
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => server.dispose().then(() => process.exit(0), () => process.exit(1)));
}
try {
  console.log(`Lockstep is ready on ${(await server.ready).origin}`);
} catch (error) {
  fail(error.message);
}
