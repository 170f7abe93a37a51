//! Are the certificates of the chain sent in order?

use findings::{Verdict, found};

use crate::{
    Certificate, Chain, Observation,
    judging::{Answer, judge, of_certificate},
};

findings::check! {
    /// The certificates of the chain are sent out of order.
    ///
    /// ## Why it matters
    /// Each certificate should be followed by the one that signed it. Browsers sort a mixed-up chain themselves; some
    /// older programs and libraries do not.
    ///
    /// ## How to fix
    /// Use certbot's `fullchain.pem` as it is, or put the files together in order: the site's certificate first, then
    /// each one above it.
    CHECK: Check<Observation> = "wrong-order",
        section: Hardening, severity: Note,
        title: "The chain is out of order", healthy: "The chain is in order",
        source: "RFC 5246 §7.4.2, RFC 8446 §4.4.2", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(seen, |_, chain, _| match out_of_order(&chain.certificates) {
        true => Answer::Problem(chain),
        false => Answer::Fine,
    });
    judge(
        seen,
        ask,
        |group| {
            let chain: &Chain = group.problem;
            let said = found(
                group.subject(),
                format!("{} {} {} certificates, not each followed by its issuer.", group.places(), group.verb("sends"), chain.certificates.len()),
            )
            .means("Browsers sort it out; some older programs that call this site do not.")
            .fix_code(
                "Send the chain as certbot keeps it.",
                format!("ssl_certificate {}/fullchain.pem;", group.live()),
            )
            .prove(
                format!(
                    "openssl s_client -connect {} -servername {} -showcerts </dev/null 2>/dev/null | grep -E '^ *([0-9]+ )?[si]:'",
                    group.endpoint(),
                    group.host()
                ),
                "Each i: line is repeated by the s: line after it.",
            );
            chain.certificates.iter().fold(said, |said, certificate| {
                said.evidence("Served", format!("{} ← {}", certificate.subject, certificate.issuer))
            })
        },
        |endpoints| match endpoints
            .iter()
            .filter_map(|endpoint| endpoint.chain(seen))
            .map(|it| it.certificates.len())
            .max()
        {
            Some(0 | 1) | None => "One certificate is sent.".into(),
            Some(count) => format!("{count} certificates are sent, each followed by its issuer."),
        },
    )
}

/// Whether some certificate's issuer is sent, but not right after it. Certificates that do not belong to the chain at
/// all are not a matter of order.
fn out_of_order(chain: &[Certificate]) -> bool {
    chain.iter().enumerate().any(|(index, certificate)| {
        let issuer_is = |other: &Certificate| other.subject == certificate.issuer;
        !certificate.self_signed
            && certificate.subject != certificate.issuer
            && !chain.get(index + 1).is_some_and(issuer_is)
            && chain.iter().any(issuer_is)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{healthy, intermediate, says, with};

    fn root() -> Certificate {
        let name = "CN=ISRG Root X1,O=Internet Security Research Group,C=US";
        Certificate { subject: name.into(), issuer: name.into(), self_signed: true, ..intermediate() }
    }

    #[test]
    fn swapped_certificates_are_noted() {
        let seen = with(|seen| seen.chains[0].certificates.insert(1, root()));
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
    }

    #[test]
    fn a_root_or_a_stranger_at_the_end_is_in_order() {
        let fine = [". example.com, www.example.com"];
        assert_eq!(says(&CHECK, &healthy()), fine);
        assert_eq!(says(&CHECK, &with(|seen| seen.chains[0].certificates.push(root()))), fine);
        let stranger = Certificate { subject: "CN=a".into(), issuer: "CN=b".into(), ..intermediate() };
        assert_eq!(says(&CHECK, &with(|seen| seen.chains[0].certificates.push(stranger))), fine);
        assert_eq!(says(&CHECK, &with(|seen| seen.chains[0].certificates.truncate(1))), fine);
    }
}
