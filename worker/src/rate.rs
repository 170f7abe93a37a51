//! How often one place may ask, and how often one domain is looked at, whoever asks.

use std::net::{IpAddr, Ipv6Addr};

use domain::DomainName;
use worker::{Date, Env, console_error};

use crate::{
    error::{ApiError, Limit},
    kept,
    limits::{CLIENT_CHECKS, CLIENT_SECONDS, TARGET_BURST_SECONDS, TARGET_CHECKS, TARGET_SECONDS},
    settings,
};

/// The platform's counter of clients. Without it they are not limited.
const CLIENTS: &str = "RATE";
/// Its counter of domains.
const TARGETS: &str = "TARGET_RATE";

/// Whether anything is counted: not where `LOCKSTEP_RATE` says `off`.
pub(crate) fn is_on(env: &Env) -> bool {
    settings::var(env, "LOCKSTEP_RATE").is_none_or(|value| value != "off")
}

/// Both limits, as `RateLimit-Policy` says them (draft-ietf-httpapi-ratelimit-headers).
pub(crate) fn policy() -> String {
    format!("\"client\";q={CLIENT_CHECKS};w={CLIENT_SECONDS}, \"domain\";q={TARGET_CHECKS};w={TARGET_SECONDS}")
}

/// Counts one check of this domain by this client.
///
/// # Errors
/// [`ApiError::RateLimited`] when it was one too many. A limiter that does not work limits nobody.
pub(crate) async fn admit(env: &Env, origin: &str, client: &str, domain: &DomainName) -> Result<(), ApiError> {
    admit_client(env, client).await?;
    if !is_on(env) {
        return Ok(());
    }
    let limited = |seconds| ApiError::RateLimited(Limit::Domain(domain.to_string()), seconds);
    // The platform counts a minute at most, but exactly; what it keeps for us goes further back, and of checks that
    // begin in the same moment one may be lost.
    if !count(env, TARGETS, domain.to_string()).await {
        return Err(limited(TARGET_BURST_SECONDS));
    }
    if !kept::is_on(env) {
        return Ok(());
    }
    let name = kept::name(origin, "checks", &[domain.as_str()]);
    let before = kept::find(&name).await.unwrap_or_default();
    let times = room(&String::from_utf8_lossy(&before), Date::now().as_millis() / 1000).map_err(limited)?;
    kept::keep(&name, TARGET_SECONDS, times.into_bytes()).await;
    Ok(())
}

/// Counts something that this client wants done.
///
/// # Errors
/// As [`admit`].
pub(crate) async fn admit_client(env: &Env, client: &str) -> Result<(), ApiError> {
    if !is_on(env) || count(env, CLIENTS, key(client)).await {
        return Ok(());
    }
    Err(ApiError::RateLimited(Limit::Client, CLIENT_SECONDS))
}

/// Asks one of the platform's counters.
async fn count(env: &Env, binding: &str, key: String) -> bool {
    if !settings::is_bound(env, binding) {
        return true;
    }
    let outcome = async { env.rate_limiter(binding)?.limit(key).await }.await;
    outcome.map(|outcome| outcome.success).unwrap_or_else(|error| {
        console_error!("the rate limit did not answer: {error}");
        true
    })
}

/// The seconds at which a domain was looked at, with `now` among them; or how many seconds it is until there is room.
fn room(times: &str, now: u64) -> Result<String, u32> {
    let window = u64::from(TARGET_SECONDS);
    let mut times: Vec<u64> = times.split(' ').filter_map(|time| time.parse().ok()).collect();
    times.retain(|time| *time <= now && now - time < window);
    times.sort_unstable();
    let full = usize::try_from(TARGET_CHECKS).unwrap_or(usize::MAX);
    if let Some(oldest) = times.len().checked_sub(full).and_then(|at| times.get(at)) {
        return Err(u32::try_from(oldest + window - now).unwrap_or(TARGET_SECONDS));
    }
    times.push(now);
    Ok(times.iter().map(u64::to_string).collect::<Vec<_>>().join(" "))
}

/// One key per place: whoever has an IPv6 network has 2^64 addresses of it.
fn key(client: &str) -> String {
    let Ok(address) = client.trim().parse::<IpAddr>() else { return "unknown".into() };
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
            ("203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            (" 203.0.113.7 ", "203.0.113.7"),
            ("not an address", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(key(client), expected, "{client:?}");
        }
    }

    #[test]
    fn ten_looks_in_ten_minutes_and_then_the_oldest_has_to_be_over() {
        let mut times = String::new();
        for second in 0..10 {
            times = room(&times, 1_000 + second * 30).unwrap();
        }
        assert_eq!(room(&times, 1_300), Err(300));
        assert_eq!(room(&times, 1_599), Err(1));
        let after = room(&times, 1_600).unwrap();
        assert!(after.starts_with("1030 ") && after.ends_with(" 1600"), "{after}");
        // What cannot be read or lies ahead counts as nothing.
        assert_eq!(room("x 99999999999999999999 5000 -3", 1_000).unwrap(), "1000");
    }

    #[test]
    fn the_platform_counts_what_is_published() {
        let settings = include_str!("../../wrangler.toml");
        for (binding, limit, period) in
            [(CLIENTS, CLIENT_CHECKS, CLIENT_SECONDS), (TARGETS, TARGET_CHECKS, TARGET_BURST_SECONDS)]
        {
            let (_, of_binding) = settings.split_once(&format!("\nname = \"{binding}\"\n")).unwrap();
            let of_binding = of_binding.split("[[").next().unwrap();
            assert!(of_binding.contains(&format!("simple = {{ limit = {limit}, period = {period} }}")), "{of_binding}");
        }
        assert_eq!(policy(), "\"client\";q=20;w=60, \"domain\";q=10;w=600");
        let documented = include_str!("../../docs/api.md");
        for told in [
            format!("\n{CLIENT_CHECKS} checks in a minute from one"),
            format!(" and {TARGET_CHECKS} of one registrable domain in ten minutes"),
        ] {
            assert!(documented.contains(&told), "{told}");
        }
    }
}
