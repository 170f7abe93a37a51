//! The header asks to be built into browsers.

use findings::{Verdict, found, pass};

use crate::{
    Observation, hsts,
    words::{list, subject, verb},
};

findings::check! {
    /// The `Strict-Transport-Security` header (HSTS) asks for the browsers' built-in list.
    ///
    /// ## Why it matters
    /// With the word `preload` anybody may enter the domain at hstspreload.org. From then on every name below it is
    /// opened by HTTPS only, and it takes months until browsers without the entry are everywhere.
    ///
    /// ## How to fix
    /// Leave the word out unless that is what you want, for every subdomain there is and will be.
    CHECK: Check<Observation> = "hsts-preload-asked",
        section: Hardening, severity: Note,
        title: "HSTS asks for the preload list", healthy: "HSTS stays within the header",
        source: "hstspreload.org: removal; seed A15", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let sent = hsts::sent(seen);
    let asking = list(sent.iter().filter(|(_, it)| it.preload).map(|(corner, _)| &corner.host));
    if sent.is_empty() {
        return Vec::new();
    }
    if asking.is_empty() {
        return vec![pass(subject(seen), "The header does not ask for the browsers' built-in list.")];
    }
    let fact = format!("The header of {asking} {} the word preload.", verb(&asking, "has", "have"));
    let host = sent.iter().find(|(_, it)| it.preload).map(|(corner, _)| corner.host.to_string()).unwrap_or_default();
    let said = found(asking, fact)
        .means("Whoever enters the domain at hstspreload.org binds all its subdomains to HTTPS, for months at least.")
        .fix_code(
            "If that is not meant, leave the word out.",
            "add_header Strict-Transport-Security \"max-age=31536000\" always;",
        )
        .prove(format!("curl -sI https://{host} | grep -i preload"), "No line");
    vec![said.into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    #[test]
    fn the_word_alone_is_noted() {
        let with = |value| format!("https example.com 203.0.113.7 200 | strict-transport-security: {value}");
        fires(CHECK, &with("max-age=31536000; includeSubDomains; preload"));
        passes(CHECK, &with("max-age=31536000; includeSubDomains"));
        is_silent(CHECK, &with("preload"));
    }
}
