//! The phases of a request: server rewrites, location, its rewrites, again if the URI changed, then content.

use std::collections::HashMap;

use super::{
    Outcome, Request, StepKind, Telling,
    locate::passes,
    socket::Chosen,
    uri,
    values::{Captured, Piece, Value, pieces},
};
use crate::{Config, Directive, Location, Modifier, Patterns, directives::Context};

/// A request under way.
pub(super) struct Walk<'c, 'r> {
    pub(super) config: &'c Config<'c>,
    pub(super) request: &'r Request,
    pub(super) patterns: &'r dyn Patterns,
    pub(super) telling: Telling<'c>,
    /// The certificate that the handshake showed.
    pub(super) certificate: Option<String>,
    pub(super) server: Directive<'c>,
    /// Whose settings hold for the request line.
    first: Directive<'c>,
    /// The block in force: server, location, `if` in it, `limit_except`.
    pub(super) block: Directive<'c>,
    pub(super) tls: bool,
    /// Decoded.
    pub(super) uri: Value,
    pub(super) args: Value,
    pub(super) method: String,
    pub(super) captured: Option<Captured>,
    /// Set, captured, or looked up in a map.
    pub(super) variables: HashMap<String, Value>,
    /// Who makes the content: `proxy_pass` and its like.
    pub(super) handler: Option<Directive<'c>>,
    /// `$proxy_host`, `$proxy_port`.
    pub(super) proxy: Option<(Value, Value)>,
    /// Groups in `set` and `if` are escaped: until a rewrite of the same list applies.
    quotes: bool,
    /// The request came with an escape in its path.
    pub(super) quoted: bool,
    /// … or a plus.
    pub(super) plus: bool,
    /// The URI is still the one that came.
    pub(super) unparsed: bool,
    /// The URI still begins with the location's path.
    pub(super) in_place: bool,
    pub(super) internal: bool,
    /// try_files put a path after an alias that stands for all of the URI.
    pub(super) after_alias: bool,
    uri_changed: bool,
    /// How many changes of the URI are left, as nginx counts.
    changes: u8,
    /// An error page was taken already.
    error_page: bool,
    /// The status that overrides the answer's own; 0 for none.
    pub(super) status: Option<u16>,
    /// What `rewrite … redirect` and `return 30x` say.
    pub(super) target: Option<Value>,
    pub(super) depth: usize,
    pub(super) searches: usize,
}

/// Where to go on.
pub(super) enum Next {
    /// From the start, with the server's rewrites.
    Server,
    /// Looking for a location.
    Locate,
    /// In the block that was chosen by name.
    Rewrites,
    Done(Outcome),
}

/// Why the directives of a block stop.
enum Stop {
    /// The list ended.
    End,
    /// `break`, or a rewrite that ends the list.
    Halt,
    Status(u16),
    Done(Outcome),
}

/// More turns than nginx takes.
const MOST_TURNS: usize = 64;

impl<'c, 'r> Walk<'c, 'r> {
    pub(super) fn new(
        config: &'c Config<'c>,
        request: &'r Request,
        patterns: &'r dyn Patterns,
        telling: Telling<'c>,
        chosen: Chosen<'c>,
    ) -> Walk<'c, 'r> {
        let mut walk = Walk {
            config,
            request,
            patterns,
            telling,
            certificate: chosen.certificate,
            server: chosen.block,
            first: chosen.first,
            block: chosen.block,
            tls: chosen.tls,
            uri: Value::known(""),
            args: Value::known(""),
            method: request.method.clone(),
            captured: None,
            variables: HashMap::new(),
            handler: None,
            proxy: None,
            quotes: true,
            quoted: false,
            plus: false,
            unparsed: true,
            in_place: true,
            internal: false,
            after_alias: false,
            uri_changed: false,
            changes: 11,
            error_page: false,
            status: None,
            target: None,
            depth: 0,
            searches: 0,
        };
        if let Some(captured) = chosen.captured {
            walk.capture(captured);
        }
        walk
    }

