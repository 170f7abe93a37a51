//! Has the certificate's time begun?

use findings::{Verdict, found};

use crate::{
    Certificate, Observation,
    judging::{Answer, judge, of_certificate, span},
};

findings::check! {
    /// The certificate's validity begins in the future.
    ///
    /// ## Why it matters
    /// Browsers refuse it until that moment. Public authorities date certificates an hour back, so this is almost
    /// always a certificate made by hand on a machine whose clock was wrong.
    ///
    /// ## How to fix
    /// Set the clock (`timedatectl set-ntp true`) and have a certificate issued by a public authority.
    CHECK: Check<Observation> = "certificate-not-yet-valid",
        section: Certificate, severity: Failed,
        title: "The certificate is not valid yet", healthy: "The certificate is already valid",
        source: "RFC 5280 §4.1.2.5", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(
        seen,
        |_, _, leaf| {
            if seen.seen_at < leaf.not_before { Answer::Problem(leaf) } else { Answer::Fine }
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
                    "The certificate at {} becomes valid on {} at {}, in {}.",
                    group.places(),
                    leaf.not_before.long_date(),
                    leaf.not_before.clock(),
                    span(leaf.not_before.since(seen.seen_at))
                ),
            )
            .means("Browsers warn every visitor with a full page until then.")
            .fix_code(
                "Set the clock of the machine that made it, then have a new certificate issued.",
                format!(
                    "sudo timedatectl set-ntp true\nsudo certbot --nginx --force-renewal {}",
                    group.certbot_names()
                ),
            )
            .prove(group.show_certificate("-startdate"), "notBefore= with a moment that has passed.")
            .evidence("Valid from", leaf.not_before.to_string())
            .evidence("Issuer", &leaf.issuer)
        },
        |endpoints| {
            let leaves = endpoints.iter().filter_map(|endpoint| endpoint.chain(seen)?.leaf());
            let begins = leaves.map(|leaf| leaf.not_before).max();
            begins.map_or_else(String::new, |begins| format!("Valid since {}.", begins.long_date()))
        },
    )
}

#[cfg(test)]
mod tests {
    use domain::Time;

    use super::*;
    use crate::sample::{NOW, says, with_leaf};

    #[test]
    fn fires_before_the_first_second_and_not_in_it() {
        let seen = with_leaf(|leaf| leaf.not_before = Time::from_unix(NOW + 1));
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
        let seen = with_leaf(|leaf| leaf.not_before = Time::from_unix(NOW));
        assert_eq!(says(&CHECK, &seen), [". example.com, www.example.com"]);
    }
}
