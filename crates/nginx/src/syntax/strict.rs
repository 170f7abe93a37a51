//! Reads a text exactly as nginx does, up to the first thing in it that nginx refuses: no recovery, no mercy. The tree
//! says what was meant; this says where `nginx -t` stops and in which words.

use std::borrow::Cow;

use super::{Quote, Span, Word, tree::unescaped};
use crate::{
    Version,
    directives::{Context, NameId},
};

/// Where nginx stops reading, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The sign at which it complains; the end of the text when that comes too early.
    pub(crate) at: u32,
    /// As nginx writes it.
    pub(crate) words: String,
}

/// What reading a text to its first refusal told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Form, names, places and counts are right throughout, and locations lie inside each other as they should.
    Whole {
        /// Where `http` ends.
        http_end: Option<u32>,
    },
    /// nginx stops.
    Stops {
        /// Where.
        stop: Stop,
        /// Where `http` ended, if it did before.
        http_end: Option<u32>,
    },
    /// Something stands there that only a further module, or nobody, can read.
    Unknown,
}

impl Reading {
    /// Where `http` ends: there nginx puts together what it has read.
    pub(crate) fn http_end(&self) -> Option<u32> {
        match self {
            Reading::Whole { http_end } | Reading::Stops { http_end, .. } => *http_end,
            Reading::Unknown => None,
        }
    }
}

/// nginx reads through a buffer of this size, and a single value or comment has to fit.
const BUFFER: usize = 4096;

/// Reads `text[from..to]` as the inside of `context`. Positions in the result are moved by `base`.
pub(crate) fn read(text: &str, from: usize, to: usize, base: u32, context: Context, version: Version) -> Reading {
    let bytes = text.as_bytes().get(..to.min(text.len())).unwrap_or_default();
    let mut reader = Reader { text, bytes, at: from, words: Vec::new() };
    let mut stack: Vec<(Context, Block)> = Vec::new();
    // What stands in each open block and may stand there only once.
    let mut once: Vec<Vec<NameId>> = vec![Vec::new()];
    let mut here = context;
    let mut http_end = None;
    let position = |at: usize| base.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    let stopped =
        |at: usize, words: String, http_end| Reading::Stops { stop: Stop { at: position(at), words }, http_end };
    loop {
        let statement = match reader.statement() {
            Ok(statement) => statement,
            Err((at, words)) => return stopped(at, words, http_end),
        };
        let (name, count, block) = match statement {
            Statement::End if stack.is_empty() => return Reading::Whole { http_end },
            Statement::End => {
                return stopped(bytes.len(), "unexpected end of file, expecting \"}\"".into(), http_end);
            }
            Statement::Close => match once.pop().and_then(|_| stack.pop()) {
                Some((_, Block::Upstream { servers: false })) => {
                    return stopped(reader.at.saturating_sub(1), "no servers are inside upstream".into(), http_end);
                }
                Some((outer, _)) => {
                    if here == Context::HTTP {
                        http_end.get_or_insert(position(reader.at.saturating_sub(1)));
                    }
                    here = outer;
                    continue;
                }
                None => return stopped(reader.at.saturating_sub(1), "unexpected \"}\"".into(), http_end),
            },
            Statement::Directive { name, count, block } => (name, count, block),
        };
        let at = reader.at.saturating_sub(1);
        if here == Context::RAW {
            if block {
                return stopped(at, "unexpected \"{\"".into(), http_end);
            }
            continue;
        }
        let id = NameId::of(&name);
        let rows = id.rows();
        if rows.is_empty() && crate::is_placeholder(&name) {
            return Reading::Unknown;
        }
        let mut known = rows.iter().filter(|row| !row.third && row.exists_in(version)).peekable();
        if known.peek().is_none() {
            // A module from elsewhere may know it, and then reads what follows in its own way.
            if rows.iter().any(|row| row.third) {
                return Reading::Unknown;
            }
            return stopped(at, format!("unknown directive \"{name}\""), http_end);
        }
        let Some(row) = known.find(|row| row.contexts().is(here)) else {
            return stopped(at, format!("\"{name}\" directive is not allowed here"), http_end);
        };
        if row.is_block() != block {
            let words = if block {
                format!("directive \"{name}\" is not terminated by \";\"")
            } else {
                format!("directive \"{name}\" has no opening \"{{\"")
            };
            return stopped(at, words, http_end);
        }
        if !row.takes(count) {
            return stopped(at, format!("invalid number of arguments in \"{name}\" directive"), http_end);
        }
        if row.duplicate_is_error
            && let Some(seen) = once.last_mut()
        {
            if seen.contains(&id) {
                return stopped(at, format!("\"{name}\" directive is duplicate"), http_end);
            }
            seen.push(id);
        }
        if block {
            let inside = here.inside(&name);
            if inside == Context::UNKNOWN {
                return Reading::Unknown;
            }
            let opened = match &*name {
                "location" => match location(&reader, stack.last().map(|(_, block)| block)) {
                    Ok(opened) => opened,
                    Err(words) => return stopped(at, words, http_end),
                },
                "upstream" => Block::Upstream { servers: false },
                // What stands in an `if` stands in the location around it.
                _ => match stack.last() {
                    Some((_, Block::Location { exact, path })) => Block::Location { exact: *exact, path: path.clone() },
                    _ => Block::Other,
                },
            };
            stack.push((here, opened));
            once.push(Vec::new());
            here = inside;
        } else if &*name == "server"
            && let Some((_, Block::Upstream { servers })) = stack.last_mut()
        {
            *servers = true;
        }
    }
}

