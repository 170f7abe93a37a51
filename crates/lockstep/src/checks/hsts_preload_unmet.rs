use findings::{Verdict, check, found, not_tested, pass};
use network::Saw;

use super::hsts_preload_asked::place;
use crate::{Listed, Observations};

check! {
    /// The domain is on the browsers' built-in list, and its header no longer meets the list's rules.
    ///
    /// ## Why it matters
    /// The list keeps names as long as their header asks for it: with `preload`, `includeSubDomains` and a year of `max-age`.
    /// Others are taken off it, and whoever is not meant to be on it has to ask for that.
    ///
    /// ## How to fix
    /// Send the header as the list asks for it, from the registered domain; or have the entry removed at hstspreload.org.
    CHECK: Check<Observations> = "hsts-preload-unmet",
        section: Hardening, severity: Note,
        title: "The preload entry has no header", healthy: "The preload entry is kept up",
        source: "hstspreload.org: submission requirements, continued requirements", run: run
}

/// The list asks new entries for a year; 18 weeks suffice for those before October 2017 (`chromium/hstspreload`, `header.go`).
const LEAST: u64 = 10_886_400;

fn run(seen: &Observations) -> Vec<Verdict> {
    let sent = web::hsts::sent(&seen.web);
    let preload = match &seen.preload {
        Some(Saw::Seen(preload)) => preload,
        Some(Saw::Unseen(why)) if !sent.is_empty() => {
            let why = format!("The browsers' built-in list could not be asked now: {}.", why.clause());
            return vec![not_tested(seen.target.registrable.as_str(), why)];
        }
        Some(Saw::Unseen(_)) | None => return Vec::new(),
    };
    let name = &preload.name;
    if !matches!(preload.status, Listed::Preloaded | Listed::Pending) {
        return Vec::new();
    }
    let corners = || seen.web.of(domain::Scheme::Https, name).filter_map(|corner| corner.first.seen());
    if corners().next().is_none() {
        return Vec::new(); // its own header was not seen
    }
    let lacks = match sent.iter().find(|(corner, _)| corner.host == *name) {
        None => vec!["the header"],
        Some((_, it)) => [
            (it.max_age < LEAST, "a max-age of a year"),
            (!it.include_subdomains, "includeSubDomains"),
            (!it.preload, "preload"),
        ]
        .into_iter()
        .filter_map(|(lacks, what)| lacks.then_some(what))
        .collect(),
    };
    if lacks.is_empty() {
        return vec![pass(
            name.as_str(),
            format!("{name} is {}, and its header says what the list asks for.", place(preload.status)),
        )];
    }
    let said = found(
        name.as_str(),
        format!("{name} is {}, and it does not send {}.", place(preload.status), super::and(&lacks)),
    )
    .means("The entry may be taken off the list. Browsers that have it insist on HTTPS for every subdomain until then.")
    .fix_code(
        "If the entry is meant, send this over HTTPS; if not, have it removed at hstspreload.org.",
        "add_header Strict-Transport-Security \"max-age=31536000; includeSubDomains; preload\" always;",
    )
    .prove(
        format!("curl -sI https://{name} | grep -i strict-transport"),
        "max-age=31536000; includeSubDomains; preload",
    );
    vec![said.into()]
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK, Listed};
    use crate::{
        Observations,
        fixture::{healthy, with_hsts, with_preload},
    };

    fn listed(value: Option<&str>, status: Listed) -> Observations {
        let mut seen = healthy();
        if let Some(value) = value {
            with_hsts(&mut seen, &["example.com"], value);
        }
        with_preload(&mut seen, status);
        seen
    }

    #[test]
    fn an_entry_without_its_header_is_noted() {
        for value in [
            None,
            Some("max-age=300; includeSubDomains; preload"),
            Some("max-age=31536000; preload"),
            Some("max-age=31536000; includeSubDomains"),
        ] {
            assert_eq!(said(CHECK, &listed(value, Listed::Preloaded)), ["note example.com"], "{value:?}");
        }
    }

    #[test]
    fn a_full_header_passes_and_other_names_are_not_asked() {
        let full = Some("max-age=10886400; includeSubDomains; preload");
        assert_eq!(said(CHECK, &listed(full, Listed::Preloaded)), ["passed example.com"]);
        assert!(said(CHECK, &listed(None, Listed::Unknown)).is_empty());
        assert!(said(CHECK, &healthy()).is_empty());
        let mut seen = listed(None, Listed::Preloaded);
        seen.web.corners.clear();
        assert!(said(CHECK, &seen).is_empty());
    }

    #[test]
    fn a_list_that_does_not_answer_is_a_state_where_there_is_a_header() {
        let mut seen = listed(Some("max-age=31536000"), Listed::Unknown);
        seen.preload = Some(Saw::Unseen(Unseen::TimedOut));
        assert_eq!(said(CHECK, &seen), ["not tested example.com"]);
        let mut seen = healthy();
        seen.preload = Some(Saw::Unseen(Unseen::TimedOut));
        assert!(said(CHECK, &seen).is_empty());
    }
}
