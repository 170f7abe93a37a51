//! The first step from http leads to another name at once.

use domain::Scheme;
use findings::{Verdict, found, pass};

use crate::{
    Observation, location,
    words::{curl, groups, names, subject},
};

findings::check! {
    /// The first redirect from http leads to another name at once, so that browsers never learn HSTS for the first.
    ///
    /// ## Why it matters
    /// Browsers remember HTTPS for the names that told them so over HTTPS. A name that is left before it could do so is
    /// asked over plain HTTP each time, and anyone on the way can send that visit elsewhere.
    ///
    /// ## How to fix
    /// Redirect to HTTPS on the same name first, and from there to the main name.
    CHECK: Check<Observation> = "first-redirect-changes-host",
        section: Hardening, severity: Note,
        title: "First redirect changes the name", healthy: "First redirect keeps the name",
        source: "Seed A11; hstspreload redirects.http.www_first; RFC 6797 §7.2", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let own = names(seen);
    let remembers = |host: &str| {
        let secure =
            seen.corners.iter().filter(|corner| corner.scheme == Scheme::Https && corner.host.as_str() == host);
        secure.filter_map(|corner| corner.first.seen()).any(|first| !first.hsts.is_empty())
    };
    let firsts = seen.corners.iter().filter(|corner| corner.scheme == Scheme::Http).filter_map(|corner| {
        let place = location::of(corner.first.seen()?, &corner.url())?;
        (place.scheme == Scheme::Https).then_some((corner, place))
    });
    // Where nobody is asked to remember anything, nothing is lost; what other sites do is theirs.
    let firsts: Vec<_> = firsts.filter(|(_, place)| own.iter().any(|name| name.as_str() == place.host)).collect();
    let firsts: Vec<_> = firsts.into_iter().filter(|(_, place)| remembers(&place.host)).collect();
    let changes = groups(
        firsts
            .iter()
            .filter(|(corner, place)| corner.host.as_str() != place.host)
            .map(|(corner, place)| ((&corner.host, place.host.as_str()), corner.address)),
    );
    if changes.is_empty() && !firsts.is_empty() {
        return vec![pass(subject(seen), "The first redirect from http keeps the name.")];
    }
    let said = changes.iter().map(|((host, other), _)| {
        found(host.as_str(), format!("http://{host}/ redirects straight to {other}; {host} itself never says over HTTPS that it wants HTTPS."))
            .means(format!("Nothing has to change. Browsers remember to use HTTPS for {other} only: whoever types {host} asks without protection each time."))
            .fix_code(
                format!("Redirect to https://{host} first, and from there to {other}."),
                format!("server {{\n    listen 80;\n    listen [::]:80;\n    server_name {host};\n\n    return 301 https://$host$request_uri;\n}}"),
            )
            .prove(curl(&domain::HttpUrl::root(Scheme::Http, host)), format!("Location: https://{host}/"))
            .into()
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const WWW: &str = "https www.example.com 203.0.113.7 200 | strict-transport-security: max-age=31536000\n";

    #[test]
    fn a_step_to_the_other_name_is_noted_where_that_is_remembered() {
        let finding = fires(
            CHECK,
            &format!(
                "{WWW}http example.com 203.0.113.7 301 https://www.example.com/\nhttp example.com 2001:db8::7 301 https://www.example.com/"
            ),
        );
        assert_eq!(finding.subject, "example.com");
    }

    #[test]
    fn the_same_name_first_passes_and_without_the_header_nothing_is_lost() {
        passes(CHECK, &format!("{WWW}http www.example.com 203.0.113.7 301 https://www.example.com/"));
        is_silent(
            CHECK,
            "https www.example.com 203.0.113.7 200\nhttp example.com 203.0.113.7 301 https://www.example.com/",
        );
        is_silent(CHECK, &format!("{WWW}http www.example.com 203.0.113.7 301 https://other.example.net/"));
    }
}
