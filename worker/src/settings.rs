//! The worker's vars as settings of a check.

use network::Settings;
use wasm_bindgen::JsCast;
use worker::{
    Env,
    js_sys::{Number, Reflect},
};

use crate::error::ApiError;

/// The settings of this worker: what its vars say, Cloudflare's own ranges on the fetch path unless they say otherwise.
///
/// # Errors
/// [`ApiError::Misconfigured`] with the value that cannot be read.
pub(crate) fn read(env: &Env) -> Result<Settings, ApiError> {
    from_vars(|name| var(env, name))
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
    fn what_cannot_be_read_is_said() {
        let error = from_vars(|name| (name == "LOCKSTEP_DEADLINE").then(|| "soon".to_owned())).unwrap_err();
        assert_eq!(error.kind(), "misconfigured");
        assert!(error.detail().contains("soon"), "{}", error.detail());
    }
}
