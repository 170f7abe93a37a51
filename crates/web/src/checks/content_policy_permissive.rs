//! A content policy speaks of scripts and lets foreign ones through.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response,
    headers::{self, Faulty},
    policy,
    words::{list, quoted},
};

findings::check! {
    /// The `Content-Security-Policy` allows the scripts that it is there to stop.
    ///
    /// ## Why it matters
    /// What a policy is best at is to keep a script from running that got into a page by a mistake of the application. With
    /// `'unsafe-inline'` or with every host allowed, such a script runs all the same.
    ///
    /// ## How to fix
    /// Move scripts into files of your own, or give each a nonce; name hosts one by one.
    CHECK: Check<Observation> = "content-policy-permissive",
        section: Hardening, severity: Note,
        title: "The content policy lets much through", healthy: "The content policy limits scripts",
        source: "W3C CSP Level 3 §8; MDN HTTP Observatory", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    // A policy about frames or upgrades alone never meant to limit scripts.
    let limits = |response: &Response| policy::of(response).iter().any(|policy| policy.holes().is_some());
    if !headers::pages(seen).iter().any(|page| limits(page.response)) {
        return Vec::new();
    }
    let healthy = |urls: &str| format!("{urls}: the policy allows scripts from where it says, and no others.");
    headers::ask(seen, &healthy, &holes, &say)
}

/// All policies hold at once: what the strictest refuses is refused.
fn holes(response: &Response) -> Vec<String> {
    let policies = policy::of(response);
    let least = policies.iter().filter_map(policy::Policy::holes).min_by_key(Vec::len);
    least.unwrap_or_default().into_iter().map(str::to_owned).collect()
}

fn say(faulty: Faulty<'_>) -> Said {
    let what = list(&faulty.clauses);
    let policy = faulty.response.header("content-security-policy").unwrap_or_default();
    found(faulty.urls.clone(), format!("The policy of {} allows {what}.", faulty.urls))
        .means("Nothing has to change: a script that got in by a mistake of the application runs as it would without a policy.")
        .fix_code(
            "Keep scripts in files of your own and name other hosts one by one; a script in the page gets a nonce.",
            "add_header Content-Security-Policy \"default-src 'self'; script-src 'self'\" always;",
        )
        .prove(format!("curl -sI {} | grep -i content-security", quoted(&faulty.url)), "A script-src without these words")
        .evidence("Content-Security-Policy", policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    fn with(value: &str) -> String {
        format!("https example.com 203.0.113.7 200 | content-security-policy: {value}")
    }

    #[test]
    fn what_lets_scripts_through_is_noted() {
        fires(CHECK, &with("default-src 'self'; script-src 'self' 'unsafe-inline'"));
        fires(CHECK, &with("default-src *"));
    }

    #[test]
    fn strict_ones_pass_and_those_about_something_else_are_not_asked() {
        passes(CHECK, &with("script-src 'self' cdn.example.net; style-src 'unsafe-inline'"));
        passes(CHECK, &with("default-src * 'unsafe-inline', script-src 'self'"));
        is_silent(CHECK, &with("frame-ancestors 'none'; upgrade-insecure-requests"));
        is_silent(CHECK, "https example.com 203.0.113.7 200");
    }
}
