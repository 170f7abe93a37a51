//! A variable that nobody defines.

use super::{Found, is_judged};
use crate::{
    Config, Directive, Span,
    config::{is_placeholder, variables_in},
    directives::{self, Context, nearest},
    finding::{Noticed, Step, found}, search::Search};

rule! {
    /// A value uses a variable that nginx does not know and that nothing defines.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration, without saying on which line.
    ///
    /// ## How to fix
    /// Correct the name, or define the variable with `set` or `map`.
    ///
    /// ```nginx fires
    /// server {
    ///     return 301 https://$hots$request_uri;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     set $target https://app.test;
    ///     location ~ ^/(?<page>.*)\.html$ {
    ///         return 301 $target/$page$is_args$args;
    ///     }
    /// }
    /// ```
    RULE: "unknown-variable", severity: Failed, title: "A variable nobody defines",
        docs: "https://nginx.org/en/docs/varindex.html", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let seen = Seen {
        unresolved: config.unresolved().first().map(|include| config.get(include.include)),
        http_end: config.all("http").filter_map(|http| http.close()).map(|close| close.start).last().unwrap_or(0),
    };
    for directive in config.directives() {
        if directive.context() == Context::RAW {
            // A result of a `map` may hold variables.
            if directive.parent().is_some_and(|list| list.is("map")) && directive.arg_count() == 1 {
                judge(config, directive, 0, &seen, found_here);
            }
            continue;
        }
        if !is_judged(&directive) {
            continue;
        }
        if directive.is("if") {
            condition(config, directive, found_here, &seen);
            continue;
        }
        if let (Some(at), true) = (defines(directive), directive.arg_count() > 0) {
            name_of_its_own(config, directive, at.min(directive.arg_count() - 1), found_here);
        }
        let Some(from) = reads_variables(directive) else { continue };
        // A list has one source, and then its own name.
        let to = if directive.is("map") || directive.is("split_clients") { 1 } else { directive.arg_count() };
        for at in from..to {
            judge(config, directive, at, &seen, found_here);
        }
    }
}

struct Seen<'c> {
    unresolved: Option<Directive<'c>>,
    /// Where the outermost block ends: what is sent to backends is put together there.
    http_end: u32,
}

/// One value.
fn judge(config: &Config<'_>, directive: Directive<'_>, at: usize, seen: &Seen<'_>, found_here: &mut Found) {
    let span = directive.arg_span(at);
    let text = config.files.text(span);
    if !text.contains('$') {
        return;
    }
    let late = ["proxy_set_header", "fastcgi_param", "uwsgi_param", "scgi_param", "grpc_set_header", "proxy_set_body"];
    let noticed = if late.contains(&directive.name()) && seen.http_end > 0 { Noticed::Sign(seen.http_end) } else { Noticed::Directive };
    if let Some((offset, name)) = unclosed(text) {
        let start = span.start + u32::try_from(offset).unwrap_or(0);
        found_here.add(
            found(Span::new(start, span.end), "A \"${\" is never closed.")
                .by_hand("Close the brace after the variable's name.")
                .refused(format_args!("the closing bracket in \"{name}\" variable is missing"))
                .noticed(noticed),
        );
        return;
    }
    if let Some(offset) = nameless(text) {
        let start = span.start + u32::try_from(offset).unwrap_or(0);
        found_here.add(
            found(Span::new(start, start + 1), "A \"$\" stands here without a name.")
                .means("nginx refuses the whole configuration: it has no way to write a plain \"$\" here.")
                .by_hand("Take the \"$\" away, or name a variable.")
                .refused("invalid variable name")
                .noticed(noticed),
        );
        return;
    }
    for (offset, name) in variables_in(text) {
        let braces = text.get(offset + 1..).is_some_and(|rest| rest.starts_with('{'));
        let start = span.start + u32::try_from(offset + 1 + usize::from(braces)).unwrap_or(0);
        let place = Span::new(start, start + u32::try_from(name.len()).unwrap_or(0));
        let capture = name.starts_with(|c: char| ('1'..='9').contains(&c)) && !braces;
        // Groups of an expression that nginx looks for where there is one.
        if capture && !is_late(directive) {
            continue;
        }
        if braces && name.bytes().all(|byte| byte.is_ascii_digit()) && !directive.has_placeholder() {
            let whole = Span::new(place.start.saturating_sub(2), place.end.saturating_add(1));
            found_here.add(
                found(whole, format_args!("A group is written \"${name}\", without braces."))
                    .means("nginx takes it for the name of a variable, and refuses the whole configuration.")
                    .review(format_args!("Write \"${name}\", if no digit follows."), vec![(whole, format!("${name}"))])
                    .refused(format_args!("unknown \"{name}\" variable"))
                    .noticed(Noticed::Together(Step::Variables, None)),
            );
            continue;
        }
        unknown(config, directive, place, name, text, seen, found_here);
    }
}

