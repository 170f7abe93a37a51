//! How hosts, addresses and URLs are said, and the commands and nginx lines with the visitor's names in them.

use std::net::IpAddr;

use domain::{DomainName, HttpUrl};

use crate::{Corner, Observation};

/// More items than this are counted instead of named.
const NAMED: usize = 4;

/// Longer URLs are cut in sentences; evidence keeps more.
const URL_LENGTH: usize = 120;

/// `a`, `a and b`, `a, b and c`, `a, b, c, d and 3 more`, without repetitions.
pub(crate) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let mut texts: Vec<String> = Vec::new();
    for item in items {
        let text = item.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    listed(texts)
}

/// Compiled once, for every kind of item.
fn listed(mut texts: Vec<String>) -> String {
    if texts.len() > NAMED + 1 {
        let more = texts.len() - NAMED;
        texts.truncate(NAMED);
        texts.push(format!("{more} more"));
    }
    match texts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// The verb that fits a [`list`]: `answers` for one item, `answer` for several.
pub(crate) fn verb<'v>(list: &str, one: &'v str, several: &'v str) -> &'v str {
    if list.contains(" and ") { several } else { one }
}

/// The hosts of these corners.
pub(crate) fn hosts(corners: &[&Corner]) -> String {
    list(corners.iter().map(|corner| &corner.host))
}

/// The addresses of these corners.
pub(crate) fn addresses(corners: &[&Corner]) -> String {
    list(corners.iter().map(|corner| corner.address))
}

/// Whether all of these addresses are IPv6.
pub(crate) fn only_ipv6(addresses: impl IntoIterator<Item = IpAddr>) -> bool {
    let mut any = false;
    addresses.into_iter().all(|address| {
        any = true;
        address.is_ipv6()
    }) && any
}

/// A text from a stranger's server, cut for a sentence.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(URL_LENGTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Items with equal keys together, in the order of first appearance.
pub(crate) fn groups<K: PartialEq, T>(items: impl IntoIterator<Item = (K, T)>) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for (key, item) in items {
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, members)) => members.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    groups
}

/// The hosts looked at, the typed one first.
pub(crate) fn names(seen: &Observation) -> Vec<&DomainName> {
    let mut names: Vec<&DomainName> = Vec::new();
    for corner in &seen.corners {
        if !names.contains(&&corner.host) {
            names.push(&corner.host);
        }
    }
    names
}

/// What the rows of a whole observation are about: its hosts.
pub(crate) fn subject(seen: &Observation) -> String {
    list(names(seen))
}

/// `example.com www.example.com`, for `server_name`.
pub(crate) fn server_names(seen: &Observation) -> String {
    names(seen).iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ")
}

/// The guides' redirect block for the hosts looked at.
pub(crate) fn redirect_block(seen: &Observation) -> String {
    let names = server_names(seen);
    format!(
        "server {{\n    listen 80;\n    listen [::]:80;\n    server_name {names};\n\n    \
         return 301 https://$host$request_uri;\n}}"
    )
}

/// `curl -I URL`, quoted for a shell where the URL needs it.
pub(crate) fn curl(url: &HttpUrl) -> String {
    format!("curl -I {}", quoted(url.as_str()))
}

/// A URL as a shell word. A quote inside is percent-encoded, which means the same to a server.
pub(crate) fn quoted(url: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b":/._-~%+,@=".contains(&b);
    if url.bytes().all(plain) { url.to_owned() } else { format!("'{}'", url.replace('\'', "%27")) }
}

/// The registered words of a status code (RFC 9110 §15), for the codes that a person meets here.
pub(crate) fn status(code: u16) -> String {
    let words = match code {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => return code.to_string(),
    };
    format!("{code} {words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_people_write_them() {
        assert_eq!(list(["a"]), "a");
        assert_eq!(list(["a", "b", "a"]), "a and b");
        assert_eq!(list(["a", "b", "c", "d", "e"]), "a, b, c, d and e");
        assert_eq!(list(["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d and 3 more");
        assert_eq!(list(Vec::<String>::new()), "");
    }

    #[test]
    fn verbs_agree() {
        assert_eq!(verb(&list(["a"]), "answers", "answer"), "answers");
        assert_eq!(verb(&list(["a", "b"]), "answers", "answer"), "answer");
    }

    #[test]
    fn a_strangers_url_cannot_leave_its_quotes() {
        assert_eq!(quoted("https://example.com/a"), "https://example.com/a");
        assert_eq!(quoted("https://example.com/a?b&c"), "'https://example.com/a?b&c'");
        assert_eq!(quoted("https://example.com/';rm -rf ~'"), "'https://example.com/%27;rm -rf ~%27'");
    }
}
