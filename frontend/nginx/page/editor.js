// The text in CodeMirror: colours, underlined findings, marks beside the lines, and each finding's fix where the pointer
// rests. It lives in a shadow root, because there its style sheets are objects: the page's policy allows no inline style.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** nginx text, told apart by place: the first word of a statement is its directive. */
const nginx = StreamLanguage.define({
  name: "nginx",
  startState: () => ({ first: true, quote: "" }),
  token(stream, state) {
    if (state.quote) {
      const escaped = { '"': /^(?:\\.|[^"\\$])+/, "'": /^(?:\\.|[^'\\$])+/ }[state.quote];
      if (stream.eat(state.quote)) state.quote = "";
      else if (stream.match(/^\$(?:\w+|\{\w+\})/)) return "variableName";
      else if (!stream.match(escaped)) stream.next();
      return "string";
    }
    if (stream.eatSpace()) return null;
    const sign = stream.peek();
    if (sign === "#") {
      stream.skipToEnd();
      return "comment";
    }
    if (sign === ";" || sign === "{" || sign === "}") {
      stream.next();
      state.first = true;
      return sign === ";" ? "punctuation" : "brace";
    }
    if (sign === '"' || sign === "'") {
      stream.next();
      state.quote = sign;
      state.first = false;
      return "string";
    }
    if (stream.match(/^\$(?:\w+|\{\w+\})/)) {
      state.first = false;
      return "variableName";
    }
    if (state.first) {
      state.first = false;
      stream.match(/^(?:\\.|[^\s;{}])+/);
      return "keyword";
    }
    if (stream.match(/^\d+[kKmMgGsShHdDwy]?(?=[\s;]|$)/)) return "number";
    if (stream.match(/^(?:on|off)(?=[\s;]|$)/)) return "bool";
    if (!stream.match(/^(?:\\.|[^\s;{}$"'])+/)) stream.next();
    return null;
  },
  languageData: { commentTokens: { line: "#" } },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)" },
  { tag: tags.comment, color: "var(--dim)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--passed)" },
  { tag: tags.variableName, color: "var(--warning)" },
  { tag: [tags.number, tags.bool], color: "var(--note)", fontWeight: "600" },
  { tag: [tags.brace, tags.punctuation], color: "var(--dim)" },
]);

const underline = (colour, style) => ({ backgroundImage: "none", textDecoration: `underline ${style} ${colour}`, textDecorationSkipInk: "none", textUnderlineOffset: ".22em", paddingBottom: "0" });
const gutterMark = (colour, shape) => ({ content: "none", width: ".7em", height: ".7em", margin: ".4em .1em 0", background: colour, clipPath: shape });

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--sheet)", fontSize: "var(--pad-size)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", fontVariantLigatures: "none" },
  ".cm-content": { caretColor: "var(--ink)", padding: ".5rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--sheet)", color: "var(--dim)", border: "0", borderRight: "1px solid var(--rule)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in oklab, var(--accent) 6%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection": { backgroundColor: "color-mix(in oklab, var(--accent) 24%, transparent)" },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in oklab, var(--accent) 14%, transparent)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--strong)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", color: "inherit" },
  ".cm-specialChar": { color: "var(--failed)" },
  ".cm-lintRange-error": underline("var(--failed)", "wavy 1.5px"),
  ".cm-lintRange-warning": underline("var(--warning)", "wavy 1.5px"),
  ".cm-lintRange-info": underline("var(--note)", "dotted 2px"),
  ".cm-lintRange-active": { backgroundColor: "transparent" },
  ".cm-lintPoint-error::after": { borderBottomColor: "var(--failed)" },
  ".cm-lintPoint-warning::after": { borderBottomColor: "var(--warning)" },
  ".cm-lintPoint-info::after": { borderBottomColor: "var(--note)" },
  ".cm-gutter-lint": { width: "1.1em" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0" },
  // The shapes of the states, as everywhere else.
  ".cm-lint-marker-error": gutterMark("var(--failed)", "polygon(30% 0, 70% 0, 100% 30%, 100% 70%, 70% 100%, 30% 100%, 0 70%, 0 30%)"),
  ".cm-lint-marker-warning": gutterMark("var(--warning)", "polygon(50% 0, 100% 100%, 0 100%)"),
  ".cm-lint-marker-info": gutterMark("var(--note)", "polygon(0 0, 75% 0, 100% 25%, 100% 100%, 0 100%)"),
  ".cm-tooltip": { backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--strong)", borderRadius: "2px", maxWidth: "min(26rem, calc(100vw - 2rem))", fontFamily: "var(--text)", fontSize: ".875rem", boxShadow: "0 4px 14px rgb(0 0 0 / .16)" },
  ".cm-diagnostic": { padding: ".5rem .75rem", borderLeft: "3px solid var(--note)", whiteSpace: "normal" },
  ".cm-diagnostic + .cm-diagnostic": { borderTop: "1px solid var(--rule)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--failed)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warning)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--note)" },
  ".cm-diagnosticText": { display: "block" },
  ".cm-diagnosticText b": { display: "block" },
  ".cm-diagnosticAction": { font: "inherit", fontSize: ".8125rem", margin: ".4rem .5rem 0 0", padding: ".1rem .65rem", minHeight: "1.75rem", border: "1px solid var(--accent)", borderRadius: "2px", background: "var(--sheet)", color: "var(--accent)", cursor: "pointer" },
  ".cm-panels": { backgroundColor: "var(--well)", color: "var(--ink)", border: "0", borderTop: "1px solid var(--strong)", fontFamily: "var(--text)" },
  ".cm-panel.cm-search": { padding: ".5rem 2rem .5rem .6rem", fontSize: ".8125rem" },
  ".cm-panel.cm-search label": { display: "inline-flex", alignItems: "center", gap: ".2rem", fontSize: "inherit" },
  ".cm-textfield": { backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--strong)", borderRadius: "2px", fontSize: "1rem", maxWidth: "100%" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--strong)", borderRadius: "2px", fontSize: "inherit" },
  ".cm-panel.cm-search [name=close]": { color: "var(--ink)", fontSize: "1.1rem", padding: "0 .4rem" },
  ".cm-searchMatch": { backgroundColor: "color-mix(in oklab, var(--warning) 25%, transparent)" },
  ".cm-searchMatch-selected": { backgroundColor: "color-mix(in oklab, var(--warning) 50%, transparent)" },
});

