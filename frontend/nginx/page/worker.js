// The worker's side of the reader: it is given the compiled module once, then a question at a time.
import { answer, initSync } from "reader";

addEventListener("message", ({ data }) => {
  if (data instanceof WebAssembly.Module) initSync({ module: data });
  else postMessage(answer(data));
});
