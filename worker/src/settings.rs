//! The worker's vars as settings of a check.

use network::{PathWanted, Proof, SettingError, Settings};
use wasm_bindgen::JsCast;
use worker::{
    Env,
    js_sys::{Number, Reflect},
};

use crate::{
    error::ApiError,
    limits::{PATHS, PATHS_LENGTH},
};

/// The settings of this worker: what its vars say, Cloudflare's own ranges on the fetch path unless they say otherwise.
///
/// # Errors
/// [`ApiError::Misconfigured`] with the value that cannot be read.
pub(crate) fn read(env: &Env) -> Result<Settings, ApiError> {
    from_vars(|name| var(env, name))
}

/// What the visitor expects of paths: `/login=200`, several in one value with commas between them.
///
/// # Errors
/// [`ApiError::Path`] with the first that cannot be read.
pub(crate) fn paths(values: Vec<String>) -> Result<Vec<PathWanted>, ApiError> {
    let mut texts: Vec<String> = Vec::new();
    for value in values {
        if texts.iter().map(String::len).sum::<usize>() + value.len() > PATHS_LENGTH {
            return Err(ApiError::Path(format!("Together they have more than {PATHS_LENGTH} characters.")));
        }
        for (at, piece) in value.split(',').enumerate() {
            match texts.last_mut() {
                // A comma in the text that is looked for.
                Some(last) if at > 0 && !piece.trim_start().starts_with('/') => *last = format!("{last},{piece}"),
                _ => texts.push(piece.trim().to_owned()),
            }
        }
    }
    texts.retain(|text| !text.is_empty());
    if texts.len() > PATHS {
        return Err(ApiError::Path(format!("There are more than {PATHS} of them.")));
    }
    let read = |text: &String| text.parse().map_err(|error: SettingError| ApiError::Path(format!("{error}.")));
    texts.iter().map(read).collect()
}

/// The secret with which a visitor proves that the domain is theirs. One that is given has to be readable: whoever
/// mistypes it would take what was not looked at for what is in order.
///
/// # Errors
/// [`ApiError::Proof`] when it is not one.
pub(crate) fn proof(value: Option<String>) -> Result<Option<Proof>, ApiError> {
    let read = |text: String| text.parse().map_err(|error: SettingError| ApiError::Proof(format!("{error}.")));
    value.map(read).transpose()
}

/// One var as text; TOML numbers and booleans count as what they look like.
pub(crate) fn var(env: &Env, name: &str) -> Option<String> {
    let value = Reflect::get(env, &name.into()).ok()?;
    value
        .as_string()
        .or_else(|| value.dyn_ref::<Number>()?.to_string_with_radix(10).ok()?.as_string()) // in JavaScript: Rust's way of writing a float is 8 kB
        .or_else(|| value.as_bool().map(|yes| if yes { "yes" } else { "no" }.to_owned()))
}

/// Whether a binding of this name exists.
pub(crate) fn is_bound(env: &Env, name: &str) -> bool {
    Reflect::get(env, &name.into()).is_ok_and(|value| value.is_object())
}

fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Settings, ApiError> {
    let edge = Settings { fetch_only: Settings::cloudflare(), ..Settings::default() };
    let mut settings = edge.with_vars(&var).map_err(|error| ApiError::Misconfigured(error.to_string()))?;
    if let Some(pem) = var("LOCKSTEP_TRUST_PEM").filter(|pem| !pem.trim().is_empty()) {
        settings.trust = tls::certificates_from_pem(&pem)
            .map_err(|error| ApiError::Misconfigured(format!("LOCKSTEP_TRUST_PEM: {error}")))?;
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edge_cannot_dial_its_own_ranges_unless_told() {
        let edge = from_vars(|_| None).unwrap();
        assert!(edge.fetch_only.iter().any(|range| range.contains(&"104.16.0.1".parse::<std::net::IpAddr>().unwrap())));
        assert!(edge.allow.is_empty() && edge.dial.is_empty() && edge.trust.is_empty());
        let lab = from_vars(|name| (name == "LOCKSTEP_FETCH_ONLY").then(|| "none".to_owned())).unwrap();
        assert!(lab.fetch_only.is_empty());
    }

    #[test]
    fn paths_come_one_by_one_or_with_commas() {
        let read = |values: &[&str]| paths(values.iter().map(|it| (*it).to_owned()).collect());
        let wanted = read(&["/login=200, /about=Open, from nine,/x", "", "/y"]).unwrap();
        let shown: Vec<_> = wanted.iter().map(|it| (it.path.as_str(), it.status, it.text.as_deref())).collect();
        assert_eq!(
            shown,
            [
                ("/login", Some(200), None),
                ("/about", None, Some("Open, from nine")),
                ("/x", None, None),
                ("/y", None, None)
            ]
        );
        assert_eq!(read(&[]).unwrap(), []);
        for bad in [&["login"][..], &["//evil.example"], &["/a,/b,/c,/d,/e,/f,/g,/h,/i,/j,/k"], &[&"/a".repeat(2_000)]]
        {
            assert_eq!(read(bad).unwrap_err().kind(), "path");
        }
    }

    #[test]
    fn a_proof_is_read_or_refused() {
        assert_eq!(proof(None).unwrap(), None);
        assert!(proof(Some("0123456789abcdef".repeat(2))).unwrap().is_some());
        for bad in ["", "0123", "yes", &"0123456789abcdef".repeat(4)] {
            assert_eq!(proof(Some(bad.to_owned())).unwrap_err().kind(), "proof", "{bad}");
        }
    }

    /// Of a stranger the worker believes nothing, whatever its vars say.
    #[test]
    fn no_var_makes_a_site_the_visitors() {
        let edge = from_vars(|name| name.contains("MINE").then(|| "yes".to_owned())).unwrap();
        assert!(!edge.mine && edge.proof.is_none());
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let error = from_vars(|name| (name == "LOCKSTEP_DEADLINE").then(|| "soon".to_owned())).unwrap_err();
        assert_eq!(error.kind(), "misconfigured");
        assert!(error.detail().contains("soon"), "{}", error.detail());
    }
}