/// A log line and a zone's key are no answer to a request: there is no expression whose groups they could name.
fn is_late(directive: Directive<'_>) -> bool {
    directive.is("log_format")
}

fn unknown(
    config: &Config<'_>,
    directive: Directive<'_>,
    place: Span,
    name: &str,
    text: &str,
    seen: &Seen<'_>,
    found_here: &mut Found,
) {
    let streams = Context::STREAM.or(Context::STREAM_SERVER).or(Context::STREAM_UPSTREAM);
    let stream = directive.context().is(streams);
    let digit = name.bytes().all(|byte| byte.is_ascii_digit());
    if config.knows_variable(name, stream) && !(digit && is_late(directive)) {
        return;
    }
    // A template's `${PORT}` is filled in before nginx reads it: the placeholder rule speaks of it.
    let braces = config.files.text(Span::new(place.start.saturating_sub(1), place.start)) == "{";
    let template = braces && !digit && name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
    if template || text.has("{{") {
        return;
    }
    // A variable may be defined in a file that was not pasted; a plain slip of the pen may not.
    let mut known = config.defined_variables(stream);
    known.extend_from_slice(directives::variables(stream));
    let meant = nearest(&name.to_ascii_lowercase(), &known);
    if let (Some(include), None) = (&seen.unresolved, meant) {
        found_here.undecided(*include);
        return;
    }
    let draft = found(Span::new(place.start.saturating_sub(1), place.end), format!("Nothing defines \"${name}\"."))
        .means("nginx refuses the whole configuration because of it, and names no line.")
        .refused(format_args!("unknown \"{}\" variable", name.to_ascii_lowercase()))
        .noticed(Noticed::Together(Step::Variables, None));
    found_here.add(match meant {
        Some(meant) => draft.safe(format_args!("Did you mean \"${meant}\"?"), vec![(place, meant.to_owned())]),
        None if digit => draft.by_hand("Name the group, or take the variable away."),
        None => draft.absent().by_hand("Define it with \"set\" or \"map\", or correct its name."),
    });
}

/// In a condition everything after the `$` is the name, up to the end of the word.
fn condition(config: &Config<'_>, directive: Directive<'_>, found_here: &mut Found, seen: &Seen<'_>) {
    let count = directive.arg_count();
    for at in 0..count {
        let span = directive.arg_span(at);
        let text = config.files.text(span);
        let own = text.trim_start_matches('(');
        let first = at == 0 || (at == 1 && directive.arg_is(0, "("));
        if first && own.starts_with('$') {
            let name = own.get(1..).unwrap_or_default().trim_end_matches(')');
            let quoted = directive.words().get(at + 1).is_some_and(|word| !matches!(word.quote, crate::syntax::Quote::None));
            if name.is_empty() || quoted || is_placeholder(name) {
                continue; // another rule's
            }
            if let Some(bare) = name.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                let written = Span::new(span.start + u32::try_from(text.len() - own.len()).unwrap_or(0), span.end);
                let end = written.start + u32::try_from(name.len() + 1).unwrap_or(0);
                found_here.add(
                    found(Span::new(written.start, end), "A condition takes a variable without braces.")
                        .means("nginx takes the braces for a part of the name, and refuses the whole configuration.")
                        .safe(format_args!("Write \"${bare}\"."), vec![(Span::new(written.start, end), format!("${bare}"))])
                        .refused(format_args!("unknown \"{name}\" variable"))
                        .noticed(Noticed::Together(Step::Variables, None)),
                );
                continue;
            }
            let start = span.start + u32::try_from(text.len() - own.len() + 1).unwrap_or(0);
            let place = Span::new(start, start + u32::try_from(name.len()).unwrap_or(0));
            if name.bytes().all(|byte| byte.is_ascii_digit()) {
                found_here.add(
                    found(Span::new(place.start - 1, place.end), format_args!("A condition cannot ask for the group \"${name}\" itself."))
                        .means("nginx takes it for the name of a variable, and refuses the whole configuration.")
                        .by_hand("Give the group a name: (?<name>…), then ask for $name.")
                        .refused(format_args!("unknown \"{name}\" variable"))
                        .noticed(Noticed::Together(Step::Variables, None)),
                );
                continue;
            }
            unknown(config, directive, place, name, text, seen, found_here);
            continue;
        }
        let sign = at.checked_sub(1).map(|before| directive.arg(before));
        if sign.is_some_and(|sign| matches!(sign, "=" | "!=") || sign.trim_start_matches(['(', '!']).starts_with('-')) {
            judge(config, directive, at, seen, found_here);
        }
    }
}

