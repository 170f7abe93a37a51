//! A parameter that the directive does not know.

use super::{Found, list, unreadable_value::is_time};
use crate::{
    Config, Directive, Version,
    config::is_placeholder,
    directives::{self, Context, nearest},
    finding::{Noticed, found},
    words};

rule! {
    /// A directive with parameters of its own has one that it cannot read.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Use the parameters that its documentation lists.
    ///
    /// ```nginx fires
    /// server {
    ///     error_log /var/log/nginx/error.log warning;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     ssl_session_cache share:SSL:10m;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     location / { expires 7days; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     error_log /var/log/nginx/error.log warn;
    ///     ssl_session_cache shared:SSL:10m;
    ///     error_page 404 =200 /empty.gif;
    ///     location / { expires modified +7d; }
    ///     location /x { expires @15h30m; }
    ///     location /y { expires $later; }
    /// }
    /// ```
    RULE: "bad-parameter", severity: Failed, title: "nginx cannot read this parameter",
        docs: "https://nginx.org/en/docs/dirindex.html", seed: "A5 B8 C5", run: run
}

const LEVELS: [&str; 9] = ["debug", "info", "notice", "warn", "error", "crit", "alert", "emerg", "debug_http"];

/// Which argument, nginx's words, and what was meant.
type Bad = (usize, String, Option<String>);

