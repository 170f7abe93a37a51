// The report as a file, or on the clipboard.
import { button, copying, element } from "./element.js";
import { dialog } from "./dialog.js";
import { write } from "./reader.js";
import { about } from "./shown.js";

const FORMS = [
  ["json", "json", "application/json", "JSON", "Everything that was seen. It opens here again, and lockstep show reads it."],
  ["markdown", "md", "text/markdown", "Checklist", "Markdown for a ticket: what to change, what proves it, every row with a box."],
  ["runbook", "runbook.md", "text/markdown", "Runbook", "The checklist, the facts of operation as far as they were seen, and lines for the rest."],
  ["text", "txt", "text/plain", "Plain text", "For a mail or a terminal."],
];

export async function save() {
  let it;
  try {
    it = await about();
  } catch (error) {
    return dialog("Save this report").refuse(error.message);
  }
  const list = element("ul", { class: "forms" });
  const { refuse } = dialog("Save this report", element("p", { class: "dim" }, `${it.name}, seen ${it.when}.`), list);
  for (const [form, ending, type, title, says] of FORMS) {
    try {
      const text = form === "json" ? it.text : await write(it.text, form);
      const name = `${it.domain.replace(/[^a-z0-9.-]/gi, "_").slice(0, 100)}-${it.date}.${ending}`;
      const actions = element("p", { class: "tools" }, copying("Copy", `as ${title}`, text), button("Download", () => download(text, name, type), { "aria-label": `Download as ${title}` }));
      list.append(element("li", {}, element("div", {}, element("b", {}, title), element("p", { class: "dim" }, says)), actions));
    } catch (error) {
      refuse(error.message);
    }
  }
}

function download(text, name, type) {
  const address = URL.createObjectURL(new Blob([text.endsWith("\n") ? text : `${text}\n`], { type }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
