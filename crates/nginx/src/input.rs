//! What people really paste: one file, several, an `nginx -T` dump, a heredoc from a guide, a Markdown answer. What is not
//! nginx is masked, never cut out, so that every position stays the visitor's own.

use serde::{Deserialize, Serialize};

use crate::{
    directives, order,
    search::Search,
    syntax::{Span, TokenKind, Tree, parse},
    words::number,
};

/// One text as it was given: pasted, or a file.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its path or file name; empty for pasted text.
    pub name: &'a str,
    /// All of it. What lies beyond 32 MiB is not read.
    pub text: &'a str,
}

/// The most of one source that is read, in bytes.
const LIMIT: usize = 32 << 20;

/// A configuration file, as a part of a source. A dump holds many.
#[derive(Debug, Clone)]
pub struct File<'a> {
    /// `/etc/nginx/nginx.conf`; empty when nobody said.
    pub path: String,
    /// Which source; `None` for a text that Lockstep brings along.
    pub source: Option<usize>,
    /// All of the source's text.
    pub(crate) text: &'a str,
    /// What was read in it. Spans count through all sources, see [`Files::locate`].
    pub tree: Tree,
    /// One past its last byte.
    pub end: u32,
}

/// What kind of thing was pasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// nginx text and nothing else.
    Plain,
    /// What `nginx -T` prints: everything that nginx loads.
    Dump,
    /// Shell commands that write files.
    Shell,
    /// Text with fenced code.
    Markdown,
}

/// Where something is, for a person and for an editor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file's path; empty when nobody said.
    pub path: String,
    /// Which source (0 for pasted text); `None` in a text that Lockstep brings along.
    pub source: Option<u32>,
    /// First byte in the source.
    pub start: u32,
    /// One past the last byte in the source.
    pub end: u32,
    /// Line in the file, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Line in what was pasted, from 1: differs from `line` in a dump.
    pub pasted_line: u32,
}

/// All texts and the files in them.
#[derive(Debug)]
pub struct Files<'a> {
    /// In reading order; those that Lockstep brings along come last.
    pub files: Vec<File<'a>>,
    sources: Vec<Text<'a>>,
    /// What the first source is.
    pub form: Form,
}

#[derive(Debug)]
struct Text<'a> {
    text: &'a str,
    base: u32,
    /// Positions (from the text's start) of the first byte of each line.
    lines: Vec<u32>,
}

impl<'a> Files<'a> {
    /// Reads every source.
    pub fn read(sources: &[Source<'a>]) -> Files<'a> {
        let mut all = Files { files: Vec::new(), sources: Vec::new(), form: Form::Plain };
        for (index, source) in sources.iter().enumerate() {
            let text = cut(source.text, LIMIT);
            let base = all.add_text(text);
            let Scan { form, segments, masks } = scan(text, source.name);
            if index == 0 {
                all.form = form;
            }
            for segment in segments {
                let tree = parse(text, segment.from, segment.to, &masks, base, None);
                let end = base.saturating_add(u32::try_from(segment.to).unwrap_or(u32::MAX));
                all.files.push(File { path: segment.path, source: Some(index), text, tree, end });
            }
        }
        all
    }

    fn add_text(&mut self, text: &'a str) -> u32 {
        let base = self.sources.last().map_or(0, |last| {
            last.base.saturating_add(u32::try_from(last.text.len()).unwrap_or(u32::MAX)).saturating_add(1)
        });
        let mut lines = vec![0];
        lines.extend(text.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, at)| at));
        self.sources.push(Text { text, base, lines });
        base
    }

    /// Adds the text of a well-known include file; the index of the new file.
    pub(crate) fn bring(&mut self, path: String, text: &'static str, context: directives::Context) -> usize {
        let base = self.add_text(text);
        let tree = parse(text, 0, text.len(), &[], base, Some(context));
        let end = base.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
        self.files.push(File { path, source: None, text, tree, end });
        self.files.len() - 1
    }

