use findings::{Verdict, check, found, pass};
use network::Saw;

use super::certificate_fault;
use crate::{Listed, Observations};

check! {
    /// Browsers have it built in to insist on HTTPS, and the certificate is broken.
    ///
    /// ## Why it matters
    /// The domain is on the list that browsers carry. On it they offer no way past a certificate warning, to nobody, and no
    /// header takes that back.
    ///
    /// ## How to fix
    /// Repair the certificate. Being taken off the list takes months.
    CHECK: Check<Observations> = "preloaded-name-broken",
        section: Certificate, severity: Failed,
        title: "Nobody can pass the warning", healthy: "Preload entry and certificate go together",
        source: "RFC 6797 §8.4, §12.1; hstspreload.org; seed A15", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let Some(Saw::Seen(preload)) = &seen.preload else { return Vec::new() };
    let name = &preload.name;
    if preload.status != Listed::Preloaded || seen.tls.of(name).next().is_none() {
        return Vec::new();
    }
    let faults: Vec<_> = seen
        .tls
        .of(name)
        .filter_map(|endpoint| Some((endpoint.address, certificate_fault(&seen.tls, endpoint)?)))
        .collect();
    let Some((address, fault)) = faults.first() else {
        let known = seen.tls.of(name).any(|endpoint| endpoint.shaken().is_some());
        let fine = || {
            pass(
                name.as_str(),
                format!("Browsers have it built in to insist on HTTPS for {name}, and its certificate is right."),
            )
        };
        return known.then(fine).into_iter().collect();
    };
    let said = found(
        name.as_str(),
        format!("Browsers have it built in to insist on HTTPS for {name}, and {address} {fault}."),
    )
    .means("Every visitor meets a warning without a way past it, until the certificate is right.")
    .fix("Repair the certificate first. No header takes the entry back, and being taken off the list takes months.")
    .prove(format!("curl -sI https://{name}/ | head -n 1"), "HTTP/1.1 200 or HTTP/2 200, and no certificate error");
    vec![faults.iter().fold(said, |said, (at, fault)| said.evidence(format!("{name} at {at}"), *fault)).into()]
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK, Listed};
    use crate::fixture::{chain, healthy, with_preload};

    #[test]
    fn a_broken_certificate_on_the_list_fails() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        with_preload(&mut seen, Listed::Preloaded);
        assert_eq!(said(CHECK, &seen), ["failed example.com"]);
    }

    #[test]
    fn a_right_one_passes_and_off_the_list_it_is_not_asked() {
        let mut seen = healthy();
        with_preload(&mut seen, Listed::Preloaded);
        assert_eq!(said(CHECK, &seen), ["passed example.com"]);
        seen.tls.chains = vec![chain("old", &["example.com"], -100, -10)];
        for status in [Listed::Pending, Listed::Unknown, Listed::Removed] {
            with_preload(&mut seen, status);
            assert!(said(CHECK, &seen).is_empty());
        }
    }
}
