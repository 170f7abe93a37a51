// Two reports held against each other: what is shown, and a saved, a shared or a fresh one.
import { button, copying, element, say } from "./element.js";
import { dialog } from "./dialog.js";
import { files, inside } from "./open.js";
import { compareHtml, compareText, read } from "./reader.js";
import { about, again, keep, others } from "./shown.js";

export async function compare() {
  let it;
  try {
    it = await about();
  } catch (error) {
    return dialog("Compare").refuse(error.message);
  }
  const link = element("input", { id: "shared", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: "2048" });
  const known = others(it.text).map((other) => element("li", {}, button(`${other.name}, ${other.when}`, () => tried(async () => other))));
  const { shown, refuse } = dialog(
    "Compare with another report",
    element("p", { class: "dim" }, `What is shown: ${it.name}, seen ${it.when}.`),
    element("p", { class: "tools" }, button("A fresh look at it", () => (shown.close(), against(it)), { class: "tool main" }), button("A saved report …", () => tried(saved))),
    element(
      "form",
      { class: "by-link", novalidate: true, onsubmit: (event) => (event.preventDefault(), event.stopPropagation(), tried(() => shared(link.value))) },
      element("div", {}, element("label", { for: "shared" }, "Link or id of a shared report"), element("div", { class: "box" }, link, element("button", { class: "tool" }, "Compare"))),
    ),
    ...(known.length ? [element("h3", {}, "Seen in this tab"), element("ul", { class: "known" }, ...known)] : []),
  );

  async function tried(other) {
    refuse("");
    try {
      const found = await other();
      if (!found) return;
      await held(...[it, found].sort((one, two) => one.seen_at - two.seen_at));
      shown.close();
      document.getElementById("compared")?.focus();
    } catch (error) {
      refuse(error.message);
    }
  }
}

/** The report of a file that somebody chooses. */
async function saved() {
  const [file] = await files(false);
  return file && (await inside(file))[0];
}

/** A report that this server keeps. */
async function shared(typed) {
  const id = idOf(typed.trim());
  let answer;
  try {
    answer = await fetch(`/api/v1/reports/${id}`, { headers: { accept: "application/json" }, cache: "no-store" });
  } catch {
    throw new Error("Lockstep cannot be reached at the moment.");
  }
  if (!answer.ok) {
    const told = await answer.json().catch(() => undefined);
    throw new Error(told?.detail ?? told?.title ?? `The server answered ${answer.status}.`);
  }
  const [it] = await read(await answer.text());
  return it;
}

/** The id in a link or alone. */
function idOf(typed) {
  const id = /(?:^|\/r\/)([0-9A-Za-z_-]{8,64})(?:[/?#].*)?$/.exec(typed)?.[1];
  if (!id) throw new Error("Type the link of a shared report, or the id at its end.");
  const host = /^https?:\/\/([^/]+)/i.exec(typed)?.[1];
  if (host && host.toLowerCase() !== location.host) throw new Error(`This link leads to ${host}, and this page only asks ${location.host}. Save the report there and open the file here.`);
  return id;
}

/** Looks again, and says what changed since. */
export async function against(before) {
  const text = await again();
  if (!text) return;
  const [now] = await read(text);
  keep(now);
  if (now.domain === before.domain) await held(before, now);
}

/** Shows the comparison in place of the report. */
export async function held(before, now) {
  const [html, text] = await Promise.all([compareHtml(before.text, now.text), compareText(before.text, now.text)]);
  back();
  const place = element("section", { id: "comparison", "aria-label": "Comparison" });
  place.innerHTML = html; // written by view::markup, which escapes
  const home = document.documentElement.dataset.at === "home";
  place.append(element("p", { class: "tools" }, button(home ? "Back" : "Back to the report", back, { class: "tool main" }), copying("Copy as text", "the comparison", text), button("Print", () => window.print())));
  document.getElementById("result").before(place);
  document.documentElement.dataset.compared = "";
  for (const it of [before, now]) keep(it);
  const heading = place.querySelector("#compared");
  heading.focus();
  say(`Compared: ${heading.textContent}`);
  window.scrollTo(0, 0);
  addEventListener("popstate", back, { once: true });
  document.addEventListener("submit", left, true);
}

/** A new check takes the place. */
function left(event) {
  if (event.target.querySelector("#domain")) back();
}

/** Back to what stood there. */
export function back() {
  const place = document.getElementById("comparison");
  if (!place) return;
  const focused = place.contains(document.activeElement);
  place.remove();
  delete document.documentElement.dataset.compared;
  document.removeEventListener("submit", left, true);
  if (focused) document.getElementById("verdict")?.focus();
}