/// Where a directive names the variable that it makes.
fn defines(directive: Directive<'_>) -> Option<usize> {
    Some(match directive.name() {
        "set" | "auth_request_set" => 0,
        "map" | "split_clients" | "geo" => 1,
        _ => return None,
    })
}

fn name_of_its_own(config: &Config<'_>, directive: Directive<'_>, at: usize, found_here: &mut Found) {
    let value = directive.arg(at);
    let rows = directive.name_id().rows();
    let fits = rows.iter().any(|row| row.contexts().is(directive.context()) && row.takes(directive.arg_count()));
    if !fits || (value.starts_with('$') && value.len() > 1) || is_placeholder(value) {
        return;
    }
    let span = directive.arg_span(at);
    let name = value.trim_start_matches('$');
    let good = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let draft = found(span, format_args!("\"{value}\" is no variable: a variable begins with \"$\"."))
        .refused(format_args!("invalid variable name \"{value}\""));
    found_here.add(if good && config.files.text(span) == value {
        draft.safe(format_args!("Write \"${name}\"."), vec![(span, format!("${name}"))])
    } else {
        draft
    });
}

/// Where a `${` has no `}`, and the name so far.
fn unclosed(text: &str) -> Option<(usize, &str)> {
    let (at, rest) = text.places("${").into_iter().find_map(|at| Some((at, text.get(at + 2..)?)).filter(|(_, rest)| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        rest.as_bytes().get(end) != Some(&b'}')
    }))?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    Some((at, rest.get(..end)?))
}

/// Where a `$` has no name after it.
fn nameless(text: &str) -> Option<usize> {
    text.match_indices('$').map(|(at, _)| at).find(|at| {
        let rest = text.get(at + 1..).unwrap_or_default();
        rest.starts_with("{}") || !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '{')
    })
}

/// The first argument in which nginx looks for variables.
fn reads_variables(directive: Directive<'_>) -> Option<usize> {
    let from = match directive.name() {
        "return" | "proxy_pass" | "fastcgi_pass" | "uwsgi_pass" | "scgi_pass" | "grpc_pass" | "root" | "alias" | "try_files"
        | "proxy_set_body" | "proxy_cache_key" | "proxy_method" | "proxy_ssl_name" | "auth_basic" | "index"
        | "proxy_cache_bypass" | "proxy_no_cache" | "limit_rate" | "sub_filter" | "limit_conn_zone" | "limit_req_zone"
        | "error_page" | "hash" | "disable_symlinks" | "access_log" => 0,
        "rewrite" | "set" | "proxy_set_header" | "add_header" | "add_trailer" | "log_format" | "fastcgi_param"
        | "uwsgi_param" | "scgi_param" | "grpc_set_header" | "proxy_cookie_path" | "proxy_cookie_domain"
        | "proxy_redirect" => 1,
        "map" | "split_clients" => return (directive.arg_count() == 2).then_some(0),
        _ => return None,
    };
    Some(from)
}
