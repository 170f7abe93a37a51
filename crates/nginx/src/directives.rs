//! What nginx knows: every directive with its contexts, argument counts and value types, and every variable.

use crate::{Version, words::joined};

mod facts;

use facts::facts;

/// Where a directive stands. A set of them is the same type: `Context::HTTP.or(Context::SERVER)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Context(u16);

impl Context {
    /// Outside every block.
    pub const MAIN: Context = Context(1);
    /// `events {}`.
    pub const EVENTS: Context = Context(1 << 1);
    /// `http {}`.
    pub const HTTP: Context = Context(1 << 2);
    /// `server {}` in `http`.
    pub const SERVER: Context = Context(1 << 3);
    /// `location {}`.
    pub const LOCATION: Context = Context(1 << 4);
    /// `if` in `server`.
    pub const SERVER_IF: Context = Context(1 << 5);
    /// `if` in `location`.
    pub const LOCATION_IF: Context = Context(1 << 6);
    /// `limit_except` in `location`.
    pub const LIMIT_EXCEPT: Context = Context(1 << 7);
    /// `upstream {}` in `http`.
    pub const UPSTREAM: Context = Context(1 << 8);
    /// `stream {}`.
    pub const STREAM: Context = Context(1 << 9);
    /// `server {}` in `stream`.
    pub const STREAM_SERVER: Context = Context(1 << 10);
    /// `upstream {}` in `stream`.
    pub const STREAM_UPSTREAM: Context = Context(1 << 11);
    /// `mail {}`.
    pub const MAIL: Context = Context(1 << 12);
    /// `server {}` in `mail`.
    pub const MAIL_SERVER: Context = Context(1 << 13);
    /// The body of `map`, `geo`, `types`, `split_clients`, `charset_map` or a Lua block: no directives.
    pub const RAW: Context = Context(1 << 14);
    /// The body of a block that nobody knows: nothing in it is judged.
    pub const UNKNOWN: Context = Context(1 << 15);

    /// Both.
    pub const fn or(self, other: Context) -> Context {
        Context(self.0 | other.0)
    }

    /// Is one of `set`?
    pub const fn is(self, set: Context) -> bool {
        self.0 & set.0 != 0
    }

    /// As nginx's documentation writes it.
    pub fn name(self) -> &'static str {
        match self {
            Context::MAIN => "the top level",
            Context::EVENTS => "events",
            Context::HTTP => "http",
            Context::SERVER => "server",
            Context::LOCATION => "location",
            Context::SERVER_IF => "if (in server)",
            Context::LOCATION_IF => "if (in location)",
            Context::LIMIT_EXCEPT => "limit_except",
            Context::UPSTREAM => "upstream",
            Context::STREAM => "stream",
            Context::STREAM_SERVER => "server (in stream)",
            Context::STREAM_UPSTREAM => "upstream (in stream)",
            Context::MAIL => "mail",
            Context::MAIL_SERVER => "server (in mail)",
            Context::RAW => "a list of values",
            _ => "an unknown block",
        }
    }

    /// Each member of this set, outermost first.
    pub fn each(self) -> impl Iterator<Item = Context> {
        (0..14).map(|bit| Context(1 << bit)).filter(move |one| self.is(*one))
    }

    /// What the body of the block `name` is, when it stands here. A block in a wrong place still has its usual body,
    /// so that one mistake stays one finding.
    pub fn inside(self, name: &str) -> Context {
        match name {
            "map" | "geo" | "types" | "split_clients" | "charset_map" | "match" => Context::RAW,
            _ if name.ends_with("_by_lua_block") => Context::RAW,
            "events" => Context::EVENTS,
            "http" => Context::HTTP,
            "stream" => Context::STREAM,
            "mail" => Context::MAIL,
            "server" if self == Context::STREAM => Context::STREAM_SERVER,
            "server" if self == Context::MAIL => Context::MAIL_SERVER,
            "server" => Context::SERVER,
            "upstream" if self == Context::STREAM => Context::STREAM_UPSTREAM,
            "upstream" => Context::UPSTREAM,
            "location" => Context::LOCATION,
            "limit_except" => Context::LIMIT_EXCEPT,
            "if" if self.is(Context::SERVER.or(Context::HTTP).or(Context::SERVER_IF)) => Context::SERVER_IF,
            "if" => Context::LOCATION_IF,
            _ => Context::UNKNOWN,
        }
    }
}