    pub(super) fn go(&mut self) -> Outcome {
        let (path, args) = uri::split_args(self.request.path.as_bytes());
        let merges = self.first.scalar("merge_slashes").is_none_or(|merge| !merge.arg_is(0, "off"));
        if self.request.path.len() > super::LONGEST_URL {
            return Outcome::Error { code: 414, because: "The URL is longer than nginx takes.".to_owned() };
        }
        let Ok(decoded) = uri::normalise(&path, merges) else {
            if self.first != self.server {
                let text = "The path cannot be read: the first server of the socket says so, before the name is read.";
                self.telling.step(StepKind::Server, text, Some(self.first));
                self.server = self.first;
                self.block = self.first;
            }
            return match self.special(400, "The path cannot be read.") {
                Next::Done(outcome) => outcome,
                next => self.turn(next),
            };
        };
        self.quoted = path.contains(&b'%');
        self.plus = path.contains(&b'+') || path.windows(3).any(|three| three.eq_ignore_ascii_case(b"%2b"));
        if decoded != path {
            self.telling.step(
                StepKind::Uri,
                format!("The path is read as {}.", String::from_utf8_lossy(&decoded)),
                None,
            );
        }
        self.uri = Value::known(decoded);
        self.args = Value::known(args);
        if self.tls && !self.request.https {
            let next = self.special(497, "Plain HTTP was sent to a socket that speaks TLS.");
            return self.turn(next);
        }
        if let Some(include) = self.server.unseen_include() {
            self.telling.assume(format!("{} was not pasted: what it says is left out.", include.arg(0)), Some(include));
        }
        self.turn(Next::Server)
    }

    fn turn(&mut self, mut next: Next) -> Outcome {
        for _ in 0..MOST_TURNS {
            next = match next {
                Next::Done(outcome) => return outcome,
                Next::Server => {
                    self.block = self.server;
                    let server = self.server;
                    self.quotes = true;
                    match self.rewrites(server, true) {
                        Stop::End | Stop::Halt => Next::Locate,
                        Stop::Status(code) => self.special(code, "The configuration returns it."),
                        Stop::Done(outcome) => Next::Done(outcome),
                    }
                }
                Next::Locate => self.find(),
                Next::Rewrites => self.inside(),
            };
        }
        Outcome::Undecided { because: "The request is sent around without end.".to_owned() }
    }

    fn find(&mut self) -> Next {
        if !self.uri.known {
            return Next::Done(Outcome::Undecided {
                because: format!("The URI becomes {}, which only the real request knows.", self.uri.text()),
            });
        }
        self.uri_changed = false;
        self.handler = None;
        let slash_missing = self.locate();
        if !self.internal
            && let Some(only) = self.block.scalar("internal").filter(|_| self.block != self.server)
        {
            self.telling.step(StepKind::Location, "It is for internal redirects only.", Some(only));
            return self.special(404, "The location is internal.");
        }
        let name = Location::of(self.block).map(|location| location.path).unwrap_or_default();
        self.enter();
        if slash_missing {
            let mut target = Value::known(uri::escape(name.as_bytes(), uri::Escape::Uri, self.config.version));
            if !self.args.bytes.is_empty() {
                let args = self.args.clone();
                self.push(&mut target, &Value::known("?"));
                self.push(&mut target, &args);
            }
            self.target = Some(target);
            return self.special(301, "The slash at the end is missing.");
        }
        self.inside()
    }

    /// Takes what the block says into force.
    fn enter(&mut self) {
        let limit = self.block.find("limit_except").find(|limit| {
            !limit
                .args()
                .any(|method| method.eq_ignore_ascii_case(&self.method) || (method == "GET" && self.method == "HEAD"))
        });
        if let Some(limit) = limit.filter(|directive| directive.is_block()) {
            self.telling.step(StepKind::Access, format!("{} is not among these methods.", self.method), Some(limit));
            let outer = handler(self.block);
            self.block = limit;
            self.handler = handler(limit).or(outer);
            return;
        }
        if let Some(handler) = handler(self.block) {
            self.handler = Some(handler);
        }
    }

