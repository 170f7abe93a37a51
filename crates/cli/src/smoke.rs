//! The smoke list: one line a page that has to answer.

use domain::Target;
use network::PathWanted;

/// One line: the host that it names, if any, and what should answer there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    host: Option<String>,
    wanted: PathWanted,
}

/// Reads a list: `/login`, `/login=200`, `/about=Contact us`, or the same with `https://example.com` in front. Empty
/// lines and lines that begin with `#` are left out.
///
/// # Errors
/// The first line that is none of this, with its number.
pub fn read(text: &str) -> Result<Vec<Line>, String> {
    let lines = text.lines().zip(1..).map(|(line, number)| (line.trim(), number));
    let lines = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(line, number)| one(line).map_err(|why| format!("line {number}: {why}"))).collect()
}

fn one(line: &str) -> Result<Line, String> {
    let (host, path) = match line.strip_prefix("https://") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (host, path) = rest.split_at(end);
            (Some(host.to_ascii_lowercase()), path)
        }
        None if line.starts_with("http://") => {
            return Err("pages are asked for over https; redirects are checked anyway".into());
        }
        None => (None, line),
    };
    Ok(Line { host, wanted: path.parse().map_err(|error: network::SettingError| error.to_string())? })
}

/// What the list asks of one target: its own lines, and those without a host.
pub fn of(lines: &[Line], target: &Target) -> Vec<PathWanted> {
    let own = |line: &&Line| line.host.as_ref().is_none_or(|host| target.names().any(|name| name.as_str() == host));
    lines.iter().filter(own).map(|line| line.wanted.clone()).collect()
}

/// A line whose host is none of the targets': nobody would ask for it, and nobody would notice.
pub fn stray<'l>(lines: &'l [Line], targets: &[Target]) -> Option<&'l str> {
    let known = |host: &str| targets.iter().flat_map(Target::names).any(|name| name.as_str() == host);
    lines.iter().filter_map(|line| line.host.as_deref()).find(|host| !known(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_what_is_wanted_of_which_site() {
        let lines = read("# pages\n/login=200\n\nhttps://B.test/about=Contact us\n").unwrap();
        let [a, b] = ["a.test", "www.b.test"].map(|name| Target::parse(name, None).unwrap());
        assert_eq!(of(&lines, &a).len(), 1);
        assert_eq!(of(&lines, &b)[1].text.as_deref(), Some("Contact us"));
        assert_eq!(stray(&lines, std::slice::from_ref(&a)), Some("b.test"));
        assert_eq!(stray(&lines, &[a, b]), None);
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        for (text, number) in [("login", 1), ("/a\nhttp://a.test/", 2), ("https://a.test", 1), ("/a=", 1)] {
            assert!(read(text).unwrap_err().starts_with(&format!("line {number}: ")), "{text}");
        }
    }
}