/// What kind of value a directive takes, where nginx reads it with one of its own generic readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `on` or `off`.
    Flag,
    /// Any text.
    Text,
    /// `10m`.
    Size,
    /// `10g`.
    Offset,
    /// `4`.
    Number,
    /// `60s`, `100ms`.
    Msec,
    /// `1d`.
    Sec,
    /// One of a list.
    Enum,
    /// Several of a list.
    Bitmask,
    /// `8 16k`.
    Buffers,
    /// Text with variables.
    Complex,
    /// A size with variables.
    ComplexSize,
    /// Values of which none may be empty or `0`.
    Predicate,
    /// A name and a value.
    KeyValue,
    /// A folder with levels.
    Path,
    /// `user:rw group:r`.
    Access,
    /// The directive's own.
    Other,
}

/// One form of a directive: one module, some contexts.
#[derive(Debug)]
pub struct Row {
    contexts: u16,
    /// Bits 0–7: exactly so many; 8: one or more; 9: two or more; 10: flag; 11: block; 12: any number.
    args: u16,
    /// The kind of value.
    pub kind: Kind,
    /// Twice in one block is an error.
    pub duplicate_is_error: bool,
    /// Needs a module that is not part of nginx.
    pub third: bool,
    origin: u8,
    values: u16,
    since: u16,
    removed: u16,
}

impl Row {
    /// Where this form may stand.
    pub fn contexts(&self) -> Context {
        Context(self.contexts)
    }

    /// Opens a block.
    pub fn is_block(&self) -> bool {
        self.args & (1 << 11) != 0
    }

    /// Third-party Lua directives may be either.
    pub fn fits_terminator(&self, block: bool) -> bool {
        self.is_block() == block || (self.third && self.args & (1 << 11) != 0)
    }

    /// May it have so many arguments?
    pub fn takes(&self, count: usize) -> bool {
        let args = self.args;
        args & (1 << 12) != 0
            || (args & (1 << 8) != 0 && count >= 1)
            || (args & (1 << 9) != 0 && count >= 2)
            || (args & (1 << 10) != 0 && count == 1)
            || (count < 8 && args & (1 << count) != 0)
    }

    /// `1`, `1 or 2`, `at least 1`, for a sentence.
    pub fn counts(&self) -> String {
        if self.args & (1 << 9) != 0 {
            return "at least 2".into();
        }
        if self.args & (1 << 8) != 0 {
            return "at least 1".into();
        }
        if self.args & (1 << 10) != 0 {
            return "exactly 1 (on or off)".into();
        }
        let exact: Vec<String> = (0..8).filter(|n| self.args & (1 << n) != 0).map(|n: u32| n.to_string()).collect();
        match exact.split_last() {
            Some((last, [])) if last == "0" => "none".into(),
            Some((last, [])) => format!("exactly {last}"),
            Some((last, rest)) => format!("{} or {last}", joined(rest, ", ")),
            None => "any number".into(),
        }
    }

    /// The legal values of an enum or bitmask; lower and upper bound of a bounded number.
    pub fn values(&self) -> &'static [&'static str] {
        facts().values.get(usize::from(self.values)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The module that brings it.
    pub fn module(&self) -> &'static str {
        self.origin().0
    }

    /// The first release that knows it; `None` when that is long ago.
    pub fn since(&self) -> Option<Version> {
        (self.since > 0).then(|| Version::from_code(self.since))
    }

    /// The first release that no longer knows it.
    pub fn removed(&self) -> Option<Version> {
        (self.removed > 0).then(|| Version::from_code(self.removed))
    }

    /// Is it there in this release?
    pub fn exists_in(&self, version: Version) -> bool {
        self.since().is_none_or(|since| since <= version) && self.removed().is_none_or(|removed| version < removed)
    }

    /// The module, and its page in nginx's documentation; empty where it has none.
    fn origin(&self) -> (&'static str, &'static str) {
        facts().origins.get(usize::from(self.origin)).and_then(|origin| origin.split_once(' ')).unwrap_or_default()
    }
}

/// A directive's name as a small number; names that nobody knows share [`NameId::UNKNOWN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(u16);

impl NameId {
    /// Not in the tables.
    pub const UNKNOWN: NameId = NameId(u16::MAX);

    /// Directive names are case sensitive.
    pub fn of(name: &str) -> NameId {
        facts().name(name).map_or(NameId::UNKNOWN, NameId)
    }

    /// Its place among the names.
    pub(crate) fn number(self) -> u32 {
        self.0.into()
    }

    /// Every form of it; empty for an unknown name.
    pub fn rows(self) -> &'static [Row] {
        let at = usize::from(self.0);
        let end = |at: Option<usize>| at.and_then(|at| facts().ends.get(at)).map_or(0, |end| usize::from(*end));
        facts().rows.get(end(at.checked_sub(1))..end(Some(at))).unwrap_or_default()
    }
}

