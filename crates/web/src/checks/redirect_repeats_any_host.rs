//! A redirect leads to whatever host was asked for.

use domain::Scheme;
use findings::{Verdict, found, pass};
use network::{Saw, Unseen};

use super::unknown_name_gets_the_site;
use crate::{
    Deep, Observation, finals, location,
    words::{names, short},
};

findings::check! {
    /// The redirect to HTTPS repeats any host name that it is asked for.
    ///
    /// ## Why it matters
    /// `return 301 https://$host$request_uri;` writes the name out of the request into the answer. In the block that nginx
    /// uses for names it does not know, whoever sends a request chooses where the answer leads. Visitors' browsers always
    /// send the right name; but a cache in between that keeps one answer for all names would hand out the wrong redirect.
    ///
    /// ## How to fix
    /// Write the name out (`return 301 https://example.com$request_uri;`), or put a default server before it that answers
    /// unknown names with `return 444;`. Then `$host` can only be one of your own names.
    CHECK: Check<Observation> = "redirect-repeats-any-host",
        section: Hardening, severity: Note,
        title: "Redirects repeat any host name", healthy: "Redirects do not repeat unknown names",
        source: "nginx documentation: $host, server names; CWE-601; RFC 9111 §2", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    // The same missing default server, with the same remedy: said once, there.
    if unknown_name_gets_the_site::is_found(seen) {
        return Vec::new();
    }
    let Some(asked) = &seen.stranger else { return Vec::new() };
    let corner = seen.corners.iter().find(|it| it.scheme == Scheme::Http && it.address == asked.address);
    let Some(corner) = corner else { return Vec::new() };
    let (stranger, address) = (asked.url.host(), asked.address);
    let Some((_, to)) = echo(seen) else {
        let does = match &asked.first {
            Saw::Seen(answer) if answer.is_redirect() => "redirects to another name",
            Saw::Seen(_) => "does not redirect",
            Saw::Unseen(Unseen::Closed | Unseen::Reset) => "hangs up",
            Saw::Unseen(_) => return Vec::new(),
        };
        return vec![pass(corner.subject(), format!("Asked for {stranger}, which nobody has, {address} {does}."))];
    };
    let ends = finals::of(seen);
    let own = |host: &str| names(seen).iter().any(|name| name.as_str() == host);
    let home = ends.iter().find(|end| end.url.scheme() == Scheme::Https && own(end.url.host()));
    let home = home.map_or(corner.host.as_str(), |end| end.url.host());
    let said = found(
        corner.subject(),
        format!("Asked for {stranger}, which nobody has, {address} redirects to {}.", short(to)),
    )
    .means(
        "Nothing has to change: browsers send the right name. But a cache in between that keeps one answer for all names \
         would send visitors to a name that somebody else chose.",
    )
    .fix_code(
        "Write the name into the redirect, or refuse unknown names in a server block of their own. Either is enough.",
        format!(
            "return 301 https://{home}$request_uri;\n\n# or\nserver {{\n    listen 80 default_server;\n    \
             listen [::]:80 default_server;\n    return 444;\n}}"
        ),
    )
    .prove(
        format!("curl -sI -H 'Host: nobody.invalid' http://{}/ | grep -i '^location'", bracketed(address)),
        format!("Nothing, or a Location at {home}"),
    )
    .evidence("Asked with Host", stranger)
    .evidence("Location", to);
    vec![said.into()]
}

/// What was asked for over plain HTTP under a name that nobody has, and the `Location` that leads to that very name, as
/// written, if there is one.
pub(super) fn echo(seen: &Observation) -> Option<(&Deep, &str)> {
    let asked = seen.stranger.as_deref()?;
    let answer = asked.first.seen()?;
    location::of(answer, &asked.url).filter(|to| to.host == asked.url.host())?;
    // A Location without a name repeats none.
    let written = answer.location.as_deref().map(str::trim)?;
    written.to_ascii_lowercase().contains(asked.url.host()).then_some((asked, written))
}

/// As a URL names it.
fn bracketed(address: std::net::IpAddr) -> String {
    if address.is_ipv6() { format!("[{address}]") } else { address.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const SITE: &str = "
        http  www.example.com 203.0.113.7 301 https://www.example.com/
        https www.example.com 203.0.113.7 301 https://example.com/
        https example.com     203.0.113.7 200 | title: Shop";

    #[test]
    fn the_nonce_in_the_location_is_noted() {
        let finding = fires(CHECK, &format!("{SITE}\nstranger 203.0.113.7 301 https://STRANGER/"));
        assert_eq!(finding.subject, "http://www.example.com/ at 203.0.113.7");
        let code = finding.fix.and_then(|fix| fix.code).unwrap_or_default();
        assert!(code.starts_with("return 301 https://example.com$request_uri;"), "{code}");
        fires(CHECK, &format!("{SITE}\nstranger 203.0.113.7 302 //STRANGER/login"));
    }

    #[test]
    fn other_answers_pass() {
        for answer in ["301 https://example.com/", "301 /login", "404", "200", "301", "200 https://STRANGER/", "closed"]
        {
            passes(CHECK, &format!("{SITE}\nstranger 203.0.113.7 {answer}"));
        }
    }

    #[test]
    fn one_missing_default_server_is_one_note() {
        let page = "read https://example.com/ 200\nmisnamed https://example.com/ 200 | title: Shop";
        is_silent(CHECK, &format!("{SITE}\n{page}\nstranger 203.0.113.7 301 https://STRANGER/"));
    }

    #[test]
    fn without_an_answer_nothing_is_said() {
        is_silent(CHECK, SITE);
        is_silent(CHECK, &format!("{SITE}\nstranger 203.0.113.7 timed-out"));
    }
}
