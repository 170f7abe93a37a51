//! Does the chain end at a root that only newer devices know?

use findings::{Verdict, found};

use crate::{
    Certificate, Chain, Observation, Path,
    judging::{Answer, judge, lineage, of_certificate},
};

findings::check! {
    /// The chain ends at a young root, without a way to an older one.
    ///
    /// ## Why it matters
    /// Phones, televisions, payment terminals and programs trust the roots that were in their list when they were last
    /// updated. A root that was made later is unknown to them, and they refuse the site. Authorities bridge the years with
    /// a certificate for the new root that an older one signed (a cross-sign), which the server has to send along.
    ///
    /// ## How to fix
    /// Send the chain that leads to the older root. With Let's Encrypt, `certbot --preferred-chain` chooses among the
    /// chains; other authorities offer the cross-signed certificate for download.
    CHECK: Check<Observation> = "root-only-newer-devices-know",
        section: Hardening, severity: Note,
        title: "Older devices may refuse the certificate", healthy: "Older devices know the root",
        source: "The roots' own certificates (valid from); letsencrypt.org: Chain of Trust; RFC 4158 §1.5.2", run: run
}

/// Roots by the beginning of their name, and the year in which they were made, as their certificates say. What is older
/// than any of these, nearly every device in use has learned of. In which version of which list each is, and since when,
/// changes from month to month, and is left out.
const YOUNG: [(&str, i64); 13] = [
    ("CN=ISRG Root X2,O=Internet Security Research Group", 2020),
    ("CN=DigiCert TLS ECC P384 Root G5,O=DigiCert", 2021),
    ("CN=DigiCert TLS RSA4096 Root G5,O=DigiCert", 2021),
    ("CN=HARICA TLS ECC Root CA 2021,O=Hellenic Academic", 2021),
    ("CN=HARICA TLS RSA Root CA 2021,O=Hellenic Academic", 2021),
    ("CN=Sectigo Public Server Authentication Root E46,O=Sectigo", 2021),
    ("CN=Sectigo Public Server Authentication Root R46,O=Sectigo", 2021),
    ("CN=Certainly Root E1,O=Certainly", 2021),
    ("CN=Certainly Root R1,O=Certainly", 2021),
    ("CN=SSL.com TLS ECC Root CA 2022,O=SSL Corporation", 2022),
    ("CN=SSL.com TLS RSA Root CA 2022,O=SSL Corporation", 2022),
    ("CN=Root YE,O=ISRG", 2025),
    ("CN=Root YR,O=ISRG", 2025),
];

fn run(seen: &Observation) -> Vec<Verdict> {
    let of_chain = of_certificate(seen, |_, chain, _| match &chain.path {
        Path::Trusted => young(chain).map_or(Answer::Fine, Answer::Problem),
        // Where it leads is not known, or nowhere: others tell.
        Path::Incomplete { .. } | Path::Untrusted { .. } | Path::Unverified { .. } | Path::Unreadable { .. } => {
            Answer::Moot
        }
    });
    let ask = |endpoint| match of_chain(endpoint) {
        // That no certificate was seen is told often enough.
        Answer::Unknown(_) => Answer::Moot,
        answer => answer,
    };
    judge(
        seen,
        ask,
        |group| {
            let (root, year) = group.problem;
            let said = found(
                group.subject(),
                format!(
                    "{} {} a chain that ends at {}, which was made in {year}, and nothing that leads on to an older root.",
                    group.places(),
                    group.verb("sends"),
                    short(root)
                ),
            )
            .means(
                "Nothing has to change for today's browsers. Devices and programs whose list of roots is older refuse the \
                 site; updates bring a new root some years after it was made.",
            );
            let said = if root.contains("O=ISRG") || root.contains("O=Internet Security Research Group") {
                said.fix_code(
                    "If you need to reach them, have certbot take the chain that leads to the older root.",
                    format!(
                        "sudo certbot renew --cert-name {} --preferred-chain \"ISRG Root X1\" --force-renewal\n\
                         sudo systemctl reload nginx",
                        group.hosts.first().map(|host| lineage(host).to_string()).unwrap_or_default()
                    ),
                )
            } else {
                said.fix(
                    "If you need to reach them, append the certificate for this root that an older one signed to the file \
                     of ssl_certificate; the authority offers it for download.",
                )
            };
            said.prove(
                format!(
                    "openssl s_client -connect {} -servername {} -showcerts </dev/null 2>/dev/null | grep ' i:'",
                    group.endpoint(),
                    group.host()
                ),
                "A last line that names an older root",
            )
            .evidence("Root", root)
        },
        |endpoints| {
            let ends: Vec<&str> = endpoints
                .iter()
                .filter_map(|it| ends(it.chain(seen)?).into_iter().find(|end| year(end).is_none()))
                .collect();
            match ends.first() {
                Some(end) => {
                    format!("The chain ends at {}, which is none of the young roots that we know of.", short(end))
                }
                None => "The chain ends at none of the young roots that we know of.".into(),
            }
        },
    )
}

