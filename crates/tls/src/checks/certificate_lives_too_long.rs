//! Was the certificate's lifetime allowed when it was issued?

use domain::Time;
use findings::{Verdict, found};

use crate::{
    Certificate, Observation,
    judging::{Answer, judge, of_certificate, span},
};

findings::check! {
    /// The certificate is valid for longer than public authorities were allowed to promise when it was issued.
    ///
    /// ## Why it matters
    /// Authorities and browsers have agreed on a longest lifetime: 398 days from September 2020, 200 days from 15 March
    /// 2026, 100 from 15 March 2027, 47 from 15 March 2029. Browsers may refuse a certificate that lives longer.
    ///
    /// ## How to fix
    /// Have a new one issued: every public authority now issues within the limit.
    CHECK: Check<Observation> = "certificate-lives-too-long",
        section: Certificate, severity: Warning,
        title: "The certificate lives too long", healthy: "The certificate's lifetime is allowed",
        source: "CA/Browser Forum Baseline Requirements §6.3.2, ballot SC-081v3", run: run
}

const DAY: i64 = 86_400;

/// From when, in Unix time, which number of days is the longest; before the first there was none that still matters.
const LIMITS: &[(i64, i64)] = &[
    (1_519_862_400, 825), // 2018-03-01
    (1_598_918_400, 398), // 2020-09-01
    (1_773_532_800, 200), // 2026-03-15
    (1_805_068_800, 100), // 2027-03-15
    (1_868_227_200, 47),  // 2029-03-15
];

/// Since when, and the most days that a certificate of this date may be valid.
fn limit(not_before: Time) -> Option<&'static (i64, i64)> {
    LIMITS.iter().rev().find(|(from, _)| not_before.unix() >= *from)
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(seen, |_, chain, leaf| match limit(leaf.not_before) {
        _ if !chain.public => Answer::Moot,
        Some((from, days)) if leaf.lifetime() > days * DAY => Answer::Problem((leaf, *from, *days)),
        _ => Answer::Fine,
    });
    judge(
        seen,
        ask,
        |group| {
            let (leaf, from, days): (&Certificate, i64, i64) = group.problem;
            found(
                group.subject(),
                format!(
                    "The certificate at {} is valid for {}; from {} on no more than {days} days were allowed.",
                    group.places(),
                    span(leaf.lifetime()),
                    Time::from_unix(from).long_date()
                ),
            )
            .means("Browsers may refuse it and warn every visitor with a full page.")
            .fix_code(
                "Have a new one issued, then reload nginx.",
                format!("sudo certbot --nginx --force-renewal {}", group.certbot_names()),
            )
            .prove(group.show_certificate("-dates"), format!("Dates that are at most {days} days apart."))
            .evidence("Valid from", leaf.not_before.to_string())
            .evidence("Valid until", leaf.not_after.to_string())
        },
        |endpoints| {
            let leaf = endpoints.iter().find_map(|endpoint| endpoint.chain(seen)?.leaf());
            leaf.map_or_else(String::new, |leaf| format!("Valid for {}.", span(leaf.lifetime())))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{says, text, with};

    fn living(from: &str, days: i64, seconds: i64, public: bool) -> Observation {
        with(|seen| {
            seen.chains[0].public = public;
            let leaf = &mut seen.chains[0].certificates[0];
            leaf.not_before = Time::try_from(format!("{from}T00:00:00Z")).unwrap();
            leaf.not_after = leaf.not_before.plus(days * DAY + seconds);
        })
    }

    #[test]
    fn each_rule_binds_from_its_day_on_and_to_its_last_second() {
        for (day_before, day, days) in [
            ("2020-08-31", "2020-09-01", 398),
            ("2026-03-14", "2026-03-15", 200),
            ("2027-03-14", "2027-03-15", 100),
            ("2029-03-14", "2029-03-15", 47),
        ] {
            assert_eq!(says(&CHECK, &living(day, days, 1, true)), ["! example.com and www.example.com"], "{day}");
            assert_eq!(says(&CHECK, &living(day, days, 0, true)), [". example.com, www.example.com"], "{day}");
            assert_eq!(says(&CHECK, &living(day_before, days, 1, true)), [". example.com, www.example.com"], "{day}");
            assert!(text(&CHECK, &living(day, days, DAY, true)).contains(&format!("more than {days} days")));
        }
    }

    #[test]
    fn a_company_may_promise_what_it_likes() {
        assert!(says(&CHECK, &living("2026-10-01", 3650, 0, false)).is_empty());
        assert_eq!(says(&CHECK, &living("2017-01-01", 1100, 0, true)), [". example.com, www.example.com"]);
    }
}
