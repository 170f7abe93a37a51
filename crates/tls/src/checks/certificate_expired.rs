//! Has the certificate's time run out?

use findings::{Verdict, found};

use crate::{
    Certificate, Observation,
    judging::{Answer, judge, of_certificate, span},
};

findings::check! {
    /// The certificate has expired.
    ///
    /// ## Why it matters
    /// Browsers refuse an expired certificate with a full-page warning. Renewal either failed, or it succeeded and
    /// nginx still shows the old file because it was not reloaded.
    ///
    /// ## How to fix
    /// `sudo certbot certificates` shows whether a newer certificate is on disk. If it is, `sudo systemctl reload
    /// nginx` is enough; if not, `sudo certbot renew` says what stands in the way.
    CHECK: Check<Observation> = "certificate-expired",
        section: Certificate, severity: Failed,
        title: "The certificate has expired", healthy: "The certificate has not expired",
        source: "RFC 5280 §4.1.2.5", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(
        seen,
        |_, _, leaf| {
            if seen.seen_at > leaf.not_after { Answer::Problem(leaf) } else { Answer::Fine }
        },
    );
    judge(
        seen,
        ask,
        |group| {
            let leaf: &Certificate = group.problem;
            found(
                group.subject(),
                format!(
                    "The certificate at {} expired on {}, {} ago.",
                    group.places(),
                    leaf.not_after.long_date(),
                    span(seen.seen_at.since(leaf.not_after))
                ),
            )
            .means("Browsers warn every visitor with a full page until a valid certificate is shown.")
            .fix_code(
                "Renew it and reload nginx. If `sudo certbot certificates` already shows a later date, the reload alone \
                 is enough.",
                "sudo certbot renew\nsudo systemctl reload nginx",
            )
            .prove(group.show_certificate("-enddate"), "notAfter= with a date that has not passed.")
            .evidence("Valid until", leaf.not_after.to_string())
            .evidence("Serial number", &leaf.serial)
            .evidence("Issuer", &leaf.issuer)
        },
        |endpoints| {
            let leaves = endpoints.iter().filter_map(|endpoint| endpoint.chain(seen)?.leaf());
            let ends = leaves.map(|leaf| leaf.not_after).min();
            ends.map_or_else(String::new, |ends| format!("Valid until {}.", ends.long_date()))
        },
    )
}

#[cfg(test)]
mod tests {
    use domain::Time;
    use network::{Saw, Unseen};

    use super::*;
    use crate::sample::{DAY, NOW, says, text, with, with_leaf};

    #[test]
    fn fires_the_second_after_and_not_before() {
        let seen = with_leaf(|leaf| leaf.not_after = Time::from_unix(NOW - 1));
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
        let seen = with_leaf(|leaf| leaf.not_after = Time::from_unix(NOW));
        assert_eq!(says(&CHECK, &seen), [". example.com, www.example.com"]);
    }

    #[test]
    fn says_when_and_how_long_ago() {
        let seen = with_leaf(|leaf| leaf.not_after = Time::from_unix(NOW - 12 * DAY));
        assert!(text(&CHECK, &seen).contains("expired on 9 November 2026, 12 days ago."));
    }

    #[test]
    fn a_closed_port_is_not_a_pass() {
        let seen = with(|seen| {
            for endpoint in &mut seen.endpoints {
                endpoint.port = Saw::Unseen(Unseen::Refused);
                endpoint.handshake = None;
            }
        });
        assert_eq!(says(&CHECK, &seen), ["? example.com, www.example.com"]);
        assert!(text(&CHECK, &seen).contains("Nothing answered on port 443."));
    }
}
