use findings::{Verdict, check, found, pass};

use super::{and, certificate_fault};
use crate::Observations;

check! {
    /// Browsers were told to insist on HTTPS, and the certificate is broken.
    ///
    /// ## Why it matters
    /// On a name that sends `Strict-Transport-Security` (HSTS), browsers offer no way past a certificate warning.
    /// Everybody who was here before is locked out until the certificate is right again; taking the header away does not
    /// help those who remember it.
    ///
    /// ## How to fix
    /// Repair the certificate first. Nothing else lets these visitors in.
    CHECK: Check<Observations> = "hsts-locks-visitors-out",
        section: Certificate, severity: Failed,
        title: "Visitors cannot pass the warning", healthy: "HSTS and certificate go together",
        source: "RFC 6797 §8.4, §12.1; seed A15", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    let mut fine = Vec::new();
    for (corner, hsts) in web::hsts::sent(&seen.web) {
        let host = &corner.host;
        let known = fine.contains(&host)
            || verdicts.iter().any(|it| matches!(it, Verdict::Found(it) if it.subject == host.as_str()));
        if hsts.max_age == 0 || known {
            continue;
        }
        let faults =
            seen.tls.of(host).filter_map(|endpoint| Some((endpoint.address, certificate_fault(&seen.tls, endpoint)?)));
        let faults: Vec<_> = faults.collect();
        let Some((address, fault)) = faults.first() else {
            fine.push(host);
            continue;
        };
        let said = found(host.as_str(), format!("{host} tells browsers to insist on HTTPS, and {address} {fault}."))
            .means(
                "Everybody who was here before meets a warning without a way past it, until the certificate is right.",
            )
            .fix("Repair the certificate first. Taking the header away does not help those who remember it.")
            .prove(
                format!("curl -sI https://{host}/ | head -n 1"),
                "HTTP/1.1 200 or HTTP/2 200, and no certificate error",
            );
        verdicts.push(
            faults.iter().fold(said, |said, (at, fault)| said.evidence(format!("{host} at {at}"), *fault)).into(),
        );
    }
    if verdicts.is_empty() && !fine.is_empty() {
        verdicts.push(pass(and(&fine), "Browsers are told to insist on HTTPS, and the certificate is right."));
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::{
        Observations,
        fixture::{chain, healthy, with_hsts},
    };

    /// The healthy site with this header at `example.com`.
    fn sending(value: &str) -> Observations {
        let mut seen = healthy();
        with_hsts(&mut seen, &["example.com"], value);
        seen
    }

    #[test]
    fn an_expired_certificate_behind_the_header_fails() {
        let mut seen = sending("max-age=31536000");
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        assert_eq!(said(CHECK, &seen), ["failed example.com"]);
    }

    #[test]
    fn without_the_header_or_with_a_right_certificate_nobody_is_locked_out() {
        assert_eq!(said(CHECK, &sending("max-age=31536000")), ["passed example.com"]);
        for value in ["max-age=0", "max-age=x"] {
            let mut seen = sending(value);
            seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
            assert!(said(CHECK, &seen).is_empty());
        }
    }
}