    /// A location's own rewrites, then its content.
    fn inside(&mut self) -> Next {
        let block = self.block;
        if block != self.server {
            if let Some(include) = block.unseen_include() {
                let text = format!("{} was not pasted: what it says is left out.", include.arg(0));
                self.telling.assume(text, Some(include));
            }
            self.quotes = true;
            match self.rewrites(block, false) {
                Stop::End | Stop::Halt => {}
                Stop::Status(code) => return self.special(code, "The configuration returns it."),
                Stop::Done(outcome) => return Next::Done(outcome),
            }
        }
        if self.uri_changed {
            if let Err(next) = self.one_less() {
                return next;
            }
            self.block = self.server;
            return Next::Locate;
        }
        self.content()
    }

    /// nginx allows ten changes of the URI.
    fn one_less(&mut self) -> Result<(), Next> {
        self.changes = self.changes.saturating_sub(1);
        if self.changes > 0 {
            return Ok(());
        }
        self.telling.step(StepKind::Error, "The URI changed more than ten times: nginx gives up.", None);
        Err(self.special(500, "rewrite or internal redirection cycle"))
    }

    /// `set`, `rewrite`, `if`, `return`, `break` of a block, in reading order.
    fn rewrites(&mut self, block: Directive<'c>, at_server: bool) -> Stop {
        for directive in block.children() {
            let stop = match directive.name() {
                "set" => {
                    let value = self.replacement(directive.arg(1), self.quotes);
                    let name = directive.arg(0).trim_start_matches('$').to_ascii_lowercase();
                    let text = format!("${name} becomes \"{}\".", value.text());
                    self.telling.step(StepKind::Rewrite, text, Some(directive));
                    if name == "args" {
                        self.args = value;
                        self.unparsed = false;
                    } else {
                        self.variables.insert(name, value);
                    }
                    None
                }
                "rewrite" => self.rewrite(directive),
                "return" => Some(self.answer(directive)),
                "break" => {
                    self.in_place &= !self.uri_changed;
                    self.uri_changed = false;
                    Some(Stop::Halt)
                }
                "if" if directive.is_block() && directive.inside().is(Context::SERVER_IF.or(Context::LOCATION_IF)) => {
                    if self.condition(directive) {
                        if !at_server {
                            self.block = directive;
                            if let Some(handler) = handler(directive) {
                                self.handler = Some(handler);
                            }
                        }
                        match self.rewrites(directive, at_server) {
                            Stop::End => None,
                            stop => Some(stop),
                        }
                    } else {
                        None
                    }
                }
                name if is_foreign(name) => {
                    let text = format!("{name} may answer or change the request: it was left out.");
                    self.telling.assume(text, Some(directive));
                    None
                }
                _ => None,
            };
            if let Some(stop) = stop {
                return stop;
            }
        }
        Stop::End
    }

    fn rewrite(&mut self, directive: Directive<'c>) -> Option<Stop> {
        let (pattern, replacement, flag) = (directive.arg(0), directive.arg(1), directive.arg(2));
        if !self.uri.known {
            let because = format!("The URI becomes {}, which only the real request knows.", self.uri.text());
            return Some(Stop::Done(Outcome::Undecided { because }));
        }
        let uri = self.uri.bytes.clone();
        match self.matches(pattern, false, &uri) {
            Ok(true) => {}
            Ok(false) => {
                // nginx forgets what was captured before.
                self.captured = None;
                let text = format!("{} does not match {pattern}.", self.uri.text());
                self.telling.miss(StepKind::Rewrite, text, Some(directive));
                return None;
            }
            Err(why) => {
                let text = format!("{pattern} was not tried ({why}): taken as not matching.");
                self.telling.assume(text, Some(directive));
                return None;
            }
        }
        let absolute = ["http://", "https://", "$scheme"].iter().any(|start| replacement.starts_with(start));
        let redirect = match flag {
            "permanent" => Some(301),
            "redirect" => Some(302),
            _ if absolute => Some(302),
            _ => None,
        };
        let (replacement, keep_args) = match replacement.strip_suffix('?') {
            Some(cut) => (cut, false),
            None => (replacement, true),
        };
        if let Some(code) = redirect {
            let mut target = self.replacement(replacement, true);
            target.bytes = uri::unescape_redirect(&target.bytes);
            if keep_args && !self.args.bytes.is_empty() {
                let args = self.args.clone();
                self.push(&mut target, &Value::known(if replacement.contains('?') { "&" } else { "?" }));
                self.push(&mut target, &args);
            }
            self.mark_rewritten(false);
            let text = format!("{} matches {pattern}: redirected to {}.", self.uri.text(), target.text());
            self.telling.step(StepKind::Rewrite, text, Some(directive));
            self.target = Some(target);
            return Some(Stop::Status(code));
        }
        self.mark_rewritten(flag == "break");
        let (path, new_args) = split_template(replacement);
        let path = self.replacement(path, false);
        match new_args {
            Some(new_args) => {
                let mut args = self.replacement(new_args, true);
                if keep_args && !self.args.bytes.is_empty() {
                    let old = self.args.clone();
                    self.push(&mut args, &Value::known("&"));
                    self.push(&mut args, &old);
                }
                self.args = args;
            }
            None if !keep_args => self.args = Value::known(""),
            None => {}
        }
        let question = if self.args.bytes.is_empty() { "" } else { "?" };
        let shown = format!("{}{question}{}", path.text(), self.args.text());
        let text = format!("{} matches {pattern}: the URI becomes {shown}.", self.uri.text());
        self.telling.step(StepKind::Rewrite, text, Some(directive));
        if path.bytes.is_empty() {
            return Some(Stop::Status(500));
        }
        self.uri = path;
        matches!(flag, "last" | "break").then_some(Stop::Halt)
    }

