use findings::{Verdict, check, found, not_tested, pass};
use network::Saw;

use super::{and, is_moved_forward, suggested};
use crate::Observations;

check! {
    /// The authority asks for the certificate to be replaced earlier than usual.
    ///
    /// ## Why it matters
    /// An authority suggests for every certificate when to renew it. When it moves that time forward, it is about to
    /// revoke the certificate: something was wrong with how it was issued. Clients that ask renew by themselves; others
    /// find out when browsers refuse the old one.
    ///
    /// ## How to fix
    /// Renew now, and reload nginx. certbot from version 4.1 on asks by itself.
    CHECK: Check<Observations> = "early-renewal-asked",
        section: Renewal, severity: Warning,
        title: "The authority asks to renew now", healthy: "The authority asks nothing special",
        source: "RFC 9773 §4.2", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let Some(told) = &seen.renewal.suggestion else { return Vec::new() };
    let told = match told {
        Saw::Seen(told) => told,
        Saw::Unseen(why) => {
            let mut hosts: Vec<&str> = Vec::new();
            for (endpoint, _) in seen.tls.leaves() {
                if !hosts.contains(&endpoint.host.as_str()) {
                    hosts.push(endpoint.host.as_str());
                }
            }
            let why = format!("The authority could not be asked when to renew: {}.", why.clause());
            return vec![not_tested(and(hosts), why)];
        }
    };
    let Some((hosts, leaf, window)) = suggested(seen, told) else { return Vec::new() };
    let Some((start, end)) = window else {
        return vec![not_tested(and(hosts), "The authority's answer names no time that could be read.")];
    };
    if seen.seen_at < start || !is_moved_forward(leaf, end, told) {
        let said = format!("It suggests to renew between {} and {}.", start.long_date(), end.long_date());
        return vec![pass(and(hosts), said)];
    }
    let explanation = told.explanation.as_ref().map(|url| format!(" It says why at {url}.")).unwrap_or_default();
    let host = hosts.first().copied().unwrap_or_default();
    vec![
        found(
            and(&hosts),
            format!(
                "The authority wants the certificate of {} replaced by {}, long before its usual time on {}.{explanation}",
                leaf.not_before.long_date(),
                end.long_date(),
                leaf.renewal_due().long_date()
            ),
        )
        .means("It will most likely be revoked soon. Then browsers refuse it, and visitors cannot get past the warning.")
        .fix_code(
            "Renew it now and reload nginx.",
            "sudo certbot renew --force-renewal\nsudo systemctl reload nginx",
        )
        .prove(
            format!("openssl s_client -connect {host}:443 -servername {host} </dev/null 2>/dev/null | openssl x509 -noout -startdate"),
            "notBefore= with today's date",
        )
        .evidence("Suggested", format!("{start} to {end}"))
        .evidence("Certificate shown", format!("{} to {}, {}", leaf.not_before, leaf.not_after, leaf.issuer))
        .into(),
    ]
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK};
    use crate::fixture::{chain, healthy, with_suggestion};

    #[test]
    fn a_window_moved_forward_warns() {
        let mut seen = healthy();
        // The certificate is 10 days old and lasts 90: usual is a window around its 60th day.
        with_suggestion(&mut seen, -2, -1);
        assert_eq!(said(CHECK, &seen), ["warning example.com and www.example.com"]);
        with_suggestion(&mut seen, -1, 1);
        assert_eq!(said(CHECK, &seen), ["warning example.com and www.example.com"]);
    }

    #[test]
    fn half_a_life_may_become_the_rule_and_is_early_with_a_reason_only() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("fine", &["example.com", "www.example.com"], -50, 40)];
        with_suggestion(&mut seen, -6, -4);
        assert_eq!(said(CHECK, &seen), ["passed example.com and www.example.com"]);
        if let Some(Saw::Seen(told)) = &mut seen.renewal.suggestion {
            told.explanation = Some("https://authority.example/incident".into());
        }
        assert_eq!(said(CHECK, &seen), ["warning example.com and www.example.com"]);
    }

    #[test]
    fn the_usual_window_passes_and_silence_is_not_tested() {
        let mut seen = healthy();
        assert!(said(CHECK, &seen).is_empty(), "nobody was asked");
        with_suggestion(&mut seen, 49, 51);
        assert_eq!(said(CHECK, &seen), ["passed example.com and www.example.com"]);
        with_suggestion(&mut seen, 2, 3);
        assert_eq!(said(CHECK, &seen), ["passed example.com and www.example.com"], "not yet");
        seen.renewal.suggestion = Some(Saw::Unseen(Unseen::TimedOut));
        assert_eq!(said(CHECK, &seen), ["not tested example.com and www.example.com"]);
    }
}
