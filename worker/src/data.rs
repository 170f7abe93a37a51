//! What the worker reads from its own files: the public suffix rules and Mozilla's roots. In the module they would be a
//! tenth of what may be uploaded, and compiled anew in every isolate.

use worker::Env;

use crate::{error::ApiError, routes::asset::ASSETS};

/// The public suffix rules, as `domain` takes them.
const SUFFIXES: &str = "data/suffixes.txt";
/// The roots, as `tls` takes them.
const ROOTS: &str = "data/roots.bin";

/// Reads both, once in an isolate. To be done before anything that a visitor typed is read.
///
/// # Errors
/// [`ApiError::Misconfigured`] with the file that is missing or cannot be read.
pub(crate) async fn read(env: &Env) -> Result<(), ApiError> {
    if domain::has_suffixes() && tls::has_roots() {
        return Ok(());
    }
    let (suffixes, roots) = futures_util::future::try_join(file(env, SUFFIXES), file(env, ROOTS)).await?;
    // Another request may have been quicker; what it read is the same.
    if !domain::has_suffixes() {
        let rules = String::from_utf8(suffixes).map_err(|_| unreadable(SUFFIXES))?;
        domain::use_suffixes(rules.leak());
    }
    if !tls::has_roots() && !tls::use_roots(roots.leak()) {
        return Err(unreadable(ROOTS));
    }
    Ok(())
}

/// One of its files, whole.
///
/// # Errors
/// [`ApiError::Misconfigured`] where it is missing.
pub(crate) async fn file(env: &Env, name: &str) -> Result<Vec<u8>, ApiError> {
    let files = env.assets(ASSETS).map_err(|_| unreadable(name))?;
    // Only the path counts: the files answer for any host.
    let mut file = files.fetch(format!("https://lockstep.invalid/{name}"), None).await?;
    if file.status_code() != 200 {
        return Err(unreadable(name));
    }
    Ok(file.bytes().await?)
}

fn unreadable(name: &str) -> ApiError {
    ApiError::Misconfigured(format!("its file {name} is missing or damaged; `cargo xtask build` writes it"))
}
