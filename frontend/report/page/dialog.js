// One dialog at a time. The browser keeps the focus inside, closes it on Escape, and gives the focus back.
import { button, element } from "./element.js";

/** Opens a dialog with a title; returns it, and the place for what goes wrong in it. */
export function dialog(title, ...inside) {
  document.querySelector("dialog.sheet-of")?.close();
  const trouble = element("p", { class: "refused", role: "alert" });
  const heading = element("h2", { id: "dialog-title", tabindex: "-1", autofocus: true }, title);
  const close = button("Close", () => shown.close(), { class: "tool close" });
  const shown = element("dialog", { class: "sheet-of", "aria-labelledby": "dialog-title" }, heading, ...inside, trouble, element("p", { class: "tools last" }, close));
  shown.addEventListener("close", () => shown.remove());
  // A press on what lies around it.
  shown.addEventListener("click", (event) => event.target === shown && shown.close());
  document.body.append(shown);
  shown.showModal();
  return { shown, refuse: (text) => (trouble.textContent = text) };
}
