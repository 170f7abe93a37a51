// The nginx page: files in, findings beside them, fixes back into them. What is typed and pasted stays in this tab.
import { copy } from "./copy.js";
import { Plain } from "./plain.js";
import { Reader, Superseded } from "./reader.js";

const by = (id) => document.getElementById(id);
const program = by("program").dataset;
/** Reads: what is wrong, and how it is put right. */
const reader = new Reader(program.reader, program.module);
reader.load();
/** Answers further questions; it is loaded with the first of them. */
const guide = new Reader(program.guide, program.guideModule);
/** Writes the findings down, to take along. */
const reports = new Reader(program.reports, program.reportsModule);

/** What the first sight of the page does not need: the example, files, links, lessons, what is done with findings, and all
 * that goes beyond them. */
const later = () =>
  import(program.later).catch(() => {
    throw new Error("This part of the page could not be loaded. Load the page again; the text is not sent anywhere.");
  });

/** How many findings of a group are shown, and how many more each time. */
const STEP = 40;
/** Where the home page leaves a text that was pasted there. */
const HANDED_OVER = "lockstep-nginx";

let files = [{ name: "", text: "" }];
let at = 0;
let most = STEP;
let shown = { fixes: [] };
let pad = new Plain(by("text"), changed);
/** How long the last reading took: the pause before the next one is longer for large texts. */
let took = 0;
let timer;
/** What to say with the next verdict. */
let news = "";
/** Grows with every change of the text: positions of an older text are not used. */
let edition = 0;

// ── The text ──

function changed() {
  edition += 1;
  if (isPacked(location.hash)) history.replaceState(null, "", location.pathname);
  clearTimeout(timer);
  timer = setTimeout(read, Math.min(1500, 120 + 2 * took));
}

function keep() {
  pad.keep(files[at]);
}

const given = () => files.map(({ name, text }) => ({ name, text }));
const settings = () => ({ version: by("version").value, everything: by("everything").checked });

/** Shows a file. */
function turn(to) {
  keep();
  at = to;
  pad.show(files[at]);
  tabs();
}