const SEVERITY = { failed: "error", warning: "warning", note: "info" };

/** An editor in `place`, with what the page needs of it. */
export function create(place, { changed, apply, openCard }) {
  const host = document.createElement("div");
  host.className = "editor";
  const root = host.attachShadow({ mode: "open", delegatesFocus: false });
  place.append(host);
  let loading = false;
  let marks = [];
  const extensions = [
    lineNumbers(),
    lintGutter(),
    history(),
    drawSelection(),
    highlightSpecialChars(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    bracketMatching(),
    search(),
    nginx,
    syntaxHighlighting(colours),
    look,
    keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap]),
    EditorState.tabSize.of(4),
    EditorView.contentAttributes.of({ "aria-label": "nginx configuration", tabindex: "0", autocapitalize: "none", autocorrect: "off", spellcheck: "false" }),
    EditorView.updateListener.of((update) => update.docChanged && !loading && changed()),
  ];
  const state = (doc) => EditorState.create({ doc, extensions });
  const view = new EditorView({ state: state(""), parent: root, root });

  const diagnostic = (mark) => ({
    from: Math.min(mark.from, view.state.doc.length),
    to: Math.min(Math.max(mark.to, mark.from), view.state.doc.length),
    severity: SEVERITY[mark.severity],
    message: `${mark.title}. ${mark.text}`,
    renderMessage() {
      const text = document.createElement("span");
      const title = document.createElement("b");
      title.textContent = mark.title;
      text.append(title, mark.text);
      return text;
    },
    actions: [
      ...(mark.fix ? [{ name: `Fix: ${mark.fix}`, apply: () => apply(mark.card) }] : []),
      { name: "More", apply: () => openCard(mark.card) },
    ],
  });

  return {
    get text() {
      return view.state.doc.toString();
    },
    get cursor() {
      return view.state.selection.main.head;
    },
    get selection() {
      const { from, to } = view.state.selection.main;
      return [from, to];
    },
    get hasFocus() {
      return view.hasFocus;
    },
    /** Shows a file, with its own history. */
    show(file) {
      loading = true;
      // A state is of use as long as it holds the file's text.
      view.setState(file.state && file.state.doc.toString() === file.text ? file.state : state(file.text));
      loading = false;
      this.mark(file.marks ?? []);
    },
    keep(file) {
      file.state = view.state;
      file.text = view.state.doc.toString();
    },
    edit(edits) {
      view.dispatch({ changes: edits, userEvent: "input.fix" });
    },
    mark(list) {
      marks = list;
      view.dispatch(setDiagnostics(view.state, marks.map(diagnostic)));
    },
    reveal(from, to, { focus = true } = {}) {
      const end = view.state.doc.length;
      const selection = { anchor: Math.min(from, end), head: Math.min(to, end) };
      // The cursor stands where the finding starts, so that the next one is after it.
      view.dispatch({ selection: { anchor: selection.head, head: selection.anchor }, effects: EditorView.scrollIntoView(selection.anchor, { y: "center" }) });
      if (focus) view.focus();
    },
    select(from, to, scrollTop) {
      view.dispatch({ selection: { anchor: from, head: to } });
      view.scrollDOM.scrollTop = scrollTop;
    },
    focus: () => view.focus(),
  };
}
