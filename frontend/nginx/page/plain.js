// The text in a plain textarea: everything works with it, until the editor comes or where it cannot.

export class Plain {
  #area;
  #marks = [];

  constructor(area, changed) {
    this.#area = area;
    area.addEventListener("input", changed);
  }

  get text() {
    return this.#area.value;
  }

  get cursor() {
    return this.#area.selectionStart;
  }

  get selection() {
    return [this.#area.selectionStart, this.#area.selectionEnd];
  }

  get marks() {
    return this.#marks;
  }

  get hasFocus() {
    return document.activeElement === this.#area;
  }

  /** Shows a file; what can be taken back begins anew. */
  show(file) {
    if (this.#area.value !== file.text) this.#area.value = file.text;
    this.#marks = file.marks ?? [];
  }

  /** Puts what is shown into the file. */
  keep(file) {
    file.text = this.text;
  }

  /** Makes replacements (sorted, apart from each other), so that the browser can take them back. */
  edit(edits) {
    const { activeElement } = document;
    this.#area.focus({ preventScroll: true });
    for (const { from, to, insert } of edits.toReversed()) {
      this.#area.setSelectionRange(from, to);
      const done = insert ? document.execCommand("insertText", false, insert) : from === to || document.execCommand("delete");
      if (!done) this.#area.setRangeText(insert, from, to, "end");
    }
    if (activeElement !== this.#area) activeElement?.focus({ preventScroll: true });
  }

  mark(marks) {
    this.#marks = marks;
  }

  /** Brings a range into sight and selects it. */
  reveal(from, to, { focus = true } = {}) {
    const area = this.#area;
    if (focus) area.focus({ preventScroll: true });
    area.setSelectionRange(from, to);
    const line = area.value.slice(0, from).split("\n").length - 1;
    const height = parseFloat(getComputedStyle(area).lineHeight);
    area.scrollTop = Math.max(0, line * height - area.clientHeight / 3);
  }

  focus() {
    this.#area.focus();
  }
}
