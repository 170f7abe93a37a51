// What the platform calls: hands requests and alarms to the Rust side, and starts that side afresh after a panic.
import * as worker from "./index.js";

const state = worker.__worker_init_state();

// Requests in flight: when the instance dies they would otherwise hang until the platform ends them.
const waiting = new Set();

function dead(error) {
  if (error instanceof WebAssembly.RuntimeError) state.criticalError = true;
  if (!state.criticalError) return;
  for (const reject of waiting) reject(new Error("The worker's module stopped"));
  waiting.clear();
}

// A trap inside a continuation has no caller: it arrives here.
addEventListener("error", (event) => dead(event.error));

async function call(handler, ...values) {
  if (state.criticalError) {
    console.error("Starting the worker's module afresh");
    worker.__wbg_reset_state();
    state.criticalError = false;
  }
  const { promise: end, reject } = Promise.withResolvers();
  waiting.add(reject);
  try {
    return await Promise.race([handler(...values), end]);
  } catch (error) {
    dead(error);
    throw error;
  } finally {
    waiting.delete(reject);
  }
}

const problem = {
  type: "/problems/internal",
  title: "Something went wrong here",
  status: 500,
  detail: "The checker stopped in the middle of this request. Please try again.",
};

export default {
  async fetch(request, env, context) {
    try {
      return await call(worker.fetch, request, env, context);
    } catch (error) {
      console.error(error?.stack ?? String(error));
      const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };
      return new Response(JSON.stringify(problem), { status: 500, headers });
    }
  },
  async scheduled(event, env, context) {
    // Not a plain import: there may be no such handler.
    const { scheduled } = worker;
    if (scheduled) await call(scheduled, event, env, context);
  },
};
