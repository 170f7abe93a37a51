// "This is my server": what to publish to prove it. Loaded when the box is ticked for the first time. The secret stays in
// this tab; the page asks with it, and the address bar never has it.

const KEY = "lockstep-proof";

const box = document.getElementById("mine");
const domain = document.getElementById("domain");
const place = document.getElementById("prove");

/** One secret a tab: what is published depends on the name as well. */
function secret() {
  const kept = sessionStorage.getItem(KEY);
  if (kept) return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const fresh = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(KEY, fresh);
  return fresh;
}

function element(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

/** A paragraph in which what stands between backticks is code, and the lines to type. */
function drawn({ text, code }) {
  const parts = text.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : part));
  const drawing = [element("p", {}, ...parts)];
  if (code) {
    const what = code.includes("\n") ? "Copy lines" : "Copy record";
    const button = element("button", { type: "button", class: "copy", "data-copy": code }, what);
    drawing.push(element("div", { class: "code" }, element("pre", {}, element("code", {}, code)), button));
  }
  return drawing;
}

async function steps(typed) {
  let answer;
  try {
    const proof = secret();
    answer = await fetch(`/api/v1/proof?domain=${encodeURIComponent(typed)}&proof=${proof}`, { cache: "no-store" });
    const told = await answer.json();
    if (!answer.ok) return element("p", {}, told.detail);
    const summary = element("summary", {}, `What to publish for ${told.domain}`);
    return element("details", { open: "" }, summary, ...told.steps.flatMap(drawn));
  } catch {
    const why = answer ? "The answer could not be read." : "Lockstep cannot be reached, or the browser keeps nothing for this page.";
    return element("p", {}, `${why} What to publish cannot be said at the moment.`);
  }
}

let asked = 0;

async function show() {
  const mine = ++asked;
  const typed = domain.value.trim();
  if (!box.checked) return place.replaceChildren();
  if (!typed) return place.replaceChildren(element("p", {}, "Type the domain above, and what to publish stands here."));
  const shown = await steps(typed);
  // Somebody may have typed on.
  if (mine === asked) place.replaceChildren(shown);
}

for (const input of [box, domain]) input.addEventListener("change", show);
// The result needs the room.
document.addEventListener("submit", () => place.querySelector("details")?.removeAttribute("open"));
show();