    /// The text under a span.
    pub fn text(&self, span: Span) -> &'a str {
        self.source_at(span.start).map_or("", |(_, source)| span.of(source.text, source.base))
    }

    /// The source that holds the position, with what its positions count from.
    pub(crate) fn source_text(&self, position: u32) -> Option<(&'a str, u32)> {
        self.source_at(position).map(|(_, source)| (source.text, source.base))
    }

    fn source_at(&self, position: u32) -> Option<(usize, &Text<'a>)> {
        let at = self.sources.partition_point(|source| source.base <= position).checked_sub(1)?;
        self.sources.get(at).map(|source| (at, source))
    }

    /// The file that holds the position.
    pub fn file_at(&self, position: u32) -> Option<&File<'a>> {
        // Files are in the order of their positions; one between two files belongs to the later one.
        let at = self.files.partition_point(|file| file.tree.start <= position).checked_sub(1)?;
        self.files.get(at)
    }

    /// From positions in one source to a place.
    pub(crate) fn place(&self, source: u32, start: u32, end: u32) -> Place {
        let base = self.sources.get(source as usize).map_or(0, |source| source.base);
        self.locate(Span::new(base.saturating_add(start), base.saturating_add(end)))
    }

    /// How many line ends a place holds, and the column (in characters, from 1) after its last character.
    pub(crate) fn extent(&self, place: &Place) -> (u32, u32) {
        let text = self.text_at(place, place.start, place.end);
        let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let lines = text.bytes().filter(|byte| *byte == b'\n').count();
        match text.rsplit_once('\n') {
            Some((_, last)) => (u32::try_from(lines).unwrap_or(u32::MAX), count(last).saturating_add(1)),
            None => (0, place.column.saturating_add(count(text))),
        }
    }

    /// The line on which a place begins, at most 400 characters of it.
    pub(crate) fn line_of(&self, place: &Place) -> &'a str {
        let Some(source) = place.source.and_then(|at| self.sources.get(at as usize)) else { return "" };
        let before = source.text.get(..place.start as usize).unwrap_or_default();
        let from = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = source.text.get(from..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        line.char_indices().nth(400).and_then(|(at, _)| line.get(..at)).unwrap_or(line)
    }

    fn text_at(&self, place: &Place, start: u32, end: u32) -> &'a str {
        let source = place.source.and_then(|at| self.sources.get(at as usize));
        source.and_then(|source| source.text.get(start as usize..end as usize)).unwrap_or_default()
    }

    /// Where the next `;`, `{` or `}` stands: nginx looks at a directive when it gets there. The end of the file when
    /// there is none.
    pub(crate) fn terminator_after(&self, position: u32) -> u32 {
        let Some(file) = self.file_at(position) else { return position };
        let tokens = &file.tree.tokens;
        let from = tokens.partition_point(|token| token.end <= position);
        let signs = [TokenKind::Semicolon, TokenKind::Open, TokenKind::Close];
        let sign = tokens.get(from..).unwrap_or_default().iter().find(|token| signs.contains(&token.kind));
        sign.map_or(file.end, |token| token.end.saturating_sub(1))
    }

    /// From positions that count through all sources to a place.
    pub fn locate(&self, span: Span) -> Place {
        let mut place =
            Place { path: String::new(), source: None, start: 0, end: 0, line: 1, column: 1, pasted_line: 1 };
        let Some((_, source)) = self.source_at(span.start) else { return place };
        let start = span.start.saturating_sub(source.base);
        let line_of = |at: u32| source.lines.partition_point(|line| *line <= at);
        let line = line_of(start);
        let line_start = line.checked_sub(1).and_then(|at| source.lines.get(at)).copied().unwrap_or(0);
        let before = source.text.get(line_start as usize..start as usize).unwrap_or_default();
        place.start = start;
        place.end = span.end.saturating_sub(source.base);
        place.pasted_line = u32::try_from(line).unwrap_or(u32::MAX);
        place.column = u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX);
        place.line = place.pasted_line;
        if let Some(file) = self.file_at(span.start) {
            place.path.clone_from(&file.path);
            place.source = file.source.and_then(|at| u32::try_from(at).ok());
            let first = line_of(file.tree.start.saturating_sub(source.base));
            place.line = u32::try_from(line.saturating_sub(first) + 1).unwrap_or(u32::MAX);
        }
        place
    }
}

fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let end = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

struct Segment {
    path: String,
    from: usize,
    to: usize,
}

struct Scan {
    form: Form,
    segments: Vec<Segment>,
    masks: Vec<(usize, usize)>,
}

#[derive(Clone, Copy)]
struct Line<'a> {
    from: usize,
    /// Where `text` begins.
    start: usize,
    to: usize,
    /// Without a shell's `> `, the space at its beginning and the end of the line.
    text: &'a str,
    /// Outside of Markdown's fences, or inside of another language's.
    fenced_off: bool,
}

/// Finds the files in a text, and what in it is not nginx.
fn scan(text: &str, name: &str) -> Scan {
    let mut lines = Vec::new();
    let mut masks = Vec::new();
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let whole = line.trim_end_matches(['\n', '\r']);
        let mut own = whole;
        // What a shell puts before the lines of a heredoc, and a mail before what it cites: nginx has no such word.
        if let Some(rest) = own.strip_prefix('>') {
            own = rest.strip_prefix(' ').unwrap_or(rest);
            masks.push((from, from + whole.len() - own.len()));
        }
        let text = own.trim_ascii_start();
        let start = from + whole.len() - text.len();
        lines.push(Line { from, start, to: from + line.len(), text, fenced_off: false });
        from += line.len();
    }
    let dump = dump_segments(&lines, text.len());
    let (form, segments) = if dump.is_empty() {
        let bodies = heredocs(&lines, text.len());
        let whole = || vec![Segment { path: name.to_owned(), from: 0, to: text.len() }];
        if !bodies.is_empty() {
            (Form::Shell, bodies)
        } else if fences(&mut lines, &mut masks) {
            (Form::Markdown, whole())
        } else {
            (Form::Plain, whole())
        }
    } else {
        (Form::Dump, dump)
    };
    line_numbers(&lines, &mut masks);
    foreign_lines(&lines, &mut masks);
    order::sort(&mut masks);
    Scan { form, segments, masks: merged(masks) }
}

