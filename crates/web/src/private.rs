//! What only the site's owner asks for: files that were never meant to be served.

use std::{cell::Cell, net::IpAddr};

use domain::{DomainName, HttpUrl, Scheme};
use network::{Network, Saw, Session};
use tls::Client;

use crate::line::{Lines, Way};

/// At most this many bytes are read; enough to know what it is.
const LIMIT: usize = 2048;

/// Whether `/.env` and `/.git/HEAD` are served by a host at an address. What they say is looked at and never kept.
pub async fn private_files<N: Network>(
    client: &Client,
    session: &Session<N>,
    host: &DomainName,
    near: IpAddr,
) -> Vec<(HttpUrl, Saw<bool>)> {
    let (left, known) = (Cell::new(2), [(host.clone(), vec![near])]);
    let mut lines = Lines::new(Way { client, session, known: &known, near }, &left);
    let mut files = Vec::new();
    for (path, is_it) in [("/.env", is_environment as fn(&str) -> bool), ("/.git/HEAD", is_git_head)] {
        let url = HttpUrl::root(Scheme::Https, host).with_path(path);
        let answer = lines.ask(&url, &[], LIMIT).await;
        let served = answer.map(|(raw, _)| raw.status == 200 && is_it(&String::from_utf8_lossy(&raw.body)));
        files.push((url, served.into()));
    }
    files
}

/// Lines of `NAME=value`, and no page.
fn is_environment(text: &str) -> bool {
    let is_setting = |line: &str| {
        let (name, _) = line.trim().trim_start_matches("export ").split_once('=').unwrap_or_default();
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    !text.trim_start().starts_with('<') && text.lines().any(is_setting)
}

/// A branch or a commit.
fn is_git_head(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("ref: refs/") || (text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_what_they_say() {
        assert!(is_environment("# secrets\nSECRET_KEY=abc\n") && is_environment("export A1=b"));
        assert!(!is_environment("<!doctype html><a href=\"/?A=b\">") && !is_environment("not found"));
        assert!(is_git_head("ref: refs/heads/main\n") && is_git_head(&"0a".repeat(20)));
        assert!(!is_git_head("<title>Not Found</title>") && !is_git_head(""));
    }
}