/// The youngest root that the chain ends at, and its year. `None` where one of its ways ends at another.
fn young(chain: &Chain) -> Option<(&str, i64)> {
    let ends = ends(chain);
    let young: Vec<(&str, i64)> = ends.iter().filter_map(|end| Some((*end, year(end)?))).collect();
    if young.len() < ends.len() { None } else { young.into_iter().max_by_key(|(_, year)| *year) }
}

fn year(root: &str) -> Option<i64> {
    YOUNG.iter().find(|(name, _)| root.starts_with(name)).map(|(_, year)| *year)
}

/// The names of the roots that the certificates sent lead to, by the names in them: signatures were checked before.
fn ends(chain: &Chain) -> Vec<&str> {
    let mut way: Vec<&Certificate> = chain.leaf().into_iter().collect();
    let mut at = 0;
    while let Some(here) = way.get(at).copied() {
        for next in issuers(chain, here) {
            if !way.iter().any(|known| known.sha256 == next.sha256) {
                way.push(next);
            }
        }
        at += 1;
    }
    let mut ends: Vec<&str> = Vec::new();
    for last in way.iter().filter(|it| issuers(chain, it).is_empty()) {
        if !ends.contains(&last.issuer.as_str()) {
            ends.push(&last.issuer);
        }
    }
    ends
}

/// The certificates sent along that may have signed this one.
fn issuers<'c>(chain: &'c Chain, of: &Certificate) -> Vec<&'c Certificate> {
    let signed = |it: &&Certificate| !it.self_signed && it.subject == of.issuer && it.sha256 != of.sha256;
    chain.certificates.iter().filter(signed).collect()
}

/// The common name, for a sentence.
fn short(name: &str) -> &str {
    name.split(',').find_map(|part| part.strip_prefix("CN=")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{healthy, intermediate, says, text, with};

    const X2: &str = "CN=ISRG Root X2,O=Internet Security Research Group,C=US";
    const FOUND: [&str; 1] = ["! example.com and www.example.com"];
    const FINE: [&str; 1] = [". example.com, www.example.com"];

    /// The healthy chain under a root of this name, and more certificates behind it.
    fn under(root: &str, more: Vec<Certificate>) -> Observation {
        with(|seen| {
            let served = &mut seen.chains[0].certificates;
            served[1].issuer = root.into();
            served.extend(more);
        })
    }

    fn signed(subject: &str, issuer: &str, sha256: &str) -> Certificate {
        Certificate { subject: subject.into(), issuer: issuer.into(), sha256: sha256.into(), ..intermediate() }
    }

    #[test]
    fn a_chain_that_ends_at_a_young_root_is_noted() {
        let seen = under(X2, Vec::new());
        assert_eq!(says(&CHECK, &seen), FOUND);
        let words = text(&CHECK, &seen);
        assert!(words.contains("ends at ISRG Root X2, which was made in 2020"), "{words}");
        assert!(words.contains("--preferred-chain \\\"ISRG Root X1\\\""), "{words}");
        let sectigo = "CN=Sectigo Public Server Authentication Root R46,O=Sectigo Limited,C=GB";
        assert!(!text(&CHECK, &under(sectigo, Vec::new())).contains("certbot"));
        // The root itself says nothing new, and leads nowhere else.
        let itself = Certificate { self_signed: true, ..signed(X2, X2, "x2") };
        assert_eq!(says(&CHECK, &under(X2, vec![itself])), FOUND);
    }

    #[test]
    fn a_cross_sign_leads_on_to_the_older_root() {
        let x1 = "CN=ISRG Root X1,O=Internet Security Research Group,C=US";
        assert_eq!(says(&CHECK, &under(X2, vec![signed(X2, x1, "x2 by x1")])), FINE);
        // Generation Y: Root YE signed by X2, X2 signed by X1.
        let ye = "CN=Root YE,O=ISRG,C=US";
        let both = vec![signed(ye, X2, "ye by x2"), signed(X2, x1, "x2 by x1")];
        assert_eq!(says(&CHECK, &under(ye, both)), FINE);
        assert_eq!(says(&CHECK, &under(ye, vec![signed(ye, X2, "ye by x2")])), FOUND);
        // Two certificates of one intermediate.
        let again = signed(&intermediate().subject, x1, "e7 by x1");
        assert_eq!(says(&CHECK, &under(X2, vec![again])), FINE);
        assert!(text(&CHECK, &healthy()).contains("The chain ends at ISRG Root X1, which is none"));
    }

    #[test]
    fn circles_end_and_other_troubles_are_told_by_others() {
        let round = vec![signed(X2, "CN=A", "1"), signed("CN=A", X2, "2")];
        assert_eq!(says(&CHECK, &under(X2, round)), FINE);
        let untrusted = with(|seen| {
            seen.chains[0].certificates[1].issuer = X2.into();
            seen.chains[0].path = Path::Untrusted { why: "UnknownIssuer".into(), fetched: String::new() };
        });
        assert!(says(&CHECK, &untrusted).is_empty());
    }
}
