use findings::{Verdict, check, found, pass};

use super::list;
use crate::{
    Observation,
    caa::{Caa, Climb},
};

check! {
    /// A CAA record that no authority understands is marked as critical.
    ///
    /// ## Why it matters
    /// The critical flag says: whoever does not understand this property must not issue. No authority understands this
    /// one, so every issuance and every renewal is refused, whatever the other records permit.
    ///
    /// ## How to fix
    /// Remove the record, or correct its property to `issue`, `issuewild` or `iodef`.
    CHECK: Check<Observation> = "caa-critical-unknown",
        section: Renewal, severity: Failed,
        title: "A record forbids every renewal", healthy: "No record forbids every renewal",
        source: "RFC 8659 §4.1; Boulder va/caa.go", run: run
}

/// Registered properties (IANA, CAA Property Tags): some authority understands each.
const UNDERSTOOD: [&str; 7] = ["issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"];

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut looked = Vec::new();
    let mut verdicts: Vec<Verdict> = Vec::new();
    for name in seen.names.iter().filter(|name| name.resolves()) {
        let Climb::Found { at, records } = seen.caa(&name.name) else { continue };
        if looked.contains(&at) {
            continue;
        }
        looked.push(at);
        let unknown: Vec<&Caa> =
            records.iter().filter(|caa| caa.is_critical() && !UNDERSTOOD.contains(&caa.tag.as_str())).collect();
        let Some(first) = unknown.first() else { continue };
        let mut said = found(
            at.as_str(),
            format!("A record at {at} marks the property `{}` as critical, which no authority understands.", first.tag),
        )
        .means("Every authority has to refuse. The site works until its certificate runs out; the next renewal fails.")
        .fix(format!("Remove this record from the zone of {at}, or correct its property to `issue`."))
        .prove(format!("dig +short {at} CAA"), "only the properties issue, issuewild and iodef");
        for caa in &unknown {
            said = said.evidence("Record", format!("{} {} \"{}\"", caa.flags, caa.tag, caa.value));
        }
        verdicts.push(said.into());
    }
    if verdicts.is_empty() && !looked.is_empty() {
        verdicts.push(pass(list(looked), "Authorities understand every record that binds them."));
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    fn with(records: &str) -> Vec<String> {
        said(CHECK, &seen(&format!("example.com A * 9.9.9.9\nexample.com CAA - {records}")))
    }

    #[test]
    fn a_critical_property_that_nobody_knows_fires() {
        assert_eq!(with("0_issue_\"letsencrypt.org\" 128_tbs_\"unknown\""), ["failed example.com"]);
        assert_eq!(with("1_isuse_\"letsencrypt.org\""), ["failed example.com"]);
    }

    #[test]
    fn known_or_not_critical_stays_quiet() {
        assert_eq!(with("128_issue_\"letsencrypt.org\" 1_iodef_\"mailto:a@b.example\""), ["passed example.com"]);
        assert_eq!(with("0_tbs_\"unknown\""), ["passed example.com"]);
        assert!(said(CHECK, &seen("example.com A * 9.9.9.9")).is_empty());
    }
}
