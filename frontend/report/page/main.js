// What can be done with a finished report: loaded when one of its buttons is pressed, or a file is dropped on the page.
import { pasted, choose, dropped, over } from "./open.js";
import { save } from "./save.js";
import { share } from "./share.js";
import { compare } from "./compare.js";
import { dressed } from "./element.js";

const TOOLS = { share, save, compare, print: () => window.print(), open: choose, drop: dropped, dragover: over, paste: pasted };

/** Uses a tool; `thing` is the button that was pressed, or what was dropped or pasted. */
export async function use(tool, thing) {
  await dressed();
  await TOOLS[tool]?.(thing);
}
