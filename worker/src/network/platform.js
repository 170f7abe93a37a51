// The platform's sockets, fetch and timers, with as few steps between them and the Rust side as there can be: each
// promise, stream lock and timer costs more of the processor than the bytes that it is about.
//
// Rust is told with `tell(what, bytes)`, never from within a call of its own. What is closed tells nothing any more, and
// throws nothing: it may be closed when its request is over, where the platform refuses everything.
import { connect } from "cloudflare:sockets";

// `network::stream::told` has the same numbers.
const OPENED = 0;
const NOT_OPENED = 1;
const READ = 2;
const ENDED = 3;
const NOT_READ = 4;
const WRITTEN = 5;
const SHUT = 6;
const NOT_WRITTEN = 7;

const NOTHING = new Uint8Array();
// One TLS record.
const ROOM = 16 * 1024;

// The platform's own way wraps each task and leaves the engine for it: a twentieth of what a check costs. What is thrown
// still ends as an error without a caller.
globalThis.queueMicrotask = (task) => {
  Promise.resolve().then(() => {
    try {
      task();
    } catch (error) {
      reportError(error);
    }
  });
};

const utf8 = new TextEncoder();
const ignore = () => {};

/** A TCP connection. */
export class Line {
  constructor(hostname, port, tell) {
    this.tell = tell;
    // Half-open, as sockets are everywhere else: what the peer ends is its own direction only.
    this.socket = connect({ hostname, port }, { allowHalfOpen: true });
    this.socket.closed.catch(ignore);
    this.socket.opened.then(() => this.say(OPENED), (error) => this.fail(NOT_OPENED, error));
  }

  say(what, bytes = NOTHING) {
    this.tell?.(what, bytes);
  }

  fail(what, error) {
    this.tell?.(what, utf8.encode(String(error)));
  }

  /** Reads once. The lock is taken for good: giving it back makes an error with a stack trace each time. */
  read() {
    this.reader ??= this.socket.readable.getReader({ mode: "byob" });
    this.reader.read(new Uint8Array(this.room ?? ROOM)).then(
      ({ done, value }) => {
        if (done) return this.say(ENDED);
        this.room = value.buffer;
        this.say(READ, value);
      },
      (error) => this.fail(NOT_READ, error),
    );
  }

  /** What is written in one turn goes out together: the end of a handshake with the first request. */
  write(bytes) {
    if (this.waiting) {
      const both = new Uint8Array(this.waiting.length + bytes.length);
      both.set(this.waiting);
      both.set(bytes, this.waiting.length);
      this.waiting = both;
    } else {
      this.waiting = bytes;
      queueMicrotask(() => this.send());
    }
  }

  send() {
    const bytes = this.waiting;
    this.waiting = undefined;
    if (!bytes || !this.tell) return;
    try {
      this.writer ??= this.socket.writable.getWriter();
      this.writer.write(bytes).then(() => this.say(WRITTEN), (error) => this.fail(NOT_WRITTEN, error));
    } catch (error) {
      this.fail(NOT_WRITTEN, error);
    }
  }

  /** Ends our direction. */
  end() {
    this.send();
    this.writer ??= this.socket.writable.getWriter();
    this.writer.close().then(() => this.say(SHUT), (error) => this.fail(NOT_WRITTEN, error));
  }

  close() {
    this.tell = undefined;
    try {
      this.socket.close().catch(ignore);
    } catch {
      // Over already.
    }
  }
}

/** One exchange by fetch: `tell(status, headers, body)`, or `tell(0, why)`. Headers are names and values, a line each. */
export class Exchange {
  constructor(url, method, headers, body, limit, tell) {
    this.tell = tell;
    this.abort = new AbortController();
    this.run(url, method, headers, body, limit).catch((error) => this.tell?.(0, String(error)));
  }

  async run(url, method, headers, body, limit) {
    const lines = headers.split("\n");
    const pairs = [];
    for (let at = 0; at + 1 < lines.length; at += 2) pairs.push([lines[at], lines[at + 1]]);
    const { signal } = this.abort;
    const response = await fetch(url, { method, headers: pairs, body, redirect: "manual", cache: "no-store", signal });
    const told = [];
    for (const [name, value] of response.headers) told.push(name, value);
    const bytes = await read(response, limit);
    this.over = true;
    this.tell?.(response.status, told.join("\n"), bytes);
  }

  close() {
    this.tell = undefined;
    try {
      if (!this.over) this.abort.abort();
    } catch {
      // Over already.
    }
  }
}

/** A body up to the limit; undefined when there is more. */
async function read({ body, headers }, limit) {
  if (!body) return NOTHING;
  const length = headers.has("content-encoding") ? NaN : Number(headers.get("content-length") ?? NaN);
  if (length > limit) return undefined;
  const reader = body.getReader();
  const pieces = [];
  let have = 0;
  // What was promised has come: asking for the end as well would be another turn.
  while (have !== length) {
    const { done, value } = await reader.read();
    if (done) break;
    have += value.length;
    if (have > limit) return undefined;
    pieces.push(value);
  }
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(have);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** One timer for everything that waits: `tell()` answers after how many milliseconds it has to ring again, if at all. */
export class Alarm {
  constructor(tell) {
    this.tell = tell;
  }

  set(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const next = this.tell?.();
      if (next !== undefined) this.set(next);
    }, milliseconds);
  }

  close() {
    this.tell = undefined;
    try {
      clearTimeout(this.timer);
    } catch {
      // Over already.
    }
  }
}
