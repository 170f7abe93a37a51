//! A server that its own authors call unfit for the public answers.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response,
    finals::{self, Faulty},
    words::{quoted, verb},
};

findings::check! {
    /// A development server answers the public.
    ///
    /// ## Why it matters
    /// Its authors ask not to use it in production: it handles few visitors at a time and is not hardened. With debug
    /// mode on, a visitor who finds an error can run code on the server.
    ///
    /// ## How to fix
    /// Run the application with Gunicorn (or another production server) behind nginx, and leave debug mode off.
    CHECK: Check<Observation> = "development-server",
        section: App, severity: Failed,
        title: "A development server answers", healthy: "No development server seen",
        source: "Seed B1, B2; Flask and Werkzeug documentation", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    finals::ask(seen, &finals::of(seen), server, |server, faulty| say(server, faulty))
}

/// The development server that shows itself, by its `Server` header.
fn server(response: &Response) -> Option<&'static str> {
    let header = response.server.as_deref().unwrap_or_default();
    if header.starts_with("Werkzeug/") {
        Some("Flask's development server (Werkzeug)")
    } else if header.starts_with("WSGIServer/") {
        Some("Python's or Django's development server (WSGIServer)")
    } else if header.starts_with("SimpleHTTP/") {
        Some("Python's test server (http.server)")
    } else {
        None
    }
}

fn say(server: &str, faulty: &Faulty<'_, '_>) -> Said {
    let urls = faulty.urls();
    let is = verb(&urls, "is", "are");
    let said = found(faulty.subject.clone(), format!("{urls} {is} answered by {server} at {}.", faulty.places()))
        .means(
            "It serves few visitors at a time and is not made for the open internet; with debug mode on, strangers can \
         run code on your server.",
        )
        .fix_code(
            "Run the application with Gunicorn behind nginx, without debug mode (replace \"yourapp\" by your module).",
            "gunicorn --bind 127.0.0.1:8000 yourapp:app",
        )
        .prove(
            format!("curl -I {} | grep -i '^server'", quoted(faulty.url())),
            "Server: nginx or gunicorn, not a development server",
        );
    faulty.server().into_iter().fold(said, |said, server| said.evidence("Server", server))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    #[test]
    fn development_servers_show_themselves() {
        let finding = fires(CHECK, "https example.com 203.0.113.7 200 | server: Werkzeug/3.0.1 Python/3.12.3");
        assert!(finding.seen.contains("Werkzeug"));
        fires(CHECK, "https example.com 203.0.113.7 404 | server: WSGIServer/0.2 CPython/3.12.3");
        fires(CHECK, "http example.com 203.0.113.7 200 | server: SimpleHTTP/0.6 Python/3.12.3");
    }

    #[test]
    fn production_servers_and_pages_about_them_pass() {
        for extra in
            ["server: gunicorn", "server: nginx", "server: cloudflare", "title: The Werkzeug Debugger explained"]
        {
            passes(CHECK, &format!("https example.com 203.0.113.7 200 | {extra}"));
        }
    }
}
