//! A size, a time or a number that nginx cannot read.

use super::{Found, is_judged};
use crate::{
    Config, config::is_placeholder,
    directives::{self, Kind, Row},
    words};

rule! {
    /// A size, a time or a number is written in a way that nginx cannot read.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Sizes are `10k`, `20m`; times are `500ms`, `30s`, `1h 30m`, `1d`.
    ///
    /// ```nginx fires
    /// server {
    ///     client_max_body_size 20mb;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     proxy_read_timeout 2min;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     client_max_body_size 20m;
    ///     proxy_read_timeout 1m30s;
    ///     keepalive_timeout 65;
    /// }
    /// ```
    RULE: "unreadable-value", severity: Failed, title: "nginx cannot read this value",
        docs: "https://nginx.org/en/docs/syntax.html", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.directives().filter(is_judged) {
        let context = directive.context();
        let mut rows = directive.name_id().rows().iter().filter(|row| row.contexts().is(context) && row.exists_in(config.version));
        let Some(row) = rows.next() else { continue };
        if row.third || !row.takes(directive.arg_count()) {
            continue;
        }
        let Some((at, refused)) = first_unreadable(row, &directive) else { continue };
        let value = directive.arg(at);
        if is_placeholder(value) {
            continue;
        }
        let name = directive.name();
        let bounds = match row.values() {
            [low, high] if row.kind == Kind::Number => format!(" It takes {low} to {high}."),
            _ => String::new(),
        };
        let draft = directive.arg_found(at, format_args!("\"{name}\" cannot read \"{value}\".{bounds}"))
            .refused(refused)
            .doc(directives::doc(name, context));
        found_here.add(match meant(row.kind, value) {
            Some(meant) => draft.instead(directive, at, &meant),
            None => draft,
        });
    }
}

/// Which argument nginx stumbles over, with its words.
fn first_unreadable(row: &Row, directive: &crate::Directive<'_>) -> Option<(usize, String)> {
    let name = directive.name();
    let value = directive.arg(0);
    match row.kind {
        Kind::Size if !is_size(value, false) => Some((0, format!("\"{name}\" directive invalid value"))),
        Kind::Offset if !is_size(value, true) => Some((0, format!("\"{name}\" directive invalid value"))),
        Kind::Number => match words::number(value).filter(|number| *number <= i64::MAX as u64) {
            None => Some((0, format!("\"{name}\" directive invalid number"))),
            Some(given) => match row.values() {
                [low, high] => {
                    let low = words::number(low)?;
                    let high = words::number(high)?;
                    let inside = (low..=high).contains(&given);
                    (!inside).then(|| (0, format!("value must be between {low} and {high}")))
                }
                _ => None,
            },
        },
        Kind::Msec if !is_time(value, true) => Some((0, format!("\"{name}\" directive invalid value"))),
        Kind::Sec if !is_time(value, false) => Some((0, format!("\"{name}\" directive invalid value"))),
        Kind::ComplexSize if !value.contains('$') && !is_size(value, false) => {
            Some((0, format!("\"{name}\" directive invalid value")))
        }
        Kind::Buffers => {
            let count = directive.arg(0);
            if !plain_digits(count) || words::number(count).is_none_or(|n| n == 0 || n > i64::MAX as u64) {
                Some((0, format!("\"{name}\" directive invalid value")))
            } else if !is_size(directive.arg(1), false) || directive.arg(1).trim_start_matches('0').is_empty() {
                Some((1, format!("\"{name}\" directive invalid value")))
            } else {
                None
            }
        }
        // The one number with a sign.
        _ if name == "worker_priority" && !plain_digits(value.strip_prefix(['-', '+']).unwrap_or(value)) => {
            Some((0, "\"worker_priority\" directive invalid number".to_owned()))
        }
        _ => None,
    }
}

fn plain_digits(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// `10`, `10k`, `10m`; offsets also `10g`.
pub(super) fn is_size(value: &str, offset: bool) -> bool {
    let digits = value.strip_suffix(['k', 'K', 'm', 'M']).or(if offset { value.strip_suffix(['g', 'G']) } else { None });
    let digits = digits.unwrap_or(value);
    plain_digits(digits) && digits.len() <= 18
}

/// Numbers with units from long to short, each at most once; a plain number comes last and means seconds.
pub(super) fn is_time(value: &str, milliseconds: bool) -> bool {
    const UNITS: [&str; 8] = ["y", "M", "w", "d", "h", "m", "s", "ms"];
    let mut rest = value;
    // Years and months are for times in seconds alone.
    let mut next = if milliseconds { 2 } else { 0 };
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 12 {
            return false;
        }
        rest = rest.get(digits..).unwrap_or_default();
        let unit = rest.bytes().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (name, after) = rest.split_at_checked(unit).unwrap_or_default();
        if name.is_empty() {
            // Without a unit it is seconds, and the last.
            return after.trim_start_matches(' ').is_empty() && next <= 6;
        }
        let Some(at) = UNITS.iter().position(|known| *known == name) else { return false };
        if at < next || (name == "ms" && !milliseconds) {
            return false;
        }
        next = at + 1;
        rest = after.trim_start_matches(' ');
    }
    true
}

/// What was surely meant: `20mb` is `20m`, `30sec` is `30s`.
fn meant(kind: Kind, value: &str) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    let digits = lower.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = lower.split_at_checked(digits).unwrap_or_default();
    if number.is_empty() {
        return None;
    }
    let unit = match (kind, unit.trim()) {
        (Kind::Size | Kind::Offset, "kb" | "kib") => "k",
        (Kind::Size | Kind::Offset, "mb" | "mib") => "m",
        (Kind::Offset, "gb" | "gib") => "g",
        (Kind::Size, "g" | "gb") => return Some(format!("{}m", u32::try_from(words::number(number)?).ok()?.checked_mul(1024)?)),
        (Kind::Msec | Kind::Sec, "sec" | "secs" | "second" | "seconds") => "s",
        (Kind::Msec | Kind::Sec, "min" | "mins" | "minute" | "minutes") => "m",
        (Kind::Msec | Kind::Sec, "hour" | "hours" | "hr") => "h",
        (Kind::Msec | Kind::Sec, "day" | "days") => "d",
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes() {
        for good in ["10", "10s", "1m", "1h30m", "1h 30m", "500ms", "1d", "1m30", "0"] {
            assert!(is_time(good, true), "{good}");
        }
        for bad in ["", "s", "5x", "1d2x", "30s1m", "1.5s", "-1", "2min", "1s 2s"] {
            assert!(!is_time(bad, true), "{bad}");
        }
        assert!(!is_time("500ms", false) && is_time("1y6M", false) && !is_time("1y6M", true));
        assert!(is_size("20m", false) && is_size("1g", true) && !is_size("1g", false) && !is_size("20mb", false));
    }
}
