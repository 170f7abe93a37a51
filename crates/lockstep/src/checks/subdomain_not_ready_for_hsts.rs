use findings::{Verdict, check, found, not_tested, pass};
use network::Saw;

use super::hsts_covers_broken_subdomain::{Looked, includes_subdomains};
use crate::Observations;

check! {
    /// A subdomain does not work over HTTPS, so `includeSubDomains` would lock visitors out of it.
    ///
    /// ## Why it matters
    /// The word in the HSTS header binds every subdomain there is, also those that nobody thinks of. The public logs of
    /// certificates know most of them.
    ///
    /// ## How to fix
    /// Leave `includeSubDomains` out, or get HTTPS to work at these names first.
    CHECK: Check<Observations> = "subdomain-not-ready-for-hsts",
        section: Hardening, severity: Note,
        title: "Subdomains lack HTTPS", healthy: "Subdomains work over HTTPS",
        source: "RFC 6797 §14.4; seed A15", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let Some(swept) = &seen.subdomains else { return Vec::new() };
    let domain = &seen.target.registrable;
    let Some(looked) = Looked::at(swept) else {
        let why = swept.names.unseen().map(network::Unseen::clause).unwrap_or_default();
        return vec![not_tested(
            domain.as_str(),
            format!("The public logs could not be asked for subdomains now: {why}."),
        )];
    };
    if includes_subdomains(seen) && !looked.broken.is_empty() {
        return Vec::new(); // a warning says so
    }
    if looked.broken.is_empty() {
        let none = matches!(&swept.names, Saw::Seen(names) if names.is_empty());
        let said = if none { "The public logs know no other subdomain.".to_owned() } else { looked.well() };
        return vec![pass(domain.as_str(), said)];
    }
    let said = found(domain.as_str(), looked.badly())
        .means("Nothing has to change as long as the header of the domain does not include its subdomains.")
        .fix_code(
            "Leave the word includeSubDomains out, or get HTTPS to work at these names first.",
            "add_header Strict-Transport-Security \"max-age=31536000\" always;",
        )
        .prove(looked.command(), "an HTTP status line");
    vec![looked.evidence(said).into()]
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK};
    use crate::fixture::{healthy, with_hsts, with_subdomains};

    #[test]
    fn a_broken_subdomain_is_noted_until_the_word_makes_it_a_warning() {
        let mut seen = healthy();
        with_subdomains(&mut seen, &["shop.example.com"], &["old.example.com"]);
        assert_eq!(said(CHECK, &seen), ["note example.com"]);
        with_hsts(&mut seen, &["example.com"], "max-age=31536000; includeSubDomains");
        assert!(said(CHECK, &seen).is_empty());
    }

    #[test]
    fn working_ones_pass_and_what_was_not_asked_is_not_tested() {
        let mut seen = healthy();
        assert!(said(CHECK, &seen).is_empty());
        with_subdomains(&mut seen, &["shop.example.com"], &[]);
        assert_eq!(said(CHECK, &seen), ["passed example.com"]);
        with_subdomains(&mut seen, &[], &[]);
        assert_eq!(said(CHECK, &seen), ["passed example.com"]);
        if let Some(swept) = &mut seen.subdomains {
            swept.names = Saw::Unseen(Unseen::TimedOut);
        }
        assert_eq!(said(CHECK, &seen), ["not tested example.com"]);
    }
}
