//! Where a server has an RSA and an ECDSA certificate: are both good?

use domain::{DomainName, Time};
use findings::{Verdict, found, not_tested, pass};
use network::Unseen;

use super::{place, weak_key_or_signature};
use crate::{
    Chain, Fault, Observation, Path,
    judging::{covered, lineage, span},
};

findings::check! {
    /// The server has two certificates, and only one of them is good.
    ///
    /// ## Why it matters
    /// A server can have one certificate with an RSA key and one with an ECDSA key, and shows each visitor the one that
    /// their device understands. When one of them runs out unnoticed, the site works for most and fails for the rest,
    /// which is hard to find: your own browser is shown the good one.
    ///
    /// ## How to fix
    /// `sudo certbot certificates` lists both. Renew the one that is meant here, or take its `ssl_certificate` and
    /// `ssl_certificate_key` lines out of the server block: nearly every device understands either kind.
    CHECK: Check<Observation> = "second-certificate-invalid",
        section: Certificate, severity: Warning,
        title: "One of two certificates is invalid", healthy: "A second certificate is valid too",
        source: "nginx documentation: ssl_certificate; RFC 8446 §4.2.3; RFC 5280 §6", run: run
}

/// What is wrong with a certificate, each kind judged as a check of its own does where it is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    Expired,
    NotYet,
    Names,
    Incomplete,
    Untrusted,
    Weak,
    NotForServers,
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some(closer) = &seen.closer else { return Vec::new() };
    let endpoint = seen.endpoints.iter().find(|it| it.host == closer.host && it.address == closer.address);
    let Some(first) = endpoint.and_then(|endpoint| endpoint.chain(seen)) else { return Vec::new() };
    let second = match &closer.second {
        Some(Ok(second)) => second,
        // There is none of the other kind.
        Some(Err(Fault::Alert(_) | Fault::Unseen(Unseen::Closed | Unseen::Reset))) | None => return Vec::new(),
        Some(Err(Fault::Unseen(why))) => {
            return vec![not_tested(place(closer), format!("A second one was not looked for: {}.", why.clause()))];
        }
        Some(Err(Fault::PlainHttp | Fault::Protocol(_))) => return Vec::new(),
    };
    let (Some(known), Some(leaf)) = (first.leaf(), second.leaf()) else { return Vec::new() };
    if leaf.sha256 == known.sha256 || matches!(second.path, Path::Unreadable { .. }) {
        return Vec::new();
    }
    // What is wrong with the first as well has been told, with the same remedy.
    let told = flaws(first, &closer.host, seen.seen_at);
    let new = flaws(second, &closer.host, seen.seen_at).into_iter().find(|flaw| !told.contains(flaw));
    let (kind, sigalgs, devices) = match leaf.key.algorithm.as_str() {
        "RSA" => ("RSA", "RSA-PSS+SHA256:RSA+SHA256", "Old phones, devices and programs that know only RSA"),
        _ => ("ECDSA", "ECDSA+SHA256:ECDSA+SHA384", "Devices and programs that take only ECDSA"),
    };
    let Some(flaw) = new else {
        return match told.is_empty() {
            true => vec![pass(
                place(closer),
                format!(
                    "{} also has a certificate with an {kind} key, and it is as good as the first.",
                    closer.address
                ),
            )],
            false => Vec::new(),
        };
    };
    let (is, expect) = match flaw {
        Flaw::Expired => (
            format!("expired on {}, {} ago", leaf.not_after.long_date(), span(seen.seen_at.since(leaf.not_after))),
            "notAfter= with a date that has not passed",
        ),
        Flaw::NotYet => {
            (format!("is not valid before {}", leaf.not_before.long_date()), "notBefore= with a date that has passed")
        }
        Flaw::Names if leaf.names.is_empty() => ("lists no names at all".into(), "The site's names"),
        Flaw::Names => (format!("is made out to {} instead", covered(leaf)), "The site's names"),
        Flaw::Incomplete => ("comes without the certificate above it".into(), "An issuer, and both certificates sent"),
        Flaw::Untrusted => ("leads to no authority that browsers trust".into(), "An issuer that browsers trust"),
        Flaw::Weak => ("is too weak for browsers".into(), "A key of 2048 bits or more, signed with SHA-256"),
        Flaw::NotForServers => ("is not made for web servers".into(), "A certificate made for web servers"),
    };
    let (address, host) = (closer.address, &closer.host);
    let said = found(
        place(closer),
        format!("{address} has a second certificate for {host}, with an {kind} key, and that one {is}."),
    )
    .means(format!(
        "{devices} are shown this certificate and refuse the site. Everybody else gets the other one and notices nothing."
    ))
    .fix_code(
        "Replace the second certificate, or take its two lines out of the server block if nobody needs it; then reload \
         nginx. Certbot's list shows the kind of key of each.",
        format!("sudo certbot certificates\nsudo certbot renew --cert-name {}\nsudo nginx -t && sudo systemctl reload nginx", lineage(host)),
    )
    .prove(
        format!(
            "openssl s_client -connect {} -servername {host} -sigalgs {sigalgs} </dev/null 2>/dev/null | \
             openssl x509 -noout -dates -issuer -ext subjectAltName",
            std::net::SocketAddr::new(address, 443)
        ),
        expect,
    )
    .evidence("Valid until", leaf.not_after.to_string())
    .evidence("Names in the certificate", leaf.names.join(", "))
    .evidence("Key", format!("{} {} bits", leaf.key.algorithm, leaf.key.bits))
    .evidence("Serial number", &leaf.serial)
    .evidence("Issuer", &leaf.issuer);
    vec![said.into()]
}

