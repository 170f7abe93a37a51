use findings::{Verdict, check, found, pass};
use network::Saw;

use super::{and, host_list};
use crate::{Listed, Observations};

check! {
    /// The `Strict-Transport-Security` header (HSTS) asks for the browsers' built-in list, and the domain is not on it.
    ///
    /// ## Why it matters
    /// With the word `preload` anybody may enter the domain at hstspreload.org. From then on every name below it is opened by
    /// HTTPS only, and it takes months until browsers without the entry are everywhere. The word is often copied along without
    /// that being meant.
    ///
    /// ## How to fix
    /// Leave the word out unless that is what you want, for every subdomain there is and will be; then enter the domain
    /// yourself.
    CHECK: Check<Observations> = "hsts-preload-asked",
        section: Hardening, severity: Note,
        title: "HSTS asks for the preload list", healthy: "HSTS and the list agree",
        source: "hstspreload.org: removal; seed A15", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let sent = web::hsts::sent(&seen.web);
    if sent.is_empty() {
        return Vec::new();
    }
    let hosts = host_list(sent.iter().map(|(corner, _)| &corner.host));
    let asking = host_list(sent.iter().filter(|(_, it)| it.preload).map(|(corner, _)| &corner.host));
    let Some(host) = asking.first() else {
        return vec![pass(and(&hosts), "The header does not ask for the browsers' built-in list.")];
    };
    let list = match &seen.preload {
        Some(Saw::Seen(it)) if it.status.is_on_its_way() => {
            return vec![pass(
                and(&asking),
                format!("The header asks for the browsers' built-in list, and {} is {}.", it.name, place(it.status)),
            )];
        }
        Some(Saw::Seen(it)) => format!("{} is {}.", it.name, place(it.status)),
        Some(Saw::Unseen(why)) => format!("Whether the domain is on it could not be asked now: {}.", why.clause()),
        None => String::new(),
    };
    let sends = if asking.len() == 1 { "sends" } else { "send" };
    let fact = format!("{} {sends} the header with the word preload. {list}", and(&asking));
    let said = found(and(&asking), fact.trim_end())
        .means("Whoever enters the domain at hstspreload.org binds all its subdomains to HTTPS, for months at least.")
        .fix_code(
            "If that is not meant, leave the word out.",
            "add_header Strict-Transport-Security \"max-age=31536000\" always;",
        )
        .prove(format!("curl -sI https://{host} | grep -i preload"), "No line");
    vec![said.into()]
}

/// Where a name stands, after "is".
pub(super) fn place(status: Listed) -> &'static str {
    match status {
        Listed::Pending => "waiting to be put on the list",
        Listed::PendingRemoval => "about to be taken off the list",
        Listed::Preloaded => "on the list",
        Listed::Rejected => "not on the list: it was turned down",
        Listed::Removed => "not on the list any longer",
        Listed::Unknown => "not on the list",
    }
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK, Listed};
    use crate::{
        Observations,
        fixture::{healthy, with_hsts, with_preload},
    };

    fn sending(value: &str) -> Observations {
        let mut seen = healthy();
        with_hsts(&mut seen, &["example.com"], value);
        seen
    }

    const ASKING: &str = "max-age=31536000; includeSubDomains; preload";

    #[test]
    fn the_word_without_the_list_is_noted() {
        let mut seen = sending(ASKING);
        assert_eq!(said(CHECK, &seen), ["note example.com"]);
        for status in [Listed::Unknown, Listed::Rejected, Listed::Removed, Listed::PendingRemoval] {
            with_preload(&mut seen, status);
            assert_eq!(said(CHECK, &seen), ["note example.com"]);
        }
        seen.preload = Some(Saw::Unseen(Unseen::TimedOut));
        assert_eq!(said(CHECK, &seen), ["note example.com"]);
    }

    #[test]
    fn on_the_list_or_without_the_word_it_passes() {
        let mut seen = sending(ASKING);
        for status in [Listed::Preloaded, Listed::Pending] {
            with_preload(&mut seen, status);
            assert_eq!(said(CHECK, &seen), ["passed example.com"]);
        }
        assert_eq!(said(CHECK, &sending("max-age=31536000; includeSubDomains")), ["passed example.com"]);
        assert!(said(CHECK, &sending("preload")).is_empty());
    }
}
