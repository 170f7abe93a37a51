//! What was seen a moment ago, kept by the platform's cache: in the data centre that saw it, for seconds, under a name
//! that includes all that was asked. Where the platform gives no cache (on `workers.dev` it keeps nothing) nothing is
//! found again, and nothing else changes.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use worker::{Cache, Env, Response, console_error};

use crate::settings;

/// Whether anything is kept: not where `LOCKSTEP_CACHE` says `off`.
pub(crate) fn is_on(env: &Env) -> bool {
    settings::var(env, "LOCKSTEP_CACHE").is_none_or(|value| value != "off")
}

/// The name of something kept, from what it is and all that it depends on. The cache wants a URL; no route has this one.
pub(crate) fn name(origin: &str, what: &str, of: &[&str]) -> String {
    let parts: Vec<String> = of.iter().map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string()).collect();
    format!("{origin}/.kept/{what}/{}", parts.join("/"))
}

/// What is kept under this name.
pub(crate) async fn find(name: &str) -> Option<Vec<u8>> {
    let found = async {
        match Cache::default().get(name, false).await? {
            Some(mut response) => response.bytes().await.map(Some),
            None => Ok(None),
        }
    };
    found.await.unwrap_or_else(|error: worker::Error| {
        console_error!("the cache did not answer: {error}");
        None
    })
}

/// Keeps this for so many seconds.
pub(crate) async fn keep(name: &str, seconds: u32, body: Vec<u8>) {
    let kept = async {
        let response = Response::builder().with_header("cache-control", &format!("public, max-age={seconds}"))?;
        Cache::default().put(name, response.fixed(body)).await
    };
    if let Err(error) = kept.await {
        console_error!("the cache did not take it: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_every_part_apart() {
        let one = name("https://a.example", "report", &["b/c", "", "d"]);
        assert_eq!(one, "https://a.example/.kept/report/b%2Fc//d");
        assert_ne!(one, name("https://a.example", "report", &["b", "c", "", "d"]));
        assert_ne!(name("x", "report", &["a b"]), name("x", "report", &["a%20b"]));
    }
}