    fn mark_rewritten(&mut self, stays: bool) {
        self.quotes = false;
        self.internal = true;
        self.unparsed = false;
        self.uri_changed = !stays;
        if stays {
            self.in_place = false;
        }
    }

    /// The replacement of a rewrite; groups are escaped in arguments and redirects.
    fn replacement(&mut self, text: &str, escaped: bool) -> Value {
        let mut value = Value::known("");
        for piece in pieces(text) {
            let more = match piece {
                Piece::Text(text) => Value::known(text),
                Piece::Group(at) if escaped => self.escaped_group(at),
                Piece::Group(at) => Value::known(self.group(at)),
                Piece::Variable(name) => self.variable(name),
            };
            self.push(&mut value, &more);
        }
        value
    }

    /// `return`
    fn answer(&mut self, directive: Directive<'c>) -> Stop {
        let first = directive.arg(0);
        let (code, text) = match first.parse::<u16>() {
            Ok(code) => (code, (directive.arg_count() > 1).then(|| directive.arg(1))),
            Err(_) => (302, Some(first)),
        };
        if code == 444 {
            self.telling.step(StepKind::Return, "The connection is closed without an answer.", Some(directive));
            return Stop::Done(Outcome::Closed);
        }
        let Some(text) = text else {
            self.telling.step(StepKind::Return, format!("The answer is {code}."), Some(directive));
            return match code {
                400.. | 301 | 302 | 303 | 307 | 308 => Stop::Status(code),
                _ => Stop::Done(Outcome::Answer { code: self.status(code), body: String::new() }),
            };
        };
        let value = self.fill(text);
        if matches!(code, 301 | 302 | 303 | 307 | 308) {
            self.telling.step(StepKind::Return, format!("Redirected to {}.", value.text()), Some(directive));
            self.target = Some(value);
            return Stop::Status(code);
        }
        self.telling.step(StepKind::Return, format!("The answer is {code} with a text."), Some(directive));
        Stop::Done(Outcome::Answer { code: self.status(code), body: value.text() })
    }

    /// The status that is sent: an error page may override it.
    pub(super) fn status(&self, own: u16) -> u16 {
        self.status.filter(|status| *status > 0).unwrap_or(own)
    }

