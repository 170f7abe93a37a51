//! The tree: tokens that cover the text, words, and directives in reading order.

use super::Span;
use crate::directives::Context;

/// What a stretch of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// White space, line ends included.
    Space,
    /// A character that looks like a space, or like nothing, and is neither to nginx.
    Invisible,
    /// `# …` to the end of the line.
    Comment,
    /// An argument or a name, quotes included.
    Word,
    /// `;`
    Semicolon,
    /// `{`
    Open,
    /// `}`
    Close,
    /// The body of a Lua block.
    Raw,
    /// Not nginx: a shell line, a Markdown fence, a prompt.
    Masked,
    /// `{% if … %}` of a template.
    Template,
}

/// A stretch of text. Tokens follow each other without a gap: a token starts where the one before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// One past its last byte.
    pub end: u32,
    /// The first thing on its line.
    pub line_start: bool,
}

/// How a word is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// Not at all.
    None,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
}

/// A name or an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Where, quotes included.
    pub span: Span,
    /// The quotes.
    pub quote: Quote,
    /// The closing quote is there (or none is needed).
    pub closed: bool,
    /// The first thing on its line.
    pub line_start: bool,
    /// What nginx sees is not what is written, see [`Tree::value`].
    pub escaped: bool,
    /// Bytes of white space before it on its line, when it is the first thing there.
    pub indent: u32,
}

impl Word {
    /// What is written between the quotes.
    pub(super) fn inner<'a>(&self, text: &'a str, base: u32) -> &'a str {
        let raw = self.span.of(text, base);
        match self.quote {
            Quote::None => raw,
            _ => raw.get(1..raw.len().saturating_sub(usize::from(self.closed))).unwrap_or_default(),
        }
    }

    /// Without the quotes, escapes as they stand.
    pub fn inner_span(&self) -> Span {
        match self.quote {
            Quote::None => self.span,
            _ => Span::new(
                self.span.start.saturating_add(1).min(self.span.end),
                self.span.end.saturating_sub(u32::from(self.closed)).max(self.span.start.saturating_add(1)),
            ),
        }
    }
}

/// A directive's place in [`Tree::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// How a directive ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminator {
    /// `;`
    Semicolon,
    /// `{ … }`
    Block,
    /// By nothing: its `;` is missing.
    Missing,
}

/// A directive, or an entry of a `map` and its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Its words in [`Tree::words`]; the first is the name.
    pub first_word: u32,
    /// One past its last word.
    pub end_word: u32,
    /// The block that it stands in.
    pub parent: Option<NodeId>,
    /// One past its last descendant: nodes are in reading order.
    pub end: u32,
    /// How it ends.
    pub terminator: Terminator,
    /// `{`, or where it is missing; empty without a block.
    pub open: Span,
    /// `}`, `;`, or where it is missing.
    pub close: Span,
    /// Where it stands, as the parser guessed.
    pub context: Context,
    /// What its body is.
    pub inside: Context,
    /// The first of a fragment: an unmatched `}` stood before it.
    pub starts_fragment: bool,
}

/// What is wrong with the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A `;` is missing at the end of the span.
    MissingSemicolon,
    /// A block opens at the span and is never closed; `}` belongs at `fix_at`.
    UnclosedBrace,
    /// A `}` that closes nothing.
    ExtraBrace,
    /// A quote opens at the span and is never closed; it belongs at `fix_at`.
    UnclosedQuote,
    /// A block directive without `{`.
    NoOpeningBrace,
    /// A `{` after a directive that has no block.
    UnexpectedBlock,
    /// `;` or `{` with nothing before it.
    NothingBefore,
    /// Text right after a closing quote.
    AfterQuote,
    /// A character that looks like a space or like nothing.
    Invisible,
    /// A value in the quotes of a word processor.
    Curly,
    /// A pattern with `{2,5}` outside of quotes.
    Braces,
    /// A line that was meant for people: `// …`, `...`, a sentence.
    Remark,
}

/// One mistake in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub kind: FaultKind,
    /// Where to point.
    pub span: Span,
    /// Where the missing sign belongs.
    pub fix_at: u32,
    /// The directive at which nginx itself would notice, for the finding's related place.
    pub noticed: Option<Span>,
    /// nginx can read the text as it stands, and then means something else by it.
    pub readable: bool,
}

/// What nginx sees of the words that it does not take as they are written, by where they begin.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(Vec<(u32, String)>);

impl Values {
    /// Undoes the escapes of the word that comes next; says whether there are any.
    pub(super) fn add(&mut self, start: u32, inner: &str) -> bool {
        let value = unescaped(inner);
        let differs = value.is_some();
        self.0.extend(value.map(|value| (start, value)));
        differs
    }

    /// What nginx sees of a word.
    #[inline(always)]
    pub(super) fn of<'a>(&'a self, word: &Word, text: &'a str, base: u32) -> &'a str {
        if word.escaped
            && let Ok(at) = self.0.binary_search_by_key(&word.span.start, |(start, _)| *start)
            && let Some((_, value)) = self.0.get(at)
        {
            return value;
        }
        word.inner(text, base)
    }
}

/// What nginx makes of escapes; `None` when it makes nothing of any.
pub(super) fn unescaped(inner: &str) -> Option<String> {
    if !inner.contains('\\') {
        return None;
    }
    let mut value = String::with_capacity(inner.len());
    let mut rest = inner.chars().peekable();
    while let Some(c) = rest.next() {
        let escaped = match (c, rest.peek()) {
            ('\\', Some(same @ ('"' | '\'' | '\\'))) => Some(*same),
            ('\\', Some('t')) => Some('\t'),
            ('\\', Some('r')) => Some('\r'),
            ('\\', Some('n')) => Some('\n'),
            _ => None,
        };
        value.push(escaped.unwrap_or(c));
        if escaped.is_some() {
            rest.next();
        }
    }
    (value != inner).then_some(value)
}

/// A text and what was read in it.
#[derive(Debug, Clone)]
pub struct Tree {
    /// What the spans count from.
    pub base: u32,
    /// The first byte covered.
    pub start: u32,
    /// Without gaps.
    pub tokens: Vec<Token>,
    /// Every name and argument.
    pub words: Vec<Word>,
    /// In reading order.
    pub nodes: Vec<Node>,
    /// In reading order.
    pub faults: Vec<Fault>,
    /// What nginx sees of words with escapes.
    pub(super) values: Values,
    /// What the text as a whole is.
    pub context: Context,
    /// Steps taken, to prove that time grows with the text and not faster.
    pub steps: u64,
}

impl Tree {
    /// A node; the ids that the tree hands out are always there.
    #[inline(always)]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// The words of a node: name first.
    #[inline(always)]
    pub fn words_of(&self, node: &Node) -> &[Word] {
        self.words.get(node.first_word as usize..node.end_word as usize).unwrap_or_default()
    }

    /// What nginx sees of a word: without the quotes, with its escapes undone.
    pub fn value<'a>(&'a self, word: &Word, text: &'a str) -> &'a str {
        self.values.of(word, text, self.base)
    }

    /// Each token with its span.
    pub fn token_spans(&self) -> impl Iterator<Item = (Token, Span)> {
        let mut start = self.start;
        self.tokens.iter().map(move |token| {
            let span = Span::new(start, token.end);
            start = token.end;
            (*token, span)
        })
    }
}
