//! Renewal is overdue and nothing stands in its way: nobody starts it.

use findings::{Diagnosis, Evidence, Fix, Prove, Section, State};
use renewal::Outcome;

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let overdue = symptoms.first("certificate-renewal-overdue")?;
    let challenges = &observed.renewal.challenges;
    let open = challenges.iter().all(|it| matches!(it.outcome(), Outcome::Open | Outcome::Page));
    let obstacle = symptoms.open.iter().any(|it| {
        let ports = it.id == "port-80-closed";
        it.state >= State::Warning
            && it.id != overdue.id
            && (it.section == Section::Renewal || ports || it.id.starts_with("caa-"))
    });
    // A newer certificate in the public logs would mean that it was renewed after all.
    if challenges.is_empty() || !open || obstacle || symptoms.first("renewed-not-reloaded").is_some() {
        return None;
    }
    let asked: Vec<String> = challenges.iter().map(|it| format!("{} at {}", it.host, it.address)).collect();
    Some(Diagnosis {
        id: "renewal-timer-dead".into(),
        cause: "Renewal is overdue although nothing stands in its way: most likely nothing starts certbot any more.".into(),
        affects: overdue.means.clone(),
        fix: Fix {
            text: "Switch the timer on and renew once by hand (with certbot from snap it is called snap.certbot.renew.timer).".into(),
            code: Some("sudo systemctl enable --now certbot.timer\nsudo certbot renew".into()),
        },
        prove: Prove { command: "systemctl list-timers | grep certbot".into(), expect: "a line with a time under NEXT".into() },
        explains: vec![overdue.key()],
        evidence: overdue
            .evidence
            .iter()
            .cloned()
            .chain([Evidence { label: "Challenge path open".into(), value: asked.join(", ") }])
            .collect(),
        otherwise: "If the timer does run, certbot fails each time and says why in /var/log/letsencrypt/letsencrypt.log; or it renewed, and nginx was not reloaded (compare sudo certbot certificates).".into(),
    })
}

#[cfg(test)]
mod tests {
    use domain::{HttpUrl, Scheme};
    use network::Saw;
    use renewal::{Answer, Challenge, End};

    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{chain, healthy, with_history},
    };

    /// Overdue, with a challenge path that answers like this.
    fn overdue(status: u16) -> Observations {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("late", &["example.com", "www.example.com"], -85, 5)];
        let host = seen.target.name.clone();
        seen.renewal.challenges = vec![Challenge {
            address: "9.9.9.9".parse().unwrap(),
            port: Saw::Seen(()),
            hops: vec![renewal::Hop {
                url: HttpUrl::root(Scheme::Http, &host),
                address: "9.9.9.9".parse().unwrap(),
                status,
                location: None,
            }],
            host,
            end: End::Answer(Answer { status, html: false, wall: false, cookie_test: false, server: None }),
            like_front: false,
        }];
        seen
    }

    #[test]
    fn an_open_path_leaves_the_timer() {
        assert_eq!(causes(overdue(404)).0, ["renewal-timer-dead"]);
    }

    #[test]
    fn a_blocked_path_or_a_newer_certificate_is_another_cause() {
        assert_eq!(causes(overdue(403)).0, ["renewal-cannot-succeed"]);
        let mut seen = overdue(404);
        with_history(&mut seen, &[85, 20]);
        assert_eq!(causes(seen).0, ["nginx-not-reloaded"]);
    }
}
