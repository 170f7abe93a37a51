use dns::{
    authorities,
    caa::{self, Climb, Permission},
};
use domain::DomainName;
use findings::{Said, Verdict, check, found, not_tested, pass};

use super::and;
use crate::Observations;

check! {
    /// The CAA records do not permit the authority that issued the current certificate.
    ///
    /// ## Why it matters
    /// CAA records list the authorities that may issue for a name. An authority that is not listed has to refuse, so the
    /// site works until its certificate runs out, and the renewal before that date fails.
    ///
    /// ## How to fix
    /// Add a record for the authority in use, such as `0 issue "letsencrypt.org"`, or renew with one that is listed.
    CHECK: Check<Observations> = "caa-refuses-current-issuer",
        section: Renewal, severity: Failed,
        title: "The next renewal will be refused", healthy: "The current issuer may renew",
        source: "RFC 8659 §5; RFC 8657; Boulder va/caa.go", run: run
}

/// One name of a certificate to be renewed, and its issuer.
struct Order<'o> {
    /// Whose records decide.
    name: &'o DomainName,
    wildcard: bool,
    leaf: &'o tls::Certificate,
}

impl Order<'_> {
    fn is_like(&self, other: &Order<'_>) -> bool {
        (self.name, self.wildcard, &self.leaf.issuer) == (other.name, other.wildcard, &other.leaf.issuer)
    }
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    let (mut free, mut given): (Vec<String>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    let mut unknown: Vec<(String, Vec<String>)> = Vec::new();
    let mut refused: Vec<(&DomainName, bool, &str)> = Vec::new();
    for order in orders(seen) {
        let label = if order.wildcard { format!("*.{}", order.name) } else { order.name.to_string() };
        let mut put_off = |why: String| match unknown.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) if names.contains(&label) => {}
            Some((_, names)) => names.push(label.clone()),
            None => unknown.push((why, vec![label.clone()])),
        };
        let (at, records) = match seen.dns.caa(order.name) {
            Climb::Free => {
                if !free.contains(&label) {
                    free.push(label);
                }
                continue;
            }
            Climb::Found { at, records } => (at, records),
            // caa-lookup-fails says it.
            Climb::Fails { .. } | Climb::Unknown(_) => continue,
        };
        if caa::relevant(&records, order.wildcard).is_empty() {
            if !free.contains(&label) {
                free.push(label);
            }
            continue;
        }
        let authority = authorities::of_issuer(&order.leaf.issuer);
        match caa::permission(&records, order.wildcard, authority.map_or(&[], |authority| authority.identifiers)) {
            Permission::Given => {
                let given_to = authority.map_or(order.leaf.issued_by.as_str(), |authority| authority.name).to_owned();
                if !given.contains(&(label.clone(), given_to.clone())) {
                    given.push((label, given_to));
                }
            }
            Permission::ToAccount(_) => put_off(format!(
                "The records at {at} permit one account with {} only; whether it is the one in use cannot be seen from outside.",
                order.leaf.issued_by
            )),
            Permission::Refused if authority.is_none() && anybody(&records, order.wildcard) => put_off(format!(
                "Records at {at} say who may issue, but by which name {} goes there is not known to us.",
                order.leaf.issued_by
            )),
            Permission::Refused => {
                let who = authority.map_or(order.leaf.issued_by.as_str(), |authority| authority.name);
                if !refused.contains(&(at, order.wildcard, who)) {
                    refused.push((at, order.wildcard, who));
                    verdicts.push(said(&order, at, &records, authority).into());
                }
            }
        }
    }
    if !verdicts.is_empty() {
        return verdicts;
    }
    if !given.is_empty() {
        let (mut names, mut who): (Vec<&String>, Vec<&String>) = given.iter().map(|(name, who)| (name, who)).unzip();
        names.dedup();
        who.dedup();
        verdicts.push(pass(and(names), format!("The records that say who may issue permit {}.", and(who))));
    }
    if !free.is_empty() {
        verdicts.push(pass(and(free), "No record restricts who may issue certificates."));
    }
    if !unknown.is_empty() {
        let mut names: Vec<String> = unknown.iter().flat_map(|(_, names)| names.clone()).collect();
        names.sort();
        names.dedup();
        let why: Vec<&str> = unknown.iter().map(|(why, _)| why.as_str()).collect();
        verdicts.push(not_tested(and(names), why.join(" ")));
    }
    verdicts
}

