//! What answers in a location: access, `try_files`, the application, or a file.

use super::{
    Outcome, StepKind,
    locate::PASSES,
    uri,
    values::Value,
    walk::{Next, Walk, exists},
};
use crate::{Directive, Location, ProxyTarget};

impl<'c> Walk<'c, '_> {
    pub(super) fn content(&mut self) -> Next {
        if let Some(next) = self.access() {
            return next;
        }
        if let Some(next) = self.try_files() {
            return next;
        }
        if let Some(handler) = self.handler.filter(|handler| PASSES.iter().any(|name| handler.is(name))) {
            // The module was chosen by the last block that named one; where to is said by the block in force, or by the
            // location around an `if`.
            let name = handler.name();
            let own = self.block.find(name).last();
            let outer = || self.block.parent().filter(|_| !self.block.is("location"))?.find(name).last();
            self.handler = own.or_else(outer);
            if self.handler.is_none() {
                let text =
                    format!("The last \"if\" that held drops the {name} of the one before it: nginx answers 500.");
                self.telling.step(StepKind::Content, text, Some(handler));
                return self.special(500, "no address to pass the request to");
            }
        }
        match self.handler {
            Some(handler) if handler.is("proxy_pass") => self.proxy_pass(handler),
            Some(handler) => {
                let to = self.fill(handler.arg(0)).text();
                let name = handler.name().to_owned();
                self.telling.step(StepKind::Content, format!("{name} answers."), Some(handler));
                Next::Done(Outcome::Handler { name, to })
            }
            None => self.file(),
        }
    }

    /// `deny all`, and what else may keep the visitor out.
    fn access(&mut self) -> Option<Next> {
        let any = self.is("satisfy", "any", false);
        let rules: Vec<Directive<'c>> = self
            .block
            .upward()
            .map(|block| block.children().filter(|one| one.is("allow") || one.is("deny")).collect::<Vec<_>>())
            .find(|own| !own.is_empty())
            .unwrap_or_default();
        let password = self.block.scalar("auth_basic").filter(|auth| !auth.arg_is(0, "off"));
        match rules.first() {
            Some(rule) if rule.arg_is(0, "all") => {
                let rule = *rule;
                if rule.is("deny") && !(any && password.is_some()) {
                    self.telling.step(StepKind::Access, "Nobody is let in.", Some(rule));
                    return Some(self.special(403, "deny all"));
                }
                if rule.is("allow") && any {
                    return None;
                }
            }
            Some(rule) => {
                let rule = *rule;
                self.telling.assume("Who is let in depends on the visitor's address: taken as let in.", Some(rule));
            }
            None => {}
        }
        if let Some(password) = password {
            let sent = self.request.header(|name| name.eq_ignore_ascii_case("authorization"));
            match sent {
                Some(sent) if sent.is_empty() && (!any || rules.is_empty()) => {
                    self.telling.step(StepKind::Access, "A password is asked for.", Some(password));
                    return Some(self.special(401, "auth_basic"));
                }
                _ => self.telling.assume("A password is asked for: taken as given.", Some(password)),
            }
        }
        if let Some(asked) = self.block.scalar("auth_request").filter(|asked| !asked.arg_is(0, "off")) {
            let text = format!("{} decides who is let in: taken as let in.", asked.arg(0));
            self.telling.assume(text, Some(asked));
        }
        None
    }

    /// `root` or `alias` in force: the directive, its value, and how many bytes of the URI it replaces (`None`: all).
    pub(super) fn root(&mut self) -> Option<(Option<Directive<'c>>, Value, Option<usize>)> {
        let directive = self.block.upward().find_map(|block| {
            let own = block.find("alias").chain(block.find("root"));
            own.max_by_key(|directive| directive.id())
        });
        let Some(directive) = directive else { return Some((None, Value::known("html"), Some(0))) };
        let mut value = self.fill(directive.arg(0));
        if directive.is("alias") {
            let location = directive.ancestors().find_map(|block| Location::of(block))?;
            let replaced = if location.is_regex() { None } else { Some(location.path.len()) };
            return Some((Some(directive), value, replaced));
        }
        if value.bytes.last() == Some(&b'/') {
            value.bytes.pop();
        }
        Some((Some(directive), value, Some(0)))
    }

    /// The file that the URI names.
    pub(super) fn path(&mut self) -> Value {
        let Some((_, mut value, replaced)) = self.root() else { return Value::known("") };
        if let Some(replaced) = replaced.or(self.after_alias.then_some(0)) {
            let rest = self.uri.bytes.get(replaced..).unwrap_or_default().to_vec();
            let known = self.uri.known;
            self.push(&mut value, &Value { bytes: rest, known });
        }
        value
    }

    /// A path below root or alias: `name` stands for a URI.
    fn below(&mut self, name: &Value, written_with_variable: bool) -> Value {
        let Some((_, mut value, replaced)) = self.root() else { return Value::known("") };
        let name = self.cut(name, replaced, written_with_variable);
        self.push(&mut value, &name);
        value
    }

    /// With `alias`, a name that was made of variables loses the location's path.
    fn cut(&self, name: &Value, replaced: Option<usize>, written_with_variable: bool) -> Value {
        let mut name = name.clone();
        if let Some(replaced) = replaced.filter(|replaced| *replaced > 0 && written_with_variable) {
            let prefix = self.uri.bytes.get(..replaced).unwrap_or_default();
            if let Some(rest) = name.bytes.strip_prefix(prefix) {
                name.bytes = rest.to_vec();
            }
        }
        name
    }

    fn try_files(&mut self) -> Option<Next> {
        // Not inherited: not even by an `if` in the same location.
        let directive = self.block.first("try_files")?;
        if !self.in_place && self.root()?.2 != Some(0) {
            return Some(self.special(500, REWRITTEN_ALIAS));
        }
        let count = directive.arg_count();
        for at in 0..count {
            let written = directive.arg(at).to_owned();
            let last = at + 1 == count;
            if last && let Some(code) = written.strip_prefix('=').and_then(|code| code.parse::<u16>().ok()) {
                self.telling.step(StepKind::Files, format!("Nothing was found: {code}."), Some(directive));
                return Some(match code {
                    444 => Next::Done(Outcome::Closed),
                    300.. => self.special(code, "try_files found nothing."),
                    _ => Next::Done(Outcome::Error { code, because: "try_files found nothing.".to_owned() }),
                });
            }
            let folder = !last && written.ends_with('/');
            let template = if folder { written.strip_suffix('/').unwrap_or(&written) } else { &written };
            let name = self.fill(template);
            let variable = template.contains('$');
            if last {
                let (_, _, replaced) = self.root()?;
                let name = self.cut(&name, replaced, variable);
                let text = format!("Nothing was found: nginx goes on with {}.", name.text());
                self.telling.step(StepKind::Files, text, Some(directive));
                if name.bytes.first() == Some(&b'@') {
                    return Some(self.named(&name.text()));
                }
                let (path, args) = uri::split_args(&name.bytes);
                let known = name.known;
                return Some(self.redirect_inside(Value { bytes: path, known }, Value { bytes: args, known }));
            }
            let path = self.below(&name, variable);
            let kind = if folder { "folder" } else { "file" };
            let found = match &self.request.files {
                Some(files) if path.known => {
                    let (is_folder, is_file) = exists(files, &path.text());
                    if folder { is_folder } else { is_file }
                }
                _ => {
                    let text = format!("Whether the {kind} {} exists is not known: taken as missing.", path.text());
                    self.telling.assume(text, Some(directive));
                    false
                }
            };
            if found {
                let text = format!("The {kind} {} exists.", path.text());
                self.telling.step(StepKind::Files, text, Some(directive));
                let (_, root, replaced) = self.root()?;
                match replaced {
                    Some(0) => self.uri = Value::known(path.bytes.get(root.bytes.len()..).unwrap_or_default()),
                    Some(replaced) => {
                        let mut uri = self.uri.bytes.get(..replaced).unwrap_or_default().to_vec();
                        uri.extend_from_slice(path.bytes.get(root.bytes.len()..).unwrap_or_default());
                        self.uri = Value::known(uri);
                    }
                    None if folder => {}
                    None => {
                        self.uri = Value::known(path.bytes.get(root.bytes.len()..).unwrap_or_default());
                        self.after_alias = true;
                    }
                }
                return None;
            }
            self.telling.miss(StepKind::Files, format!("There is no {kind} {}.", path.text()), Some(directive));
        }
        None
    }

    fn proxy_pass(&mut self, handler: Directive<'c>) -> Next {
        let written = handler.arg(0).to_owned();
        let has_variables = written.contains('$');
        let value = self.fill(&written);
        let Some(target) = ProxyTarget::of(&value.text()) else {
            let because = format!("proxy_pass leads to {}, which only the real request knows.", value.text());
            self.telling.step(StepKind::Content, because.clone(), Some(handler));
            if value.known {
                return self.special(500, "proxy_pass needs http:// or https://.");
            }
            return Next::Done(Outcome::Undecided { because });
        };
        let scheme = if target.tls { "https" } else { "http" };
        let part = target.uri.clone().unwrap_or_default();
        let part = if has_variables && part.starts_with('?') { format!("/{part}") } else { part };
        let in_regex = handler
            .ancestors()
            .find_map(|block| Location::of(block))
            .is_none_or(|location| location.is_regex() || location.path.starts_with('@'));
        let replaced = handler
            .ancestors()
            .find_map(|block| Location::of(block))
            .filter(|_| !in_regex)
            .map_or(0, |location| location.path.len());
        let mut uri = Value::known("");
        let how;
        if has_variables && !part.is_empty() {
            self.push(&mut uri, &Value { bytes: part.into_bytes(), known: value.known });
            how = "the URI in proxy_pass, as it has variables";
        } else if part.is_empty() && self.unparsed {
            self.push(&mut uri, &Value::known(self.request.path.as_bytes()));
            how = "the URI as it came";
        } else {
            let cut = if self.in_place && !part.is_empty() { replaced } else { 0 };
            if self.in_place {
                self.push(&mut uri, &Value::known(part.as_bytes()));
            }
            let rest = self.uri.bytes.get(cut..).unwrap_or_default();
            let rest = if self.quoted || self.internal {
                uri::escape(rest, uri::Escape::Uri, self.config.version)
            } else {
                rest.to_vec()
            };
            let known = self.uri.known;
            self.push(&mut uri, &Value { bytes: rest, known });
            if !self.args.bytes.is_empty() {
                let args = self.args.clone();
                self.push(&mut uri, &Value::known("?"));
                self.push(&mut uri, &args);
            }
            how = if part.is_empty() {
                "the URI as rewrites left it"
            } else if self.in_place {
                "its URI instead of the location's path"
            } else {
                "the URI as rewrite … break left it"
            };
        }
        let (to, port) = match &target.unix {
            Some(path) => (format!("unix:{path}"), String::new()),
            None => (authority(&target), target.port.map(|port| port.to_string()).unwrap_or_default()),
        };
        let host = if target.unix.is_some() { "localhost".to_owned() } else { to.clone() };
        let port = if port.is_empty() { if target.tls { "443" } else { "80" }.to_owned() } else { port };
        self.proxy = Some((Value { bytes: host.into_bytes(), known: value.known }, Value::known(port)));
        let members: Vec<String> = self
            .config
            .upstream(&target.host)
            .filter(|_| target.port.is_none())
            .map(|upstream| upstream.servers.iter().map(|(_, address)| address.clone()).collect())
            .unwrap_or_default();
        let text = format!("{to} is asked for {} ({how}).", uri.text());
        self.telling.step(StepKind::Content, text, Some(handler));
        Next::Done(Outcome::Proxy {
            scheme: scheme.to_owned(),
            to,
            uri: uri.text(),
            members,
            known: uri.known && value.known,
            code: self.status.filter(|status| *status > 0),
        })
    }

    fn redirect(&mut self, target: Value) -> Next {
        self.target = Some(target);
        self.special(301, "The slash at the end is missing.")
    }

    /// nginx's own files: index, redirect to a folder, the file.
    fn file(&mut self) -> Next {
        if !self.uri.known {
            return Next::Done(Outcome::Undecided {
                because: format!("The URI becomes {}, which only the real request knows.", self.uri.text()),
            });
        }
        let Some((directive, _, replaced)) = self.root() else {
            return self.special(500, "alias outside of a location");
        };
        if !matches!(self.method.as_str(), "GET" | "HEAD" | "POST") {
            return self.special(405, "Files can only be read.");
        }
        if replaced != Some(0) && !self.in_place {
            return self.special(500, REWRITTEN_ALIAS);
        }
        if self.uri.bytes.last() == Some(&b'/') {
            return self.folder(directive);
        }
        let path = self.path();
        let shown = path.text();
        match &self.request.files {
            None => {}
            Some(files) if path.known => match exists(files, &shown) {
                (true, _) => {
                    let text = format!("{shown} is a folder: nginx adds the slash.");
                    self.telling.step(StepKind::Files, text, directive);
                    let mut target = uri::escape(&self.uri.bytes, uri::Escape::Uri, self.config.version);
                    target.push(b'/');
                    let mut target = Value::known(target);
                    if !self.args.bytes.is_empty() {
                        let args = self.args.clone();
                        self.push(&mut target, &Value::known("?"));
                        self.push(&mut target, &args);
                    }
                    return self.redirect(target);
                }
                (_, true) => {}
                _ => {
                    self.telling.step(StepKind::Files, format!("There is no {shown}."), directive);
                    return self.special(404, "There is no such file.");
                }
            },
            Some(_) => self.telling.assume(format!("Whether {shown} exists is not known: taken as there."), None),
        }
        if self.method == "POST" {
            return self.special(405, "Files can only be read.");
        }
        let unless = if self.request.files.is_some() { "" } else { "; when there is none, 404" };
        self.telling.step(StepKind::Content, format!("nginx sends the file {shown}{unless}."), directive);
        Next::Done(Outcome::File { path: shown, known: path.known, code: self.status(200) })
    }

    fn folder(&mut self, root: Option<Directive<'c>>) -> Next {
        let path = self.path();
        let files = self.request.files.clone();
        let indexes = self.block.list("index");
        let mut names: Vec<(String, Option<Directive<'c>>)> =
            indexes.iter().flat_map(|index| index.args().map(|name| (name.to_owned(), Some(*index)))).collect();
        if names.is_empty() {
            names.push(("index.html".to_owned(), None));
        }
        for (written, directive) in names {
            let place = directive.or(root);
            if written.starts_with('/') && !written.contains('$') {
                self.telling.step(StepKind::Files, format!("As index, nginx goes on with {written}."), place);
                let args = self.args.clone();
                return self.redirect_inside(Value::known(written.into_bytes()), args);
            }
            let name = self.fill(&written);
            let mut file = path.clone();
            self.push(&mut file, &name);
            let shown = file.text();
            let found = match &files {
                Some(files) if file.known => exists(files, &shown).1,
                _ => {
                    self.telling.assume(format!("Whether {shown} exists is not known: taken as there."), place);
                    true
                }
            };
            if !found {
                self.telling.step(StepKind::Files, format!("There is no {shown}."), place);
                // A folder that is not there ends the search.
                match files.as_ref().map(|files| exists(files, &path.text())) {
                    Some((false, true)) => return self.special(500, "alias names a file, and the URI a folder."),
                    Some((false, false)) => return self.special(404, "There is no such folder."),
                    _ => {}
                }
                continue;
            }
            self.telling.step(StepKind::Files, format!("{} is the index: nginx goes on with it.", name.text()), place);
            let mut uri = self.uri.clone();
            self.push(&mut uri, &name);
            let args = self.args.clone();
            return self.redirect_inside(uri, args);
        }
        if self.is("autoindex", "on", false) && self.method != "POST" {
            let shown = path.text();
            // What nginx opens: one character less, meant for the slash.
            let mut cut = shown.clone();
            cut.pop();
            if files.as_ref().is_some_and(|files| !exists(files, &cut).0) {
                return self.special(404, "alias names the folder without its slash.");
            }
            self.telling.step(StepKind::Content, "nginx lists the folder.", self.block.scalar("autoindex"));
            return Next::Done(Outcome::Listing { path: shown, code: self.status(200) });
        }
        self.special(403, "The folder has no index, and listing it is off.")
    }
}

/// nginx logs it and gives up.
const REWRITTEN_ALIAS: &str = "alias in a location whose URI was rewritten with break";

/// Host and port as written.
fn authority(target: &ProxyTarget) -> String {
    match target.port {
        Some(port) => format!("{}:{port}", target.host),
        None => target.host.clone(),
    }
}
