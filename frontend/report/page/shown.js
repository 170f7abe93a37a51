// Which report the page shows, and which others this tab has seen.
import { read } from "./reader.js";

/** Reports that were opened here and not made by this check. */
const opened = new Map();
/** What was seen since these tools were first used, the last first. */
let seen = [];
/** How many are offered to compare with. */
const MOST = 8;

/** The text of the report that is shown, byte for byte; undefined where none is. */
export function current() {
  const line = window.lockstep?.trim();
  return line && line.slice(line.indexOf(":") + 1, -1).trim();
}

/** What is said of the report that is shown. */
export async function about() {
  const text = current();
  if (!text) throw new Error("There is no report yet. Check a domain first.");
  const [it] = await read(text);
  keep(it);
  return it;
}

/** Remembers a report of this tab. */
export function keep(it) {
  seen = [it, ...seen.filter((other) => other.text !== it.text)].slice(0, MOST);
}

export const others = (than) => seen.filter((it) => it.text !== than);
export const origin = (text) => opened.get(text);

/** Has the page show a report; throws where it cannot. */
export function show(it, from) {
  opened.set(it.text, from);
  keep(it);
  document.dispatchEvent(new CustomEvent("saved", { detail: `{"report":${it.text}}` }));
  if (current() !== it.text) throw new Error("This report cannot be shown: a part of it is missing or was changed.");
}

/** Looks again at what is shown. Resolves with the new report's text, or with nothing where there is none. */
export function again() {
  const before = current();
  const result = document.getElementById("result");
  return new Promise((done) => {
    document.querySelector("form").requestSubmit();
    if (result.getAttribute("aria-busy") !== "true") return done();
    const watch = new MutationObserver(() => {
      if (result.getAttribute("aria-busy") === "true") return;
      watch.disconnect();
      done(current() === before ? undefined : current());
    });
    watch.observe(result, { attributes: true, attributeFilter: ["aria-busy"] });
  });
}
