//! Headers: what the application receives, and what nginx adds for the browser.

use super::{Header, Outcome, walk::Walk};
use crate::{Directive, Version};

pub(super) fn to_application(walk: &mut Walk<'_, '_>, outcome: &Outcome) -> Vec<Header> {
    let name = match outcome {
        Outcome::Proxy { .. } => "proxy_set_header",
        Outcome::Handler { name, .. } => match name.as_str() {
            "grpc_pass" => "grpc_set_header",
            "fastcgi_pass" => "fastcgi_param",
            "uwsgi_pass" => "uwsgi_param",
            "scgi_pass" => "scgi_param",
            _ => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    let block = walk.block;
    let mut headers: Vec<Header> = Vec::new();
    for directive in block.list(name) {
        let header = filled(walk, directive);
        headers.push(header);
    }
    if name == "proxy_set_header" {
        for (default, value) in [("Host", "$proxy_host"), ("Connection", "close")] {
            let set = headers.iter().any(|header| header.name.eq_ignore_ascii_case(default));
            // From 1.29.7 on connections are kept.
            let kept = default == "Connection" && walk.config.version >= Version::new(29, 7);
            if !set && !kept {
                let value = walk.fill(value);
                headers.push(Header {
                    name: default.to_owned(),
                    value: value.text(),
                    known: value.known,
                    only_on_success: false,
                    place: None,
                });
            }
        }
    }
    // An empty value keeps a header from being sent.
    headers.retain(|header| !(name == "proxy_set_header" && header.known && header.value.is_empty()));
    headers
}

pub(super) fn to_browser(walk: &mut Walk<'_, '_>, outcome: &Outcome) -> Vec<Header> {
    if matches!(outcome, Outcome::Closed | Outcome::Undecided { .. }) {
        return Vec::new();
    }
    let code = match outcome {
        Outcome::Redirect { code, .. }
        | Outcome::Answer { code, .. }
        | Outcome::File { code, .. }
        | Outcome::Listing { code, .. }
        | Outcome::Error { code, .. } => Some(*code),
        _ => None,
    };
    let good = |code: u16| matches!(code, 200 | 201 | 204 | 206 | 301 | 302 | 303 | 304 | 307 | 308);
    let block = walk.block;
    let mut headers = Vec::new();
    for directive in block.added_headers() {
        let always = directive.arg_is(2, "always");
        if !always && code.is_some_and(|code| !good(code)) {
            continue;
        }
        let mut header = filled(walk, directive);
        header.only_on_success = !always && code.is_none();
        if !(header.known && header.value.is_empty()) {
            headers.push(header);
        }
    }
    headers
}

fn filled<'c>(walk: &mut Walk<'c, '_>, directive: Directive<'c>) -> Header {
    let name = directive.arg(0).to_owned();
    let value = walk.fill(directive.arg(1));
    Header {
        name,
        value: value.text(),
        known: value.known,
        only_on_success: false,
        place: Some(walk.config.files.locate(directive.head_span())),
    }
}
