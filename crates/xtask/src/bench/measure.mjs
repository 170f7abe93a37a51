// Asks the page's reader about a file again and again, as the page asks it; prints the least processor time of one answer
// in milliseconds, the answer's length, and the memory that wasm has taken in bytes.
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, module, file] = process.argv.slice(2);
const { answer, initSync } = await import(pathToFileURL(script));
const { memory } = initSync({ module: new WebAssembly.Module(readFileSync(module)) });
const question = ["read", "40", "1.22", "everything", "", readFileSync(file, "utf8")].join("\0");
// Time on the processor, so that what else the machine does is not counted; where the system does not tell, the clock.
const told = "/proc/self/schedstat";
const now = existsSync(told) ? () => Number(readFileSync(told, "utf8").split(" ")[0]) / 1e6 : () => performance.now();
const start = performance.now();
let least = Infinity;
let length = 0;
// Several answers at once where one is too short for the system's accounts.
let passes = 1;
for (let round = 0; round < 3 || performance.now() - start < 3000; ) {
  const since = now();
  for (let pass = 0; pass < passes; pass++) length = answer(question).length;
  const took = now() - since;
  if (took < 60) {
    passes *= 2;
    continue;
  }
  least = Math.min(least, took / passes);
  round++;
}
if (answer(question).includes('"trouble"')) throw new Error("the reader did not understand the question");
console.log(least.toFixed(3), length, memory.buffer.byteLength);
