//! Texts with variables, as far as a request and the configuration tell them.

use super::{uri, walk::Walk};
use crate::{
    Captures, Directive, Pattern,
    config::{at_the_end, in_front},
    directives::Context,
};

/// Bytes, and whether all of them are known. What is not known is left as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) bytes: Vec<u8>,
    pub(super) known: bool,
}

impl Value {
    pub(super) fn known(text: impl Into<Vec<u8>>) -> Value {
        Value { bytes: text.into(), known: true }
    }

    fn unknown(name: &str) -> Value {
        Value { bytes: format!("${name}").into_bytes(), known: false }
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    fn push(&mut self, more: &Value) {
        self.known &= more.known;
        let room = LONGEST.saturating_sub(self.bytes.len());
        self.known &= more.bytes.len() <= room;
        self.bytes.extend(more.bytes.iter().take(room));
    }
}

/// `set $a $a$a` again and again ends here.
const LONGEST: usize = 32_768;

/// Maps in maps in maps.
const DEEPEST: usize = 16;

/// What a regular expression captured last.
#[derive(Debug, Clone)]
pub(super) struct Captured {
    groups: Vec<Vec<u8>>,
    pub(super) named: Vec<(String, Vec<u8>)>,
}

impl Captured {
    pub(super) fn new(pattern: &Pattern, groups: Captures) -> Captured {
        let groups: Vec<Vec<u8>> =
            groups.into_iter().map(|group| group.map(|text| from_latin(&text)).unwrap_or_default()).collect();
        let named = pattern
            .names
            .iter()
            .map(|(name, at)| (name.to_ascii_lowercase(), groups.get(*at).cloned().unwrap_or_default()))
            .collect();
        Captured { groups, named }
    }

    fn group(&self, at: usize) -> &[u8] {
        self.groups.get(at).map(Vec::as_slice).unwrap_or_default()
    }
}

/// One character for each byte, as [`crate::Patterns`] takes it.
pub(super) fn to_latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn from_latin(text: &str) -> Vec<u8> {
    text.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// `$1`
    Group(usize),
    Variable(&'t str),
}

/// Takes a text apart as nginx does: a group's number has one digit.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        if !before.is_empty() {
            out.push(Piece::Text(before));
        }
        let inner = after.get(1..).unwrap_or_default();
        if let Some(digit) = inner.chars().next().filter(|c| ('1'..='9').contains(c)) {
            out.push(Piece::Group(digit.to_digit(10).map_or(0, |digit| digit as usize)));
            rest = inner.get(1..).unwrap_or_default();
            continue;
        }
        let braced = inner.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, left) = match braced {
            Some((name, left)) => (name, left),
            None => {
                let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
                inner.split_at(end)
            }
        };
        if name.is_empty() {
            out.push(Piece::Text("$"));
            rest = inner;
            continue;
        }
        match name.as_bytes() {
            [digit @ b'1'..=b'9'] => out.push(Piece::Group(usize::from(digit - b'0'))),
            _ => out.push(Piece::Variable(name)),
        }
        rest = left;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

