// A link to the report, kept by the server that made it; and what else can be followed of the domain.
import { button, copying, element } from "./element.js";
import { dialog } from "./dialog.js";
import { about, origin } from "./shown.js";

/** What is left out unless it is ticked. Names in the public logs are in most reports; the rest is offered where it is. */
const CHOICES = [
  ["subdomains", "Subdomains and further names from the public logs"],
  ["expect", "The addresses you expect"],
  ["path", "The paths you asked for, with their answers"],
  ["exposed", "Ports and private files of your server, and what you published to prove it"],
];

export async function share() {
  let it;
  try {
    it = await about();
  } catch (error) {
    return dialog("Share this report").refuse(error.message);
  }
  const choices = CHOICES.filter(([name]) => it[name] ?? true).map(([name, says]) =>
    element("label", {}, element("input", { type: "checkbox", name, value: name, autocomplete: "off" }), " ", says),
  );
  const place = element("div", { class: "made", "aria-live": "polite" });
  const create = button("Create link", () => made(), { class: "tool main" });
  const why = unshareable(it);
  if (why) {
    create.disabled = true;
    place.append(element("p", { class: "why" }, why));
  }
  const { shown, refuse } = dialog(
    "Share this report",
    element("p", {}, `A link to this report: what was seen of ${it.name} on ${it.when}. It is kept for 90 days and then deleted, is listed nowhere, and whoever has it can read it.`),
    element("p", { class: "dim" }, "Never part of it: nginx configuration, and anything else that you pasted."),
    element("fieldset", {}, element("legend", {}, "Left out, unless you tick it"), ...choices),
    element("p", { class: "tools" }, create),
    place,
    follow(it.domain),
  );

  async function made() {
    refuse("");
    create.disabled = true;
    create.textContent = "Creating …";
    const keep = [...shown.querySelectorAll("fieldset input:checked")].map((box) => box.value);
    try {
      const told = await stored(it.text, keep);
      shown.querySelector("fieldset")?.setAttribute("disabled", "");
      create.remove();
      const link = new URL(told.url, location.origin).href;
      const remove = new URL(told.delete, location.origin).href;
      place.replaceChildren(
        address("The link", link),
        address("To delete it before that: keep this, it is shown only now", remove),
        element("p", { class: "dim" }, `The report is kept until ${until(told.expires)}.`),
      );
      place.querySelector("button").focus();
    } catch (error) {
      create.disabled = false;
      create.textContent = "Create link";
      refuse(error.message);
    }
  }
}

/** Why there can be no link, or nothing. */
function unshareable(it) {
  if (JSON.parse(it.text).seal) return "";
  if (origin(it.text)) return "This saved report carries no seal of this server. Only what a server has seen itself can be shared, so that nobody can forge it. Check again, then share.";
  return "This server keeps no reports, so there can be no link. Save the report instead.";
}

async function stored(text, keep) {
  let answer;
  try {
    answer = await fetch(`/api/v1/reports?keep=${keep.join(",")}`, { method: "POST", headers: { "content-type": "application/json" }, body: text, cache: "no-store" });
  } catch {
    throw new Error("Lockstep cannot be reached at the moment. Nothing was stored.");
  }
  const told = await answer.json().catch(() => undefined);
  if (answer.ok && told?.url && told?.delete) return told;
  const wait = answer.headers.get("retry-after");
  throw new Error(`${told?.detail ?? told?.title ?? "The answer could not be read."}${wait ? ` Try again in ${wait} seconds.` : ""}`);
}

/** An address with its button; it wraps, so that all of it can be read. */
function address(says, href) {
  return element("div", { class: "address" }, element("p", {}, says), element("div", { class: "code" }, element("pre", {}, element("code", {}, href)), copying("Copy link", `(${says.toLowerCase()})`, href)));
}

/** Seconds since 1970 or an RFC 3339 date, as a date. */
function until(expires) {
  const date = new Date(typeof expires === "number" ? expires * 1000 : expires);
  return Number.isNaN(date.getTime()) ? "90 days from now" : date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

/** The calendar and the badge of the domain. */
function follow(domain) {
  const name = encodeURIComponent(domain);
  const badge = `${location.origin}/badge/${name}.svg`;
  const markdown = `[![HTTPS of ${domain}](${badge})](${location.origin}/check/${name})`;
  return element(
    "details",
    { class: "follow" },
    element("summary", {}, "Follow this domain"),
    element("p", {}, element("a", { href: `/calendar/${name}.ics` }, "Calendar"), " of renewal and expiry, to subscribe to. ", element("a", { href: `/badge/${name}.svg` }, "Badge"), " for a page or a README:"),
    element("div", { class: "code" }, element("pre", {}, element("code", {}, markdown)), copying("Copy Markdown", "of the badge", markdown)),
  );
}
