use findings::{Verdict, check, found, pass};

use super::list;
use crate::{
    Kind, Observation,
    observation::{CHALLENGE, NOBODY},
};

check! {
    /// A challenge record was made under a name that has the domain twice.
    ///
    /// ## Why it matters
    /// Many panels append the domain to what is typed. Where the full name is typed, the record ends up at
    /// `_acme-challenge.example.com.example.com`: the authority looks one level higher and finds nothing, so a renewal
    /// through DNS fails.
    ///
    /// ## How to fix
    /// Type `_acme-challenge` alone, or end the full name with a dot, and delete the misplaced record.
    CHECK: Check<Observation> = "challenge-record-doubled",
        section: Renewal, severity: Note,
        title: "Challenge record misplaced", healthy: "No challenge record misplaced",
        source: "seed A14; Let's Debug TXTDoubleLabel", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let zone = &seen.target.registrable;
    let answer = |name: &str| seen.further(name, Kind::Txt)?.answer.seen();
    let nothing = answer(&format!("{zone}.{zone}")).filter(|answer| answer.is_of_nothing()).map(|_| false);
    let has_text = |name: &str| answer(name).map(|answer| !answer.records.is_empty()).or(nothing);
    // A wildcard answers for this name as for any other.
    let wildcard = seen.further.iter().any(|(name, asked)| {
        let nobody = asked.kind == Kind::Txt && name.as_str().starts_with(NOBODY);
        nobody && asked.answer.seen().is_none_or(|answer| !answer.records.is_empty())
    });
    let mut fine = Vec::new();
    let mut verdicts: Vec<Verdict> = Vec::new();
    for name in seen.target.names() {
        let doubled = format!("{CHALLENGE}.{name}.{zone}");
        match has_text(&doubled) {
            None => {}
            Some(true) if !wildcard => verdicts.push(
                found(name.as_str(), format!("There is a challenge record at {doubled}, where no authority looks."))
                    .means(format!("If the certificate of {name} is renewed through DNS, the renewal finds no record at {CHALLENGE}.{name} and fails. Left over from an earlier attempt, it does no harm."))
                    .fix(format!("At your DNS provider, delete it; for a new one type {} as the name, because the panel appends {zone} itself.", relative(name.as_str(), zone.as_str())))
                    .prove(format!("dig +short {doubled} TXT"), "nothing")
                    .into(),
            ),
            Some(_) => fine.push(name),
        }
    }
    if verdicts.is_empty() && !fine.is_empty() {
        verdicts.push(pass(list(fine), "No challenge record has the domain in its name twice."));
    }
    verdicts
}

/// What is to be typed where the zone is appended: `_acme-challenge.www`.
fn relative(name: &str, zone: &str) -> String {
    let under = name.strip_suffix(zone).unwrap_or_default().trim_end_matches('.');
    if under.is_empty() { CHALLENGE.to_owned() } else { format!("{CHALLENGE}.{under}") }
}

#[cfg(test)]
mod tests {
    use network::Saw;

    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    const DOUBLED: &str = "+_acme-challenge.www.example.com.example.com TXT token";

    #[test]
    fn a_misplaced_record_is_noted_with_what_to_type() {
        let it = seen(&format!("{DOUBLED}\n+lockstep-00ff.example.com TXT NXDOMAIN"));
        assert_eq!(said(CHECK, &it), ["note www.example.com"]);
        let text = format!("{:?}", findings::judge(&[CHECK], &it));
        assert!(text.contains("type _acme-challenge.www as the name"), "{text}");
    }

    #[test]
    fn a_wildcard_and_the_right_place_are_fine() {
        let wildcard = seen(&format!("{DOUBLED}\n+lockstep-00ff.example.com TXT v=spf1_-all"));
        assert_eq!(said(CHECK, &wildcard), ["passed www.example.com"]);
        let right = "+_acme-challenge.example.com TXT token\n+_acme-challenge.example.com.example.com TXT NXDOMAIN";
        assert_eq!(said(CHECK, &seen(right)), ["passed example.com"]);
        assert!(said(CHECK, &seen("")).is_empty());
        let gone = said(CHECK, &seen("+example.com.example.com TXT NXDOMAIN"));
        assert_eq!(gone, ["passed example.com, www.example.com"]);
        assert!(said(CHECK, &seen("+example.com.example.com TXT SERVFAIL")).is_empty());
        let mut alias = seen("+example.com.example.com TXT gone.example.net");
        if let Some(Saw::Seen(answer)) = alias.further.first_mut().map(|(_, asked)| &mut asked.answer) {
            answer.rcode = "NXDOMAIN".into();
        }
        assert!(
            said(CHECK, &alias).is_empty(),
            "where an alias leads there is nothing; below it there may be something"
        );
    }
}
