// What the first sight of the page does not need, in a file of its own: it is loaded with the first text, or when it is
// asked for.
import { dressed } from "./dressed.js";
import { steps } from "./steps.js";
import { taking } from "./taking.js";

export { EXAMPLE } from "./example.js";
export { further } from "./further.js";
export { teach } from "./lessons.js";
export { opened } from "./opened.js";
export { unpack } from "./share.js";

/** What buttons and keys do, by name. */
export const tools = (desk) => ({ ...taking(desk), ...steps(desk) });

await dressed;