/// What has to be remembered of an open block.
enum Block {
    Location { exact: bool, path: String },
    Upstream { servers: bool },
    Other,
}

/// A location has to lie inside the one around it: where a brace is missing, this is what nginx says first.
fn location(reader: &Reader<'_>, around: Option<&Block>) -> Result<Block, String> {
    let (first, second) = (reader.value(1), reader.value(2));
    let (sign, path) = if reader.words.len() > 2 {
        if !matches!(&*first, "=" | "^~" | "~" | "~*") {
            return Err(format!("invalid location modifier \"{first}\""));
        }
        (first.as_ref(), second.as_ref())
    } else {
        let length = ["^~", "~*", "~", "="].iter().find(|sign| first.starts_with(*sign)).map_or(0, |sign| sign.len());
        first.split_at_checked(length).unwrap_or_default()
    };
    let regex = sign.starts_with('~');
    let named = sign.is_empty() && path.starts_with('@');
    if let Some(Block::Location { exact, path: outer }) = around {
        if *exact {
            return Err(format!("location \"{path}\" cannot be inside the exact location \"{outer}\""));
        }
        if outer.starts_with('@') {
            return Err(format!("location \"{path}\" cannot be inside the named location \"{outer}\""));
        }
        if named {
            return Err(format!("named location \"{path}\" can be on the server level only"));
        }
        if !regex && !path.starts_with(outer.as_str()) {
            return Err(format!("location \"{path}\" is outside location \"{outer}\""));
        }
    }
    Ok(Block::Location { exact: sign == "=", path: path.to_owned() })
}

enum Statement<'a> {
    End,
    Close,
    Directive { name: Cow<'a, str>, count: usize, block: bool },
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Of the statement that was read last.
    words: Vec<Word>,
}

type Refused = (usize, String);