impl<'c> Walk<'c, '_> {
    /// Fills in a text.
    pub(super) fn fill(&mut self, text: &str) -> Value {
        let mut value = Value::known("");
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => value.push(&Value::known(text)),
                Piece::Group(at) => value.push(&Value::known(self.group(at))),
                Piece::Variable(name) => {
                    let more = self.variable(name);
                    value.push(&more);
                }
            }
        }
        value
    }

    pub(super) fn group(&self, at: usize) -> Vec<u8> {
        self.captured.as_ref().map(|captured| captured.group(at).to_vec()).unwrap_or_default()
    }

    /// A variable's value now.
    pub(super) fn variable(&mut self, name: &str) -> Value {
        let lower = name.to_ascii_lowercase();
        if let Some(value) = self.built_in(&lower) {
            return value;
        }
        if let Some(value) = self.variables.get(&lower) {
            return value.clone();
        }
        if let Some(value) = self.header_variable(&lower) {
            return value;
        }
        let maps = self.config.all("map").filter(|map| {
            map.inside() == Context::RAW && map.arg(1).strip_prefix('$').is_some_and(|to| to.eq_ignore_ascii_case(name))
        });
        if let Some(map) = maps.last() {
            return self.map(map, &lower);
        }
        let foreign = crate::directives::is_variable(&lower, false)
            || !self.config.knows_variable(&lower, false)
            || self.is_made_elsewhere(&lower);
        // Defined by a `set` or a group that was not met.
        if foreign { Value::unknown(name) } else { Value::known("") }
    }

    /// Filled by something whose value is not in the text.
    fn is_made_elsewhere(&self, name: &str) -> bool {
        let is = |value: &str| value.strip_prefix('$').is_some_and(|value| value.eq_ignore_ascii_case(name));
        let first =
            ["auth_request_set", "perl_set", "js_set", "js_var", "set_by_lua", "set_by_lua_file", "set_by_lua_block"];
        first.iter().any(|by| self.config.all(by).any(|directive| is(directive.arg(0))))
            || ["split_clients", "keyval"].iter().any(|by| self.config.all(by).any(|directive| is(directive.arg(1))))
            || self.config.all("geo").any(|geo| geo.args().next_back().is_some_and(&is))
            || self.config.all("geoip2").any(|geo| geo.children().any(|entry| is(entry.name())))
    }

    fn built_in(&mut self, name: &str) -> Option<Value> {
        let request = self.request;
        Some(match name {
            "host" => Value::known(request.host.strip_suffix('.').unwrap_or(&request.host)),
            "http_host" => Value::known(request.authority()),
            "scheme" => Value::known(request.scheme()),
            "https" => Value::known(if request.https { "on" } else { "" }),
            "uri" | "document_uri" => self.uri.clone(),
            "request_uri" => Value::known(request.path.as_bytes()),
            "args" | "query_string" => self.args.clone(),
            "is_args" => Value {
                bytes: if self.args.bytes.is_empty() { Vec::new() } else { b"?".to_vec() },
                known: self.args.known,
            },
            "request_method" => Value::known(self.method.as_bytes()),
            "request" if !request.https => Value::known(format!("{} {} HTTP/1.1", request.method, request.path)),
            "server_protocol" if !request.https => Value::known("HTTP/1.1"),
            "server_port" => Value::known(request.port.to_string()),
            "server_addr" => Value::known(request.arrives_at?.to_string()),
            "server_name" => {
                let first =
                    self.server.find("server_name").next().map(|names| names.arg(0).to_owned()).unwrap_or_default();
                if first == "$hostname" {
                    return None;
                }
                let name = if first.starts_with('~') { first } else { first.to_ascii_lowercase() };
                Value::known(name.strip_prefix('.').unwrap_or(&name))
            }
            "document_root" => self.root()?.1,
            "request_filename" => self.path(),
            "proxy_host" => self.proxy.as_ref()?.0.clone(),
            "proxy_port" => self.proxy.as_ref()?.1.clone(),
            "proxy_add_x_forwarded_for" => {
                let before = request.header(|name| name.eq_ignore_ascii_case("x-forwarded-for"))?;
                let mut value = Value::known(before);
                if !value.bytes.is_empty() {
                    value.push(&Value::known(", "));
                }
                value.push(&self.variable("remote_addr"));
                value
            }
            "fastcgi_script_name" | "fastcgi_path_info" => self.script(name == "fastcgi_path_info")?,
            "content_type" | "content_length" => {
                let dashed = name.replace('_', "-");
                Value::known(request.header(|header| header.eq_ignore_ascii_case(&dashed))?)
            }
            _ => {
                let wanted = name.strip_prefix("arg_")?;
                Value { bytes: argument(&self.args.bytes, wanted), known: self.args.known }
            }
        })
    }

    /// The script that FastCGI runs, or what follows it in the URI.
    fn script(&self, rest: bool) -> Option<Value> {
        let known = self.uri.known;
        if let Some(split) = self.block.scalar("fastcgi_split_path_info") {
            let pattern = Pattern::from_pcre(split.arg(0), false).ok()?;
            // What location and rewrite captured stays as it was.
            let found = self.patterns.find(&pattern, &to_latin(&self.uri.bytes)).ok()?;
            if let Some(groups) = found {
                let captured = Captured::new(&pattern, groups);
                return Some(Value { bytes: captured.group(if rest { 2 } else { 1 }).to_vec(), known });
            }
        }
        if rest {
            return Some(Value::known(""));
        }
        let mut script = self.uri.clone();
        if script.bytes.ends_with(b"/")
            && let Some(index) = self.block.scalar("fastcgi_index")
        {
            script.push(&Value::known(index.arg(0).as_bytes()));
        }
        Some(script)
    }

    /// `$http_…` and `$cookie_…`.
    fn header_variable(&self, name: &str) -> Option<Value> {
        if let Some(wanted) = name.strip_prefix("http_") {
            let is = |header: &str| header.replace('-', "_").eq_ignore_ascii_case(wanted);
            return Some(self.request.header(is).map_or_else(|| Value::unknown(name), Value::known));
        }
        let wanted = name.strip_prefix("cookie_")?;
        let Some(all) = self.request.header(|header| header.eq_ignore_ascii_case("cookie")) else {
            return Some(Value::unknown(name));
        };
        let value = all.split([';', ',']).find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            key.eq_ignore_ascii_case(wanted).then(|| value.to_owned())
        });
        Some(Value::known(value.unwrap_or_default()))
    }

    /// Looks a variable up in its map; the value is kept for the rest of the request.
    fn map(&mut self, map: Directive<'c>, name: &str) -> Value {
        if self.depth >= DEEPEST {
            return Value::unknown(name);
        }
        self.depth += 1;
        let source = self.fill(map.arg(0));
        let value = self.look_up(map, name, &source);
        self.depth -= 1;
        let volatile = map.children().any(|entry| entry.name() == "volatile" && entry.arg_count() == 0);
        if !volatile {
            self.variables.insert(name.to_owned(), value.clone());
        }
        value
    }

    fn look_up(&mut self, map: Directive<'c>, name: &str, source: &Value) -> Value {
        let entries: Vec<Directive<'c>> = map.children().filter(|entry| entry.arg_count() == 1).collect();
        let default = entries.iter().find(|entry| entry.name() == "default").copied();
        let unresolved = map.children().any(|entry| entry.name() == "include");
        if !source.known
            || (unresolved
                && self.config.unresolved().iter().any(|one| self.config.get(one.include).parent() == Some(map)))
        {
            let only_default = entries.iter().all(|entry| entry.name() == "default") && !unresolved;
            return match default {
                Some(default) if only_default => self.map_value(default),
                _ => Value::unknown(name),
            };
        }
        let hostnames = map.children().any(|entry| entry.name() == "hostnames" && entry.arg_count() == 0);
        let mut wanted = String::from_utf8_lossy(&source.bytes).to_lowercase();
        if hostnames && wanted.ends_with('.') {
            wanted.pop();
        }
        let key = |entry: Directive<'c>| {
            let name = entry.name();
            let name = name.strip_prefix('\\').unwrap_or(name);
            name.to_lowercase()
        };
        let is_plain = |entry: &&Directive<'c>| {
            let name = entry.name();
            !name.starts_with('~') && name != "default" && name != "include"
        };
        let plain = || entries.iter().filter(is_plain);
        let exact = plain().find(|entry| {
            let key = key(**entry);
            key == wanted || (hostnames && key.strip_prefix('.') == Some(wanted.as_str()))
        });
        let mut chosen = exact.copied();
        if chosen.is_none() && hostnames {
            let head = plain().filter_map(|entry| Some((in_front(&key(*entry), &wanted)?, *entry)));
            let tail = plain().filter_map(|entry| Some((at_the_end(&key(*entry), &wanted)?, *entry)));
            let longest = |found: Vec<(usize, Directive<'c>)>| {
                found.into_iter().reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, entry)| entry)
            };
            chosen = longest(head.collect()).or_else(|| longest(tail.collect()));
        }
        if chosen.is_none() {
            for entry in entries.iter().filter(|entry| entry.name().starts_with('~')) {
                let written = entry.name();
                let (pattern, any_case) = match written.strip_prefix("~*") {
                    Some(pattern) => (pattern, true),
                    None => (written.strip_prefix('~').unwrap_or_default(), false),
                };
                match self.matches(pattern, any_case, &source.bytes) {
                    Ok(true) => {
                        chosen = Some(*entry);
                        break;
                    }
                    Ok(false) => {}
                    Err(why) => {
                        let text = format!("{written} was not tried ({why}): taken as not matching.");
                        self.telling.assume(text, Some(*entry));
                    }
                }
            }
        }
        match chosen.or(default) {
            Some(entry) => self.map_value(entry),
            None => Value::known(""),
        }
    }

    fn map_value(&mut self, entry: Directive<'c>) -> Value {
        let value = entry.arg(0).to_owned();
        if self.depth >= DEEPEST { Value::unknown("map") } else { self.fill(&value) }
    }

    /// Runs a regular expression as nginx does: what it captures replaces what was captured before.
    pub(super) fn matches(&mut self, pattern: &str, any_case: bool, text: &[u8]) -> Result<bool, String> {
        if self.searches >= MOST_SEARCHES {
            return Err("too many patterns for one request".to_owned());
        }
        self.searches += 1;
        let pattern = Pattern::from_pcre(pattern, any_case).map_err(|what| format!("it has {what}"))?;
        let Some(groups) = self.patterns.find(&pattern, &to_latin(text))? else { return Ok(false) };
        self.capture(Captured::new(&pattern, groups));
        Ok(true)
    }

    pub(super) fn capture(&mut self, captured: Captured) {
        for (name, value) in &captured.named {
            self.variables.insert(name.clone(), Value::known(value.clone()));
        }
        self.captured = Some(captured);
    }

    /// A captured group where nginx escapes it: in arguments and redirects of a request that was escaped.
    pub(super) fn escaped_group(&self, at: usize) -> Value {
        let group = self.group(at);
        if self.quoted || self.plus {
            Value::known(uri::escape(&group, uri::Escape::Args, self.config.version))
        } else {
            Value::known(group)
        }
    }

    /// Adds to a value, within bounds.
    pub(super) fn push(&self, value: &mut Value, more: &Value) {
        value.push(more);
    }
}

/// Patterns that are run for one request.
const MOST_SEARCHES: usize = 5_000;

/// `$arg_name`
fn argument(args: &[u8], name: &str) -> Vec<u8> {
    args.split(|byte| *byte == b'&')
        .find_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            let (key, value) = pair.split_at(at);
            key.eq_ignore_ascii_case(name.as_bytes()).then(|| value.get(1..).unwrap_or_default().to_vec())
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        use Piece::{Group, Text, Variable};
        assert_eq!(
            pieces("a$host/$12${uri}x$"),
            [Text("a"), Variable("host"), Text("/"), Group(1), Text("2"), Variable("uri"), Text("x"), Text("$")]
        );
    }
}
