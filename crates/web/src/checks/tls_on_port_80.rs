//! Port 80 expects TLS, where browsers speak plain HTTP.

use domain::Scheme;
use findings::{Verdict, found, pass};

use crate::{
    Corner, Observation, Response,
    words::{addresses, hosts, redirect_block},
};

findings::check! {
    /// Port 80 expects a secure connection, where visitors speak plain HTTP.
    ///
    /// ## Why it matters
    /// Whoever types the bare name or follows an http link is told "the plain HTTP request was sent to HTTPS port"
    /// instead of being redirected. A certificate that is renewed over port 80 cannot be renewed.
    ///
    /// ## How to fix
    /// Take `ssl` off the `listen 80` lines, and keep it on `listen 443`.
    CHECK: Check<Observation> = "tls-on-port-80",
        section: Ports, severity: Warning,
        title: "Port 80 expects TLS", healthy: "Port 80 speaks plain HTTP",
        source: "Seed A7; nginx ngx_http_ssl_module, error 497; Let's Debug HttpOnHttpsPort", run: run
}

/// What servers say to plain HTTP on a port that they were told is secure: nginx, Apache, and servers written in Go.
const COMPLAINTS: [&str; 3] = [
    "plain HTTP request was sent to HTTPS port",
    "speaking plain HTTP to an SSL-enabled server port",
    "sent an HTTP request to an HTTPS server",
];

fn run(seen: &Observation) -> Vec<Verdict> {
    let answered = seen.corners.iter().filter(|corner| corner.scheme == Scheme::Http);
    let answered: Vec<&Corner> = answered.filter(|corner| corner.first.seen().is_some()).collect();
    let (mistaken, fine): (Vec<&Corner>, Vec<&Corner>) =
        answered.into_iter().partition(|corner| corner.first.seen().is_some_and(complains));
    let Some(first) = mistaken.first() else {
        let words = |fine: &[&Corner]| format!("Port 80 speaks plain HTTP for {} at {}.", hosts(fine), addresses(fine));
        return if fine.is_empty() { Vec::new() } else { vec![pass(hosts(&fine), words(&fine))] };
    };
    let names = hosts(&mistaken);
    let said = found(
        names.clone(),
        format!("Port 80 at {} expects a secure connection and answers {names} with an error.", addresses(&mistaken)),
    )
    .means(
        "Visitors who type http:// or follow an old link see that error instead of your site, and a certificate that \
         is renewed over port 80 (Certbot's usual way) will not renew.",
    )
    .fix_code(
        "Take ssl off the listen lines for port 80, so that the block only redirects, then reload nginx.",
        redirect_block(seen),
    )
    .prove(format!("curl -I http://{}", first.host), format!("A redirect: 301 and Location: https://{}/", first.host));
    let answer =
        |corner: &Corner| corner.first.seen().map(|it| it.title.clone().unwrap_or_else(|| it.status.to_string()));
    let said =
        mistaken.iter().fold(said, |said, corner| said.evidence(corner.subject(), answer(corner).unwrap_or_default()));
    vec![said.into()]
}

fn complains(response: &Response) -> bool {
    let title = response.title.as_deref().unwrap_or_default();
    response.status == 400 && COMPLAINTS.iter().any(|it| title.contains(it) || response.start.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    #[test]
    fn the_complaint_of_a_secure_port_fires() {
        let nginx = fires(
            CHECK,
            "http example.com 203.0.113.7 400 | title: 400 The plain HTTP request was sent to HTTPS port
             http www.example.com 203.0.113.7 400 | title: 400 The plain HTTP request was sent to HTTPS port",
        );
        assert_eq!(nginx.subject, "example.com and www.example.com");
        fires(CHECK, "http example.com 203.0.113.7 400 | body: Client sent an HTTP request to an HTTPS server.");
    }

    #[test]
    fn another_error_and_a_page_about_it_do_not() {
        passes(CHECK, "http example.com 203.0.113.7 400 | title: 400 Bad Request");
        passes(
            CHECK,
            "http example.com 203.0.113.7 200 | title: The plain HTTP request was sent to HTTPS port: what now?",
        );
        is_silent(CHECK, "http example.com 203.0.113.7 refused");
        is_silent(
            CHECK,
            "https example.com 203.0.113.7 400 | title: 400 The plain HTTP request was sent to HTTPS port",
        );
    }
}
