use findings::{Verdict, check, found, pass};
use network::Saw;

use super::{Fares, fare_of, list};
use crate::{Observations, Subdomains};

check! {
    /// HSTS with `includeSubDomains` covers subdomains that do not work over HTTPS.
    ///
    /// ## Why it matters
    /// Browsers that were at the domain open every subdomain by HTTPS only. One that does not work that way cannot be
    /// opened at all, not even by plain HTTP. It is often an old name that nobody thought of.
    ///
    /// ## How to fix
    /// Get HTTPS to work at these names, or leave `includeSubDomains` out until it does.
    CHECK: Check<Observations> = "hsts-covers-broken-subdomain",
        section: Redirects, severity: Warning,
        title: "HSTS covers broken subdomains", healthy: "HSTS covers working subdomains",
        source: "RFC 6797 §6.1.2, §14.4; seed A15", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let Some(swept) = seen.subdomains.as_ref().filter(|_| includes_subdomains(seen)) else { return Vec::new() };
    let domain = &seen.target.registrable;
    let Some(looked) = Looked::at(swept) else { return Vec::new() };
    if looked.broken.is_empty() {
        return match looked.fine.is_empty() {
            true => Vec::new(),
            false => vec![pass(domain.as_str(), format!("{domain} includes its subdomains, and {}", looked.well()))],
        };
    }
    let said = found(
        domain.as_str(),
        format!("{domain} tells browsers to insist on HTTPS for its subdomains too. {}", looked.badly()),
    )
    .means(format!("Visitors who were at {domain} cannot open these names at all, not even over plain HTTP."))
    .fix_code(
        "Get HTTPS to work there; until then leave includeSubDomains out.",
        "add_header Strict-Transport-Security \"max-age=86400\" always;",
    )
    .prove(looked.command(), "an HTTP status line");
    vec![looked.evidence(said).into()]
}

/// Whether the registered domain itself tells browsers to include its subdomains.
pub(super) fn includes_subdomains(seen: &Observations) -> bool {
    let sent = web::hsts::sent(&seen.web);
    sent.iter().any(|(corner, it)| it.include_subdomains && it.max_age > 0 && corner.host == seen.target.registrable)
}

/// What became of each subdomain.
pub(super) struct Looked<'s> {
    pub(super) broken: Vec<(&'s str, String)>,
    pub(super) fine: Vec<&'s str>,
    /// Not to be seen from here, and why.
    unknown: Vec<(&'s str, String)>,
    gone: usize,
    more: u32,
}

impl<'s> Looked<'s> {
    pub(super) fn at(swept: &'s Subdomains) -> Option<Looked<'s>> {
        let names = swept.names.seen()?;
        let mut it = Looked { broken: Vec::new(), fine: Vec::new(), unknown: Vec::new(), gone: 0, more: swept.more };
        for subdomain in names {
            let name = subdomain.name.as_str();
            match (
                &subdomain.addresses,
                swept.tls.of(&subdomain.name).next().map(|endpoint| fare_of(&swept.tls, endpoint)),
            ) {
                (_, Some(Fares::Well)) => it.fine.push(name),
                (_, Some(Fares::Badly(how))) => it.broken.push((name, how)),
                (_, Some(Fares::Unknown(why))) => it.unknown.push((name, why)),
                (Saw::Unseen(why), None) => it.unknown.push((name, why.clause())),
                // What leads nowhere cannot be locked out.
                (Saw::Seen(_), None) => it.gone += 1,
            }
        }
        Some(it)
    }

    /// `6 of 8 subdomains known from the public logs work over HTTPS.`
    pub(super) fn well(&self) -> String {
        let all = self.fine.len() + self.unknown.len();
        let more = if self.more > 0 { format!(" {} more were not looked at.", self.more) } else { String::new() };
        let seen = match self.unknown.as_slice() {
            [] => String::new(),
            unknown => format!(" Not seen from here: {}.", list(unknown.iter().take(5).map(|(name, _)| name))),
        };
        format!(
            "{} of the {all} subdomains in use that the public logs know work over HTTPS.{seen}{more}",
            self.fine.len()
        )
    }

    /// `old.example.com does not answer on port 443 (…).`
    pub(super) fn badly(&self) -> String {
        let named: Vec<String> = self.broken.iter().take(4).map(|(name, how)| format!("{name} {how}")).collect();
        let rest = self.broken.len().saturating_sub(named.len());
        let rest = if rest > 0 { format!(", and {rest} more do not work") } else { String::new() };
        format!("{}{rest}.", named.join("; "))
    }

    pub(super) fn command(&self) -> String {
        format!("curl -I https://{}/", self.broken.first().map_or("", |(name, _)| name))
    }

    pub(super) fn evidence(&self, said: findings::Said) -> findings::Said {
        let rows = self.broken.iter().chain(&self.unknown);
        let said = rows.fold(said, |said, (name, how)| said.evidence(*name, how.as_str()));
        let counted = format!(
            "{} work, {} lead nowhere any longer, {} were not looked at",
            self.fine.len(),
            self.gone,
            self.more
        );
        said.evidence("Others in the public logs", counted)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::{healthy, with_hsts, with_subdomains};

    #[test]
    fn a_broken_subdomain_under_the_word_warns() {
        let mut seen = healthy();
        with_hsts(&mut seen, &["example.com"], "max-age=31536000; includeSubDomains");
        with_subdomains(&mut seen, &["shop.example.com"], &["old.example.com"]);
        assert_eq!(said(CHECK, &seen), ["warning example.com"]);
        with_subdomains(&mut seen, &["shop.example.com"], &[]);
        assert_eq!(said(CHECK, &seen), ["passed example.com"]);
    }

    #[test]
    fn without_the_word_or_unasked_nothing_is_said() {
        let mut seen = healthy();
        with_hsts(&mut seen, &["example.com"], "max-age=31536000; includeSubDomains");
        assert!(said(CHECK, &seen).is_empty());
        with_subdomains(&mut seen, &[], &["old.example.com"]);
        with_hsts(&mut seen, &["example.com"], "max-age=31536000");
        assert!(said(CHECK, &seen).is_empty());
        // The word at www says nothing about the rest of the domain.
        with_hsts(&mut seen, &["www.example.com"], "max-age=31536000; includeSubDomains");
        assert!(said(CHECK, &seen).is_empty());
    }
}
