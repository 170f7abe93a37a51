use findings::{Verdict, check, found, pass};

use crate::{Answer, Kind, Observation};

check! {
    /// A timer of the zone is set so that changes or outages last longer than they have to.
    ///
    /// ## Why it matters
    /// The SOA record says how long resolvers remember "no such name", and how a second name server keeps up with the
    /// first. With odd values a new name stays unknown for days, or the second server gives up when it is needed.
    ///
    /// ## How to fix
    /// Set refresh 14400, retry 3600, expire 1209600 and minimum 3600, unless your DNS provider sets them for you.
    CHECK: Check<Observation> = "soa-timers-unusual",
        section: Hardening, severity: Note,
        title: "A zone timer is unusual", healthy: "Zone timers are usual",
        source: "RFC 1912 §2.2; RFC 2308 §5; Zonemaster ZONE02-06", run: run
}

/// Longer than a day nobody should remember a "no" (RFC 2308 §5).
const LONGEST_NO: u32 = 86_400;

fn run(seen: &Observation) -> Vec<Verdict> {
    let zone = &seen.target.registrable;
    let told = seen.direct.iter().flat_map(|it| &it.answers).map(|(_, asked)| asked);
    let known = seen.name(zone).into_iter().flat_map(|name| &name.others);
    let answers = told.chain(known).filter(|asked| asked.kind == Kind::Soa).filter_map(|asked| asked.answer.seen());
    let Some((text, timers)) = answers.filter_map(|answer| timers(answer, zone.as_str())).next() else {
        return Vec::new();
    };
    let Timers { refresh, retry, expire, minimum } = timers;
    // Only what works against itself: providers who copy zones in other ways have timers of every kind.
    let fact = if minimum > LONGEST_NO {
        format!("Resolvers may remember for {} hours that a name in {zone} does not exist.", minimum / 3600)
    } else if expire <= refresh.saturating_add(retry) {
        format!(
            "A second name server of {zone} gives up after {expire} seconds, before it has tried again (refresh {refresh}, retry {retry})."
        )
    } else if retry >= refresh {
        format!(
            "A second name server of {zone} waits longer after a failure ({retry} seconds) than between regular looks ({refresh})."
        )
    } else {
        return vec![pass(zone.as_str(), format!("The timers of {zone} fit each other."))];
    };
    vec![
        found(zone.as_str(), fact)
            .means("Nothing has to change today; new names take longer to be found, or an outage of the first name server is felt sooner.")
            .fix("Where your DNS provider lets you, set the zone's refresh to 14400, retry to 3600, expire to 1209600 and minimum to 3600.")
            .prove(format!("dig +short SOA {zone}"), "four such numbers at the end")
            .evidence("SOA", text)
            .into(),
    ]
}

/// In seconds.
struct Timers {
    refresh: u32,
    retry: u32,
    expire: u32,
    minimum: u32,
}

fn timers<'a>(answer: &'a Answer, zone: &str) -> Option<(&'a str, Timers)> {
    let soa = answer.records.iter().find(|record| record.kind == Kind::Soa.as_str() && record.name == zone)?;
    let mut numbers = soa.value.split_whitespace().skip(3).map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some((&soa.value, Timers { refresh: next()?, retry: next()?, expire: next()?, minimum: next()? }))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    fn with(timers: &str) -> Vec<String> {
        said(CHECK, &seen(&format!("example.com SOA - ns1.example.net._host.example.net._7_{timers}")))
    }

    #[test]
    fn timers_that_work_against_themselves_are_noted() {
        for timers in ["14400_3600_1209600_172800", "14400_3600_18000_300", "3600_3600_1209600_300"] {
            assert_eq!(with(timers), ["note example.com"], "{timers}");
        }
    }

    #[test]
    fn what_large_providers_set_is_fine() {
        // Cloudflare, Amazon, Google, deSEC, and the limit itself.
        for timers in
            ["10000_2400_604800_1800", "7200_900_1209600_86400", "21600_3600_259200_300", "86400_3600_2419200_3600"]
        {
            assert_eq!(with(timers), ["passed example.com"], "{timers}");
        }
        assert!(with("no_numbers").is_empty());
        assert!(said(CHECK, &seen("")).is_empty());
    }
}
