//! An `if` whose condition nginx cannot read.

use super::{Found, is_judged, short};
use crate::{Config, config::is_placeholder, fix};

rule! {
    /// The condition of an `if` is written in a way that nginx does not know.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration. There is no `==`, no `&&`, no `||` and no `else`.
    ///
    /// ## How to fix
    /// One variable alone, or a variable, `=`, `!=`, `~` or `~*`, and a value, between parentheses.
    ///
    /// ```nginx fires
    /// server {
    ///     if ($host == www.app.test) { return 301 https://app.test$request_uri; }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     if $host = www.app.test { return 301 https://app.test$request_uri; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     if ($host = www.app.test) { return 301 https://app.test$request_uri; }
    ///     if ($http_user_agent ~* "bot|spider") { return 403; }
    ///     if (!-f $request_filename) { return 404; }
    ///     if ( $args ) { return 400; }
    /// }
    /// ```
    RULE: "bad-condition", severity: Failed, title: "nginx cannot read this condition",
        docs: "if", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("if").filter(is_judged).filter(|directive| directive.arg_count() > 0) {
        let words: Vec<String> = directive.args().map(str::to_owned).collect();
        let Err((at, refused)) = read(&words) else { continue };
        if words.iter().any(|word| is_placeholder(word)) {
            continue;
        }
        let word = words.get(at).map_or("", String::as_str);
        let draft = directive.arg_found(at, format_args!("nginx cannot read the condition \"{}\".", short(directive.head())))
            .refused(refused);
        let bare = !words.first().is_some_and(|word| word.starts_with('(')) && !words.last().is_some_and(|word| word.ends_with(')'));
        found_here.add(if word == "==" {
            draft.safe("Write a single \"=\".", fix::replace_arg(directive, at, "="))
        } else if bare {
            let first = directive.arg_span(0);
            let last = directive.arg_span(words.len() - 1);
            let text = config.files.text(first.to(last));
            draft.safe("Put it between parentheses.", vec![(first.to(last), format!("({text})"))])
        } else {
            draft.by_hand("Compare one variable with one value; nginx has no \"and\" and no \"or\".")
        });
    }
}

/// Which word nginx stumbles over, and its words.
fn read(words: &[String]) -> Result<(), (usize, String)> {
    let invalid = |at: usize, word: &str| Err((at, format!("invalid condition \"{word}\"")));
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Ok(()) };
    let Some(opened) = first.strip_prefix('(') else { return invalid(0, first) };
    let mut parts: Vec<(usize, &str)> = words.iter().map(String::as_str).enumerate().collect();
    if let Some(part) = parts.first_mut() {
        part.1 = opened;
    }
    let end = words.len() - 1;
    let Some(closed) = parts.last().and_then(|(_, word)| word.strip_suffix(')')) else { return invalid(end, last) };
    if let Some(part) = parts.last_mut() {
        part.1 = closed;
    }
    if opened.is_empty() {
        parts.remove(0);
    }
    if parts.len() > 1 && closed.is_empty() {
        parts.pop();
    }
    let Some(&(at, subject)) = parts.first() else { return invalid(end, last) };
    if subject.len() > 1 && subject.starts_with('$') {
        return match parts.as_slice() {
            [_] => Ok(()),
            [_, (_, "=" | "!=" | "~" | "~*" | "!~" | "!~*"), _] => Ok(()),
            [_, (at, sign), _] => Err((*at, format!("unexpected \"{sign}\" in condition"))),
            _ => invalid(at, subject),
        };
    }
    let test = subject.strip_prefix('!').unwrap_or(subject);
    if test.len() == 2 && test.starts_with('-') && parts.len() == 2 && ["-f", "-d", "-e", "-x"].contains(&test) {
        return Ok(());
    }
    invalid(at, subject)
}
