// What the first sight of the page does not need, in a file of its own: it is loaded with the first text, or when it is
// asked for.
import { dressed } from "./dressed.js";

export { EXAMPLE } from "./example.js";
export { further } from "./further.js";
export { teach } from "./lessons.js";
export { opened } from "./opened.js";
export { unpack } from "./share.js";
export { taking } from "./taking.js";

await dressed;
