//! Cuts text into tokens the way nginx does, and says where nginx would have stumbled.

use super::{Fault, FaultKind, Quote, Span, Token, TokenKind, Word, tree::Values};
use crate::search::Search;

/// Tokens that cover the text, its words, and the faults that show already here.
pub(super) struct Lexed {
    pub(super) tokens: Vec<Token>,
    /// One for each token of kind `Word`, in the same order.
    pub(super) words: Vec<Word>,
    pub(super) faults: Vec<Fault>,
    /// What nginx sees of words with escapes.
    pub(super) values: Values,
    pub(super) steps: u64,
}

/// Reads `text[from..to]`. `masked` are ranges that are not nginx, sorted, in positions of `text`. Positions in the
/// result are moved by `base`.
pub(super) fn lex(text: &str, from: usize, to: usize, masked: &[(usize, usize)], base: u32) -> Lexed {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes().get(..to).unwrap_or_default(),
        at: from,
        base,
        masked,
        out: Lexed { tokens: Vec::new(), words: Vec::new(), faults: Vec::new(), values: Values::default(), steps: 0 },
        line_from: from,
        line_start: true,
        statement: None,
        raw: false,
        scanned: 0,
    };
    lexer.run();
    lexer.out
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    base: u32,
    masked: &'a [(usize, usize)],
    out: Lexed,
    /// Where the current line begins.
    line_from: usize,
    /// Only white space so far on this line.
    line_start: bool,
    /// The first word of the current statement.
    statement: Option<Span>,
    /// In a list of values such as `map`, where anything may stand first.
    raw: bool,
    /// Bytes looked at by quotes that turned out to be open.
    scanned: usize,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            self.out.steps += 1;
            if let Some(end) = self.mask_end() {
                self.at = end;
                self.push(TokenKind::Masked);
                self.line_from = self.at;
                self.line_start = true;
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.space(),
                b'#' => self.comment(),
                b';' => self.sign(TokenKind::Semicolon),
                b'}' => {
                    self.raw = false;
                    self.sign(TokenKind::Close);
                }
                b'{' if self.peek(1) == Some(b'{') && self.placeholder_end(self.at).is_some() => self.word(),
                b'{' if self.peek(1) == Some(b'%') => self.template(),
                b'{' => self.open(),
                b'"' | b'\'' => self.quoted(byte),
                b'/' | b'.' | 0xe2 if self.remark() => {}
                _ if self.invisible() => {}
                _ => self.word(),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn position(&self, at: usize) -> u32 {
        self.base.saturating_add(u32::try_from(at).unwrap_or(u32::MAX))
    }

    fn push(&mut self, kind: TokenKind) {
        let token = Token { kind, end: self.position(self.at), line_start: self.line_start };
        self.out.tokens.push(token);
        if !matches!(kind, TokenKind::Space | TokenKind::Invisible) {
            self.line_start = false;
        }
    }

    /// The end of the masked range that starts here.
    fn mask_end(&mut self) -> Option<usize> {
        while let Some((&(from, to), rest)) = self.masked.split_first() {
            if to <= self.at || to <= from {
                self.masked = rest;
                continue;
            }
            return (from <= self.at).then(|| to.min(self.bytes.len()));
        }
        None
    }

    /// Where the next masked range begins: nothing else reaches across it.
    fn limit(&self) -> usize {
        self.masked
            .iter()
            .find(|(from, to)| *to > self.at && *from >= self.at)
            .map_or(self.bytes.len(), |(from, _)| (*from).min(self.bytes.len()))
    }

    fn space(&mut self) {
        let limit = self.limit();
        while self.at < limit {
            match self.bytes.get(self.at) {
                Some(b'\n') => {
                    self.at += 1;
                    self.line_from = self.at;
                    self.line_start = true;
                }
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                _ => break,
            }
            self.out.steps += 1;
        }
        self.push(TokenKind::Space);
    }

    fn comment(&mut self) {
        let limit = self.limit();
        while self.at < limit && self.bytes.get(self.at) != Some(&b'\n') {
            self.at += 1;
        }
        self.push(TokenKind::Comment);
    }

    fn sign(&mut self, kind: TokenKind) {
        self.at += 1;
        self.push(kind);
        self.statement = None;
    }

    fn open(&mut self) {
        let name = self.statement.map_or("", |name| name.of(self.text, self.base));
        let lua = name.ends_with("_by_lua_block");
        self.raw = matches!(name, "map" | "geo" | "types" | "split_clients" | "charset_map");
        self.sign(TokenKind::Open);
        if lua {
            self.lua();
        }
    }

    /// The body of a Lua block, up to the brace that closes it. Lua's comments and strings may hold braces.
    fn lua(&mut self) {
        let from = self.at;
        let limit = self.limit();
        let mut depth = 0_usize;
        let mut end = None;
        let mut at = self.at;
        while at < limit {
            self.out.steps += 1;
            let rest = self.bytes.get(at..limit).unwrap_or_default();
            match rest {
                [b'{', ..] => depth += 1,
                [b'}', ..] if depth == 0 => {
                    end = Some(at);
                    break;
                }
                [b'}', ..] => depth -= 1,
                [b'-', b'-', b'[', b'[', ..] | [b'[', b'[', ..] => {
                    let skip = rest.windows(2).position(|pair| pair == b"]]").unwrap_or(rest.len());
                    self.out.steps += skip as u64;
                    at += skip.max(1);
                }
                [b'-', b'-', ..] => {
                    let skip = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                    self.out.steps += skip as u64;
                    at += skip;
                }
                [quote @ (b'"' | b'\''), inner @ ..] => {
                    let mut skip = 0;
                    while let Some(byte) = inner.get(skip) {
                        if byte == quote || *byte == b'\n' {
                            break;
                        }
                        skip += if *byte == b'\\' { 2 } else { 1 };
                    }
                    self.out.steps += skip as u64;
                    at += skip + 1;
                }
                _ => {}
            }
            at += 1;
        }
        let end = end.unwrap_or(limit).min(limit);
        let end = (end..=limit).find(|at| self.text.is_char_boundary(*at)).unwrap_or(limit);
        if end > from {
            self.at = end;
            self.push(TokenKind::Raw);
        }
    }

    /// `{% … %}`, as one thing that nginx will never see.
    fn template(&mut self) {
        let line = self.line_end();
        let rest = self.text.get(self.at..line).unwrap_or_default();
        match rest.place("%}") {
            Some(end) => {
                self.at += end + 2;
                self.push(TokenKind::Template);
            }
            None => self.sign(TokenKind::Open),
        }
    }

    /// `{{ name }}` on one line: the position after it.
    fn placeholder_end(&self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        let rest = rest.get(..rest.len().min(200)).unwrap_or_default();
        for (offset, pair) in rest.windows(2).enumerate() {
            match pair {
                [b'\n', _] => return None,
                b"}}" => return Some(at + offset + 2),
                _ => {}
            }
        }
        None
    }

    /// `// …`, `/* … */` and `...`: what other languages take for a comment, or a person for "and so on".
    fn remark(&mut self) -> bool {
        if self.raw || !(self.line_start || self.statement.is_none()) {
            return false;
        }
        let rest = self.text.get(self.at..self.limit()).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default().trim_end();
        let several = rest.starts_with("/*").then(|| rest.place("*/")).flatten();
        let is_comment = line.starts_with("//") || several.is_some();
        if !(is_comment || (self.line_start && matches!(line, "..." | "…"))) {
            return false;
        }
        let start = self.at;
        self.at += several.map_or(line.len(), |end| end + 2);
        let span = Span::new(self.position(start), self.position(self.at));
        self.push(TokenKind::Comment);
        self.fault(FaultKind::Remark, span, span.start);
        true
    }

    /// A no-break space, a zero-width character or a byte order mark where nginx expects a space or a word.
    fn invisible(&mut self) -> bool {
        let Some(c) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else { return false };
        if !is_invisible(c) {
            return false;
        }
        let start = self.at;
        self.at += c.len_utf8();
        let span = Span::new(self.position(start), self.position(self.at));
        self.push(TokenKind::Invisible);
        self.fault(FaultKind::Invisible, span, span.end);
        true
    }

    fn fault(&mut self, kind: FaultKind, span: Span, fix_at: u32) {
        self.out.faults.push(Fault { kind, span, fix_at, noticed: None, readable: false });
    }

    fn push_word(&mut self, start: usize, end: usize, quote: Quote, closed: bool) {
        let span = Span::new(self.position(start), self.position(end));
        let indent = u32::try_from(start.saturating_sub(self.line_from)).unwrap_or(u32::MAX);
        let mut word = Word { span, quote, closed, line_start: self.line_start, escaped: false, indent };
        word.escaped = self.out.values.add(span.start, word.inner(self.text, self.base));
        self.out.words.push(word);
        if self.statement.is_none() {
            self.statement = Some(span);
        }
        self.at = end;
        self.push(TokenKind::Word);
    }

    /// An unquoted word, by nginx's own rules: it ends at white space, `;` or `{`, a `{` after `$` belongs to it.
    fn word(&mut self) {
        let start = self.at;
        let limit = self.limit();
        let mut at = start;
        let mut variable = false;
        let mut braces = false;
        // The first byte of a word processor's character, if there is any.
        let mut strange = None;
        while at < limit {
            let Some(&byte) = self.bytes.get(at) else { break };
            self.out.steps += 1;
            match byte {
                0xc2 | 0xe2 | 0xe3 | 0xef => {
                    // A name ends where it was meant to end; what is a part of a value for nginx stays one.
                    if self.statement.is_none() && at > start && self.is_strange(at) {
                        break;
                    }
                    strange.get_or_insert(at);
                }
                b' ' | b'\t' | b'\r' | b'\n' | b';' => break,
                b'{' if variable => {}
                b'{' if self.bytes.get(at + 1) == Some(&b'{') => match self.placeholder_end(at) {
                    Some(end) => {
                        at = end;
                        continue;
                    }
                    None => break,
                },
                b'{' => match self.quantifier_end(at) {
                    Some(end) => {
                        braces = true;
                        at = end;
                        continue;
                    }
                    None => break,
                },
                b'\\' => {
                    variable = false;
                    at += 2;
                    continue;
                }
                _ => {}
            }
            variable = byte == b'$';
            at += 1;
        }
        let mut end = at.min(limit).max(start + 1);
        while end < limit && !self.text.is_char_boundary(end) {
            end += 1;
        }
        if strange.is_some() {
            self.strange(start, end);
        }
        self.push_word(start, end, Quote::None, true);
        if braces {
            let span = Span::new(self.position(start), self.position(end));
            self.fault(FaultKind::Braces, span, span.start);
        }
    }

    fn is_strange(&self, at: usize) -> bool {
        self.text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(is_invisible)
    }

    /// The end of `{2,5}` in a pattern: nowhere else does a digit follow a brace, and `}` the digits.
    fn quantifier_end(&self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at + 1..)?;
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b',').count();
        let digit = rest.first().is_some_and(u8::is_ascii_digit);
        (digit && length < 12 && rest.get(length) == Some(&b'}')).then_some(at + length + 2)
    }

    /// Tells what a word processor put into a word.
    fn strange(&mut self, start: usize, end: usize) {
        let word = self.text.get(start..end).unwrap_or_default();
        if word.starts_with(is_curly) || word.ends_with(is_curly) {
            let span = Span::new(self.position(start), self.position(end));
            self.fault(FaultKind::Curly, span, span.start);
        }
        for (at, c) in word.char_indices().filter(|(_, c)| is_invisible(*c)) {
            let span = Span::new(self.position(start + at), self.position(start + at + c.len_utf8()));
            self.fault(FaultKind::Invisible, span, span.end);
        }
    }

    fn line_end(&self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
    }

    /// A quoted word. Quotes may span lines; one that runs to the end of the text, or that ends in the middle of
    /// something, was never closed: then it ends with its line.
    fn quoted(&mut self, mark: u8) {
        let start = self.at;
        let quote = if mark == b'"' { Quote::Double } else { Quote::Single };
        let limit = self.limit();
        let mut at = start + 1;
        let mut lines = false;
        let mut end = None;
        while at < limit {
            self.out.steps += 1;
            match self.bytes.get(at) {
                Some(b'\\') => at += 1,
                Some(b'\n') => lines = true,
                Some(byte) if *byte == mark => {
                    end = Some(at + 1);
                    break;
                }
                _ => {}
            }
            at += 1;
        }
        let after = end.and_then(|end| self.bytes.get(end).copied());
        let tidy = matches!(after, None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')'));
        // Even when hostile text makes every quote look open, time stays linear: after a while they are believed.
        let patient = self.scanned <= self.bytes.len().saturating_mul(8);
        match end {
            Some(end) if tidy || !lines || !patient => {
                self.push_word(start, end, quote, true);
                if !tidy {
                    let width = self.text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                    let span = Span::new(self.position(end), self.position(end + width));
                    self.fault(FaultKind::AfterQuote, span, span.start);
                }
            }
            None if !patient => self.push_word(start, limit, quote, false),
            _ => {
                self.scanned += at - start;
                let line = self.line_end().min(limit);
                let content = self.text.get(start..line).unwrap_or_default();
                let trimmed = content.trim_end();
                let trimmed = trimmed.strip_suffix([';', '{']).unwrap_or(trimmed).trim_end();
                // `add_header X "value always;`: the quote belongs before the last word that nginx knows there.
                let trimmed = trimmed.strip_suffix(" always").map_or(trimmed, str::trim_end);
                let end = start + trimmed.len().max(1);
                let span = Span::new(self.position(start), self.position(end));
                self.push_word(start, end, quote, false);
                self.fault(FaultKind::UnclosedQuote, span, span.end);
            }
        }
    }
}

/// A quote of a word processor.
pub(crate) fn is_curly(c: char) -> bool {
    matches!(c, '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}')
}

/// Looks like a space or like nothing, and is a letter to nginx.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{feff}' | '\u{200b}'
            ..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{3000}' | '\u{2060}'
    )
}
