use findings::{Verdict, check, found, pass};
use network::Saw;

use super::{and, groups};
use crate::Observations;

check! {
    /// So many certificates were issued for the same names this week that the authority is about to stop.
    ///
    /// ## Why it matters
    /// Let's Encrypt issues five certificates for exactly the same names in seven days, and then none until the oldest of
    /// them is a week old. Something orders new ones again and again: a container without a volume, a script with
    /// `--force-renewal`.
    ///
    /// ## How to fix
    /// Keep `/etc/letsencrypt` where it survives a restart, use `certbot renew` without `--force-renewal`, and try things
    /// out with `--dry-run`.
    CHECK: Check<Observations> = "weekly-limit-near",
        section: Renewal, severity: Note,
        title: "The authority's weekly limit is near", healthy: "The authority's weekly limit is far",
        source: "letsencrypt.org/docs/rate-limits: certificates per exact set of identifiers", run: run
}

/// Five are allowed.
const LIMIT: usize = 5;

/// From the fourth on it is worth a word.
const NEAR: usize = 4;

fn run(seen: &Observations) -> Vec<Verdict> {
    let Some(Saw::Seen(history)) = &seen.renewal.history else { return Vec::new() };
    let mut verdicts = Vec::new();
    for group in groups(seen) {
        let leaf = group.leaf;
        let by = dns::authorities::of_issuer(&leaf.issuer).filter(|authority| authority.name == "Let's Encrypt");
        let (Some(_), Some(host)) = (by, group.hosts.first()) else { continue };
        let week_ago = seen.seen_at.plus(-7 * 86_400);
        let mut alike = history.alike(&leaf.names, &leaf.issuer);
        // Certificates are dated an hour back.
        alike.retain(|it| it.not_before.plus(3_600) >= week_ago);
        let count = alike.len();
        if count < NEAR {
            verdicts.push(pass(and(&group.hosts), format!("{count} of {LIMIT} certificates in seven days.")));
            continue;
        }
        let frees = alike.last().map(|oldest| oldest.not_before.plus(7 * 86_400 + 3_600).long_date());
        let said = found(
            and(&group.hosts),
            format!("{count} certificates for exactly these names were issued in the last seven days; {LIMIT} are allowed."),
        )
        .means(format!("Then none is issued until about {}, whatever happens to this one.", frees.unwrap_or_default()))
        .fix_code(
            "Keep certbot's folder where it survives a restart, renew without force, and try things out as a dry run.",
            "sudo certbot renew --dry-run",
        )
        .prove(
            format!("curl -s 'https://crt.sh/?q={host}&output=json&exclude=expired' | grep -o '\"not_before\":\"[^\"]*' | sort | tail -n 6"),
            "Dates that are weeks apart.",
        );
        let said = alike.iter().take(LIMIT).fold(said, |said, it| said.evidence("Issued", it.not_before.to_string()));
        verdicts.push(said.into());
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::{chain, healthy, with_history};

    #[test]
    fn the_fourth_in_a_week_is_a_note_and_three_are_not() {
        let mut seen = healthy();
        with_history(&mut seen, &[6, 4, 2, 1]);
        assert_eq!(said(CHECK, &seen), ["note example.com and www.example.com"]);
        with_history(&mut seen, &[8, 4, 2, 1]);
        assert_eq!(said(CHECK, &seen), ["passed example.com and www.example.com"]);
        with_history(&mut seen, &[130, 70, 10]);
        assert_eq!(said(CHECK, &seen), ["passed example.com and www.example.com"]);
    }

    #[test]
    fn other_authorities_have_other_limits() {
        let mut seen = healthy();
        with_history(&mut seen, &[6, 4, 2, 1]);
        seen.tls.chains = vec![chain("fine", &["example.com", "www.example.com"], -10, 80)];
        seen.tls.chains[0].certificates[0].issuer = "CN=Sectigo RSA,O=Sectigo Limited".into();
        assert!(said(CHECK, &seen).is_empty());
        assert!(said(CHECK, &healthy()).is_empty());
    }
}