/// Every form of a directive; empty for an unknown name.
pub fn rows(name: &str) -> &'static [Row] {
    NameId::of(name).rows()
}

/// Every name in the tables, sorted.
pub fn names() -> &'static [&'static str] {
    &facts().names
}

/// Where nginx documents the directive.
pub fn doc(name: &str, context: Context) -> Option<String> {
    let rows = rows(name);
    let row = rows.iter().find(|row| row.contexts().is(context)).or(rows.first())?;
    let (_, page) = row.origin();
    (!page.is_empty()).then(|| ["https://nginx.org/en/docs/", page, ".html#", name].concat())
}

/// Is the variable built in? `name` without `$`, in any case.
pub fn is_variable(name: &str, stream: bool) -> bool {
    let name = name.to_ascii_lowercase();
    let prefixes = if stream { &facts().stream_prefixes } else { &facts().http_prefixes };
    variables(stream).binary_search(&name.as_str()).is_ok()
        || prefixes.iter().any(|prefix| name.starts_with(prefix))
        || (!name.is_empty() && name.len() <= 2 && name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The built-in variables, for "did you mean".
pub fn variables(stream: bool) -> &'static [&'static str] {
    if stream { &facts().stream_variables } else { &facts().http_variables }
}

/// The nearest of `known` by edits, when exactly one is within two edits (one edit for short names).
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() < 3 || name.len() > 60 {
        return None;
    }
    let limit = if name.len() <= 5 { 1 } else { 2 };
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for &candidate in known {
        let Some(distance) = edits(name.as_bytes(), candidate.as_bytes(), limit) else { continue };
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, _)) if distance == least => tied = true,
            _ => {
                best = Some((distance, candidate));
                tied = false;
            }
        }
    }
    best.filter(|_| !tied).map(|(_, candidate)| candidate)
}

/// Edit distance with transpositions, if it is at most `limit`.
fn edits(a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let get = |list: &[usize], at: usize| list.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut cost = (get(&last, j) + usize::from(x != y)).min(get(&last, j + 1) + 1).min(get(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                cost = cost.min(get(&before, j - 1) + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_data_is_known() {
        for (text, variables) in [
            (include_str!("../data/nginx-directives.json"), false),
            (include_str!("../data/nginx-directives-thirdparty.json"), false),
            (include_str!("../data/nginx-variables.json"), true),
        ] {
            for row in serde_json::from_str::<Vec<serde_json::Value>>(text).unwrap() {
                let name = row["name"].as_str().unwrap();
                if variables {
                    assert!(is_variable(name, row["protocol"] == "stream"), "{row}");
                } else {
                    assert!(rows(name).iter().any(|known| row["module"] == known.module()), "{row}");
                }
            }
        }
        assert!(names().is_sorted() && variables(false).is_sorted() && variables(true).is_sorted());
        assert!(
            !is_variable("absolute_redirect", false)
                && rows("ancient_browser_value").len() == 1
                && rows("host").is_empty()
        );
    }

    #[test]
    fn the_tables_answer() {
        let listen = rows("listen");
        assert!(listen.iter().any(|row| row.contexts().is(Context::SERVER) && row.takes(3) && !row.takes(0)));
        assert!(rows("nonsense").is_empty());
        let gzip = &rows("gzip")[0];
        assert!(gzip.kind == Kind::Flag && gzip.takes(1) && !gzip.takes(2) && gzip.duplicate_is_error);
        assert!(rows("server").iter().any(|row| row.contexts().is(Context::HTTP) && row.is_block()));
        assert_eq!(rows("gzip_comp_level")[0].values(), ["1", "9"]);
        assert_eq!(rows("http2")[0].since(), Some(Version::new(25, 1)));
        assert!(rows("ssl").iter().all(|row| !row.exists_in(Version::new(25, 1)) && row.exists_in(Version::V1_22)));
        assert!(rows("more_set_headers")[0].third);
        assert_eq!(
            doc("proxy_pass", Context::LOCATION).as_deref(),
            Some("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass")
        );
    }

    #[test]
    fn variables_are_known_by_name_and_prefix() {
        assert!(is_variable("host", false) && is_variable("HOST", false) && is_variable("http_x_anything", false));
        assert!(is_variable("1", false) && !is_variable("hots", false) && !is_variable("", false));
    }

    #[test]
    fn a_near_miss_is_recognised() {
        assert_eq!(nearest("proxy_pas", names()), Some("proxy_pass"));
        assert_eq!(nearest("sever_name", names()), Some("server_name"));
        assert_eq!(nearest("lisetn", names()), Some("listen"));
        assert_eq!(nearest("banana", names()), None);
    }
}
