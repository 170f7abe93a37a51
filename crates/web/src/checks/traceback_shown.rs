//! An error page shows the program's traceback.

use findings::{Verdict, found};

use crate::{Observation, Response, errors};

findings::check! {
    /// An error page shows the traceback of the program to visitors.
    ///
    /// ## Why it matters
    /// File names, code and sometimes values are readable for everyone; visitors see an error they cannot use.
    ///
    /// ## How to fix
    /// Leave debug mode and `PROPAGATE_EXCEPTIONS` off, and let the application answer errors with a page of its own.
    /// The traceback belongs in the log.
    CHECK: Check<Observation> = "traceback-shown",
        section: App, severity: Failed,
        title: "Visitors see a traceback", healthy: "No traceback seen",
        source: "Seed B1; Flask \"Handling Application Errors\"", run: run
}

const PYTHON: &str = "the traceback of a Python program";

fn run(seen: &Observation) -> Vec<Verdict> {
    errors::ask(seen, traceback, |what, place| {
        let said =
            found(place.subject.clone(), format!("{} answers {} with {what}.", place.clause, place.response.status))
                .means(
                    "Everyone can read file names and code of your application; visitors get an error they cannot use.",
                )
                .fix_code(
                    "Leave debug mode off and answer errors with a page of your own; the traceback belongs in the log.",
                    "@app.errorhandler(500)\ndef failed(error):\n    return \"Something went wrong.\", 500",
                )
                .prove(place.command.clone(), "Your own error page, without file names");
        let line = last_line(&place.response.start);
        line.into_iter().fold(said, |said, line| said.evidence("Last line seen", line))
    })
}

/// A traceback in the answer to something that failed. A debugger's page is [`super::debugger_exposed`].
fn traceback(response: &Response) -> Option<&'static str> {
    let title = response.title.as_deref().unwrap_or_default();
    let has = |text: &str| response.start.contains(text);
    if response.status < 400 || title.ends_with("// Werkzeug Debugger") {
        None
    } else if has("Traceback (most recent call last):") {
        Some(PYTHON)
    } else if has("PHP Fatal error:  Uncaught") || has("<b>Fatal error</b>:  Uncaught") {
        Some("the error message of a PHP program")
    } else if has("    at ") && has("node_modules/") {
        Some("the stack trace of a Node program")
    } else {
        None
    }
}

fn last_line(start: &str) -> Option<String> {
    let line = start.lines().map(str::trim).rfind(|line| !line.is_empty() && !line.starts_with('<'))?;
    Some(line.chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    #[test]
    fn tracebacks_in_errors_fail() {
        let finding = fires(
            CHECK,
            "https example.com 203.0.113.7 500 | body: Traceback (most recent call last):   File \"/srv/app.py\", line 3",
        );
        assert!(finding.seen.contains("500"), "{}", finding.seen);
        fires(
            CHECK,
            "https example.com 203.0.113.7 200\nnobody https://example.com/ 500 | body: <pre>Traceback (most recent call last):",
        );
    }

    #[test]
    fn texts_about_tracebacks_pass() {
        passes(CHECK, "https example.com 203.0.113.7 200 | body: Traceback (most recent call last): is how it starts");
        passes(CHECK, "https example.com 203.0.113.7 500 | title: 500 Internal Server Error");
        passes(CHECK, "https example.com 203.0.113.7 200\nnobody https://example.com/ 404 | title: Not Found");
        passes(
            CHECK,
            "https example.com 203.0.113.7 500 | title: KeyError // Werkzeug Debugger | body: Traceback (most recent call last):",
        );
    }
}