/// Reads one directive's arguments.
type Reader = fn(Directive<'_>) -> Option<Bad>;

fn run(config: &Config<'_>, found_here: &mut Found) {
    const READERS: [(&str, Reader); 27] = [
        ("error_log", error_log),
        ("ssl_session_cache", session_cache),
        ("expires", expires),
        ("limit_req", limit_req),
        ("limit_req_zone", limit_req_zone),
        ("limit_conn_zone", limit_conn_zone),
        ("error_page", error_page),
        ("use", method),
        ("worker_processes", processes),
        ("connection_pool_size", pool_size),
        ("request_pool_size", pool_size),
        ("fastcgi_param", if_not_empty),
        ("uwsgi_param", if_not_empty),
        ("scgi_param", if_not_empty),
        ("worker_connections", connections),
        ("open_file_cache", open_file_cache),
        ("keepalive_timeout", keepalive_timeout),
        ("resolver", resolver),
        ("keepalive", keepalive),
        ("limit_except", limit_except),
        ("disable_symlinks", disable_symlinks),
        ("proxy_redirect", proxy_redirect),
        ("proxy_cookie_path", proxy_redirect),
        ("proxy_cookie_domain", proxy_redirect),
        ("access_log", access_log),
        ("add_header", add_header),
        ("alias", alias),
    ];
    for (name, reader) in READERS {
        for directive in config.all(name).filter(|directive| !directive.context().is(Context::RAW.or(Context::UNKNOWN))) {
            let rows = directive.name_id().rows();
            let fits = rows.iter().any(|row| row.contexts().is(directive.context()) && row.takes(directive.arg_count()));
            let Some((at, refused, meant)) = reader(directive).filter(|_| fits) else { continue };
            let value = directive.arg(at);
            if is_placeholder(value) {
                continue;
            }
            let draft = directive.arg_found(at, format_args!("\"{name}\" cannot read \"{value}\"."))
                .means(if name == "error_log" {
                    format!("The levels are {}. nginx refuses the configuration.", list(LEVELS.get(..8).unwrap_or_default()))
                } else {
                    String::new()
                })
                .refused(refused)
                .doc(directives::doc(name, directive.context()));
            found_here.add(match meant {
                Some(meant) => draft.instead(directive, at, &meant),
                None => draft,
            });
        }
    }
    percentages(config, found_here);
}

fn error_log(directive: Directive<'_>) -> Option<Bad> {
    let mut plain = directive.args().enumerate().skip(1).filter(|(_, level)| LEVELS.iter().take(8).any(|known| known == level));
    if let Some((at, level)) = plain.nth(1) {
        return Some((at, format!("duplicate log level \"{level}\""), None));
    }
    let (at, level) = directive.args().enumerate().skip(1).find(|(_, level)| {
        !LEVELS.contains(&&**level) && !matches!(&**level, "debug_core" | "debug_alloc" | "debug_mutex" | "debug_event" | "debug_mail" | "debug_stream")
    })?;
    let meant = match level {
        "warning" => Some("warn"),
        "critical" => Some("crit"),
        other => nearest(other, &LEVELS),
    };
    Some((at, format!("invalid log level \"{level}\""), meant.map(str::to_owned)))
}

fn session_cache(directive: Directive<'_>) -> Option<Bad> {
    let (at, value) = directive.args().enumerate().find(|(_, value)| {
        let good = matches!(&**value, "off" | "none" | "builtin")
            || value.strip_prefix("builtin:").is_some_and(digits)
            || value
                .strip_prefix("shared:")
                .and_then(|rest| rest.split_once(':'))
                .is_some_and(|(name, size)| !name.is_empty() && zone_size(size));
        !good
    })?;
    let meant = value.strip_prefix("share:").map(|rest| format!("shared:{rest}"));
    Some((at, format!("invalid session cache \"{value}\""), meant))
}

/// At least eight pages, as every zone of shared memory.
fn zone_size(size: &str) -> bool {
    let (number, unit) = match size.strip_suffix(['k', 'K']) {
        Some(number) => (number, 1024),
        None => size.strip_suffix(['m', 'M']).map_or((size, 1), |number| (number, 1 << 20)),
    };
    words::number(number).is_some_and(|number| number.saturating_mul(unit) >= 8 * 4096)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn expires(directive: Directive<'_>) -> Option<Bad> {
    let at = usize::from(directive.arg_count() == 2);
    let value = directive.arg(at);
    let refused = "\"expires\" directive invalid value".to_owned();
    if at == 1 && !directive.arg_is(0, "modified") {
        return Some((0, refused, None));
    }
    if value.contains('$') || (at == 0 && matches!(value, "epoch" | "max" | "off")) {
        return None;
    }
    let daily = value.strip_prefix('@');
    if daily.is_some() && at == 1 {
        return Some((at, "daily time cannot be used with \"modified\" parameter".into(), None));
    }
    let plain = daily.or_else(|| value.strip_prefix(['+', '-'])).unwrap_or(value);
    if is_time(plain, false) {
        return None;
    }
    let count = plain.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = plain.split_at_checked(count).unwrap_or_default();
    let unit = match unit {
        "days" | "day" => "d",
        "hours" | "hour" => "h",
        "months" | "month" => "M",
        "years" | "year" => "y",
        _ => "",
    };
    Some((at, refused, (!unit.is_empty() && !number.is_empty() && at == 0).then(|| format!("{number}{unit}"))))
}

fn limit_req(directive: Directive<'_>) -> Option<Bad> {
    let positive = |text: &str| digits(text) && text.bytes().any(|byte| byte != b'0');
    for (at, value) in directive.args().enumerate() {
        let refused = match value.split_once('=') {
            Some(("zone", name)) if !name.is_empty() => continue,
            Some(("burst", number)) if !positive(number) => format!("invalid burst value \"{value}\""),
            Some(("delay", number)) if !positive(number) => format!("invalid delay value \"{value}\""),
            Some(("burst" | "delay", _)) => continue,
            None if value == "nodelay" => continue,
            _ => format!("invalid parameter \"{value}\""),
        };
        let meant = nearest(value, &["nodelay"]).map(str::to_owned);
        return Some((at, refused, meant));
    }
    let named = directive.args().any(|value| value.starts_with("zone="));
    (!named).then(|| (0, "\"limit_req\" must have \"zone\" parameter".into(), None))
}

fn limit_req_zone(directive: Directive<'_>) -> Option<Bad> {
    for (at, value) in directive.args().enumerate().skip(1) {
        let refused = match value.split_once('=') {
            Some(("zone", zone)) => match zone.split_once(':') {
                Some((name, size)) if !name.is_empty() && zone_size(size) => continue,
                _ => format!("invalid zone size \"{value}\""),
            },
            Some(("rate", rate)) => {
                let number = rate.strip_suffix("r/s").or_else(|| rate.strip_suffix("r/m")).unwrap_or(rate);
                if digits(number) && number.bytes().any(|byte| byte != b'0') {
                    continue;
                }
                format!("invalid rate \"{value}\"")
            }
            None if value == "sync" => continue,
            _ => format!("invalid parameter \"{value}\""),
        };
        return Some((at, refused, None));
    }
    None
}

fn limit_conn_zone(directive: Directive<'_>) -> Option<Bad> {
    let value = directive.arg(1);
    let refused = match value.strip_prefix("zone=").map(|zone| zone.split_once(':')) {
        Some(Some((name, size))) if !name.is_empty() && zone_size(size) => return None,
        Some(_) => format!("invalid zone size \"{value}\""),
        None => format!("invalid parameter \"{value}\""),
    };
    Some((1, refused, None))
}

fn error_page(directive: Directive<'_>) -> Option<Bad> {
    let count = directive.arg_count();
    let equals = directive.arg(count.saturating_sub(2));
    let codes = if let (Some(code), true) = (equals.strip_prefix('='), count > 2) {
        if !code.is_empty() && (!digits(code) || code.len() >= 10) {
            return Some((count - 2, format!("invalid value \"{equals}\""), None));
        }
        count - 2
    } else {
        count.saturating_sub(1)
    };
    for (at, code) in directive.args().enumerate().take(codes) {
        match words::number(code) {
            None => return Some((at, format!("invalid value \"{code}\""), None)),
            Some(499) => return Some((at, "value \"499\" must be between 300 and 599".into(), None)),
            Some(300..=599) => {}
            Some(_) => return Some((at, format!("value \"{code}\" must be between 300 and 599"), None)),
        }
    }
    None
}

fn method(directive: Directive<'_>) -> Option<Bad> {
    const METHODS: [&str; 6] = ["epoll", "kqueue", "eventport", "/dev/poll", "poll", "select"];
    let value = directive.arg(0);
    let known = METHODS.contains(&value);
    (!known).then(|| (0, format!("invalid event type \"{value}\""), nearest(value, &METHODS).map(str::to_owned)))
}

fn processes(directive: Directive<'_>) -> Option<Bad> {
    let value = directive.arg(0);
    (value != "auto" && !digits(value)).then(|| (0, "\"worker_processes\" directive invalid value".into(), nearest(value, &["auto"]).map(str::to_owned)))
}

fn pool_size(directive: Directive<'_>) -> Option<Bad> {
    let value = directive.arg(0);
    let (number, unit) = match value.strip_suffix(['k', 'K']) {
        Some(number) => (number, 1024),
        None => value.strip_suffix(['m', 'M']).map_or((value, 1), |number| (number, 1 << 20)),
    };
    let size = words::number(number)?.saturating_mul(unit);
    if size < 112 {
        return Some((0, "the pool size must be no less than 112".into(), None));
    }
    (size % 16 != 0).then(|| (0, "the pool size must be a multiple of 16".into(), None))
}

fn if_not_empty(directive: Directive<'_>) -> Option<Bad> {
    let value = directive.arg(2);
    (directive.arg_count() == 3 && value != "if_not_empty")
        .then(|| (2, format!("invalid parameter \"{value}\""), nearest(value, &["if_not_empty"]).map(str::to_owned)))
}

fn connections(directive: Directive<'_>) -> Option<Bad> {
    let value = directive.arg(0);
    (!digits(value)).then(|| (0, format!("invalid number \"{value}\""), None))
}

fn open_file_cache(directive: Directive<'_>) -> Option<Bad> {
    for (at, value) in directive.args().enumerate() {
        let good = match value.split_once('=') {
            Some(("max", number)) => digits(number) && number.bytes().any(|byte| byte != b'0'),
            Some(("inactive", time)) => is_time(time, false),
            None => value == "off",
            _ => false,
        };
        if !good {
            return Some((at, format!("invalid \"open_file_cache\" parameter \"{value}\""), None));
        }
    }
    (!directive.arg_is(0, "off") && !directive.args().any(|value| value.starts_with("max=")))
        .then(|| (0, "\"open_file_cache\" must have the \"max\" parameter".into(), None))
}

fn keepalive_timeout(directive: Directive<'_>) -> Option<Bad> {
    if directive.context().is(Context::UPSTREAM) {
        return None; // another row, with a reader of its own
    }
    let at = directive.args().zip([true, false]).position(|(value, milliseconds)| !is_time(value, milliseconds))?;
    Some((at, "\"keepalive_timeout\" directive invalid value".into(), None))
}

fn resolver(directive: Directive<'_>) -> Option<Bad> {
    for (at, value) in directive.args().enumerate() {
        let refused = match value.split_once('=') {
            Some(("valid", time)) if !is_time(time, false) => format!("invalid parameter: {value}"),
            Some(("ipv6" | "ipv4", flag)) if flag != "on" && flag != "off" => format!("invalid parameter: {value}"),
            None => match crate::config::address_fault(value, crate::config::For::Backend) {
                Some(fault) => format!("{fault} in resolver \"{value}\""),
                None => continue,
            },
            _ => continue,
        };
        return Some((at, refused, None));
    }
    None
}

/// A second value came with 1.29.7.
fn keepalive(directive: Directive<'_>) -> Option<Bad> {
    let old = directive.config().version < Version::new(29, 7);
    (old && directive.arg_count() == 2).then(|| (1, "invalid number of arguments in \"keepalive\" directive".into(), None))
}

fn limit_except(directive: Directive<'_>) -> Option<Bad> {
    const METHODS: [&str; 16] = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "MKCOL", "COPY", "MOVE", "OPTIONS", "PROPFIND", "PROPPATCH", "LOCK",
        "UNLOCK", "PATCH", "CONNECT", "TRACE",
    ];
    let (at, method) = directive.args().enumerate().find(|(_, method)| {
        !METHODS.iter().take(14).any(|known| known.eq_ignore_ascii_case(method))
    })?;
    Some((at, format!("invalid method \"{method}\""), nearest(method, &METHODS).map(str::to_owned)))
}

fn disable_symlinks(directive: Directive<'_>) -> Option<Bad> {
    let known = |value: &str| matches!(value, "on" | "off" | "if_not_owner") || value.starts_with("from=");
    let (at, value) = directive.args().enumerate().find(|(_, value)| !known(value))?;
    let lower = value.to_ascii_lowercase();
    Some((at, format!("invalid parameter \"{value}\""), known(&lower).then_some(lower)))
}

fn proxy_redirect(directive: Directive<'_>) -> Option<Bad> {
    let name = directive.name();
    let earlier = directive.parent().into_iter().flat_map(|block| block.find(name).collect::<Vec<_>>()).take_while(|other| *other != directive);
    // More of them make a list, but nothing may follow "off".
    if earlier.into_iter().any(|other| other.arg_is(0, "off")) {
        return Some((0, format!("\"{name}\" directive is duplicate"), None));
    }
    let value = directive.arg(0);
    let alone = value == "off" || (value == "default" && directive.is("proxy_redirect"));
    (directive.arg_count() == 1 && !alone).then(|| (0, format!("invalid parameter \"{value}\""), nearest(value, &["off"]).map(str::to_owned)))
}

fn access_log(directive: Directive<'_>) -> Option<Bad> {
    let more = directive.arg(1);
    if directive.arg_is(0, "off") && directive.arg_count() > 1 {
        return Some((1, format!("invalid parameter \"{more}\""), None));
    }
    for (at, value) in directive.args().enumerate().skip(2) {
        let good = value == "gzip" || ["gzip=", "buffer=", "flush=", "if="].iter().any(|name| value.starts_with(name));
        if !good {
            return Some((at, format!("invalid parameter \"{value}\""), None));
        }
    }
    None
}

fn add_header(directive: Directive<'_>) -> Option<Bad> {
    let value = directive.arg(2);
    (directive.arg_count() == 3 && value != "always")
        .then(|| (2, format!("invalid parameter \"{value}\""), nearest(value, &["always"]).map(str::to_owned)))
}

fn alias(directive: Directive<'_>) -> Option<Bad> {
    let outer = directive.parent().filter(|outer| outer.arg_count() == 1 && outer.arg(0).starts_with('@'))?;
    outer.is("location").then(|| (0, "the \"alias\" directive cannot be used inside the named location".into(), None))
}

fn percentages(config: &Config<'_>, found_here: &mut Found) {
    for block in config.all("split_clients") {
        let mut sum = 0_u64;
        let mut over = false;
        for entry in block.children() {
            let part = entry.name();
            if part == "*" {
                over |= sum > 10_000;
                sum = 10_000; // all that is left: nothing may follow
                continue;
            }
            if part == "include" || is_placeholder(part) || entry.words().iter().any(|word| !word.closed) {
                continue;
            }
            match hundredths(part).filter(|share| *share > 0) {
                Some(share) => sum += share,
                None => {
                    let draft = found(entry.name_span(), format_args!("\"{part}\" is not a percentage."))
                        .refused(format_args!("invalid percent value \"{part}\""));
                    let meant = format!("{part}%");
                    found_here.add(if hundredths(&meant).is_some_and(|share| share > 0) {
                        draft.safe(format!("Write \"{meant}\"."), vec![(entry.name_span(), meant)])
                    } else {
                        draft
                    });
                    return;
                }
            }
        }
        if over || sum > 10_000 {
            let close = block.close().map_or(0, |close| close.start);
            found_here.add(
                block.found("The shares add up to more than 100 %.".to_owned())
                    .refused("percent total is greater than 100%")
                    .noticed(Noticed::Sign(close)),
            );
        }
    }
}

/// `0.5%` is 50.
fn hundredths(text: &str) -> Option<u64> {
    let number = text.strip_suffix('%')?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let good = (digits(whole) || whole.is_empty()) && part.len() <= 2 && (part.is_empty() || digits(part)) && number.len() < 12;
    if !good || number.is_empty() {
        return None;
    }
    let tens = if part.len() == 1 { 10 } else { 1 };
    Some(words::number(whole).unwrap_or(0) * 100 + words::number(part).unwrap_or(0) * tens)
}
