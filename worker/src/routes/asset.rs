//! Files of the page, and what is no file.

use worker::Response;

use crate::{
    error::ApiError,
    visit::{Answer, Visit},
};

/// The binding to the page's files.
pub(crate) const ASSETS: &str = "ASSETS";

pub(crate) async fn answer(visit: &Visit) -> Answer {
    let file = file(visit).await?;
    // The files have a page for what is not there, or else answer with nothing at all.
    let bare = file.status_code() == 404 && !file.headers().has("content-type").unwrap_or(false);
    if bare { Err(ApiError::NotFound) } else { Ok(file) }
}

/// The file at this address, as the files answer.
///
/// # Errors
/// [`ApiError::NotFound`] where there are no files at all.
pub(crate) async fn file(visit: &Visit) -> Result<Response, ApiError> {
    let files = visit.env.assets(ASSETS).map_err(|_| ApiError::NotFound)?;
    Ok(files.fetch_request(visit.request.clone()?).await?)
}
