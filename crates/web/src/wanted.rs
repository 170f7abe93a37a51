//! Paths of which the visitor says what they should answer.

use std::{cell::Cell, net::IpAddr};

use domain::{DomainName, HttpUrl, Scheme};
use network::{Network, PathWanted, Saw, Session};
use tls::Client;

use crate::line::{Lines, Way};

/// The most bytes of a page in which a text is looked for.
const PAGE: usize = 256 * 1024;

/// What these paths answer over https, and whether the text wanted is in it; redirects are not followed.
pub async fn wanted_paths<N: Network>(
    client: &Client,
    session: &Session<N>,
    host: &DomainName,
    near: IpAddr,
    wanted: &[PathWanted],
) -> Vec<(HttpUrl, Saw<(u16, bool)>)> {
    let (left, known) = (Cell::new(4), [(host.clone(), vec![near])]);
    let mut lines = Lines::new(Way { client, session, known: &known, near }, &left);
    let mut answers = Vec::new();
    let home = HttpUrl::root(Scheme::Https, host);
    for it in wanted {
        // What leads to another host is no path of this one.
        let url = home.join(&it.path).filter(|url| url.origin() == home.origin()).unwrap_or_else(|| home.clone());
        let answer = lines.ask(&url, &[], PAGE).await.map(|(raw, _)| {
            let has = it.text.as_ref().is_none_or(|text| String::from_utf8_lossy(&raw.body).contains(text.as_str()));
            (raw.status, has)
        });
        answers.push((url, answer.into()));
    }
    answers
}