fn merged(masks: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (from, to) in masks {
        match out.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

/// `# configuration file /etc/nginx/nginx.conf:` begins a file in a dump.
fn dump_segments(lines: &[Line<'_>], end: usize) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for line in lines {
        let path = line.text.strip_prefix("# configuration file ").and_then(|rest| rest.trim_end().strip_suffix(':'));
        if let Some(path) = path {
            if let Some(last) = segments.last_mut() {
                last.to = line.from;
            }
            segments.push(Segment { path: path.to_owned(), from: line.to, to: end });
        }
    }
    segments
}

/// Masks everything outside Markdown fences, and fences in other languages. Says whether there was a fence.
fn fences(lines: &mut [Line<'_>], masks: &mut Vec<(usize, usize)>) -> bool {
    let is_fence = |line: &Line<'_>| line.text.starts_with("```") || line.text.starts_with("~~~");
    if !lines.iter().any(is_fence) {
        return false;
    }
    let mut keep = false;
    let mut open = false;
    for at in 0..lines.len() {
        let (own, rest) = lines.split_at_mut(at + 1);
        let Some(line) = own.last_mut() else { break };
        let fence = is_fence(line);
        if fence {
            open = !open;
            let language = line.text.trim_start_matches(['`', '~']).trim().to_ascii_lowercase();
            let named = matches!(language.as_str(), "" | "nginx" | "conf" | "config" | "nginxconf" | "text" | "txt");
            // `bash`, and then what `cat` showed.
            keep = open && (named || rest.iter().take_while(|line| !is_fence(line)).any(|line| opens_block(line.text)));
        }
        line.fenced_off = fence || !keep;
        if line.fenced_off {
            masks.push((line.from, line.to));
        }
    }
    true
}

/// `server {` and its like, as no other language has it.
fn opens_block(line: &str) -> bool {
    let mut words = line.split_whitespace();
    matches!(words.next(), Some("server" | "http" | "events" | "location" | "upstream" | "map"))
        && words.next_back() == Some("{")
}

/// The bodies of `sudo tee /etc/nginx/… <<'EOF'`.
fn heredocs(lines: &[Line<'_>], end: usize) -> Vec<Segment> {
    let mut bodies = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let Some((command, word)) = heredoc_start(line.text) else { continue };
        let from = line.to;
        let mut to = end;
        let mut looks_foreign = false;
        while let Some(body) = lines.get(at) {
            at += 1;
            if body.text.trim_ascii_end() == word {
                to = body.from;
                break;
            }
            // A systemd unit or a script in the same paste.
            looks_foreign |= body.text.starts_with("[Unit]") || body.text.starts_with("#!");
        }
        if !looks_foreign {
            bodies.push(Segment { path: written_path(command), from, to });
        }
    }
    bodies
}

fn heredoc_start(trimmed: &str) -> Option<(&str, &str)> {
    // `# cat > file <<EOF`: the prompt of root, when no space or no command follows a comment.
    let trimmed = match trimmed.strip_prefix("# ") {
        Some(rest) if rest.starts_with("cat ") || rest.starts_with("tee ") => rest,
        _ if trimmed.starts_with('#') => return None,
        _ => trimmed,
    };
    let (command, rest) = trimmed.cut("<<")?;
    if !["tee", "cat", "sudo", "bash", "sh"].iter().any(|tool| command.split_whitespace().any(|word| word == *tool)) {
        return None;
    }
    let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start();
    let word = rest.split([' ', '\t', '>', '|', ';']).next()?.trim_matches(['\'', '"', '\\']);
    (!word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')).then_some((trimmed, word))
}

/// The first path in a shell command.
fn written_path(command: &str) -> String {
    command
        .split(|c: char| c.is_whitespace() || c == '>' || c == '<')
        .map(|word| word.trim_matches(['\'', '"']))
        .find(|word| word.starts_with('/') && *word != "/dev/null")
        .unwrap_or_default()
        .to_owned()
}

/// Masks line numbers when nearly every line has one, counting up.
fn line_numbers(lines: &[Line<'_>], masks: &mut Vec<(usize, usize)>) {
    let mut found = Vec::new();
    let mut filled = 0_usize;
    let mut last = None;
    for line in lines {
        let trimmed = line.text;
        if trimmed.is_empty() {
            continue;
        }
        filled += 1;
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let rest = trimmed.get(digits..).unwrap_or_default();
        let number = trimmed.get(..digits).and_then(number);
        let Some(number) = number.filter(|number| last.is_none_or(|last| *number > last)) else { continue };
        if !(rest.is_empty() || rest.starts_with(['\t', ' ', ':', '|', '.'])) {
            continue;
        }
        last = Some(number);
        let sign = rest.len() - rest.trim_start_matches([':', '|', '.', '\t']).len();
        found.push((line.start, line.start + digits + sign));
    }
    if found.len() >= 3 && found.len() * 10 >= filled * 9 {
        masks.extend(found);
    }
}

/// Masks prompts, shell commands, what nginx printed, and the labels of code boxes.
fn foreign_lines(lines: &[Line<'_>], masks: &mut Vec<(usize, usize)>) {
    let mut boundary = true;
    let mut depth = 0_usize;
    for line in lines {
        let text = line.text.trim_ascii_end();
        if line.fenced_off {
            (boundary, depth) = (true, 0);
            continue;
        }
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if !text.ends_with([';', '{', '}']) && is_message(text) {
            masks.push((line.from, line.to));
            continue;
        }
        // `curl 1;` in a `map` of user agents is no command.
        let inside = depth > 0;
        if boundary && is_foreign(text, inside) {
            masks.push((line.from, line.to));
            continue;
        }
        // `nginxserver {`: the label of a code box, glued to its first line.
        if boundary
            && let Some(rest) = text.strip_prefix("nginx")
            && let Some(name) = rest.split([' ', '\t', '{']).next()
            && !directives::rows(name).is_empty()
        {
            masks.push((line.start, line.start + "nginx".len()));
        }
        boundary = text.ends_with([';', '{', '}']);
        for sign in text.bytes() {
            match sign {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
}

/// What nginx, its log or systemd said, wherever it was pasted.
fn is_message(line: &str) -> bool {
    // `web-1  | 2026/11/21 10:00:00 [emerg] 1#1: …`
    let own = line.cut(" | ").map_or(line, |(_, own)| own);
    let date = own.bytes().zip(*b"0000/00/00 ").filter(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == form,
    });
    let prompt = |first: &str| first.contains('@') && first.ends_with(['#', '$']);
    line.starts_with("nginx: ")
        || date.count() == 11
        || (own.starts_with(|c: char| c.is_ascii_digit()) && own.has("] \""))
        || line.has("nginx: [")
        || line.has(" systemd[1]: ")
        || prompt(line.split(' ').next().unwrap_or_default())
}

fn is_foreign(line: &str, inside: bool) -> bool {
    const COMMANDS: [&str; 38] = [
        "sudo",
        "cat",
        "cd",
        "ls",
        "nginx",
        "systemctl",
        "service",
        "vim",
        "vi",
        "nano",
        "curl",
        "wget",
        "certbot",
        "apt",
        "apt-get",
        "yum",
        "dnf",
        "ln",
        "mkdir",
        "rm",
        "cp",
        "mv",
        "chmod",
        "chown",
        "docker",
        "echo",
        "tee",
        "grep",
        "sed",
        "dig",
        "exit",
        "openssl",
        "journalctl",
        "tail",
        "ss",
        "ufw",
        "touch",
        "less",
    ];
    const LABELS: [&str; 10] =
        ["nginx", "bash", "conf", "shell", "Copy", "Copy code", "text", "plaintext", "Nginx", "EOF"];
    if LABELS.contains(&line) {
        return true;
    }
    let mut words = line.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    // `root@web:~# nginx -T`, `[root@web nginx]$ …`, `$ sudo …`
    let prompt = first.contains('@') && (line.has("# ") || line.has("$ ") || line.ends_with(['#', '$']));
    if prompt || (!inside && first == "$") {
        return true;
    }
    if inside || !COMMANDS.contains(&first) || line.ends_with(['{', '}']) {
        return false;
    }
    // `root;` alone is a directive without its value.
    !line.ends_with(';') || words.next().is_some()
}

/// A well-known include file: what Debian and certbot ship, as facts.
pub(crate) fn well_known(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or_default();
    Some(match name {
        "proxy_params" => include_str!("../data/builtin/proxy_params"),
        "fastcgi_params" => include_str!("../data/builtin/fastcgi_params"),
        "fastcgi.conf" => include_str!("../data/builtin/fastcgi.conf"),
        "uwsgi_params" => include_str!("../data/builtin/uwsgi_params"),
        "scgi_params" => include_str!("../data/builtin/scgi_params"),
        "fastcgi-php.conf" => include_str!("../data/builtin/fastcgi-php.conf"),
        "options-ssl-nginx.conf" => include_str!("../data/builtin/options-ssl-nginx.conf"),
        "mime.types" => "types { text/html html htm shtml; text/css css; application/javascript js; }",
        "koi-utf" | "koi-win" | "win-utf" => "",
        _ if path.ends_with("modules-enabled/*.conf") || path.ends_with("/nginx/modules/*.conf") => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Files<'_> {
        Files::read(&[Source { name: "", text }])
    }

    /// The outermost names of each file.
    fn names(files: &Files<'_>) -> Vec<String> {
        files
            .files
            .iter()
            .map(|file| {
                let tree = &file.tree;
                let roots = tree.nodes.iter().filter(|node| node.parent.is_none());
                let names: Vec<_> = roots
                    .filter_map(|node| tree.words_of(node).first())
                    .map(|word| tree.value(word, file.text))
                    .collect();
                format!("{}: {}", file.path, names.join(" "))
            })
            .collect()
    }

    #[test]
    fn a_dump_is_several_files_with_lines_of_their_own() {
        let text = "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp {\n  include /etc/nginx/conf.d/*.conf;\n}\n\n# configuration file /etc/nginx/conf.d/a.conf:\nserver {\n  listen 80;\n}\n";
        let files = read(text);
        assert_eq!(files.form, Form::Dump);
        assert_eq!(names(&files), ["/etc/nginx/nginx.conf: events http", "/etc/nginx/conf.d/a.conf: server"]);
        let at = u32::try_from(text.find("listen").unwrap()).unwrap();
        let place = files.locate(Span::new(at, at + 6));
        assert_eq!((place.line, place.column, place.pasted_line), (2, 3, 10));
        assert_eq!(place.path, "/etc/nginx/conf.d/a.conf");
    }

    #[test]
    fn heredocs_fences_prompts_and_numbers_are_masked() {
        let seed = "sudo tee /etc/nginx/sites-available/flaskapp >/dev/null <<'EOF'\nserver {\nlisten 80;\n}\nEOF\nsudo ln -sf a b\nsudo nginx -t\n";
        assert_eq!(names(&read(seed)), ["/etc/nginx/sites-available/flaskapp: server"]);
        let markdown = "Try this:\n```nginx\nserver { listen 80; }\n```\nthen\n```bash\nsudo nginx -t\n```\n";
        assert_eq!(names(&read(markdown)), [": server"]);
        let prompt = "root@web:/etc/nginx# cat nginx.conf\nevents {}\nroot@web:/etc/nginx# \n";
        assert_eq!(names(&read(prompt)), [": events"]);
        let numbered = "     1\tserver {\n     2\t  listen 80;\n     3\t}\n";
        assert_eq!(names(&read(numbered)), [": server"]);
        assert!(read(numbered).files[0].tree.faults.is_empty());
        let agents = "map $http_user_agent $bot {\n  curl 1;\n  wget 1;\n}\n";
        assert_eq!(read(agents).files[0].tree.nodes.len(), 3);
        assert_eq!(names(&read("nginxserver { listen 80; }")), [": server"]);
        assert_eq!(names(&read("nginx\nserver { listen 80; }")), [": server"]);
        let unit =
            "cat > /etc/systemd/system/a.service <<EOF\n[Unit]\nA=1\nEOF\ncat > /etc/nginx/x <<EOF\nserver {}\nEOF\n";
        assert_eq!(names(&read(unit)), ["/etc/nginx/x: server"]);
    }

    #[test]
    fn positions_count_through_all_sources() {
        let files = Files::read(&[
            Source { name: "nginx.conf", text: "events {}\n" },
            Source { name: "site.conf", text: "server {\n  listen 80;\n}\n" },
        ]);
        let listen = files.files[1].tree.words[1].span;
        assert_eq!(files.text(listen), "listen");
        let place = files.locate(listen);
        assert_eq!((place.path.as_str(), place.source, place.line, place.start), ("site.conf", Some(1), 2, 11));
    }

    #[test]
    fn nginx_lines_are_never_foreign() {
        for line in
            ["server {", "listen 80;", "root /srv;", "types {", "deny all;", "proxy_pass http://a;", "}", "root@x;"]
        {
            assert!(!is_foreign(line, false), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_paste_is_read(text in "(?s)(```|# configuration file x:|sudo tee /a <<EOF|EOF|server \\{|\\}|\n|[ -~é]){0,40}") {
            let files = read(&text);
            for file in &files.files {
                let joined: String = file.tree.token_spans().map(|(_, span)| files.text(span)).collect();
                let whole = files.text(Span::new(file.tree.start, file.end));
                proptest::prop_assert_eq!(joined, whole);
            }
        }
    }
}
