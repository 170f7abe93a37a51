//! The router in front of the server answers in its place.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response,
    finals::{self, Faulty},
    words::{quoted, verb},
};

findings::check! {
    /// A router's or modem's own page answers instead of the site.
    ///
    /// ## Why it matters
    /// The address belongs to a router that does not pass the port on to the server. Visitors see its login page, which
    /// is also open to everybody who wants to try passwords.
    ///
    /// ## How to fix
    /// In the router, forward ports 80 and 443 to the server, and switch off administration from outside.
    CHECK: Check<Observation> = "router-answers",
        section: App, severity: Failed,
        title: "A router answers", healthy: "No router answers",
        source: "Seed A12, A-cause 1; Let's Debug PortForwarding", run: run
}

/// What devices of this kind write into `Server`, in lower case. Programs that run elsewhere as well are left out.
const ROUTERS: [&str; 9] = [
    "cisco-ios",
    "fritz!box",
    "lancom",
    "micro_httpd",
    "mikrotik",
    "rompager",
    "router webserver",
    "tp-link",
    "zte web server",
];

fn run(seen: &Observation) -> Vec<Verdict> {
    finals::ask(seen, &finals::of(seen), router, |server, faulty| say(server, faulty))
}

fn router(response: &Response) -> Option<String> {
    let server = response.server.as_deref()?;
    let lower = server.to_ascii_lowercase();
    ROUTERS.iter().any(|router| lower.starts_with(router)).then(|| server.to_owned())
}

fn say(server: &str, faulty: &Faulty<'_, '_>) -> Said {
    let urls = faulty.urls();
    let is = verb(&urls, "is", "are");
    found(faulty.subject.clone(), format!("{urls} {is} answered by a router or modem (\"{server}\") at {}.", faulty.places()))
        .means("Visitors see the login page of that device instead of your site, and anybody can try passwords on it.")
        .fix("In the router, forward ports 80 and 443 to the server, and switch off its administration from outside. From inside the same network the site may have to be tried by a phone without wifi.")
        .prove(
            format!("curl -I {} | grep -i '^server'", quoted(faulty.url())),
            "Server: nginx, or whatever your server is",
        )
        .evidence("Server", server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    #[test]
    fn routers_are_known_by_their_header() {
        for server in ["micro_httpd", "cisco-IOS", "LANCOM 1781VA 10.12", "ZTE web server 1.0 ZTE corp 2015."] {
            let finding = fires(CHECK, &format!("http example.com 203.0.113.7 401 | server: {server}"));
            assert!(finding.seen.contains(server), "{}", finding.seen);
        }
    }

    #[test]
    fn web_servers_do_not_fire() {
        for server in ["nginx", "Apache/2.4.58", "lighttpd/1.4.76", "mini_httpd/1.30", "gunicorn", "not-a-router"] {
            passes(CHECK, &format!("http example.com 203.0.113.7 200 | server: {server}"));
        }
        passes(CHECK, "http example.com 203.0.113.7 200 | title: micro_httpd");
    }
}
