// The whole desk in the part of an address after the #, which browsers never send.

const VERSION = "1.";
/** The most that a link may unfold to, in bytes. */
const LIMIT = 8 << 20;

/** The fragment that holds it. */
export async function pack(desk) {
  const text = new Blob([JSON.stringify(desk)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(text).arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return `#${VERSION}${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

/** What a fragment holds; throws an error with a sentence for the visitor. */
export async function unpack(hash) {
  if (!hash.startsWith(`#${VERSION}`)) throw new Error("This link was made by a newer Lockstep. Load the page again, or ask for a new link.");
  let desk;
  try {
    const binary = atob(hash.slice(1 + VERSION.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (sign) => sign.charCodeAt(0));
    desk = JSON.parse(await inflated(bytes));
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    throw new Error("This link cannot be read: a part of it is missing or was changed. Ask for it again.");
  }
  const files = desk?.files;
  const sound = Array.isArray(files) && files.length > 0 && files.length <= 50 && files.every((it) => typeof it?.name === "string" && typeof it?.text === "string");
  if (!sound) throw new Error("This link holds no configuration.");
  return { files, version: String(desk.version ?? ""), everything: desk.everything === true };
}

class TooLarge extends Error {
  constructor() {
    super(`This link unfolds to more than ${LIMIT >> 20} MB and was not opened.`);
  }
}

/** Unfolds, and stops at the limit: a short link can hold a very long text. */
async function inflated(bytes) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > LIMIT) {
      await reader.cancel();
      throw new TooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
}
