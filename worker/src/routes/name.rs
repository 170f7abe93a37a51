//! `GET /example.com`: the short way to a check, unless a file has this name.

use crate::{
    client::is_navigation,
    error::ApiError,
    routes::{asset, check},
    visit::{self, Answer, Visit},
};

pub(crate) async fn answer(visit: &Visit, name: &str) -> Answer {
    match asset::file(visit).await {
        Ok(file) if file.status_code() != 404 => return Ok(file),
        Ok(_) | Err(ApiError::NotFound) => {}
        Err(error) => return Err(error),
    }
    if visit.wants_text() {
        check::checklist(visit, name).await
    } else if is_navigation(&visit.header("accept")) {
        visit::redirect(302, &format!("/check/{name}"))
    } else {
        Err(ApiError::NotFound)
    }
}
