// A saved report opened again: chosen, dropped or pasted. It is read in this tab, and nothing is sent.
import { button, element, say } from "./element.js";
import { dialog } from "./dialog.js";
import { read } from "./reader.js";
import { against, back, held } from "./compare.js";
import { current, origin, show } from "./shown.js";

/** Bytes of a file that is read; the reader has a limit of its own. */
const LIMIT = 8 << 20;

/** Lets somebody choose files; resolves with none when they think better of it. */
export function files(many) {
  return new Promise((done) => {
    const input = element("input", { type: "file", accept: ".json,.ndjson,application/json", multiple: many });
    input.addEventListener("change", () => done([...input.files]));
    input.addEventListener("cancel", () => done([]));
    input.click();
  });
}

/** The reports in a file. */
export async function inside(file) {
  if (file.size > LIMIT) throw new Error(`${file.name} is larger than ${LIMIT >> 20} MB, which no report is. It was not opened.`);
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch (error) {
    throw new Error(error instanceof TypeError ? `${file.name} is not text.` : `${file.name} could not be read: the browser did not allow it.`);
  }
  try {
    return await read(text);
  } catch (error) {
    throw new Error(`${file.name}: ${error.message}`);
  }
}

export const choose = async () => take(await files(true));

/** Takes files: one report is shown, two are compared. */
async function take(list) {
  if (!list.length) return;
  try {
    if (list.length > 2) throw new Error("These are more than two files. One is shown, two are compared.");
    const all = await Promise.all(list.map(inside));
    if (all.length === 2) return await held(...all.map(([first]) => first).sort((one, other) => one.seen_at - other.seen_at));
    shown(all[0], list[0].name);
  } catch (error) {
    refused(error);
  }
}

/** Shows the first of the reports that a file holds; the others are offered. */
function shown(all, name) {
  try {
    back();
    show(all[0], { name, all });
    banner(all[0]);
  } catch (error) {
    refused(error);
  }
}

export async function pasted(text) {
  try {
    shown(await read(text), "what you pasted");
  } catch (error) {
    refused(error);
  }
}

function refused(error) {
  dialog("This cannot be opened", element("p", {}, "A report is what “Save” on this page or lockstep check --format json wrote. Nothing was sent.")).refuse(error.message);
}

let over_;

/** Something is held over the page. */
export function over() {
  document.documentElement.dataset.over = "";
  clearTimeout(over_);
  over_ = setTimeout(() => delete document.documentElement.dataset.over, 300);
}

export function dropped(list) {
  clearTimeout(over_);
  delete document.documentElement.dataset.over;
  return take(list);
}

/** Says above the report that it is a saved one, as long as it is shown. */
function banner(it) {
  const { name, all } = origin(it.text);
  const heading = element("p", { id: "kept-title", tabindex: "-1" }, element("b", {}, "A saved report"), `, seen ${it.when}. Opened from ${name} in this tab; nothing was sent.`);
  const more = all.length > 1 && element("p", { class: "dim" }, `The file holds ${all.length} reports: `, ...all.filter((other) => other !== it).flatMap((other, at) => [at ? " " : "", button(other.name, () => next(other, name, all))]));
  const tools = element(
    "p",
    { class: "tools" },
    button("Check again", () => document.querySelector("form").requestSubmit()),
    button("What changed since", () => against(it)),
  );
  document.getElementById("kept")?.remove();
  const kept = element("section", { id: "kept", "aria-labelledby": "kept-title" }, heading, more || undefined, tools);
  const result = document.getElementById("result");
  result.before(kept);
  heading.focus();
  say(`A saved report of ${it.name}, seen ${it.when}.`);
  const watch = new MutationObserver(() => {
    if (kept.isConnected && current() === it.text && result.querySelector(".report")) return;
    watch.disconnect();
    kept.remove();
  });
  watch.observe(result, { childList: true, subtree: true });
}

function next(it, name, all) {
  try {
    show(it, { name, all });
    banner(it);
  } catch (error) {
    refused(error);
  }
}
