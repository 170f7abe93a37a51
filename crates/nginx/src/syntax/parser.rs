//! Builds the tree, and places the missing `;`, `{`, `}` where they belong: a name at the start of a line that nginx
//! knows in this place marks the gap; indentation and context tell which brace is missing.

use super::{
    Fault, FaultKind, Node, NodeId, Quote, Span, Terminator, Token, TokenKind, Tree, Word,
    lexer::{Lexed, lex},
};
use crate::directives::{self, Context, Row};

/// Reads `text[from..to]`; `masked` ranges (sorted, positions of `text`) are kept as tokens and otherwise ignored.
/// Positions in the tree are positions of `text` plus `base`. `context` is what the text as a whole is, if known.
pub fn parse(
    text: &str,
    from: usize,
    to: usize,
    masked: &[(usize, usize)],
    base: u32,
    context: Option<Context>,
) -> Tree {
    let Lexed { tokens, words, faults, values, steps } = lex(text, from, to.min(text.len()), masked, base);
    let context = context.unwrap_or_else(|| infer(&tokens, &words, |word| values.of(word, text, base)));
    let mut shortage = 0_i64;
    for token in &tokens {
        match token.kind {
            TokenKind::Open => shortage += 1,
            TokenKind::Close => shortage -= 1,
            _ => {}
        }
    }
    let flattened = words.len() > 8 && words.iter().filter(|word| word.line_start).count() <= 2;
    let start = base.saturating_add(u32::try_from(from).unwrap_or(u32::MAX));
    let mut parser = Parser {
        text,
        base,
        shortage,
        flattened,
        last_end: start,
        stack: Vec::new(),
        starts_fragment: false,
        tree: Tree { base, start, tokens: Vec::new(), words, nodes: Vec::new(), faults, values, context, steps },
    };
    parser.run(&tokens);
    parser.tree.tokens = tokens;
    crate::order::sort_by(&mut parser.tree.faults, |a, b| a.span.cmp(&b.span));
    parser.tree
}

