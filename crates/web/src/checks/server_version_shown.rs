//! The server tells everybody its version.

use findings::{Verdict, found, pass};

use crate::{
    Observation, Response,
    words::{groups, list, short, subject, verb},
};

findings::check! {
    /// Answers name the exact version of the software.
    ///
    /// ## Why it matters
    /// It does no harm by itself. Whoever looks for servers with a known fault finds them by this line.
    ///
    /// ## How to fix
    /// `server_tokens off;` in the `http` block of nginx; `proxy_hide_header X-Powered-By;` for the application's.
    CHECK: Check<Observation> = "server-version-shown",
        section: Hardening, severity: Note,
        title: "The version is shown", healthy: "No version is shown",
        source: "nginx documentation: server_tokens; RFC 9110 §10.2.4", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let answers = seen.corners.iter().filter_map(|corner| Some((corner.first.seen()?, &corner.host)));
    let shown = groups(answers.filter_map(|(response, host)| Some((version(response)?, host))));
    if shown.is_empty() {
        let any = seen.corners.iter().any(|corner| corner.first.seen().is_some());
        return any.then(|| pass(subject(seen), "No answer names a version.")).into_iter().collect();
    }
    let say = |(version, hosts): &(String, Vec<_>)| {
        let names = list(hosts.iter());
        let host = hosts.first().map(ToString::to_string).unwrap_or_default();
        let fact = format!("{names} {} {version}.", verb(&names, "shows", "show"));
        let subject = if shown.len() == 1 { names } else { format!("{names} ({version})") };
        found(subject, fact)
            .means("Nothing has to change. Whoever looks for servers with a known fault finds them by such lines.")
            .fix_code("To say less, put this into the http block of nginx and reload it.", "server_tokens off;")
            .prove(format!("curl -sI https://{host} | grep -i '^server'"), "A line without a number")
            .into()
    };
    shown.iter().map(say).collect()
}

/// A product with its version. The development server, which shows one too, has a check of its own.
fn version(response: &Response) -> Option<String> {
    let values = [response.server.as_deref(), response.header("x-powered-by")];
    let has_version = |it: &&str| {
        let digit = |version: &str| version.starts_with(|c: char| c.is_ascii_digit());
        it.split_once('/').is_some_and(|(_, version)| digit(version)) && !it.starts_with("Werkzeug")
    };
    values.into_iter().flatten().find(has_version).map(short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    #[test]
    fn a_number_is_noted_and_a_name_alone_is_not() {
        let finding = fires(CHECK, "https example.com 203.0.113.7 200 | server: nginx/1.22.1 (Ubuntu)");
        assert_eq!(finding.seen, "example.com shows nginx/1.22.1 (Ubuntu).");
        fires(CHECK, "https example.com 203.0.113.7 200 | x-powered-by: PHP/8.2.1");
        passes(CHECK, "https example.com 203.0.113.7 200 | server: nginx");
        passes(CHECK, "https example.com 203.0.113.7 200 | server: Werkzeug/3.0.1 Python/3.12.3");
        is_silent(CHECK, "https example.com 203.0.113.7 refused");
    }
}