/// What will be asked of the issuer at the next renewal, as far as we know the names: each name looked at that shows a
/// certificate for itself, and the wildcard that covers it.
fn orders(seen: &Observations) -> Vec<Order<'_>> {
    let mut orders: Vec<Order<'_>> = Vec::new();
    for (endpoint, leaf) in seen.tls.leaves() {
        let public = endpoint.chain(&seen.tls).is_some_and(|chain| {
            matches!(chain.path, tls::Path::Trusted | tls::Path::Incomplete { .. } | tls::Path::Unverified { .. })
        });
        // What no public authority issued is renewed by other rules.
        if leaf.self_signed || !public || !leaf.covers(&endpoint.host) {
            continue;
        }
        let listed = |wanted: &str| leaf.names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
        for name in seen.dns.names.iter().map(|seen| &seen.name) {
            for (wildcard, text) in [(false, name.to_string()), (true, format!("*.{name}"))] {
                let order = Order { name, wildcard, leaf };
                let known = orders.iter().any(|known| known.is_like(&order));
                if listed(&text) && !known {
                    orders.push(order);
                }
            }
        }
    }
    orders
}

/// Whether the records permit anybody at all.
fn anybody(records: &[caa::Caa], wildcard: bool) -> bool {
    caa::relevant(records, wildcard)
        .iter()
        .map(|caa| caa.issue())
        .any(|issue| !issue.issuer.is_empty() && issue.is_satisfiable())
}