/// What a text is whose surroundings were not pasted: the context in which most of its outermost directives may stand.
fn infer<'a>(tokens: &[Token], words: &[Word], value: impl Fn(&Word) -> &'a str) -> Context {
    const CANDIDATES: [Context; 8] = [
        Context::MAIN,
        Context::SERVER,
        Context::HTTP,
        Context::LOCATION,
        Context::UPSTREAM,
        Context::STREAM,
        Context::STREAM_SERVER,
        Context::EVENTS,
    ];
    let mut votes = [0_u32; CANDIDATES.len()];
    let mut depth = 0_u32;
    let mut first = true;
    let mut next_word = 0_usize;
    let mut statement: Option<(usize, usize)> = None;
    for token in tokens {
        match token.kind {
            TokenKind::Word => {
                statement = match statement {
                    None => Some((next_word, next_word + 1)),
                    Some((from, _)) => Some((from, next_word + 1)),
                };
                next_word += 1;
            }
            TokenKind::Semicolon | TokenKind::Open | TokenKind::Close => {
                let opens = token.kind == TokenKind::Open;
                if let (Some((from, to)), 0) = (statement.take(), depth) {
                    let known = |at: &usize| {
                        words.get(*at).is_some_and(|word| word.line_start && !directives::rows(value(word)).is_empty())
                    };
                    // A sentence may stand before it.
                    let name = words.get(from).map(&value).unwrap_or_default();
                    let from =
                        if directives::rows(name).is_empty() { (from..to).find(known).unwrap_or(from) } else { from };
                    let name = words.get(from).map(&value).unwrap_or_default();
                    let rows = directives::rows(name);
                    // These stand nowhere else, whatever a brace too many has moved outside.
                    if opens && to == from + 1 && matches!(name, "events" | "http" | "stream" | "mail") {
                        return Context::MAIN;
                    }
                    // Something is missing where a line starts with another directive: count up to there.
                    let cut = (from + 1..to.min(from + 9)).find(known);
                    let to = cut.unwrap_or(to);
                    let weight = if first { 10 } else { 1 };
                    first = first && rows.is_empty();
                    for (vote, candidate) in votes.iter_mut().zip(CANDIDATES) {
                        let fits = rows.iter().any(|row| {
                            row.contexts().is(candidate)
                                && (cut.is_some() || row.fits_terminator(opens))
                                && row.takes(to - from - 1)
                        });
                        *vote += if fits { weight * 2 } else { 0 };
                        let close = !fits && rows.iter().any(|row| row.contexts().is(candidate));
                        *vote += if close { weight } else { 0 };
                    }
                }
                match token.kind {
                    TokenKind::Open => depth += 1,
                    TokenKind::Close => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let most = votes.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return Context::MAIN;
    }
    CANDIDATES.into_iter().zip(votes).find(|(_, vote)| *vote == most).map_or(Context::MAIN, |(candidate, _)| candidate)
}

/// Directives that take more words without looking at them: what follows a missing `;` becomes a part of them unseen.
const TAKES_ANY: [&str; 24] = [
    "addition_types",
    "charset_types",
    "fastcgi_cache_bypass",
    "fastcgi_no_cache",
    "gzip_types",
    "hash",
    "index",
    "log_format",
    "proxy_cache_bypass",
    "proxy_cookie_domain",
    "proxy_cookie_path",
    "proxy_no_cache",
    "proxy_redirect",
    "return",
    "scgi_cache_bypass",
    "scgi_no_cache",
    "server_name",
    "ssi_types",
    "sub_filter_types",
    "try_files",
    "uwsgi_cache_bypass",
    "uwsgi_no_cache",
    "valid_referers",
    "xslt_types",
];

struct Frame {
    node: NodeId,
    context: Context,
    /// Indentation of the directive that opened the block, when it starts its line.
    indent: Option<u32>,
    /// Indentation of the first directive inside that starts its line.
    child_indent: Option<u32>,
}

impl Frame {
    /// Does the block's indentation tell something?
    fn is_indented(&self) -> bool {
        matches!((self.indent, self.child_indent), (Some(outer), Some(inner)) if inner > outer)
    }
}

struct Parser<'a> {
    text: &'a str,
    base: u32,
    /// `{` without `}` in the whole text; negative for the reverse.
    shortage: i64,
    /// A whole configuration on one line: line starts tell nothing.
    flattened: bool,
    /// The end of the last token that is not space or comment.
    last_end: u32,
    stack: Vec<Frame>,
    starts_fragment: bool,
    tree: Tree,
}

impl Parser<'_> {
    fn run(&mut self, tokens: &[Token]) {
        let mut word = 0_usize;
        let mut pending = 0_usize;
        let mut start = self.tree.start;
        for (at, token) in tokens.iter().enumerate() {
            self.tree.steps += 1;
            let span = Span::new(start, token.end);
            start = token.end;
            match token.kind {
                TokenKind::Word => {
                    word += 1;
                    continue;
                }
                TokenKind::Semicolon | TokenKind::Open if pending == word => {
                    if token.kind == TokenKind::Open {
                        self.shortage -= 1;
                        self.fault(FaultKind::NothingBefore, span, span.start);
                        self.anonymous(pending, span);
                    } else {
                        self.fault(FaultKind::NothingBefore, span, span.start);
                    }
                }
                TokenKind::Semicolon => {
                    self.statement(pending, word, Terminator::Semicolon, span);
                    pending = word;
                }
                TokenKind::Open => {
                    self.statement(pending, word, Terminator::Block, span);
                    pending = word;
                }
                TokenKind::Close => {
                    if pending < word {
                        self.unterminated(pending, word);
                        pending = word;
                    }
                    let next = tokens.get(at + 1..).unwrap_or_default();
                    self.close(span, token.line_start, next, word);
                }
                _ => continue,
            }
            self.last_end = span.end;
        }
        if pending < word {
            self.unterminated(pending, word);
        }
        let end = start;
        while let Some(frame) = self.stack.pop() {
            let open = self.tree.node(frame.node).copied();
            if let Some(node) = open {
                // A `{` with nothing before it has no words.
                let name = self.tree.words_of(&node).first().map_or(node.open, |word| word.span);
                self.fault(FaultKind::UnclosedBrace, name.to(node.open), end);
            }
            self.end_node(frame.node, Span::at(end));
        }
    }

    fn context(&self) -> Context {
        self.stack.last().map_or(self.tree.context, |frame| frame.context)
    }

    fn fault(&mut self, kind: FaultKind, span: Span, fix_at: u32) {
        self.tree.faults.push(Fault { kind, span, fix_at, noticed: None, readable: false });
    }

    fn word(&self, at: usize) -> Option<&Word> {
        self.tree.words.get(at)
    }

    fn value(&self, at: usize) -> &str {
        self.word(at).map(|word| self.tree.value(word, self.text)).unwrap_or_default()
    }

    /// Words without `;` before `}` or the end.
    fn unterminated(&mut self, from: usize, to: usize) {
        let end = self.word(to - 1).map_or(self.last_end, |word| word.span.end);
        let open_quote = self.word(to - 1).is_some_and(|word| !word.closed);
        let from = self.statement(from, to, Terminator::Missing, Span::at(end));
        // A text that breaks off inside an open quote has one mistake, not two.
        if !open_quote {
            let span = self.word(from).map_or(Span::at(end), |word| word.span).to(Span::at(end));
            let other = |fault: &Fault| matches!(fault.kind, FaultKind::NoOpeningBrace | FaultKind::Remark);
            let said = self.tree.faults.iter().rev().take(4).any(|fault| other(fault) && fault.span.end >= span.start);
            if !said {
                self.fault(FaultKind::MissingSemicolon, span, end);
            }
        }
        self.last_end = end;
    }

    /// The row of `name` in this context that fits.
    fn row(name: &str, context: Context, block: bool) -> Option<&'static Row> {
        directives::rows(name).iter().find(|row| row.contexts().is(context) && row.fits_terminator(block))
    }

    /// May the directive end like this? Where it may not stand at all, any of its forms will do.
    fn fits_here(name: &str, context: Context, block: bool) -> bool {
        let rows = directives::rows(name);
        let here = rows.iter().any(|row| row.contexts().is(context));
        rows.iter().any(|row| (!here || row.contexts().is(context)) && row.fits_terminator(block))
    }

    /// One or several directives between two terminators; the first word of the last.
    fn statement(&mut self, from: usize, to: usize, terminator: Terminator, end: Span) -> usize {
        if let Some(word) = self.word(from).copied() {
            self.close_before(&word, from, to, terminator);
        }
        let mut from = from;
        // `server` without `{`, followed by what belongs inside.
        while terminator != Terminator::Missing || to - from > 1 {
            let Some(split) = self.missing_open(from, to) else { break };
            let last = self.word(split - 1).map_or(end.start, |word| word.span.end);
            let first = self.word(from).map_or(end, |word| word.span);
            self.fault(FaultKind::NoOpeningBrace, first.to(Span::at(last)), last);
            self.shortage += 1;
            self.push(from, split, Terminator::Block, Span::at(last));
            from = split;
        }
        let block = terminator == Terminator::Block;
        let starts = self.splits(from, to, block);
        let readable = starts.len() > 1 && self.is_readable(from, to, block);
        for pair in starts.windows(2) {
            if let [one, next] = *pair {
                let last = self.word(next - 1).map_or(end.start, |word| word.span.end);
                let first = self.word(one).map_or(end, |word| word.span);
                let noticed = self.word(next).map(|word| word.span);
                if self.is_prose(one, next) {
                    self.fault(FaultKind::Remark, first.to(Span::at(last)), first.start);
                    continue;
                }
                if self.word(next - 1).is_none_or(|word| word.closed) {
                    self.tree.faults.push(Fault {
                        kind: FaultKind::MissingSemicolon,
                        span: first.to(Span::at(last)),
                        fix_at: last,
                        noticed,
                        readable,
                    });
                }
                self.push(one, next, Terminator::Missing, Span::at(last));
            }
        }
        let from = starts.last().copied().unwrap_or(from);
        if terminator == Terminator::Missing && self.is_prose(from, to) {
            let span = self.word(from).map_or(end, |word| word.span).to(end);
            self.fault(FaultKind::Remark, span, span.start);
        } else {
            self.last(from, to, terminator, end);
        }
        from
    }

    /// The directive that the terminator belongs to.
    fn last(&mut self, from: usize, to: usize, terminator: Terminator, end: Span) {
        let context = self.context();
        let name = self.value(from).to_owned();
        let known = !directives::rows(&name).is_empty();
        let words = self.word(from).map_or(end, |word| word.span).to(Span::at(end.start));
        match terminator {
            Terminator::Block if context == Context::RAW => {
                self.fault(FaultKind::UnexpectedBlock, end, end.start);
                self.push(from, to, Terminator::Block, end);
            }
            Terminator::Block if known && !Self::fits_here(&name, context, true) => {
                self.fault(FaultKind::UnexpectedBlock, end, end.start);
                if self.shortage > 0 {
                    self.shortage -= 1;
                    self.push(from, to, Terminator::Semicolon, end);
                } else {
                    self.push(from, to, Terminator::Block, end);
                    if let Some(frame) = self.stack.last_mut() {
                        frame.context = context; // what follows is read as if the `{` were a `;`
                    }
                }
            }
            Terminator::Semicolon | Terminator::Missing
                if known && context != Context::RAW && !Self::fits_here(&name, context, false) =>
            {
                let at = self.word(to - 1).map_or(end.start, |word| word.span.end);
                self.fault(FaultKind::NoOpeningBrace, words, at);
                if self.shortage < 0 {
                    self.shortage += 1;
                    self.push(from, to, Terminator::Block, end);
                } else {
                    self.push(from, to, Terminator::Semicolon, end);
                }
            }
            _ => self.push(from, to, terminator, end),
        }
    }

    /// Where the body begins of a block whose `{` is missing: `server` at `from`, a directive of servers at the result.
    fn missing_open(&mut self, from: usize, to: usize) -> Option<usize> {
        let context = self.context();
        let name = self.value(from);
        let rows = directives::rows(name);
        let row = rows.iter().find(|row| row.contexts().is(context) && row.is_block())?;
        if context == Context::RAW || rows.iter().any(|row| row.contexts().is(context) && !row.is_block()) {
            return None;
        }
        let inside = context.inside(name);
        if inside == Context::RAW {
            return None;
        }
        for at in from + 1..to {
            self.tree.steps += 1;
            let Some(word) = self.word(at) else { break };
            if !word.line_start || word.quote != Quote::None || !row.takes(at - from - 1) {
                continue;
            }
            let name = self.value(at);
            if directives::rows(name).iter().any(|row| row.contexts().is(inside)) {
                return Some(at);
            }
        }
        None
    }

    /// The first words of the directives in `from..to`: more than one where a `;` is missing.
    fn splits(&mut self, from: usize, to: usize, block: bool) -> Vec<usize> {
        let context = self.context();
        if to - from < 2 {
            return vec![from];
        }
        if context == Context::RAW {
            return self.raw_splits(from, to);
        }
        if context == Context::UNKNOWN {
            return vec![from];
        }
        let first = self.word(from).copied();
        let name = self.value(from);
        let rows = directives::rows(name);
        let whole_fits =
            rows.iter().any(|row| row.contexts().is(context) && row.fits_terminator(block) && row.takes(to - from - 1));
        let flag = match name {
            "rewrite" => "break",
            "random" => "least_conn",
            _ => "",
        };
        let mut found = Vec::new();
        let mut end = to;
        for at in (from + 1..to).rev() {
            self.tree.steps += 1;
            let Some(word) = self.word(at).copied() else { continue };
            let anywhere = self.flattened && !whole_fits;
            if word.quote != Quote::None || !(word.line_start || anywhere) {
                continue;
            }
            // Deeper than the directive's own line: a continuation, if nginx can read it as one.
            let deeper = first.is_some_and(|first| first.line_start && word.indent > first.indent);
            if whole_fits && deeper {
                continue;
            }
            let own = self.value(at);
            // A flag of this directive on a line of its own.
            if whole_fits && own == flag {
                continue;
            }
            let name = own;
            let opens = block && end == to;
            let Some(row) = Self::row(name, context, opens) else { continue };
            if !row.takes(end - at - 1) && (whole_fits || anywhere) {
                continue;
            }
            if row.kind == directives::Kind::Flag && !matches!(self.value(at + 1), "on" | "off") && whole_fits {
                continue;
            }
            found.push(at);
            end = at;
        }
        found.push(from);
        found.reverse();
        let first_fits = found.get(1).is_none_or(|next| {
            rows.is_empty() || rows.iter().any(|row| row.contexts().is(context) && row.takes(next - from - 1))
        });
        if whole_fits && !first_fits { vec![from] } else { found }
    }

    /// A sentence: names of directives are not written like the beginning of one.
    fn is_prose(&self, from: usize, to: usize) -> bool {
        let name = self.value(from);
        let starts = self.word(from).is_some_and(|word| word.line_start && word.quote == Quote::None);
        let last = self.value(to - 1);
        let unknown = || directives::rows(&name.to_ascii_lowercase()).is_empty();
        starts
            && self.context() != Context::RAW
            && (last.ends_with(':')
                || (to - from > 2
                    && (name.starts_with(|c: char| c.is_ascii_uppercase()) || last.ends_with(['.', '!', '?']))))
            && unknown()
    }

    /// Does nginx accept these words as one directive?
    fn is_readable(&self, from: usize, to: usize, block: bool) -> bool {
        let context = self.context();
        let name = self.value(from);
        if context == Context::RAW {
            // Only this list does not count.
            let list =
                self.stack.last().and_then(|frame| self.tree.node(frame.node)).map(|node| node.first_word as usize);
            return list.is_some_and(|at| self.value(at) == "split_clients");
        }
        let fits = directives::rows(name).iter().any(|row| {
            row.contexts().is(context)
                && row.fits_terminator(block)
                && row.takes(to - from - 1)
                && row.kind != directives::Kind::Bitmask
        });
        fits && TAKES_ANY.contains(&name)
    }

    /// In `map` and its like an entry has two values: a third at the start of a line begins the next entry.
    fn raw_splits(&mut self, from: usize, to: usize) -> Vec<usize> {
        let mut found = vec![from];
        let mut entry = from;
        let block = self.stack.last().and_then(|frame| self.tree.node(frame.node)).map(|node| node.first_word as usize);
        let pairs = block.is_some_and(|at| matches!(self.value(at), "map" | "geo" | "split_clients" | "charset_map"));
        for at in from + 1..to {
            self.tree.steps += 1;
            if pairs && at - entry == 2 && self.word(at).is_some_and(|word| word.line_start) {
                found.push(at);
                entry = at;
            }
        }
        found
    }

    /// Adds a directive; one with a block is opened.
    fn push(&mut self, from: usize, to: usize, terminator: Terminator, end: Span) {
        let context = self.context();
        let name = self.value(from);
        let block = terminator == Terminator::Block;
        let inside = if !block {
            Context::UNKNOWN
        } else if context == Context::RAW {
            Context::RAW
        } else if context == Context::UNKNOWN {
            Context::UNKNOWN
        } else {
            context.inside(name)
        };
        let id = NodeId(u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX));
        let word = self.word(from).copied();
        let node = Node {
            first_word: u32::try_from(from).unwrap_or(u32::MAX),
            end_word: u32::try_from(to).unwrap_or(u32::MAX),
            parent: self.stack.last().map(|frame| frame.node),
            end: id.0.saturating_add(1),
            terminator,
            open: if block { end } else { Span::at(end.start) },
            close: end,
            context,
            inside,
            starts_fragment: std::mem::take(&mut self.starts_fragment),
        };
        self.tree.nodes.push(node);
        let indent = word.filter(|word| word.line_start).map(|word| word.indent);
        if let Some(frame) = self.stack.last_mut()
            && frame.child_indent.is_none()
        {
            frame.child_indent = indent;
        }
        if block {
            self.stack.push(Frame { node: id, context: inside, indent, child_indent: None });
        }
    }

    /// A `{` with nothing before it.
    fn anonymous(&mut self, at: usize, span: Span) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let id = NodeId(u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX));
        let context = self.context();
        self.tree.nodes.push(Node {
            first_word: at,
            end_word: at,
            parent: self.stack.last().map(|frame| frame.node),
            end: id.0.saturating_add(1),
            terminator: Terminator::Block,
            open: span,
            close: span,
            context,
            inside: context,
            starts_fragment: false,
        });
        self.shortage += 1;
        self.stack.push(Frame { node: id, context, indent: None, child_indent: None });
    }

    fn end_node(&mut self, id: NodeId, close: Span) {
        let end = u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.tree.nodes.get_mut(id.0 as usize) {
            node.end = end;
            node.close = close;
        }
    }

    /// Closes the innermost block although its `}` is missing: it belongs at the end of what was read last.
    fn close_virtually(&mut self) {
        let Some(frame) = self.stack.pop() else { return };
        self.shortage -= 1;
        if let Some(node) = self.tree.node(frame.node).copied() {
            // A `{` with nothing before it has no words.
            let name = self.tree.words_of(&node).first().map_or(node.open, |word| word.span);
            self.fault(FaultKind::UnclosedBrace, name.to(node.open), self.last_end);
        }
        self.end_node(frame.node, Span::at(self.last_end));
    }

    /// While a `}` is missing somewhere: does this directive show that it should have come before?
    fn close_before(&mut self, word: &Word, from: usize, to: usize, terminator: Terminator) {
        if self.shortage <= 0 || !(word.line_start || self.flattened) || word.quote != Quote::None {
            return;
        }
        let name = self.value(from).to_owned();
        let block = terminator == Terminator::Block;
        let fits = |context: Context| Self::row(&name, context, block).is_some();
        let mut pops = 0;
        for (depth, frame) in self.stack.iter().rev().enumerate() {
            self.tree.steps += 1;
            if depth as i64 >= self.shortage || depth > 8 {
                break;
            }
            let outer = self.stack.len().checked_sub(depth + 2).and_then(|at| self.stack.get(at));
            let outer = outer.map_or(self.tree.context, |frame| frame.context);
            let outdented = frame.is_indented() && frame.indent.is_some_and(|indent| word.indent <= indent);
            let misfit = !fits(frame.context) && (frame.context != Context::RAW || block);
            let possible = !frame.is_indented() || outdented;
            if !(outdented || (misfit && possible)) {
                break;
            }
            if fits(outer) && (outdented || to - from >= 1) {
                pops = depth + 1;
            }
        }
        for _ in 0..pops {
            self.close_virtually();
        }
    }

    /// A `}`.
    fn close(&mut self, span: Span, line_start: bool, next: &[Token], word: usize) {
        let indent = line_start.then(|| self.indent_of(span.start));
        if self.shortage > 0
            && let Some(indent) = indent
        {
            // `}` under an outer block's first letter: the inner ones were never closed.
            let mut pops = 0;
            for (depth, frame) in self.stack.iter().rev().enumerate() {
                if depth as i64 > self.shortage || depth > 8 {
                    break;
                }
                if frame.indent == Some(indent) || !frame.is_indented() {
                    pops = if frame.indent == Some(indent) { depth } else { 0 };
                    break;
                }
            }
            for _ in 0..pops {
                self.close_virtually();
            }
        }
        let Some(frame) = self.stack.last() else {
            if matches!(self.tree.context, Context::SERVER | Context::LOCATION) {
                // A fragment: its `server {` was not pasted.
                self.starts_fragment = true;
                self.shortage += 1;
                return;
            }
            self.shortage += 1;
            self.fault(FaultKind::ExtraBrace, span, span.start);
            return;
        };
        let fragment = matches!(self.tree.context, Context::SERVER | Context::LOCATION);
        if self.shortage < 0 && !fragment {
            let too_deep = frame.is_indented() && indent.is_some_and(|indent| frame.child_indent == Some(indent));
            if too_deep || (!frame.is_indented() && self.next_belongs_inside(next, word)) {
                self.shortage += 1;
                self.fault(FaultKind::ExtraBrace, span, span.start);
                return;
            }
        }
        let id = frame.node;
        self.stack.pop();
        self.end_node(id, span);
    }

    /// Is the next directive one that may stand in the current block, and not in the one around it?
    fn next_belongs_inside(&self, next: &[Token], word: usize) -> bool {
        let mut tokens = next.iter().filter(|token| {
            !matches!(token.kind, TokenKind::Space | TokenKind::Comment | TokenKind::Invisible | TokenKind::Masked)
        });
        if tokens.next().is_none_or(|token| token.kind != TokenKind::Word) {
            return false;
        }
        let name = self.value(word);
        let inner = self.context();
        let outer = self.stack.len().checked_sub(2).and_then(|at| self.stack.get(at));
        let outer = outer.map_or(self.tree.context, |frame| frame.context);
        let fits = |context: Context| directives::rows(name).iter().any(|row| row.contexts().is(context));
        fits(inner) && !fits(outer)
    }

    /// Bytes of white space before a sign that starts its line.
    fn indent_of(&self, position: u32) -> u32 {
        let at = position.saturating_sub(self.base) as usize;
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        let spaces = before.iter().rev().take(200).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        u32::try_from(spaces).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree(text: &str) -> Tree {
        parse(text, 0, text.len(), &[], 0, None)
    }

    /// Each fault as `kind line:column of the fix`.
    fn faults(text: &str) -> Vec<String> {
        tree(text)
            .faults
            .iter()
            .map(|fault| {
                let before = &text[..fault.fix_at as usize];
                let line = before.matches('\n').count() + 1;
                let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
                format!("{:?} {line}:{column}", fault.kind)
            })
            .collect()
    }

    fn round_trip(text: &str) -> String {
        tree(text).token_spans().map(|(_, span)| span.of(text, 0).to_owned()).collect()
    }

    const GOOD: &str = r#"
http {
    log_format main '$remote_addr - "$request" '
                    '$status';
    map $http_upgrade $connection {
        default upgrade;
        ''      close;
    }
    types { text/css css; }
    server {
        listen 443 ssl
               default_server;
        server_name example.com
                    www.example.com;
        add_header X "a; b { c }" always; # "odd
        location ~ \.php$ { return 200 "${host}{"; }
        if ($host = "www.example.com") { return 301 https://example.com$request_uri; }
        content_by_lua_block { if a then b = { "}" } -- }
          end }
    }
}
"#;

    #[test]
    fn a_good_text_has_no_fault() {
        assert_eq!(faults(GOOD), Vec::<String>::new());
        assert_eq!(round_trip(GOOD), GOOD);
        assert_eq!(tree(GOOD).context, Context::MAIN);
    }

    #[test]
    fn a_missing_semicolon_is_one_fault_at_its_place() {
        assert_eq!(faults("server {\n  listen 80\n  root /x;\n}"), ["MissingSemicolon 2:12"]);
        assert_eq!(
            faults("server {\n  server_name a.b\n  location / {\n    return 200;\n  }\n}"),
            ["MissingSemicolon 2:18"]
        );
        assert_eq!(faults("server {\n  root /x\n}"), ["MissingSemicolon 2:10"]);
        assert_eq!(
            faults("server {\nroot /x\nindex a\nlisten 80;\n}"),
            ["MissingSemicolon 2:8", "MissingSemicolon 3:8"]
        );
        assert_eq!(faults("root /x"), ["MissingSemicolon 1:8"]);
        assert_eq!(faults("map $a $b {\n  default 1\n  x 2;\n}"), ["MissingSemicolon 2:12"]);
    }

    #[test]
    fn continuation_lines_are_not_gaps() {
        assert!(faults("server {\n  listen 443\n    ssl\n    http2;\n}").is_empty());
        assert!(faults("location / {\n  proxy_set_header\n    Host\n    $host;\n}").is_empty());
        assert!(faults("http {\n  log_format main\n    escape=json '$a'\n '$b';\n}").is_empty());
    }

    #[test]
    fn braces() {
        assert_eq!(faults("server\n  listen 80;\n}\n"), ["NoOpeningBrace 1:7"]);
        assert_eq!(faults("server;\n  listen 80;\n}\n"), ["NoOpeningBrace 1:7"]);
        assert_eq!(
            faults("server {\n  location / {\n    return 200;\n  location /a {\n    return 1;\n  }\n}\n"),
            ["UnclosedBrace 3:16"]
        );
        assert_eq!(
            faults("http {\nserver {\nlocation / {\nreturn 200;\n}\nserver {\nlisten 80;\n}\n}"),
            ["UnclosedBrace 5:2"]
        );
        assert_eq!(faults("server {\n  listen 80;\n"), ["UnclosedBrace 3:1"]);
        assert_eq!(faults("http {\n  server {\n    listen 80;\n  }\n  }\n  server { }\n}"), ["ExtraBrace 5:3"]);
        assert_eq!(
            faults("http {\nserver {\nlocation / {\nreturn 200;\n}\n}\nlocation /x { return 200; }\n}\n}"),
            ["ExtraBrace 6:1"]
        );
        assert_eq!(faults("server { listen 80; }\n}"), ["ExtraBrace 2:1"]);
        assert_eq!(faults("server {\n listen 80 {\n root /x;\n}\n"), ["UnexpectedBlock 2:12"]);
        assert_eq!(faults("server { listen 80;; }"), ["NothingBefore 1:20"]);
    }

    #[test]
    fn quotes() {
        assert_eq!(faults("server {\n add_header X \"a;\n add_header Y \"b\";\n}"), ["UnclosedQuote 2:17"]);
        assert_eq!(faults("server {\n add_header X \"a;\n root /x;\n}"), ["UnclosedQuote 2:17"]);
        assert_eq!(faults("server {\n return 200 'it's';\n}"), ["AfterQuote 2:17"]);
        assert!(faults("server {\n add_header X \"a\n  b\";\n}").is_empty());
    }

    #[test]
    fn fragments_and_contexts() {
        assert_eq!(tree("server { }").context, Context::HTTP);
        assert_eq!(tree("location / { }").context, Context::SERVER);
        assert_eq!(tree("proxy_pass http://a; proxy_redirect off;").context, Context::LOCATION);
        assert_eq!(tree("server_name a; location / {} }\n server_name b; }").context, Context::SERVER);
        assert!(faults("server_name a; location / {} }\n server_name b; }").is_empty());
        assert_eq!(tree("upstream a { server b; }").context, Context::HTTP);
        assert_eq!(tree("").context, Context::MAIN);
    }

    #[test]
    fn steps_grow_with_the_text() {
        let hostile = [
            GOOD.repeat(40),
            "a{".repeat(20_000),
            "}".repeat(40_000),
            "'a\n\"b\n".repeat(8_000),
            "server\n".repeat(8_000),
            "if\n".repeat(10_000) + ";",
            "listen 80\n".repeat(8_000) + ";",
            "map $a $b {\n".to_owned() + &"a b\n".repeat(8_000) + "}",
            "content_by_lua_block { [[".repeat(4_000),
            "{{".repeat(20_000),
            "server {\n".repeat(8_000) + &"location / {\n".repeat(8_000),
            "\"\\\n".repeat(10_000),
        ];
        for text in hostile {
            let twice = text.repeat(2);
            let (one, two) = (tree(&text).steps, tree(&twice).steps);
            assert!(one <= 60 * text.len() as u64 + 1000, "{one} steps for {} bytes of {:?}", text.len(), &text[..20]);
            assert!(two <= one * 3 + 1000, "{one} then {two} steps for {:?}", &text[..20]);
        }
    }

    fn nginx_like() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "server",
            "location",
            "listen",
            "80",
            "root",
            "/x",
            ";",
            "{",
            "}",
            "\n",
            " ",
            "\"",
            "'",
            "\\",
            "$",
            "${",
            "#",
            "{{ a }}",
            "{% b %}",
            "map",
            "content_by_lua_block",
            "[[",
            "]]",
            "--",
            "\u{a0}",
            "é",
            "if",
            "(",
            ")",
            "http",
            "upstream",
        ]);
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]
        #[test]
        fn any_text_is_covered_without_a_panic(text in prop_oneof![any::<String>(), nginx_like()]) {
            prop_assert_eq!(round_trip(&text), text.clone());
            let tree = tree(&text);
            for node in &tree.nodes {
                prop_assert!(node.end as usize <= tree.nodes.len());
                for word in tree.words_of(node) {
                    tree.value(word, &text);
                }
            }
            for fault in &tree.faults {
                prop_assert!(text.is_char_boundary(fault.fix_at as usize), "{:?}", fault);
            }
        }

        #[test]
        fn any_bytes_are_covered(bytes in prop::collection::vec(any::<u8>(), 0..200), from in 0_usize..20, to in 20_usize..60) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            prop_assert_eq!(round_trip(&text), text.clone());
            let mask = [(from.min(text.len()), to.min(text.len()))];
            if text.is_char_boundary(mask[0].0) && text.is_char_boundary(mask[0].1) {
                let tree = parse(&text, 0, text.len(), &mask, 0, None);
                let joined: String = tree.token_spans().map(|(_, span)| span.of(&text, 0)).collect();
                prop_assert_eq!(joined, text);
            }
        }
    }
}
