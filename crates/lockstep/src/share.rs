//! What of a report goes behind a link: what was seen of the site, not what its owner said or asked beyond that.

use network::Saw;

use crate::{Exposed, Observations, Report, report};

/// What stays in a shared report beyond what anybody could see by checking the domain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    /// The addresses or the name that the visitor expected.
    pub expect: bool,
    /// The paths with what the visitor said they should answer.
    pub paths: bool,
    /// The subdomains that the public logs know.
    pub subdomains: bool,
    /// The ports and files that were looked at for the owner alone, and the proof.
    pub exposed: bool,
}

/// What stands in a logged certificate for a name that is left out. It is no name, so that a certificate of several names is
/// not taken for one of fewer.
const LEFT_OUT: &str = "(left out)";

/// The report without its seal and without what is not to be kept. Where something was left out, what remains is judged
/// anew: then no finding speaks of what is not there.
pub fn shared(mut whole: Report, keep: Keep) -> Report {
    whole.seal = None;
    let cut = cut(whole.observed.clone(), keep);
    if cut == whole.observed { whole } else { report(cut, whole.timing) }
}

fn cut(mut seen: Observations, keep: Keep) -> Observations {
    if !keep.expect {
        seen.target.expect = None;
        seen.dns.target.expect = None;
    }
    if !keep.subdomains {
        seen.subdomains = None;
        without_other_names(&mut seen);
    }
    if let Some(exposed) = seen.exposed.take() {
        let paths = if keep.paths { exposed.paths } else { Vec::new() };
        let exposed = if keep.exposed { Exposed { paths, ..exposed } } else { Exposed { paths, ..Exposed::default() } };
        seen.exposed = Some(exposed).filter(|it| *it != Exposed::default());
    }
    seen
}

