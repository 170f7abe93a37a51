// What the keys do: from finding to finding, and the fix where the cursor is.

/** By what is wanted; of what the page has and can do. */
export function steps({ now, turn, openCard, apply, say }) {
  /** To the next finding, or the one before, through all files. */
  function step(way) {
    const { files, at, pad } = now();
    const all = files.flatMap((file, index) => (file.marks ?? []).map((mark) => ({ ...mark, index })));
    all.sort((a, b) => a.index - b.index || a.from - b.from || a.to - b.to);
    if (!all.length) return say("There is no finding to go to.");
    const cursor = pad.cursor;
    const after = (mark) => mark.index > at || (mark.index === at && mark.from > cursor);
    const before = (mark) => mark.index < at || (mark.index === at && mark.from < cursor);
    const next = way > 0 ? (all.find(after) ?? all[0]) : (all.findLast(before) ?? all.at(-1));
    if (next.index !== at) turn(next.index);
    pad.reveal(next.from, next.to);
    openCard(next.card);
    say(`${next.title}. ${next.text}${next.fix ? ` Ctrl Enter: ${next.fix}` : ""}`);
  }

  return {
    next: () => step(1),
    before: () => step(-1),

    fix() {
      const { files, at, pad } = now();
      const { cursor, text } = pad;
      const start = text.lastIndexOf("\n", cursor - 1) + 1;
      const end = text.indexOf("\n", cursor) < 0 ? text.length : text.indexOf("\n", cursor);
      const marks = (files[at].marks ?? []).filter((mark) => mark.fix && mark.from <= end && mark.to >= start);
      const exact = marks.find((mark) => mark.from <= cursor && mark.to >= cursor);
      const mark = exact ?? marks[0];
      return mark ? apply(mark.card) : say("There is no fix for this line.");
    },
  };
}