    /// Is the condition of an `if` met?
    fn condition(&mut self, block: Directive<'c>) -> bool {
        let words: Vec<String> = block.args().map(|word| word.to_owned()).collect();
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if let Some(first) = words.first_mut() {
            *first = first.strip_prefix('(').unwrap_or(first);
        }
        if let Some(last) = words.last_mut() {
            *last = last.strip_suffix(')').unwrap_or(last);
        }
        let words: Vec<&str> = words
            .iter()
            .enumerate()
            .filter(|(at, word)| !word.is_empty() || (*at > 0 && *at + 1 < words.len()) || words.len() == 3)
            .map(|(_, word)| *word)
            .collect();
        let shown = block.head().to_owned();
        let verdict = match words.as_slice() {
            [one] => {
                let value = self.fill(one);
                self.decided(&value).map(|()| !matches!(value.bytes.as_slice(), b"" | b"0"))
            }
            [test, path] if test.starts_with('-') || test.starts_with("!-") => {
                let path = self.replacement(path, self.quotes);
                self.file_test(test, &path)
            }
            [what, sign, rest @ ..] => {
                let value = self.fill(what);
                let wanted = rest.last().copied().unwrap_or_default();
                match (*sign, self.decided(&value)) {
                    (_, Err(why)) => Err(why),
                    ("=" | "!=", Ok(())) => {
                        let other = self.replacement(wanted, self.quotes);
                        self.decided(&other).map(|()| (other.bytes == value.bytes) == (*sign == "="))
                    }
                    ("~" | "~*" | "!~" | "!~*", Ok(())) => {
                        let found = self.matches(wanted, sign.ends_with('*'), &value.bytes);
                        if found == Ok(false) {
                            self.captured = None;
                        }
                        found.map(|found| found != sign.starts_with('!'))
                    }
                    _ => Err("the condition cannot be read".to_owned()),
                }
            }
            [] => Err("the condition is empty".to_owned()),
        };
        match verdict {
            Ok(met) => {
                let word = if met { "holds" } else { "does not hold" };
                self.telling.step(StepKind::Rewrite, format!("The condition {word}."), Some(block));
                met
            }
            Err(why) => {
                self.telling.assume(format!("{shown}: {why}; taken as not true."), Some(block));
                false
            }
        }
    }

    fn decided(&self, value: &Value) -> Result<(), String> {
        if value.known { Ok(()) } else { Err(format!("only the real request knows {}", value.text())) }
    }

    fn file_test(&mut self, test: &str, path: &Value) -> Result<bool, String> {
        self.decided(path)?;
        let path = path.text();
        let (folder, file) = match &self.request.files {
            None => return Err(format!("nobody says whether {path} exists")),
            Some(files) => exists(files, &path),
        };
        let (negated, test) = match test.strip_prefix('!') {
            Some(test) => (true, test),
            None => (false, test),
        };
        let met = match test {
            "-f" => file,
            "-d" => folder,
            "-e" => file || folder,
            _ => return Err("who may run a file is not known".to_owned()),
        };
        Ok(met != negated)
    }

    /// An error or a redirect: an error page may answer it.
    pub(super) fn special(&mut self, code: u16, because: &str) -> Next {
        self.status = Some(code);
        let taken = self.error_page || self.changes == 0;
        let page = self.block.list("error_page").into_iter().find(|page| {
            let count = page.arg_count();
            page.args().take(count.saturating_sub(1)).any(|one| one.parse() == Ok(code))
        });
        let Some(page) = page.filter(|_| !taken) else { return Next::Done(self.built_in_page(code, because)) };
        if self.block.scalar("recursive_error_pages").is_none_or(|recursive| !recursive.arg_is(0, "on")) {
            self.error_page = true;
        }
        let over = page.args().find_map(|word| word.strip_prefix('=').map(str::to_owned));
        let over: Option<u16> = over.map(|code| code.parse().unwrap_or(0));
        if let Some(over) = over {
            self.status = Some(over);
        }
        let target = page.arg(page.arg_count().saturating_sub(1)).to_owned();
        let value = self.fill(&target);
        self.telling.step(StepKind::Error, format!("For {code} nginx goes to {}.", value.text()), Some(page));
        if target.starts_with('@') {
            return self.named(&value.text());
        }
        if value.bytes.first() != Some(&b'/') {
            let code = over.filter(|code| matches!(code, 301 | 302 | 303 | 307 | 308)).unwrap_or(302);
            return Next::Done(Outcome::Redirect { code, to: value.text(), known: value.known });
        }
        if self.method != "HEAD" {
            self.method = "GET".to_owned();
        }
        let (path, args) = uri::split_args(&value.bytes);
        let known = value.known;
        self.redirect_inside(Value { bytes: path, known }, Value { bytes: args, known })
    }

