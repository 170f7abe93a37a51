// Asks the reader, which runs in a worker: typing never waits for it, and what takes too long is ended and begun afresh.

/** The time for one answer, in milliseconds. */
const LIMIT = 15_000;

export class Reader {
  #script;
  #address;
  #module;
  #worker;
  #running;
  #waiting = [];

  constructor(script, module) {
    this.#script = script;
    this.#address = module;
  }

  /** Loads what is needed, before there is a question. */
  load() {
    this.#module ??= WebAssembly.compileStreaming(fetch(this.#address));
    this.#module.catch(() => {}); // the first question hears of it
  }

  /** The answer to a question. A newer question of the same kind takes the place of one that still waits. */
  ask(question, { limit = LIMIT } = {}) {
    return new Promise((resolve, reject) => {
      const older = this.#waiting.findIndex((it) => it.question.ask === question.ask);
      if (older >= 0) this.#waiting.splice(older, 1)[0].reject(new Superseded());
      this.#waiting.push({ question, limit, resolve, reject });
      this.#next();
    });
  }

  async #next() {
    if (this.#running || !this.#waiting.length) return;
    const it = (this.#running = this.#waiting.shift());
    try {
      it.resolve(await this.#answer(it));
    } catch (error) {
      this.#worker?.terminate();
      this.#worker = undefined;
      it.reject(error);
    }
    this.#running = undefined;
    this.#next();
  }

  async #answer({ question, limit }) {
    this.#module ??= WebAssembly.compileStreaming(fetch(this.#address));
    const module = await this.#module.catch(() => {
      this.#module = undefined;
      throw new Error("The reader could not be loaded. Load the page again; nothing in the text was looked at.");
    });
    if (!this.#worker) {
      this.#worker = new Worker(this.#script, { type: "module" });
      this.#worker.postMessage(module);
    }
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const clock = setTimeout(() => reject(new Error(`This took longer than ${limit / 1000} seconds and was stopped.`)), limit);
      worker.onmessage = ({ data }) => {
        clearTimeout(clock);
        const answer = JSON.parse(data);
        if (answer.trouble) reject(new Error(answer.trouble));
        else resolve(answer);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        clearTimeout(clock);
        reject(new Error("The reader stopped in the middle of this text. What it said before still stands."));
      };
      worker.postMessage(written(question));
    });
  }
}

/** A question as the reader takes it: NUL stands between its parts, and is in none of them. */
function written({ ask, detail = "", version = "", everything = false, files }) {
  const parts = [ask, detail, version, everything ? "everything" : "", ...files.flatMap(({ name, text }) => [name, text])];
  return parts.map((part) => String(part).replaceAll("\0", "\ufffd")).join("\0");
}

/** Nobody waits for this answer any more. */
export class Superseded extends Error {
  name = "Superseded";
}
