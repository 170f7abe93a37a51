//! `GET /api/v1/reports/<id>`: a shared report as JSON; `DELETE` with its key ends it.

use worker::Method;

use crate::{
    error::ApiError,
    store,
    visit::{self, Answer, Visit},
};

pub(crate) async fn answer(visit: &Visit, id: &str) -> Answer {
    let (id, record) = store::get(&visit.env, id).await?;
    if visit.request.method() == Method::Delete {
        let authorization = visit.header("authorization");
        if !bearer(&authorization).is_some_and(|key| record.is_deleted_by(key)) {
            return Err(ApiError::DeleteKey);
        }
        store::delete(&visit.env, &id).await?;
        return visit::api_done();
    }
    // What is kept under a number never changes.
    let etag = format!("\"{}\"", id.as_str());
    visit::api_lasting(visit, &etag, serde_json::to_vec(&record.report).unwrap_or_default())
}

/// The key in `Authorization: Bearer <key>` (RFC 6750 §2.1).
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, key) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_bearers() {
        assert_eq!(bearer("Bearer 0a"), Some("0a"));
        assert_eq!(bearer("bearer  0a "), Some("0a"));
        for bad in ["", "0a", "Basic 0a", "Bearer"] {
            assert_eq!(bearer(bad), None, "{bad}");
        }
    }
}
