// The module that reads reports, loaded once.
import init, { compared, compared_text, reports, written } from "report";

let module;

function loaded() {
  module ??= init({ module_or_path: MODULE }).catch(() => {
    module = undefined;
    throw new Error("The part of the page that reads reports could not be loaded. Try again.");
  });
  return module;
}

/** Calls one of the module's functions; what it refuses is an error with a sentence for the visitor. */
async function asked(question) {
  await loaded();
  try {
    return question();
  } catch (error) {
    if (typeof error === "string") throw new Error(error);
    module = undefined; // it stopped in the middle, and is not asked again
    throw new Error("This could not be read. Nothing was sent, and what is shown stays.");
  }
}

/** What is said of each report in a text. */
export const read = async (text) => JSON.parse(await asked(() => reports(text)));
export const write = (text, form) => asked(() => written(text, form));
export const compareHtml = (before, now) => asked(() => compared(before, now));
export const compareText = (before, now) => asked(() => compared_text(before, now));