/// Everything that browsers would hold against it, the plainest first.
fn flaws(chain: &Chain, host: &DomainName, now: Time) -> Vec<Flaw> {
    let Some(leaf) = chain.leaf() else { return Vec::new() };
    let all = [
        (Flaw::Expired, now > leaf.not_after),
        (Flaw::NotYet, now < leaf.not_before),
        (Flaw::Names, !leaf.covers(host)),
        (Flaw::Weak, weak_key_or_signature::is_weak(chain)),
        (Flaw::Incomplete, matches!(chain.path, Path::Incomplete { .. })),
        (Flaw::NotForServers, leaf.not_for_servers),
        (Flaw::Untrusted, matches!(chain.path, Path::Untrusted { .. })),
    ];
    all.into_iter().filter(|(_, is)| *is).map(|(flaw, _)| flaw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{DAY, NOW, healthy, says, text, with};

    const FOUND: [&str; 1] = ["! example.com at 203.0.113.7"];

    /// The healthy site with one change to its second chain.
    fn second(change: impl FnOnce(&mut Chain)) -> Observation {
        with(|seen| change(seen.closer.as_mut().unwrap().second.as_mut().unwrap().as_mut().unwrap()))
    }

    fn instead(second: Option<Result<Box<Chain>, Fault>>) -> Observation {
        with(|seen| seen.closer.as_mut().unwrap().second = second)
    }

    #[test]
    fn a_second_one_that_is_as_good_passes() {
        assert_eq!(says(&CHECK, &healthy()), [". example.com at 203.0.113.7"]);
        let unsure = second(|chain| chain.path = Path::Unverified { why: "x".into() });
        assert_eq!(says(&CHECK, &unsure), [". example.com at 203.0.113.7"], "browsers may know the signature");
    }

    #[test]
    fn each_flaw_of_the_second_is_told_with_whom_it_meets() {
        let expired = second(|chain| chain.certificates[0].not_after = Time::from_unix(NOW - 3 * DAY));
        assert_eq!(says(&CHECK, &expired), FOUND);
        let words = text(&CHECK, &expired);
        assert!(words.contains("with an RSA key, and that one expired on 18 November 2026, 3 days ago"), "{words}");
        assert!(words.contains("know only RSA") && words.contains("--cert-name example.com"), "{words}");
        for (change, part) in [
            (
                (|chain| chain.certificates[0].names = vec!["old.example".into()]) as fn(&mut Chain),
                "is made out to old.example instead",
            ),
            (|chain| chain.certificates[0].names.clear(), "lists no names at all"),
            (|chain| chain.certificates[0].not_before = Time::from_unix(NOW + DAY), "is not valid before 22 November"),
            (|chain| chain.certificates[0].key.bits = 1024, "is too weak"),
            (
                |chain| chain.path = Path::Incomplete { fetched: "x".into(), missing: "x".into() },
                "without the certificate above it",
            ),
            (
                |chain| chain.path = Path::Untrusted { why: "UnknownIssuer".into(), fetched: String::new() },
                "no authority that browsers trust",
            ),
            (|chain| chain.certificates[0].not_for_servers = true, "not made for web servers"),
        ] {
            let words = text(&CHECK, &second(change));
            assert!(words.contains(part), "{part} in {words}");
        }
    }

    #[test]
    fn one_certificate_raises_no_question() {
        for why in [Fault::Alert("handshake_failure".into()), Fault::Unseen(Unseen::Closed)] {
            assert!(says(&CHECK, &instead(Some(Err(why)))).is_empty());
        }
        assert!(says(&CHECK, &instead(None)).is_empty(), "not asked");
        let same = with(|seen| {
            let chain = seen.chains[0].clone();
            seen.closer.as_mut().unwrap().second = Some(Ok(Box::new(chain)));
            seen.chains[0].certificates[0].not_after = Time::from_unix(NOW - DAY);
        });
        assert!(says(&CHECK, &same).is_empty(), "shown whatever is asked for: another check judges it");
        assert_eq!(
            says(&CHECK, &instead(Some(Err(Fault::Unseen(Unseen::TimedOut))))),
            ["? example.com at 203.0.113.7"]
        );
    }

    #[test]
    fn what_both_have_is_told_once() {
        let both = with(|seen| {
            let past = Time::from_unix(NOW - DAY);
            seen.chains[0].certificates[0].not_after = past;
            let second = seen.closer.as_mut().unwrap().second.as_mut().unwrap().as_mut().unwrap();
            second.certificates[0].not_after = past;
        });
        assert!(says(&CHECK, &both).is_empty());
    }
}
