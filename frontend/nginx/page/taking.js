// What the buttons above the findings do: all safe fixes at once, what changed, and taking along.
import { pack } from "./share.js";

const by = (id) => document.getElementById(id);

/** By the buttons' ids; of what the page has and can do. */
export function taking({ now, reports, given, settings, keep, replace, say, heard, copied }) {
  function difference(html, title) {
    const place = by("difference");
    place.hidden = !html;
    place.innerHTML = html && `<h2 tabindex="-1">${title}</h2>${html}<p class="tools"><button type="button" class="copy" id="close-difference">Close</button></p>`;
  }

  async function written(form) {
    keep();
    return (await heard(reports.ask({ ask: "report", files: given(), ...settings(), detail: form })))?.text;
  }

  async function download(form, type) {
    const text = await written(form);
    if (text === undefined) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = `nginx-findings.${form}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  return {
    async mend() {
      keep();
      const asked = now().edition;
      const answer = await heard(reports.ask({ ask: "mend", files: given(), ...settings() }));
      if (!answer || asked !== now().edition) return;
      const { edits, html } = answer;
      if (!edits.length) return say("There is nothing that can be put right unseen.");
      const focused = document.activeElement === by("mend");
      await replace(edits, "Applied all safe fixes.");
      difference(html, "What the safe fixes changed");
      if (focused) by("difference").querySelector("h2").focus();
    },

    async changed() {
      keep();
      const before = now().files.map(({ name, text, original }) => ({ name, text: original ?? text }));
      const answer = await heard(reports.ask({ ask: "compare", files: [...before, ...given()] }));
      if (!answer) return;
      difference(answer.html || "<p>Nothing: the text is as it was before the first fix.</p>", "What changed since the first fix");
      by("difference").querySelector("h2").focus();
    },

    "close-difference": () => {
      difference("");
      if (!by("mend").hidden) by("mend").focus();
    },

    async share() {
      keep();
      const hash = await pack({ files: given(), ...settings() });
      const address = `${location.origin}${location.pathname}${hash}`;
      history.replaceState(null, "", hash);
      const long = address.length > 32_000 ? ` It is ${Math.ceil(address.length / 1000)},000 characters long: many programs cut that off.` : "";
      copied(by("share"), address, `Copied a link that holds the text itself, after the #.${long}`);
    },

    async markdown() {
      const text = await written("markdown");
      if (text !== undefined) copied(by("markdown"), text, "Copied the findings as Markdown.");
    },

    json: () => download("json", "application/json"),
    sarif: () => download("sarif", "application/sarif+json"),
  };
}