fn said(order: &Order<'_>, at: &DomainName, records: &[caa::Caa], authority: Option<&authorities::Authority>) -> Said {
    let leaf = order.leaf;
    let who = authority.map_or(leaf.issued_by.as_str(), |authority| authority.name);
    let relevant = caa::relevant(records, order.wildcard);
    let mut listed: Vec<String> =
        relevant.iter().map(|caa| caa.issue().issuer).filter(|issuer| !issuer.is_empty()).collect();
    listed.dedup();
    let what = match listed.as_slice() {
        [] => "permits nobody".to_owned(),
        names if authority.is_some_and(|it| names.iter().any(|name| it.identifiers.contains(&name.as_str()))) => {
            "names it under conditions that cannot be met".to_owned()
        }
        names => format!("permits only {}", and(names)),
    };
    let kind = if order.wildcard { "certificates for all names below it" } else { "certificates" };
    let tag = if order.wildcard && relevant.iter().any(|caa| caa.tag == "issuewild") { "issuewild" } else { "issue" };
    let said =
        found(at.as_str(), format!("{who} issued the current certificate, but for {kind} the record at {at} {what}."))
            .means(format!(
                "The site works until {}. A renewal by {who} is refused before that date.",
                leaf.not_after.long_date()
            ));
    let said = match authority.and_then(|authority| authority.identifiers.first()) {
        Some(identifier) => said
            .fix_code(
                format!("Add this record to the zone of {at}, or renew with an authority that is listed."),
                format!("{at}. CAA 0 {tag} \"{identifier}\""),
            )
            .prove(format!("dig +short {at} CAA"), format!("a line 0 {tag} \"{identifier}\"")),
        None => said
            .fix(format!(
                "Add a record for the authority in use to the zone of {at}, or remove those that permit nobody."
            ))
            .prove(format!("dig +short {at} CAA"), "a line that names the authority in use"),
    };
    records.iter().fold(said.evidence("Issuer", &leaf.issuer), |said, caa| {
        said.evidence("Record", format!("{} {} \"{}\"", caa.flags, caa.tag, caa.value))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::{chain, healthy, with_caa};

    fn says(records: &[&str]) -> Vec<String> {
        let mut seen = healthy();
        with_caa(&mut seen, "example.com", records);
        said(CHECK, &seen)
    }

    #[test]
    fn a_record_for_somebody_else_fires_once_for_both_names() {
        assert_eq!(says(&["0 issue \"digicert.com\""]), ["failed example.com"]);
        assert_eq!(says(&["0 issue \";\""]), ["failed example.com"]);
        assert_eq!(says(&["0 issue \"letsencrypt.org; validationmethods=nothing\""]), ["failed example.com"]);
        assert_eq!(says(&["0 issue \"letsencrypt.org; accounturi=a; accounturi=b\""]), ["failed example.com"]);
    }

    #[test]
    fn a_record_for_the_issuer_or_none_at_all_passes() {
        assert_eq!(says(&["0 issue \"letsencrypt.org\""]), ["passed example.com and www.example.com"]);
        assert_eq!(
            says(&["0 issue \"digicert.com\"", "0 issue \"letsencrypt.org; validationmethods=http-01\""]),
            ["passed example.com and www.example.com"]
        );
        assert_eq!(says(&[]), ["passed example.com and www.example.com"]);
        assert_eq!(says(&["0 iodef \"mailto:a@example.com\""]), ["passed example.com and www.example.com"]);
        assert_eq!(says(&["0 issuewild \";\""]), ["passed example.com and www.example.com"]);
    }

    #[test]
    fn a_wildcard_goes_by_its_own_records() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("wild", &["example.com", "*.example.com"], -10, 80)];
        with_caa(&mut seen, "example.com", &["0 issue \"letsencrypt.org\"", "0 issuewild \";\""]);
        assert_eq!(said(CHECK, &seen), ["failed example.com"]);
        with_caa(&mut seen, "example.com", &["0 issue \"letsencrypt.org\""]);
        assert_eq!(said(CHECK, &seen), ["passed example.com and *.example.com"]);
    }

    #[test]
    fn the_names_own_record_hides_its_parents() {
        let mut seen = healthy();
        with_caa(&mut seen, "example.com", &["0 issue \"digicert.com\""]);
        with_caa(&mut seen, "www.example.com", &["0 issue \"letsencrypt.org\""]);
        assert_eq!(said(CHECK, &seen), ["failed example.com"]);
    }

    #[test]
    fn an_account_or_an_unknown_authority_is_not_tested() {
        assert_eq!(
            says(&["0 issue \"letsencrypt.org; accounturi=https://le.example/1\""]),
            ["not tested example.com and www.example.com"]
        );
        let mut seen = healthy();
        seen.tls.chains[0].certificates[0].issuer = "CN=R1,O=Some Authority".into();
        with_caa(&mut seen, "example.com", &["0 issue \"ca.example\""]);
        assert_eq!(said(CHECK, &seen), ["not tested example.com and www.example.com"]);
        with_caa(&mut seen, "example.com", &["0 issue \";\""]);
        assert_eq!(said(CHECK, &seen), ["failed example.com"], "nobody is nobody, whoever it is");
        with_caa(&mut seen, "example.com", &[]);
        assert_eq!(said(CHECK, &seen), ["passed example.com and www.example.com"]);
    }

    #[test]
    fn what_no_public_authority_issued_is_not_asked_about() {
        let mut seen = healthy();
        with_caa(&mut seen, "example.com", &["0 issue \"digicert.com\""]);
        seen.tls.chains[0].path = tls::Path::Untrusted { why: "UnknownIssuer".into(), fetched: String::new() };
        assert!(said(CHECK, &seen).is_empty());
    }
}
