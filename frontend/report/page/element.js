// Elements made by hand: text stays text.

/** An element with attributes and what is inside; `on…` are listeners. */
export function element(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside.filter((it) => it !== undefined));
  return made;
}

export const button = (says, onclick, more = {}) => element("button", { type: "button", class: "tool", onclick, ...more }, says);

/** A button that copies: the page listens for `data-copy`, and says so. */
export const copying = (says, of, text) => element("button", { type: "button", class: "copy", "data-copy": text, "aria-label": `${says} ${of}` }, says);

let sheet;

/** Resolves when the style of all this is there, or cannot be had. */
export function dressed() {
  sheet ??= new Promise((done) => {
    document.head.append(element("link", { rel: "stylesheet", href: STYLE, onload: done, onerror: done }));
  });
  return sheet;
}

/** Says something in the page's status line. */
export function say(text) {
  document.getElementById("status").textContent = text;
}