/** Takes files in place of what is there. */
function load(all, said) {
  files = all.map(({ name, text }) => ({ name, text: text.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd") }));
  at = 0;
  most = STEP;
  pad.show(files[0]);
  tabs();
  by("difference").hidden = true;
  by("changed").hidden = true;
  news = said ?? "";
  edition += 1;
  clearTimeout(timer);
  return read();
}

function tabs() {
  const list = by("tabs");
  list.hidden = files.length < 2;
  by("close").hidden = files.length < 2;
  list.replaceChildren(
    ...files.map((file, index) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.role = "tab";
      tab.id = `tab-${index}`;
      tab.textContent = file.name || "pasted";
      tab.tabIndex = index === at ? 0 : -1;
      tab.setAttribute("aria-selected", String(index === at));
      tab.setAttribute("aria-controls", "pad");
      const worst = worstOf(file.marks);
      if (worst) tab.dataset.worst = worst;
      return tab;
    }),
  );
  if (files.length > 1) by("pad").setAttribute("aria-labelledby", `tab-${at}`);
  else by("pad").removeAttribute("aria-labelledby");
}

const worstOf = (marks = []) => ["failed", "warning", "note"].find((severity) => marks.some((mark) => mark.severity === severity));

async function open(list) {
  const chosen = [...list]; // a list that was dropped does not wait
  const it = await heard(later());
  if (!it) return;
  const { all, said } = await it.opened(chosen);
  if (!all.length) return say(said || "No file was opened.");
  keep();
  const kept = files.filter((file) => file.text.trim() && !all.some((it) => it.name === file.name));
  await load([...kept, ...all], said);
  turn(files.length - all.length);
}

// ── Reading ──

async function read() {
  keep();
  const empty = files.every((file) => !file.text.trim());
  document.documentElement.toggleAttribute("data-text", !empty);
  by("actions").hidden = empty;
  by("clear").hidden = empty;
  if (empty) {
    by("result").replaceChildren(...blank.cloneNode(true).childNodes);
    by("sum").hidden = true;
    files.forEach((file) => (file.marks = []));
    pad.mark([]);
    say(news);
    news = "";
    return;
  }
  by("result").setAttribute("aria-busy", "true");
  const asked = edition;
  const since = performance.now();
  try {
    const answer = await reader.ask({ ask: "read", files: given(), ...settings(), detail: most });
    took = performance.now() - since;
    if (asked !== edition) return; // the text moved on: another reading is on its way
    show(answer);
    upgrade();
    beyond().then((it) => it.refresh()).catch(() => {}); // it is said once it is asked for
  } catch (error) {
    if (!(error instanceof Superseded)) say(error.message);
  } finally {
    by("result").setAttribute("aria-busy", "false");
  }
}

/** Does this part of an address hold a desk? */
const isPacked = (hash) => /^#\d+\./.test(hash);
const blank = by("result").cloneNode(true);

function show(answer) {
  shown = answer;
  const result = by("result");
  const opened = [...result.querySelectorAll("li[data-card] > details[open]")].map((it) => it.parentElement.id);
  const { activeElement } = document;
  const focused = result.contains(activeElement) ? (activeElement.closest("[data-card]")?.id ?? "verdict") : "";
  const same = focused && focusKey(activeElement);
  result.innerHTML = answer.html;
  for (const id of opened) by(id)?.firstElementChild.setAttribute("open", "");
  if (focused) {
    const card = by(focused);
    const again = [...(card ?? result).querySelectorAll("button, summary, a")].find((it) => focusKey(it) === same);
    const next = again ?? card?.querySelector("summary") ?? result.querySelector("li[data-card] summary") ?? by("verdict");
    next.focus({ preventScroll: true });
  }
  sum(answer.state);
  files.forEach((file, index) => (file.marks = answer.marks[index] ?? []));
  pad.mark(files[at].marks);
  tabs();
  by("mend").hidden = answer.safe === 0;
  by("mend").textContent = answer.safe === 1 ? "Apply the safe fix" : `Apply all ${answer.safe} safe fixes`;
  by("version").options[0].textContent = by("version").value ? "Guess from the text" : `Guessed: ${answer.version}`;
  say(news, `${answer.said}.`);
  news = "";
}

/** Where the findings stand below the text, on narrow screens, the verdict stays in sight above it and leads to them. */
function sum(state) {
  by("sum").className = `sum ${state}`;
  by("sum").replaceChildren(...by("verdict").cloneNode(true).childNodes);
  by("sum").hidden = false;
  below.disconnect();
  below.observe(by("verdict"));
}

/** Is the verdict still below what is seen? All that lies above counts as seen. */
const below = new IntersectionObserver(([{ isIntersecting }]) => by("sum").toggleAttribute("data-away", isIntersecting), { rootMargin: "999999px 0px 0px" });

function findings() {
  by("verdict").scrollIntoView();
  by("verdict").focus({ preventScroll: true });
}

const focusKey = (element) => `${element.tagName} ${element.getAttribute("aria-label") ?? element.id}`;

let said = "";
/** Says something; `also` is for those who listen, because it stands on the page anyway. */
function say(text, also = "") {
  const whole = `${text} ${also}`.trim();
  by("news").textContent = text;
  if (whole !== said) by("status").textContent = said = whole;
}

/** The answer; where there is none, why not is said, unless a newer question has taken its place. */
const heard = (answer) => answer.catch((error) => void (error instanceof Superseded || say(error.message)));

// ── Fixing ──

/** Makes replacements in any of the files. */
function replace(edits, done) {
  keep();
  const here = at;
  files.forEach((file, index) => {
    const own = edits.filter((edit) => edit.file === index).sort((a, b) => a.from - b.from);
    if (!own.length) return;
    file.original ??= file.text;
    if (index !== at) turn(index);
    pad.edit(own);
  });
  if (here !== at) turn(here);
  by("changed").hidden = false;
  news = done;
  edition += 1;
  clearTimeout(timer);
  return read();
}

function apply(card) {
  const edits = shown.fixes.find((fix) => fix.card === card)?.edits;
  if (!edits) return say("There is no fix to apply here.");
  return replace(edits, "Applied.");
}

let tools;
/** Does what a button above the findings is for, or a key. */
async function use(tool) {
  const it = await heard(later());
  if (!it) return;
  const now = () => ({ files, at, pad, edition });
  tools ??= it.tools({ now, reports, given, settings, keep, turn, openCard, apply, replace, say, heard, copied });
  tools[tool]?.();
}

// ── Going places ──

/** Where a line and column are in a text, counted as browsers do. */
function offset(text, line, column) {
  let start = 0;
  for (let n = 1; n < line; n += 1) start = text.indexOf("\n", start) + 1 || text.length;
  const end = text.indexOf("\n", start);
  const whole = text.slice(start, end < 0 ? text.length : end);
  const before = [...whole].slice(0, column - 1).join("").length;
  return [start + before, start + whole.trimEnd().length];
}

function go({ file, line, column }) {
  if (+file !== at) turn(+file);
  const [from, to] = offset(pad.text, +line, +column);
  by("pad").scrollIntoView({ block: "nearest" });
  pad.reveal(from, Math.max(from, to));
}

/** Opens a card, without taking the focus. */
function openCard(id) {
  const card = by(id);
  if (!card) return;
  for (const other of by("result").querySelectorAll("[data-current]")) delete other.dataset.current;
  card.dataset.current = "";
  card.firstElementChild.open = true;
  if (matchMedia("(min-width: 64rem)").matches) card.scrollIntoView({ block: "nearest" });
}

// ── Coming and going ──

const copied = (button, text, told) => copy(button, text, (ok) => say(ok ? told : "The browser did not allow copying. Select the text instead."));

async function arrive() {
  if (isPacked(location.hash)) {
    try {
      const desk = await (await later()).unpack(location.hash);
      by("version").value = desk.version;
      by("everything").checked = desk.everything;
      await load(desk.files, "Opened from the link; the text was in the link itself and went to no server.");
    } catch (error) {
      say(error.message);
    }
    return;
  }
  const handed = sessionStorage.getItem(HANDED_OVER);
  if (handed) {
    sessionStorage.removeItem(HANDED_OVER);
    await load([{ name: "", text: handed }], "Brought along from the home page.");
  } else if (pad.text.trim()) {
    read(); // typed while the program was on its way, or kept by the browser
  }
}

// ── The editor ──

let wanted = false;
/** Puts the editor in the textarea's place once it is loaded; without it everything works as before. */
async function upgrade() {
  if (wanted) return;
  wanted = true;
  let create;
  try {
    ({ create } = await import(program.editor));
  } catch {
    return;
  }
  const area = by("text");
  if (area.matches(":focus") && area.dataset.composing) await new Promise((done) => area.addEventListener("compositionend", done, { once: true }));
  keep();
  const focused = pad.hasFocus;
  const [from, to] = pad.selection;
  const { scrollTop } = area;
  pad = create(by("pad"), { changed, apply, openCard });
  area.hidden = true;
  pad.show(files[at]);
  pad.select(from, to, scrollTop);
  if (focused) pad.focus();
  document.documentElement.dataset.editor = "ready";
}

// ── Events ──

document.addEventListener("click", (event) => {
  const near = (selector) => event.target.closest?.(selector);
  const button = near("button");
  if (!button) return;
  const { apply: card, copy: text, to } = button.dataset;
  if (card) apply(card);
  else if (to) openCard(to), by(to).querySelector("summary").focus();
  else if (text !== undefined) copied(button, text, "Copied.");
  else if (button.classList.contains("go")) go(button.dataset);
  else if ("more" in button.dataset) {
    most += STEP;
    read();
  } else if (button.role === "tab") turn([...by("tabs").children].indexOf(button));
  else (({ open: () => by("picker").click(), sum: findings, example, clear, close })[button.id] ?? (() => use(button.id)))();
});

const example = async () => {
  const it = await heard(later());
  if (it) load([{ name: "", text: it.EXAMPLE }], "An example.");
};
function clear() {
  if (isPacked(location.hash)) history.replaceState(null, "", location.pathname);
  load([{ name: "", text: "" }], "Cleared.");
  pad.focus();
}

function close() {
  keep();
  const left = files.filter((_, index) => index !== at);
  const next = Math.min(at, left.length - 1);
  files = left;
  at = next;
  pad.show(files[at]);
  tabs();
  edition += 1;
  read();
}

document.addEventListener(
  "keydown",
  (event) => {
    const command = event.ctrlKey || event.metaKey;
    const tool = event.key === "F8" ? (event.shiftKey ? "before" : "next") : event.key === "Enter" && command && (event.shiftKey ? "mend" : "fix");
    const inside = by("pad").contains(event.target);
    if (!tool || (event.key === "Enter" && !inside)) return;
    event.preventDefault();
    event.stopPropagation();
    use(tool);
  },
  { capture: true },
);

by("tabs").addEventListener("keydown", (event) => {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const to = event.key === "Home" ? 0 : event.key === "End" ? files.length - 1 : way && (at + way + files.length) % files.length;
  if (to === undefined) return;
  event.preventDefault();
  turn(to);
  by(`tab-${to}`).focus();
});

by("result").addEventListener(
  "toggle",
  ({ target }) => {
    if (target.open && target.dataset.lesson) heard(later()).then((it) => it?.teach(program.lessons, target));
    // A card that is opened by hand shows its place; the focus stays on the card.
    const card = target.parentElement;
    if (!target.open || !("card" in card.dataset) || "current" in card.dataset || !target.contains(document.activeElement)) return;
    const { file, line, column } = target.querySelector("button.go")?.dataset ?? {};
    if (line && +file === at) pad.reveal(...offset(pad.text, +line, +column), { focus: false });
  },
  { capture: true },
);

for (const id of ["version", "everything"]) by(id).addEventListener("change", () => ((edition += 1), read()));
by("picker").addEventListener("change", async () => {
  await open(by("picker").files);
  by("picker").value = "";
});
addEventListener("hashchange", () => isPacked(location.hash) && arrive());
by("text").addEventListener("focus", upgrade, { once: true });
by("text").addEventListener("compositionstart", () => (by("text").dataset.composing = "yes"));
by("text").addEventListener("compositionend", () => delete by("text").dataset.composing);

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(
    kind,
    (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      if (kind === "drop") open(event.dataTransfer.files);
    },
    { capture: true },
  );
}

// ── Beyond the findings ──

let more;
async function beyond() {
  const it = await later();
  return (more ??= it.further(guide, (question) => (keep(), { files: given(), ...settings(), ...question }), { copied, put }));
}

document.querySelector(".further").addEventListener("submit", async (event) => {
  event.preventDefault();
  (await heard(beyond()))?.[event.target.id]();
});
by("generator").addEventListener("toggle", () => heard(beyond()));

/** Takes a written configuration: in an empty text, or as a file beside the others. */
async function put(text) {
  keep();
  const others = files.filter((file) => file.text.trim());
  await load([...others, { name: others.length ? "new-site.conf" : "", text }], "Put into the text.");
  turn(files.length - 1);
  by("pad").scrollIntoView({ block: "nearest" });
  pad.focus();
}

document.documentElement.dataset.program = "ready";
arrive();