    fn built_in_page(&mut self, code: u16, because: &str) -> Outcome {
        if matches!(code, 301 | 302 | 303 | 307 | 308)
            && let Some(target) = self.target.take()
        {
            let target = self.absolute(target);
            return Outcome::Redirect { code, to: target.text(), known: target.known };
        }
        let code = if (494..=497).contains(&code) { 400 } else { code };
        Outcome::Error { code, because: because.to_owned() }
    }

    /// nginx puts scheme, host and port before a path.
    fn absolute(&mut self, target: Value) -> Value {
        if target.bytes.first() != Some(&b'/') || self.is("absolute_redirect", "off", false) {
            return target;
        }
        let host = if self.is("server_name_in_redirect", "on", false) {
            self.variable("server_name")
        } else {
            Value::known(self.request.host.strip_suffix('.').unwrap_or(&self.request.host))
        };
        let own = if self.tls { 443 } else { 80 };
        let port = if self.request.port == own || self.is("port_in_redirect", "off", false) {
            String::new()
        } else {
            format!(":{}", self.request.port)
        };
        let mut whole = Value::known(format!("{}://", self.request.scheme()));
        self.push(&mut whole, &host);
        self.push(&mut whole, &Value::known(port));
        self.push(&mut whole, &target);
        whole
    }

    /// Is a setting in force with this value?
    pub(super) fn is(&self, name: &str, value: &str, default: bool) -> bool {
        self.block.scalar(name).map_or(default, |directive| directive.arg(0) == value)
    }

    /// As if the request had come for another URI.
    pub(super) fn redirect_inside(&mut self, path: Value, args: Value) -> Next {
        if let Err(next) = self.one_less() {
            return next;
        }
        if path.bytes.is_empty() {
            // nginx reads what happens to stand before it.
            let because = "The URI becomes empty, and nginx's answer to that is undefined.".to_owned();
            return Next::Done(Outcome::Undecided { because });
        }
        self.uri = path;
        self.args = args;
        self.internal = true;
        self.unparsed = false;
        self.in_place = true;
        self.after_alias = false;
        Next::Server
    }

    /// A named location.
    pub(super) fn named(&mut self, name: &str) -> Next {
        if let Err(next) = self.one_less() {
            return next;
        }
        let found = self.server.find("location").find(|directive| {
            Location::of(*directive)
                .is_some_and(|location| location.modifier == Modifier::Named && location.path == name)
        });
        let Some(found) = found else {
            return self.special(500, "There is no location of this name.");
        };
        self.telling.step(StepKind::Location, format!("Inside, {name} answers."), Some(found));
        self.internal = true;
        self.uri_changed = false;
        self.block = found;
        self.handler = None;
        self.enter();
        Next::Rewrites
    }
}

/// Is the path a folder, is it a file?
pub(super) fn exists(files: &[String], path: &str) -> (bool, bool) {
    let mut single = path.to_owned();
    while single.contains("//") {
        single = single.replace("//", "/");
    }
    let path = single.as_str();
    let slashed = if path.ends_with('/') { path.to_owned() } else { format!("{path}/") };
    (files.contains(&slashed), !path.ends_with('/') && files.iter().any(|file| file == path))
}

/// Who makes the content of a block.
fn handler<'c>(block: Directive<'c>) -> Option<Directive<'c>> {
    const OTHERS: [&str; 9] = [
        "stub_status",
        "empty_gif",
        "flv",
        "mp4",
        "perl",
        "js_content",
        "content_by_lua",
        "content_by_lua_file",
        "content_by_lua_block",
    ];
    let others = OTHERS.iter().filter_map(|name| block.find(name).last());
    passes(block).into_iter().chain(others).max_by_key(|directive| directive.id())
}

/// Directives of other modules that may answer before nginx's own do.
fn is_foreign(name: &str) -> bool {
    let phase = ["rewrite_by_lua", "access_by_lua", "js_access", "modsecurity"];
    phase.iter().any(|start| name.starts_with(start))
}

/// A replacement's path and arguments.
fn split_template(text: &str) -> (&str, Option<&str>) {
    match text.split_once('?') {
        Some((path, args)) => (path, Some(args)),
        None => (text, None),
    }
}
