//! `GET /`: the page, or how to use this from a terminal.

use worker::{Headers, RequestInit};

use crate::{
    error::ApiError,
    routes::asset::ASSETS,
    visit::{self, Answer, Visit},
};

pub(crate) async fn answer(visit: &Visit) -> Answer {
    if visit.wants_text() { visit::text(usage(&visit.url.origin().ascii_serialization())) } else { page(visit).await }
}

/// The page as it lies among the files; every address that it handles gets the same.
pub(crate) async fn page(visit: &Visit) -> Answer {
    let files = visit.env.assets(ASSETS).map_err(|_| ApiError::NotFound)?;
    let mut url = visit.url.clone();
    url.set_path("/");
    url.set_query(None);
    let headers = Headers::new();
    for name in ["accept", "accept-encoding", "if-none-match"] {
        let value = visit.header(name);
        if !value.is_empty() {
            headers.set(name, &value)?;
        }
    }
    let mut init = RequestInit::new();
    init.with_headers(headers).with_method(visit.request.method());
    Ok(files.fetch(url, Some(init)).await?)
}

fn usage(origin: &str) -> String {
    format!(
        "Lockstep tells whether a domain's HTTPS deployment is right, and what to change if it is not.\n\
         \n\
         The checklist, in a terminal:\n  curl {origin}/example.com\n\
         The same in a browser:\n  {origin}/check/example.com\n\
         As JSON, in one piece:\n  curl '{origin}/api/v1/check?domain=example.com'\n\
         As JSON, line by line as it becomes known:\n  \
         curl -N -H 'Accept: application/x-ndjson' '{origin}/api/v1/check?domain=example.com'\n\
         What to publish, to have ports and private files of your own server looked at:\n  \
         curl '{origin}/api/v1/proof?domain=example.com'\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_names_this_very_place() {
        let text = usage("http://127.0.0.1:8787");
        assert!(text.contains("curl http://127.0.0.1:8787/example.com\n"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 120), "{text}");
    }
}
