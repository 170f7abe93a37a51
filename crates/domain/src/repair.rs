//! What people really type or paste into the one box, brought into the shape of a host name.
//!
//! Plain text work without tables, so that the page can show what was understood while it is typed; the verdict on
//! the name stays with [`crate::Target::parse`].

/// What the box understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repaired {
    /// Nothing typed yet.
    Empty,
    /// A host, and whether anything was changed beyond case and blanks.
    Host {
        /// The host part, lower case; may still be wrong or international.
        host: String,
        /// Whether the visitor should be shown what was understood.
        changed: bool,
    },
    /// Several lines or nginx words: configuration, for the tool that reads it.
    NginxConfig,
    /// Several lines or a shell prompt: what a command printed, for the tool that reads it.
    Terminal,
}

/// Repairs one box's text: `htpp://`, `example,com`, an address bar's path, port, userinfo, trailing dots, blanks.
/// Configuration and terminal text are recognised and left alone.
pub fn repair(text: &str) -> Repaired {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}');
    if text.is_empty() {
        return Repaired::Empty;
    }
    if looks_like_nginx(text) {
        return Repaired::NginxConfig;
    }
    if looks_like_terminal(text) {
        return Repaired::Terminal;
    }
    let typed = lower(text);
    let mut host = typed.as_str();
    host = host.trim_matches(|c| matches!(c, '"' | '\'' | '<' | '>' | '`' | '(' | ')' | '“' | '”'));
    host = after_scheme(host);
    host = host.trim_start_matches(['/', '\\']);
    host = host.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    host = host.rsplit_once('@').map_or(host, |(_, after)| after);
    host = match host.rsplit_once(':') {
        // A port, but not the tail of an IPv6 address.
        Some((before, port)) if !before.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => before,
        _ => host,
    };
    let host: String = host
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if matches!(c, ',' | ';' | '。' | '．' | '｡') { '.' } else { c })
        .collect();
    let host = host.trim_matches('.').to_owned();
    Repaired::Host { changed: host != typed, host }
}

/// Lower case. Without the feature `parse` only of ASCII: the page has no tables and lets the browser do the rest.
fn lower(text: &str) -> String {
    if cfg!(feature = "parse") { text.to_lowercase() } else { text.to_ascii_lowercase() }
}

/// Drops `https://` and its usual misspellings (`htpp:/`, `http;//`, `https//`), and only those.
fn after_scheme(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let is_scheme_like =
        word.starts_with('h') && (3..=6).contains(&word.len()) && word.bytes().all(|b| b"htps".contains(&b));
    let marks = rest.len() - rest.trim_start_matches([':', ';', '/', '\\', '.']).len();
    let mark = rest.get(..marks).unwrap_or_default();
    if is_scheme_like && (mark.contains('/') || mark.contains('\\') || mark == ":") && !rest.is_empty() {
        rest.get(marks..).unwrap_or_default()
    } else if let Some(at) = text.find("://") {
        text.get(at + 3..).unwrap_or_default()
    } else {
        text
    }
}

fn looks_like_nginx(text: &str) -> bool {
    let words = ["server {", "server{", "location ", "proxy_pass", "listen ", "server_name", "upstream ", "http {"];
    let hits = words.iter().filter(|word| text.contains(*word)).count();
    (text.contains(['{', ';']) && hits >= 1) || text.starts_with("# configuration file ")
}

fn looks_like_terminal(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let commands =
        ["$ ", "# ", "sudo ", "dig ", "curl ", "openssl ", "certbot ", "nginx:", "; <<>> DiG", "systemctl ", "HTTP/"];
    text.lines().count() > 1 || commands.iter().any(|command| first.starts_with(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn host(typed: &str, understood: &str) {
        match repair(typed) {
            Repaired::Host { host, .. } => assert_eq!(host, understood, "{typed}"),
            other => panic!("{typed}: {other:?}"),
        }
    }

    #[test]
    fn what_people_type() {
        host("example.com", "example.com");
        host("  Example.COM. ", "example.com");
        host("https://example.com/path?q#f", "example.com");
        host("htpp://example.com", "example.com");
        host("htps://example.com", "example.com");
        host("http//example.com", "example.com");
        host("http;//example.com", "example.com");
        host("https:/example.com", "example.com");
        host("https:example.com", "example.com");
        host("example,com", "example.com");
        host("example.com:8443", "example.com");
        host("user:pw@example.com", "example.com");
        host("https://user@example.com:443/x", "example.com");
        host("\"example.com\"", "example.com");
        host("<https://example.com>", "example.com");
        host("example . com", "example.com");
        host("//example.com", "example.com");
        host("ftp://example.com", "example.com");
        host("例え。テスト", "例え.テスト");
        if cfg!(feature = "parse") {
            host("MÜNCHEN.example", "münchen.example");
        }
    }

    #[test]
    fn names_that_look_like_schemes_stay() {
        host("http.cat", "http.cat");
        host("https.example", "https.example");
        host("htp.example.com", "htp.example.com");
        host("h.example", "h.example");
    }

    #[test]
    fn pastes_are_recognised_and_left_alone() {
        assert_eq!(repair("server {\n listen 80;\n}"), Repaired::NginxConfig);
        assert_eq!(repair("server { listen 80; server_name a.example; }"), Repaired::NginxConfig);
        assert_eq!(repair("$ dig +short example.com\n1.2.3.4"), Repaired::Terminal);
        assert_eq!(repair("curl -I http://example.com"), Repaired::Terminal);
        assert_eq!(repair("HTTP/1.1 301 Moved\nServer: nginx"), Repaired::Terminal);
        assert_eq!(repair(" \n"), Repaired::Empty);
    }

    #[test]
    fn unchanged_is_said() {
        assert_eq!(repair("example.com"), Repaired::Host { host: "example.com".into(), changed: false });
        assert!(matches!(repair("example,com"), Repaired::Host { changed: true, .. }));
    }
}
