//! How often one place may ask: the platform's rate limit, by IPv4 address or IPv6 network.

use std::net::{IpAddr, Ipv6Addr};

use worker::{Env, console_error};

use crate::{error::ApiError, settings};

/// The binding. Without it nothing is limited.
const BINDING: &str = "RATE";

/// Counts one check of this client.
///
/// # Errors
/// [`ApiError::RateLimited`] when it was one too many. A limiter that does not work limits nobody.
pub(crate) async fn admit(env: &Env, client: Option<&str>) -> Result<(), ApiError> {
    if settings::var(env, "LOCKSTEP_RATE").is_some_and(|value| value == "off") || !settings::is_bound(env, BINDING) {
        return Ok(());
    }
    let outcome = async { env.rate_limiter(BINDING)?.limit(key(client)).await }.await;
    match outcome {
        Ok(outcome) if !outcome.success => Err(ApiError::RateLimited),
        Ok(_) => Ok(()),
        Err(error) => {
            console_error!("the rate limit did not answer: {error}");
            Ok(())
        }
    }
}

/// One key per place: whoever has an IPv6 network has 2^64 addresses of it.
fn key(client: Option<&str>) -> String {
    let Some(address) = client.and_then(|text| text.trim().parse::<IpAddr>().ok()) else {
        return "unknown".into();
    };
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{}/64", Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_per_place() {
        for (client, expected) in [
            (Some("203.0.113.7"), "203.0.113.7"),
            (Some("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64"),
            (Some("2001:db8:1:2:ffff::9"), "2001:db8:1:2::/64"),
            (Some("2001:db8:1:3::9"), "2001:db8:1:3::/64"),
            (Some("::ffff:203.0.113.7"), "203.0.113.7"),
            (Some(" 203.0.113.7 "), "203.0.113.7"),
            (Some("not an address"), "unknown"),
            (Some(""), "unknown"),
            (None, "unknown"),
        ] {
            assert_eq!(key(client), expected, "{client:?}");
        }
    }
}
