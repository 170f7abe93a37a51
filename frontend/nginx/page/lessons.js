// Why a rule matters, with examples and a link: one file, asked for when the first lesson is opened.

let all;

/** Fills the lesson that was opened. */
export async function teach(address, place) {
  const into = place.querySelector("div");
  if (into.childElementCount) return;
  try {
    all ??= fetch(address).then((answer) => (answer.ok ? answer.json() : Promise.reject()));
    const { why, how, wrong, right, doc } = (await all)[place.dataset.lesson];
    // The finding itself knows the page of its directive, where that is not the rule's.
    const link = documentation(place.dataset.doc || doc, place.closest("[data-card]"));
    into.replaceChildren(prose(why), prose(how), line("Wrong"), example(wrong), line("Right"), example(right), link);
  } catch {
    all = undefined;
    into.replaceChildren(prose("This text could not be loaded."));
  }
}

/** A paragraph in which what stands between backticks is code. */
function prose(text) {
  const paragraph = document.createElement("p");
  paragraph.append(...text.split("`").map((part, at) => (at % 2 ? code(part) : part)));
  return paragraph;
}

function line(text) {
  const paragraph = document.createElement("p");
  paragraph.className = "of";
  paragraph.textContent = text;
  return paragraph;
}

function example(text) {
  const block = document.createElement("pre");
  block.className = "example";
  block.append(code(text));
  return block;
}

function documentation(address, card) {
  const link = document.createElement("a");
  link.href = address;
  link.target = "_blank";
  link.rel = "noreferrer";
  link.dataset.out = "";
  link.textContent = "nginx’s documentation";
  link.setAttribute("aria-label", `nginx’s documentation: ${card.querySelector(".title").textContent}`);
  const paragraph = document.createElement("p");
  paragraph.className = "small";
  paragraph.append(link);
  return paragraph;
}

function code(text) {
  const element = document.createElement("code");
  element.textContent = text;
  return element;
}
