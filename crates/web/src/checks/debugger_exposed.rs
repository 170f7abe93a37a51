//! A framework's debug page is shown to visitors.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response, errors,
    words::{names, short},
};

findings::check! {
    /// The application runs in debug mode: an error shows a debug page to everyone.
    ///
    /// ## Why it matters
    /// Such a page shows source code, paths and settings; Werkzeug's can run code on the server for whoever finds its
    /// PIN.
    ///
    /// ## How to fix
    /// Switch debug mode off (`FLASK_DEBUG`, `app.run(debug=True)`, Django's `DEBUG`), run the application with
    /// Gunicorn, and restart it.
    CHECK: Check<Observation> = "debugger-exposed",
        section: App, severity: Failed,
        title: "Debug mode is on", healthy: "No debug page seen",
        source: "Seed B1, B2; Flask \"Debug Mode\", Django \"DEBUG\", Werkzeug \"Debugging Applications\"", run: run
}

const WERKZEUG: &str = "Werkzeug's debugger";
const DJANGO: &str = "Django's debug page";

fn run(seen: &Observation) -> Vec<Verdict> {
    errors::ask(seen, debugger, |whose, place| {
        let said = found(place.subject.clone(), format!("{} shows {whose}.", place.clause)).means(match whose {
            WERKZEUG => "It shows your source code to everyone, and whoever finds its PIN can run code on your server.",
            _ => "It shows settings, paths and source code to everyone who asks for a page that fails.",
        });
        with_fix(said, whose, seen)
            .prove(place.command.clone(), "Your own error page, without code")
            .evidence("Title", short(place.response.title.as_deref().unwrap_or("none")))
    })
}

fn with_fix(said: Said, whose: &str, seen: &Observation) -> Said {
    let hosts = names(seen).iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    match whose {
        WERKZEUG => said.fix_code(
            "Switch debug mode off and let Gunicorn run the application (replace \"yourapp\" by your module and service).",
            "# in the service's environment file: no FLASK_DEBUG, no FLASK_ENV=development\n# in the code: no \
             app.run(debug=True), no DebuggedApplication\ngunicorn --bind 127.0.0.1:8000 yourapp:app\n\nsudo systemctl \
             restart yourapp",
        ),
        DJANGO => said.fix_code(
            "Switch debug mode off and name your hosts, then restart (replace \"yourapp\" by your service).",
            format!(
                "# settings.py\nDEBUG = False\nALLOWED_HOSTS = [{hosts}]\n\nsudo systemctl restart yourapp"
            ),
        ),
        _ => said.fix("Switch the framework's debug mode off in the environment of the service, then restart it."),
    }
}

/// Whose debug page it is, by what only that page has. A text about one of them has neither its title nor its links.
fn debugger(response: &Response) -> Option<&'static str> {
    let title = response.title.as_deref().unwrap_or_default();
    let start = response.start.as_str();
    // Django marks its technical pages this way and puts the path into their title.
    let technical = start.contains("content=\"NONE,NOARCHIVE\"") && title.contains(" at /");
    let failed = response.status >= 400;
    if title.ends_with("// Werkzeug Debugger") || start.contains("?__debugger__=yes&amp;cmd=resource") {
        Some(WERKZEUG)
    } else if (technical && failed) || title == "The install worked successfully! Congratulations!" {
        Some(DJANGO)
    } else if failed && title == "Starlette Debugger" {
        Some("Starlette's debug page")
    } else if failed && title == "Action Controller: Exception caught" {
        Some("Rails' debug page")
    } else if failed && response.header("x-debug-token-link").is_some() {
        Some("Symfony's debug page")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    const FINE: &str = "https example.com 203.0.113.7 200 | title: Home\n";

    #[test]
    fn debug_pages_are_known_by_their_own_marks() {
        let finding = fires(CHECK, "https example.com 203.0.113.7 500 | title: KeyError: 'x' // Werkzeug Debugger");
        assert!(finding.means.contains("PIN") && finding.fix.unwrap().code.unwrap().contains("gunicorn"));
        let django = "title: ValueError at /shop | body: <meta name=\"robots\" content=\"NONE,NOARCHIVE\">";
        fires(CHECK, &format!("https example.com 203.0.113.7 500 | {django}"));
        fires(CHECK, "https example.com 203.0.113.7 200 | title: The install worked successfully! Congratulations!");
        fires(CHECK, "https example.com 203.0.113.7 500 | title: Action Controller: Exception caught");
    }

    #[test]
    fn an_error_page_betrays_what_the_front_page_does_not() {
        let nobody = "nobody https://example.com/ 404 | title: Page not found at /lockstep-0123456789abcdef | body: <meta name=\"robots\" content=\"NONE,NOARCHIVE\">";
        let finding = fires(CHECK, &format!("{FINE}{nobody}"));
        assert_eq!(finding.subject, "https://example.com/");
        assert!(!finding.seen.contains("lockstep-") && finding.prove.unwrap().command.contains("no-such-page"));
    }

    #[test]
    fn other_error_pages_and_texts_pass() {
        for line in [
            "https example.com 203.0.113.7 200 | title: Using the Werkzeug Debugger | body: // Werkzeug Debugger",
            "https example.com 203.0.113.7 403 | title: 403 Forbidden | body: <meta name=\"robots\" content=\"NONE,NOARCHIVE\">",
            "https example.com 203.0.113.7 500 | title: 500 Internal Server Error",
        ] {
            passes(CHECK, line);
        }
        passes(CHECK, &format!("{FINE}nobody https://example.com/ 404 | title: 404 Not Found"));
        passes(CHECK, &format!("{FINE}nobody https://example.com/ timed-out"));
    }
}
