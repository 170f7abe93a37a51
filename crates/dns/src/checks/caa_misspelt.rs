use findings::{Verdict, check, found, pass};

use super::list;
use crate::{
    Observation,
    authorities::{meant_by, slips},
    caa::{Caa, Climb},
};

check! {
    /// A CAA record looks misspelt.
    ///
    /// ## Why it matters
    /// Authorities compare the name in the record letter by letter. One that is a letter off, ends in a dot or is
    /// written as a URL permits nobody, and a property that nobody knows has no effect.
    ///
    /// ## How to fix
    /// Write the authority's identifier exactly as its documentation does: `0 issue "letsencrypt.org"`.
    CHECK: Check<Observation> = "caa-misspelt",
        section: Renewal, severity: Warning,
        title: "Permission to issue looks misspelt", healthy: "Permissions to issue name known authorities",
        source: "RFC 8659 §4.2; CCADB identifiers", run: run
}

/// The registered properties (IANA, CAA Property Tags).
const TAGS: [&str; 9] =
    ["issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone", "auth", "path"];

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut looked = Vec::new();
    let mut verdicts: Vec<Verdict> = Vec::new();
    for name in seen.names.iter().filter(|name| name.resolves()) {
        let Climb::Found { at, records } = seen.caa(&name.name) else { continue };
        if looked.contains(&at) {
            continue;
        }
        looked.push(at);
        let slips: Vec<(&Caa, String)> = records.iter().filter_map(|caa| Some((caa, corrected(caa)?))).collect();
        let Some((first, right)) = slips.first() else { continue };
        let mut said = found(
            at.as_str(),
            format!("A record at {at} says `{} \"{}\"`; most likely `{right}` is meant.", first.tag, first.value),
        )
        .means("It permits nobody as it stands. A renewal is refused unless another record names the authority.")
        .fix_code(
            format!("Correct the record in the zone of {at}."),
            list(slips.iter().map(|(_, right)| format!("{at}. CAA 0 {right}"))).replace(", ", "\n"),
        )
        .prove(format!("dig +short {at} CAA"), format!("0 {right}"));
        for (caa, _) in &slips {
            said = said.evidence("Record", format!("{} {} \"{}\"", caa.flags, caa.tag, caa.value));
        }
        verdicts.push(said.into());
    }
    if verdicts.is_empty() && !looked.is_empty() {
        verdicts.push(pass(list(looked), "Nothing in the records that say who may issue looks misspelt."));
    }
    verdicts
}

/// The property as it was most likely meant, if something in it looks like a slip.
fn corrected(caa: &Caa) -> Option<String> {
    if !TAGS.contains(&caa.tag.as_str()) {
        let meant = ["issuewild", "issue", "iodef"].into_iter().find(|tag| slips(&caa.tag, tag) <= 2)?;
        return Some(format!("{meant} \"{}\"", caa.value));
    }
    if !caa.is_issue() {
        return None;
    }
    let (issuer, parameters) = caa.value.split_once(';').map_or((caa.value.as_str(), None), |(a, b)| (a, Some(b)));
    let meant = meant_by(issuer)?;
    Some(match parameters {
        Some(parameters) if !parameters.trim().is_empty() => format!("{} \"{meant}; {}\"", caa.tag, parameters.trim()),
        _ => format!("{} \"{meant}\"", caa.tag),
    })
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    fn with(records: &str) -> Vec<String> {
        let up = "example.com A * 9.9.9.9\nwww.example.com A * 9.9.9.9";
        said(CHECK, &seen(&format!("{up}\nexample.com CAA - {records}")))
    }

    #[test]
    fn slips_fire_once_for_both_names() {
        for slip in ["0_issue_\"letsecrypt.org\"", "0_issuewild_\"letsencrypt.org.\"", "0_isuse_\"letsencrypt.org\""] {
            assert_eq!(with(slip), ["warning example.com"], "{slip}");
        }
    }

    #[test]
    fn what_is_right_or_like_nothing_known_stays_quiet() {
        for fine in [
            "0_issue_\"letsencrypt.org\"",
            "0_issue_\"letsencrypt.org;accounturi=a\" 0_issuewild_\";\"",
            "0_issue_\"ca.example\" 0_iodef_\"mailto:a@letsecrypt.org\"",
            "0_tbs_\"unknown\"",
        ] {
            assert_eq!(with(fine), ["passed example.com"], "{fine}");
        }
        assert!(said(CHECK, &seen("example.com A * 9.9.9.9")).is_empty(), "no records, nothing to spell");
    }
}
