// Beyond the findings: what happens to a URL, where each name leads, and a configuration for a new site.
import { FORM } from "./form.js";

const by = (id) => document.getElementById(id);

/** The time for patterns, in milliseconds: one that never ends is ended with the worker. */
const PATTERNS = 3_000;

/** The fields of the form for a new site, in the order in which the reader takes them. */
const FIELDS = ["domain", "more_names", "canonical", "app", "tls", "lineage", "static_files", "uploads", "largest_request", "ipv6", "http2", "acme", "hsts"];

const field = (name) => by(`site-${name}`);

/** Fills the places; `asked` adds files and settings to a question. What it returns answers each form, by its id. */
export function further(reader, asked, { copied, put }) {
  by("generator").insertAdjacentHTML("beforeend", FORM);
  let url = "";
  /** Nobody may ever look: the map is drawn once it comes into sight, and anew with the text while it is. */
  let inSight = false;
  let stale = true;
  let empty = true;
  const drawn = () => {
    if (empty || !inSight || !stale) return;
    stale = false;
    shown(by("map"), { ask: "map" });
  };
  new IntersectionObserver(([entry]) => {
    inSight = entry.isIntersecting;
    drawn();
  }).observe(by("map"));

  async function shown(place, question) {
    try {
      const { html } = await reader.ask(asked(question), { limit: PATTERNS });
      place.innerHTML = html;
    } catch (error) {
      if (error.name !== "Superseded") tell(place, error.message);
    }
  }

  const explain = () => url && shown(by("explained"), { ask: "route", detail: url });

  function written(text) {
    const block = document.createElement("pre");
    block.className = "example";
    block.textContent = text;
    const tools = document.createElement("p");
    tools.className = "tools";
    tools.append(
      button("Put it into the text above", () => put(text)),
      button("Copy the configuration", (event) => copied(event.currentTarget, text, "Copied the configuration.")),
    );
    by("written").replaceChildren(block, tools);
  }

  return {
    "explain-form": () => {
      url = by("url").value.trim();
      if (url) explain();
      else tell(by("explained"), "Enter a URL, such as http://example.com/.");
    },

    "live-form": async () => {
      const name = by("live-name").value.trim();
      if (!name) return tell(by("compared"), "Enter a domain, such as example.com.");
      by("live-go").disabled = true;
      by("compared").innerHTML = "<p class=\"small\">Looking at the site. This takes some seconds.</p>";
      try {
        const answer = await fetch(`/api/v1/check?domain=${encodeURIComponent(name)}`, { cache: "reload" });
        if (!answer.ok) {
          const { detail, title } = await answer.json();
          throw new Error(detail ?? title);
        }
        await shown(by("compared"), { ask: "against", detail: await answer.text() });
      } catch (error) {
        tell(by("compared"), error.message || "The site could not be looked at.");
      } finally {
        by("live-go").disabled = false;
      }
    },

    site: async () => {
      const value = (it) => (it.type === "checkbox" ? (it.checked ? "yes" : "") : it.value.replaceAll("\n", " "));
      const detail = FIELDS.map((name) => value(field(name))).join("\n");
      let answer;
      try {
        answer = await reader.ask({ ...asked({ ask: "generate", detail }), files: [] });
      } catch (error) {
        return error.name === "Superseded" || tell(by("written"), error.message);
      }
      const { text, unusable = [] } = answer;
      for (const name of FIELDS) mark(field(name), unusable.find((it) => it.field === name)?.text);
      if (unusable.length) {
        by("written").replaceChildren();
        field(unusable[0].field).focus();
      } else written(text);
    },

    /** Shows anew what depends on the text. */
    refresh() {
      empty = false;
      stale = true;
      drawn();
      explain();
    },
  };
}

function tell(place, text) {
  const line = document.createElement("p");
  line.className = "wrong";
  line.textContent = text;
  place.replaceChildren(line);
}

function button(text, pressed) {
  const it = document.createElement("button");
  it.type = "button";
  it.className = "copy";
  it.textContent = text;
  it.addEventListener("click", pressed);
  return it;
}

/** Says under a field what it should be; nothing takes it back. */
function mark(input, text) {
  by(`${input.id}-wrong`)?.remove();
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
  if (!text) return;
  const line = document.createElement("span");
  line.className = "wrong";
  line.id = `${input.id}-wrong`;
  line.textContent = text;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", line.id);
  input.after(line);
}
