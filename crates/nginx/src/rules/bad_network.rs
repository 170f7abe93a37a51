//! An address or network that nginx cannot read.

use super::{Found, short};
use crate::{
    Config,
    config::{ip, is_network, is_placeholder},
    directives::Context,
    finding::found,
};

rule! {
    /// `allow`, `deny`, `set_real_ip_from` or `geo` has an address that nginx cannot read.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// An address (`192.0.2.1`), a network (`10.0.0.0/8`, `2001:db8::/32`) or `all`. Host names are not looked up.
    ///
    /// ```nginx fires
    /// server {
    ///     allow 10.0.0.0/33;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     deny bad.example.org;
    /// }
    /// ```
    /// ```nginx fires
    /// geo $office {
    ///     ranges;
    ///     192.0.2.1 1;
    /// }
    /// ```
    /// ```nginx quiet
    /// geo $office {
    ///     default 0;
    ///     192.0.2.0/24 1;
    /// }
    /// geo $home {
    ///     ranges;
    ///     default 0;
    ///     192.0.2.1-192.0.2.9 1;
    /// }
    /// server {
    ///     set_real_ip_from 10.0.0.0/8;
    ///     allow 2001:db8::/32;
    ///     allow unix:;
    ///     deny all;
    /// }
    /// ```
    RULE: "bad-network", severity: Failed, title: "nginx cannot read this network",
        docs: "allow", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for name in ["allow", "deny", "set_real_ip_from"] {
        for directive in config.all(name).filter(|directive| !directive.context().is(Context::RAW) && directive.arg_count() == 1) {
            let value = directive.arg(0);
            let host = name == "set_real_ip_from" && config.version >= crate::Version::new(13, 1) && looks_like_a_host(value);
            let all = value == "all" && name != "set_real_ip_from";
            if all || host || value == "unix:" || is_network(value) || is_placeholder(value) {
                continue;
            }
            found_here.add(
                directive.arg_found(0, format_args!("\"{}\" is not an address or a network.", short(value)))
                    .refused(format_args!("invalid parameter \"{value}\"")),
            );
        }
    }
    for block in config.all("geo") {
        // From there on; before it, that it does not come first is said elsewhere.
        let mut ranges = false;
        for entry in block.children() {
            ranges |= entry.is("ranges");
            if entry.words().len() != 2 {
                continue;
            }
            let (key, value) = (entry.name(), entry.arg(0));
            let (network, kind) = match key {
                "default" | "include" => continue,
                "proxy" => (value, "network"),
                "delete" => (value, if ranges { "range" } else { "network" }),
                other => (other, if ranges { "range" } else { "network" }),
            };
            let right = if kind == "range" { is_range(network) } else { is_network(network) };
            if right || is_placeholder(network) {
                continue;
            }
            let wanted = if kind == "range" { "a range, such as 10.0.0.0-10.0.0.9" } else { "an address or a network" };
            found_here.add(
                found(entry.name_span(), format_args!("\"{}\" is not {wanted}.", short(network)))
                    .refused(format_args!("invalid {kind} \"{network}\"")),
            );
        }
    }
}

/// Two IPv4 addresses, the smaller first.
fn is_range(text: &str) -> bool {
    let ends = text.split_once('-').map(|(from, to)| (ip::v4(from), ip::v4(to)));
    matches!(ends, Some((Some(from), Some(to))) if from <= to)
}

fn looks_like_a_host(value: &str) -> bool {
    value.contains(|c: char| c.is_ascii_alphabetic()) && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
}
