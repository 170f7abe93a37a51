// Files that are chosen or dropped.

/** One file that is opened, in bytes, and how many. */
const LARGEST = 32 << 20;
const MOST_FILES = 50;

/** The texts of files, and what was left out, as a sentence. */
export async function opened(list) {
  const all = [];
  const left = [];
  for (const file of list.slice(0, MOST_FILES)) {
    if (file.size > LARGEST) left.push(`${file.name} is larger than 32 MB`);
    else {
      const text = await file.text();
      if (text.slice(0, 4096).includes("\0")) left.push(`${file.name} is not text`);
      else all.push({ name: file.name, text });
    }
  }
  if (list.length > MOST_FILES) left.push(`more than ${MOST_FILES} files at once`);
  return { all, said: left.length ? `Not opened: ${left.join("; ")}.` : "" };
}
