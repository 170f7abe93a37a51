//! `POST /api/v1/reports[?keep=expect,path,subdomains,exposed]`: keeps a report that was made here, for a link.

use futures_util::StreamExt;
use lockstep::{Keep, Report, shared};
use serde::Serialize;

use crate::{
    error::ApiError,
    log, rate,
    seal::Sealer,
    store::{self, Id, Record},
    visit::{self, Answer, Visit},
    wire,
};

/// The most bytes of JSON that a report may have.
const LIMIT: usize = 4_000_000;

pub(crate) async fn answer(visit: &mut Visit) -> Answer {
    // The seal comes first of all that is looked at: without a key nothing can be shared, whatever is sent.
    let sealer = Sealer::read(&visit.env)?.ok_or(ApiError::SharingOff)?;
    let keep = keep(&visit.queries("keep"))?;
    if !is_json(&visit.header("content-type")) {
        return Err(ApiError::NotJson);
    }
    rate::admit_client(&visit.env, &visit.header("cf-connecting-ip")).await?;
    let body = body(visit, LIMIT).await?;
    let mut report = read(&body)?;
    sealer.open(&mut report)?;
    let (id, key) = (Id::fresh()?, Id::fresh()?);
    let record = Record::new(shared(report, keep), &key, store::now());
    store::put(&visit.env, &id, &record).await?;
    log::write(&log::Line::Shared { bytes: body.len() });
    let told = Told::of(&id, &key, &record);
    visit::api_created(&told.url, serde_json::to_vec(&told).unwrap_or_default())
}

/// The answer.
#[derive(Debug, Serialize)]
struct Told {
    id: String,
    /// The page, from this origin.
    url: String,
    /// The page that deletes it, for whoever made the link.
    delete: String,
    /// When it goes by itself.
    expires: String,
}

impl Told {
    fn of(id: &Id, key: &Id, record: &Record) -> Told {
        let (id, key) = (id.as_str(), key.as_str());
        Told {
            id: id.to_owned(),
            url: format!("/r/{id}"),
            delete: format!("/r/{id}/delete?key={key}"),
            expires: record.expires.to_string(),
        }
    }
}

/// What the visitor ticked.
fn keep(values: &[String]) -> Result<Keep, ApiError> {
    let mut keep = Keep::default();
    for word in values.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|word| !word.is_empty()) {
        match word {
            "expect" => keep.expect = true,
            "path" => keep.paths = true,
            "subdomains" => keep.subdomains = true,
            "exposed" => keep.exposed = true,
            other => {
                let other: String = other.chars().take(40).collect();
                return Err(ApiError::Keep(format!("\"{other}\" is not one of expect, path, subdomains and exposed.")));
            }
        }
    }
    Ok(keep)
}

/// Whether a content type is JSON, whatever its parameters.
fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn read(body: &[u8]) -> Result<Report, ApiError> {
    let report: Report = wire::read(body)?;
    if report.schema == lockstep::SCHEMA {
        Ok(report)
    } else {
        Err(ApiError::Report(format!("Its schema is not {}.", lockstep::SCHEMA)))
    }
}

/// What was sent, and not more of it than allowed.
///
/// # Errors
/// [`ApiError::TooLarge`], before the rest is read.
pub(crate) async fn body(visit: &mut Visit, limit: usize) -> Result<Vec<u8>, ApiError> {
    let announced: Option<usize> = visit.header("content-length").parse().ok();
    if announced.is_some_and(|length| length > limit) {
        return Err(ApiError::TooLarge(limit));
    }
    let mut body = Vec::with_capacity(announced.unwrap_or_default());
    let Ok(mut pieces) = visit.request.stream() else { return Ok(body) };
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        if body.len().saturating_add(piece.len()) > limit {
            return Err(ApiError::TooLarge(limit));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_asked_for_by_name() {
        let read = |values: &[&str]| keep(&values.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&[]), Ok(Keep::default()));
        assert_eq!(read(&["", " , "]), Ok(Keep::default()));
        let some = Keep { expect: true, subdomains: true, ..Keep::default() };
        assert_eq!(read(&["expect, subdomains"]), Ok(some));
        assert_eq!(read(&["expect", "subdomains", "expect"]), Ok(some));
        let all = Keep { expect: true, paths: true, subdomains: true, exposed: true };
        assert_eq!(read(&["expect,path,subdomains,exposed"]), Ok(all));
        for bad in ["all", "Expect", "expect;path", &"x".repeat(4_000)] {
            let error = read(&[bad]).unwrap_err();
            assert!(error.kind() == "keep" && error.detail().len() < 120, "{error:?}");
        }
    }

    #[test]
    fn json_is_called_json() {
        for (content_type, yes) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/json", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            assert_eq!(is_json(content_type), yes, "{content_type}");
        }
    }

    #[test]
    fn what_is_no_report_is_said() {
        let deep = "[".repeat(100_000);
        for bad in ["", "{}", "[]", "null", "{\"schema\":1}", "\u{feff}{}", &deep] {
            let error = read(bad.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), "report", "{}", error.detail());
            assert!(error.detail().len() < 300);
        }
        assert_eq!(read(&[0xff, 0xfe]).unwrap_err().kind(), "report");
    }
}