/// Of the logged certificates only the names that the site itself shows.
fn without_other_names(seen: &mut Observations) {
    let Observations { target, tls, renewal, .. } = seen;
    let Some(Saw::Seen(history)) = &mut renewal.history else { return };
    let own = [Some(&target.name), Some(&target.registrable), target.twin.as_ref()];
    let shown: Vec<&String> = tls.leaves().flat_map(|(_, leaf)| &leaf.names).collect();
    for issuance in &mut history.issuances {
        let all = issuance.names.len();
        let is_own = |name: &str| own.iter().flatten().any(|own| own.is_covered_by(name));
        issuance.names.retain(|name| is_own(name) || shown.contains(&name));
        if issuance.names.len() < all {
            issuance.names.push(LEFT_OUT.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Expect, HttpUrl};
    use findings::State;

    use super::*;
    use crate::{
        Control, File, Port, Timing, Wanted,
        fixture::{healthy, with_history, with_subdomains},
    };

    /// A report with everything in it that a link may leave out.
    fn full() -> Report {
        let mut seen = healthy();
        let expect = Expect::Addresses(vec!["198.51.100.77".parse().unwrap()]);
        seen.target.expect = Some(expect.clone());
        seen.dns.target.expect = Some(expect);
        with_subdomains(&mut seen, &["shop.example.com"], &["secret.example.com"]);
        with_history(&mut seen, &[70, 10]);
        if let Some(Saw::Seen(history)) = &mut seen.renewal.history {
            history.issuances[0].names = vec!["*.example.com".into(), "hidden.example.com".into()];
            history.issuances[1].names = vec!["example.com".into(), "hidden.example.com".into()];
        }
        let url = |path: &str| HttpUrl::parse(&format!("https://example.com{path}")).unwrap();
        seen.exposed = Some(Exposed {
            ports: vec![Port {
                address: "9.9.9.9".parse().unwrap(),
                port: 5432,
                usual: "PostgreSQL".into(),
                database: true,
                open: Saw::Seen(()),
                server: None,
            }],
            files: vec![File { url: url("/.env"), served: Saw::Seen(true) }],
            paths: vec![Wanted {
                url: url("/internal-login"),
                status: Some(200),
                text: Some("Staff only".into()),
                answer: Saw::Seen((404, false)),
            }],
            control: Some(Control {
                host: "example.com".parse().unwrap(),
                value: "lockstep=0123".into(),
                record: "_lockstep.example.com".into(),
                answers: Vec::new(),
                file: url("/.well-known/acme-challenge/lockstep-0123"),
                served: vec![("9.9.9.9".parse().unwrap(), Saw::Seen((200, true)))],
            }),
        });
        Report { seal: Some("00".into()), ..report(seen, Timing { total_millis: 7, ..Timing::default() }) }
    }

    const ALL: Keep = Keep { expect: true, paths: true, subdomains: true, exposed: true };
    const EXPECT: [&str; 1] = ["198.51.100.77"];
    const PATHS: [&str; 2] = ["internal-login", "Staff only"];
    const SUBDOMAINS: [&str; 3] = ["shop.example.com", "secret.example.com", "hidden.example.com"];
    const EXPOSED: [&str; 4] = ["5432", ".env", "lockstep=0123", "_lockstep"];

    #[test]
    fn nothing_that_is_the_visitors_own_is_in_a_link_unless_ticked() {
        let whole = full();
        let cases = [
            (Keep::default(), [false; 4]),
            (Keep { expect: true, ..Keep::default() }, [true, false, false, false]),
            (Keep { paths: true, ..Keep::default() }, [false, true, false, false]),
            (Keep { subdomains: true, ..Keep::default() }, [false, false, true, false]),
            (Keep { exposed: true, ..Keep::default() }, [false, false, false, true]),
            (ALL, [true; 4]),
        ];
        for (keep, stays) in cases {
            let json = serde_json::to_string(&shared(whole.clone(), keep)).unwrap();
            let groups: [&[&str]; 4] = [&EXPECT, &PATHS, &SUBDOMAINS, &EXPOSED];
            for (words, stays) in groups.into_iter().zip(stays) {
                for word in words {
                    assert_eq!(json.contains(word), stays, "{word}, {keep:?}");
                }
            }
            assert!(!json.contains("\"seal\""));
        }
    }

    #[test]
    fn what_is_left_out_takes_its_findings_along_and_nothing_else() {
        let ids = |report: &Report, state: State| -> Vec<String> {
            report.findings.iter().filter(|it| it.state == state).map(|it| it.id.clone()).collect()
        };
        let whole = full();
        let failed = ids(&whole, State::Failed);
        for id in ["address-not-expected", "path-not-as-expected", "private-file-served"] {
            assert!(failed.iter().any(|it| it == id), "{failed:?}");
        }
        let cut = shared(whole.clone(), Keep::default());
        assert!(ids(&cut, State::Failed).is_empty(), "{:?}", ids(&cut, State::Failed));
        let mut plain = healthy();
        plain.renewal = cut.observed.renewal.clone();
        assert_eq!(cut, report(plain, whole.timing.clone()));
    }

    /// The same observations are judged the same for ever, so a report with nothing to leave out stays as it was.
    #[test]
    fn with_nothing_left_out_only_the_seal_goes() {
        let whole = full();
        assert_eq!(shared(whole.clone(), ALL), Report { seal: None, ..whole });
    }

    #[test]
    fn a_certificate_with_names_left_out_is_not_taken_for_one_with_fewer() {
        let mut seen = healthy();
        with_history(&mut seen, &[70, 10]);
        if let Some(Saw::Seen(history)) = &mut seen.renewal.history {
            history.issuances[0].names.push("z.example.com".into());
        }
        let whole = report(seen, Timing::default());
        let cut = shared(whole.clone(), Keep::default());
        let Some(Saw::Seen(history)) = &cut.observed.renewal.history else { panic!("no history") };
        assert_eq!(history.issuances[0].names, ["example.com", "www.example.com", LEFT_OUT]);
        assert_eq!(cut.findings, whole.findings);
    }
}
