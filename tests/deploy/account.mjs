// An account at Cloudflare, as far as `cargo xtask deploy` asks it: namespaces, one worker with files, its secrets. Says on
// which port it answers, and then each request as a line of JSON.
import { createServer } from "node:http";

const BASE = "/client/v4";
const WORKER = "/accounts/practice/workers/scripts/lockstep";
const NAMESPACES = "/accounts/practice/storage/kv/namespaces";
const namespaces = [{ id: "f".repeat(32), title: "of-something-else" }];
const secrets = [];

function make(title) {
  const made = { id: "0123456789abcdef0123456789abcdef", title };
  namespaces.push(made);
  return made;
}

function put({ name }) {
  const made = { name, type: "secret_text" };
  secrets.push(made);
  return made;
}

const answers = {
  "GET /user": () => ({ id: "practice", email: "practice@lockstep.invalid" }),
  "GET /user/tokens/verify": () => ({ id: "practice", status: "active" }),
  "GET /accounts": () => [{ id: "practice", name: "Practice" }],
  [`GET ${NAMESPACES}`]: ({ page }) => (page > 1 ? [] : namespaces),
  [`POST ${NAMESPACES}`]: ({ body }) => make(JSON.parse(body).title),
  [`POST ${WORKER}/assets-upload-session`]: () => ({ jwt: "all are there", buckets: [] }),
  [`PUT ${WORKER}`]: () => ({ id: "lockstep", startup_time_ms: 5 }),
  [`GET ${WORKER}/secrets`]: () => secrets,
  [`PUT ${WORKER}/secrets`]: ({ body }) => put(JSON.parse(body)),
  [`GET ${WORKER}/subdomain`]: () => ({ enabled: true, previews_enabled: false }),
  [`POST ${WORKER}/subdomain`]: () => ({ enabled: true, previews_enabled: false }),
  "GET /accounts/practice/workers/subdomain": () => ({ subdomain: "practice" }),
};

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("latin1");
  const url = new URL(request.url, "http://practice.invalid");
  const asked = `${request.method} ${url.pathname.replace(BASE, "")}`;
  console.log(JSON.stringify({ asked, body: body.slice(0, 4_000) }));
  const answer = answers[asked];
  const result = answer ? answer({ body, page: Number(url.searchParams.get("page") ?? 1) }) : null;
  const errors = answer ? [] : [{ code: 10_007, message: "not known here" }];
  response.writeHead(answer ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify({ success: Boolean(answer), errors, messages: [], result }));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
