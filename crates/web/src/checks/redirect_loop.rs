//! Redirects lead back to a URL that was already asked for.

use domain::{HttpUrl, Scheme};
use findings::{Said, Verdict, found, not_tested};

use crate::{
    End, Hop, Observation, Trail, finals,
    words::{curl, groups, list, short, subject},
};

findings::check! {
    /// The redirects go round in a circle.
    ///
    /// ## Why it matters
    /// Nobody gets to see the site: browsers stop after about twenty rounds with "redirected too many times".
    ///
    /// ## How to fix
    /// Find the two rules that disagree. Most often the application forces HTTPS but is not told that the visitor
    /// already uses it: pass `X-Forwarded-Proto` from nginx and let the application believe it. A content delivery
    /// network that talks plain HTTP to the server makes the same circle: switch it to full HTTPS.
    CHECK: Check<Observation> = "redirect-loop",
        section: Redirects, severity: Failed,
        title: "Redirects go in a circle", healthy: "Redirects come to an end",
        source: "Seed A, common cause 5; RFC 9110 §15.4", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    if seen.corners.is_empty() {
        return Vec::new();
    }
    if seen.trails.is_empty() {
        return vec![not_tested(subject(seen), "No entrance answered, so there were no redirects to follow.")];
    }
    let loops = seen.trails.iter().filter_map(|trail| match &trail.end {
        End::Loop(url) => Some((members(trail, url), (trail, url))),
        _ => None,
    });
    let loops = groups(loops);
    if loops.is_empty() {
        return vec![finals::way(seen, "No URL comes up twice; the longest way is")];
    }
    loops.iter().filter_map(|(_, found)| Some(say(found.first()?, found).into())).collect()
}

/// The hops of the circle, without the way into it.
fn circle<'t>(trail: &'t Trail, repeated: &HttpUrl) -> &'t [Hop] {
    let start = trail.hops.iter().position(|hop| hop.url == *repeated).unwrap_or_default();
    trail.hops.get(start..).unwrap_or_default()
}

/// The URLs of a circle in a fixed order: the same circle entered elsewhere is the same problem.
fn members<'t>(trail: &'t Trail, repeated: &HttpUrl) -> Vec<&'t str> {
    let mut urls: Vec<&str> = circle(trail, repeated).iter().map(|hop| hop.url.as_str()).collect();
    urls.sort_unstable();
    urls
}

fn say((trail, repeated): &(&Trail, &HttpUrl), all: &[(&Trail, &HttpUrl)]) -> Said {
    let hops = circle(trail, repeated);
    let way: Vec<String> = hops.iter().map(|hop| short(hop.url.as_str())).collect();
    let fact = match way.as_slice() {
        [url] => format!("{url} redirects to itself."),
        urls => format!("The redirects lead from {} and back to {}.", urls.join(" to "), short(repeated.as_str())),
    };
    let from = list(all.iter().map(|(trail, _)| short(trail.from.as_str())));
    let means =
        format!("Nobody who starts at {from} gets to see the site: browsers give up with \"too many redirects\".");
    let said = found(short(repeated.as_str()), fact).means(means);
    let said = remedy(said, hops).prove(
        format!("{} | grep -i -E '^(HTTP|location)'", curl(repeated)),
        "A final answer such as 200, or a Location that is another URL",
    );
    all.iter().fold(said, |said, (trail, _)| said.evidence("Redirects", trail.arrows()))
}