impl<'a> Reader<'a> {
    /// Up to the next `;`, `{` or `}`.
    fn statement(&mut self) -> Result<Statement<'a>, Refused> {
        self.words.clear();
        loop {
            let words = self.words.len();
            let Some(&byte) = self.bytes.get(self.at) else {
                if words == 0 {
                    return Ok(Statement::End);
                }
                return Err(self.end_of_file());
            };
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => {
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                    if length >= BUFFER {
                        return Err(self.too_long(self.at, "#"));
                    }
                    self.at += length;
                }
                b';' | b'{' if words == 0 => return Err(self.unexpected(self.at)),
                b'}' if words > 0 => return Err(self.unexpected(self.at)),
                b'}' => {
                    self.at += 1;
                    return Ok(Statement::Close);
                }
                b';' | b'{' => {
                    self.at += 1;
                    return Ok(Statement::Directive { name: self.value(0), count: words - 1, block: byte == b'{' });
                }
                b'"' | b'\'' => {
                    let word = self.quoted(byte)?;
                    self.words.push(word);
                    // A `)` may follow a quote and then begins a word of its own.
                    match self.bytes.get(self.at) {
                        None => return Err(self.end_of_file()),
                        Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')') => {}
                        Some(_) => return Err(self.unexpected(self.at)),
                    }
                }
                _ => {
                    let word = self.bare()?;
                    self.words.push(word);
                }
            }
        }
    }

    fn quoted(&mut self, mark: u8) -> Result<Word, Refused> {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match self.bytes.get(at) {
                None => {
                    self.at = self.bytes.len();
                    return Err(if at - start > BUFFER {
                        self.too_long(start, if mark == b'"' { "\"" } else { "'" })
                    } else {
                        self.end_of_file()
                    });
                }
                Some(b'\\') => at += 2,
                Some(byte) if *byte == mark => break,
                Some(_) => at += 1,
            }
        }
        if at - start > BUFFER {
            return Err(self.too_long(start, if mark == b'"' { "\"" } else { "'" }));
        }
        self.at = at + 1;
        let quote = if mark == b'"' { Quote::Double } else { Quote::Single };
        Ok(self.word(start, quote))
    }

    fn bare(&mut self) -> Result<Word, Refused> {
        let start = self.at;
        let mut at = start;
        let mut variable = false;
        loop {
            match self.bytes.get(at) {
                None => {
                    self.at = self.bytes.len();
                    return Err(self.end_of_file());
                }
                // Stays set: `${{` is one word to nginx.
                Some(b'{') if variable => {
                    at += 1;
                    continue;
                }
                Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{') => break,
                Some(b'\\') => {
                    variable = false;
                    at += 2;
                    continue;
                }
                Some(byte) => variable = *byte == b'$',
            }
            at += 1;
        }
        if at - start >= BUFFER {
            return Err(self.too_long(start, ""));
        }
        self.at = at;
        Ok(self.word(start, Quote::None))
    }

    /// What nginx sees of the word number `at`.
    fn value(&self, at: usize) -> Cow<'a, str> {
        let inner = self.words.get(at).map(|word| word.inner(self.text, 0)).unwrap_or_default();
        unescaped(inner).map_or(Cow::Borrowed(inner), Cow::Owned)
    }

    fn word(&self, start: usize, quote: Quote) -> Word {
        let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(position(start), position(self.at));
        Word { span, quote, closed: true, line_start: false, escaped: false, indent: 0 }
    }

    fn unexpected(&self, at: usize) -> Refused {
        let sign = self.text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('?');
        (at, format!("unexpected \"{sign}\""))
    }

    fn end_of_file(&self) -> Refused {
        (self.bytes.len(), "unexpected end of file, expecting \";\" or \"}\"".into())
    }

    fn too_long(&self, start: usize, mark: &str) -> Refused {
        let words = match mark {
            "\"" | "'" => format!("too long parameter, probably missing terminating \"{mark}\" character"),
            _ => {
                let shown: String = self.text.get(start..).unwrap_or_default().chars().take(10).collect();
                format!("too long parameter \"{shown}...\" started")
            }
        };
        (start, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(text: &str) -> Option<(usize, String)> {
        match read(text, 0, text.len(), 0, Context::HTTP, Version::V1_22) {
            Reading::Whole { .. } => None,
            Reading::Stops { stop, .. } => Some((text[..stop.at as usize].matches('\n').count() + 1, stop.words)),
            Reading::Unknown => Some((0, "unknown".into())),
        }
    }

    #[test]
    fn it_stops_where_nginx_stops() {
        assert_eq!(stop("server { listen 80; location / { return 200 \"${host}{;\"; } }"), None);
        let said = |text: &str| {
            let (line, words) = stop(text).unwrap();
            format!("{line} {words}")
        };
        assert_eq!(said("server {\nroot /x\nindex a;\n}"), "3 invalid number of arguments in \"root\" directive");
        assert_eq!(
            said("server {\nserver_name a\nlocation / {\n}}"),
            "3 directive \"server_name\" is not terminated by \";\""
        );
        assert_eq!(said("server {\nroot /x;\n"), "3 unexpected end of file, expecting \"}\"");
        assert_eq!(said("server {\nroot \"/x;\nindex \"a\";\n"), "3 unexpected \"a\"");
        assert_eq!(said("server {\nroot /x\n}\n"), "3 unexpected \"}\"");
        assert_eq!(said("server\n{ bogus\n a; }\n"), "3 unknown directive \"bogus\"");
        assert_eq!(said("server;"), "1 directive \"server\" has no opening \"{\"");
        assert_eq!(said("types { a {"), "1 unexpected \"{\"");
        assert_eq!(said(&format!("#{}\n", "x".repeat(BUFFER))), "1 too long parameter \"#xxxxxxxxx...\" started");
        assert_eq!(said("more_set_headers a;"), "0 unknown");
    }
}
