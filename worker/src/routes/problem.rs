//! `GET /problems/<kind>`: what a problem document's `type` means.

use crate::{
    error::{ApiError, Problem},
    visit::{self, Answer},
};

pub(crate) fn answer(kind: &str) -> Answer {
    let problem = Problem::of(kind).ok_or(ApiError::NotFound)?;
    visit::text(format!("{} (status {})\n\n{}\n", problem.title, problem.status, problem.help))
}