fn remedy(said: Said, hops: &[Hop]) -> Said {
    let hosts: Vec<&str> = hops.iter().map(|hop| hop.url.host()).collect();
    let one_host = hosts.windows(2).all(|pair| pair.first() == pair.last());
    let turns_back = hops.iter().any(|hop| hop.url.scheme() == Scheme::Http)
        && hops.iter().any(|hop| hop.url.scheme() == Scheme::Https);
    let is_cloudflare =
        hops.iter().any(|hop| hop.server.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("cloudflare")));
    if is_cloudflare && one_host {
        return said.fix(
            "Cloudflare most likely fetches your site over plain HTTP while the server forces HTTPS. In Cloudflare, \
             set SSL/TLS to \"Full (strict)\".",
        );
    }
    if !one_host {
        return said.fix(format!(
            "Two rules send visitors to each other. Decide which of {} is the main address and remove the redirect \
             that leads away from it.",
            list(hosts)
        ));
    }
    if turns_back {
        return said.fix(
            "One rule forces HTTPS, another sends visitors back to plain HTTP. Remove the one that leads to http://: \
             look in nginx (`sudo nginx -T | grep -n -E 'return 30|rewrite'`), then in the application.",
        );
    }
    said.fix_code(
        "The application most likely forces HTTPS without knowing that the visitor already uses it. Tell it, and let \
         it believe what nginx says; then reload nginx and restart the application.",
        "# nginx, where it passes requests to the application:\n\
         proxy_set_header Host $host;\n\
         proxy_set_header X-Forwarded-Proto $scheme;\n\n\
         # Flask:\n\
         from werkzeug.middleware.proxy_fix import ProxyFix\n\
         app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, judged, passes};

    #[test]
    fn a_missing_forwarded_scheme_is_named_with_its_url() {
        let finding = fires(
            CHECK,
            "http  example.com 203.0.113.7 301 https://example.com/
             https example.com 203.0.113.7 302 https://example.com/ | server: nginx",
        );
        assert_eq!(finding.subject, "https://example.com/");
        assert_eq!(finding.seen, "https://example.com/ redirects to itself.");
        assert!(finding.means.contains("http://example.com/ and https://example.com/"));
        assert!(finding.fix.unwrap().code.unwrap().contains("X-Forwarded-Proto $scheme"));
        assert_eq!(finding.evidence[1].value, "https://example.com/ → https://example.com/");
    }

    #[test]
    fn one_circle_entered_twice_is_one_row() {
        let finding = fires(
            CHECK,
            "https example.com     203.0.113.7 301 https://www.example.com/
             https www.example.com 203.0.113.7 301 https://example.com/",
        );
        assert!(finding.fix.unwrap().text.contains("example.com and www.example.com"));
    }

    #[test]
    fn a_network_in_front_that_speaks_plain_http_has_its_own_remedy() {
        let finding = fires(CHECK, "https example.com 203.0.113.7 301 https://example.com/ | server: cloudflare");
        assert!(finding.fix.unwrap().text.contains("Full (strict)"));
        let back = fires(
            CHECK,
            "https example.com 203.0.113.7 301 http://example.com/
             http  example.com 203.0.113.7 301 https://example.com/",
        );
        assert!(back.fix.unwrap().text.contains("back to plain HTTP"));
    }

    #[test]
    fn two_circles_are_two_rows() {
        let findings = judged(
            CHECK,
            "https example.com     203.0.113.7 301 https://example.com/
             https www.example.com 203.0.113.7 301 https://www.example.com/",
        );
        assert_eq!(findings.len(), 2);
    }

    #[test]
    fn a_way_that_ends_is_no_circle() {
        let finding = passes(
            CHECK,
            "http  example.com     203.0.113.7 301 https://example.com/
             https example.com     203.0.113.7 301 https://www.example.com/
             https www.example.com 203.0.113.7 200",
        );
        assert!(finding.seen.contains("2 redirects"));
        passes(CHECK, "https example.com 203.0.113.7 302 /login\npage https://example.com/login 200");
        is_not_tested(CHECK, "https example.com 203.0.113.7 refused");
        // Where the way breaks off, nobody knows how it would have gone on.
        let broken = "http example.com 203.0.113.7 301 https://example.com/\nhttps example.com 203.0.113.7 refused";
        let finding = is_not_tested(CHECK, broken);
        assert_eq!(
            finding.seen,
            "No way could be followed to its end: at https://example.com/, the connection was refused."
        );
    }
}
