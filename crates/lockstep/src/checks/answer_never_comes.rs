use std::net::IpAddr;

use domain::{DomainName, Scheme};
use findings::{Verdict, check, found, pass};
use network::{Saw, Unseen};

use super::{and, list};
use crate::Observations;

check! {
    /// The secure connection comes about, the request is taken, and no answer comes.
    ///
    /// ## Why it matters
    /// Visitors look at an empty tab for as long as they have patience. The web server waits for the application behind
    /// it: all workers are busy or stuck, or the two do not speak the same protocol.
    ///
    /// ## How to fix
    /// See what the application does: `sudo systemctl status gunicorn` and its journal. Where it is idle, compare
    /// `proxy_pass` with what it speaks: `https://` to a port that speaks http waits for ever.
    CHECK: Check<Observations> = "answer-never-comes",
        section: App, severity: Failed,
        title: "No answer comes", healthy: "An answer comes",
        source: "seed A13, C12; nginx proxy_read_timeout", run: run
}

/// How long an answer is waited for, in seconds: `network::Limits::EXCHANGE`, which is only there where connections are.
const PATIENCE: u64 = 8;

fn run(seen: &Observations) -> Vec<Verdict> {
    let mut waiting: Vec<(&DomainName, IpAddr)> = Vec::new();
    for corner in seen.target.names().flat_map(|name| seen.web.of(Scheme::Https, name)) {
        let secure = |it: &tls::Endpoint| it.address == corner.address && it.shaken().is_some();
        match &corner.first {
            // Where one address answers, those that do not are told with what is said of addresses.
            Saw::Seen(_) => return vec![pass(and(seen.target.names()), "A request over HTTPS gets an answer.")],
            Saw::Unseen(Unseen::TimedOut) if seen.tls.of(&corner.host).any(secure) => {
                waiting.push((&corner.host, corner.address));
            }
            Saw::Unseen(_) => {}
        }
    }
    let Some((first, _)) = waiting.first() else { return Vec::new() };
    let mut hosts: Vec<&DomainName> = waiting.iter().map(|(host, _)| *host).collect();
    hosts.dedup();
    let mut addresses: Vec<IpAddr> = waiting.iter().map(|(_, address)| *address).collect();
    addresses.sort();
    addresses.dedup();
    let urls = and(hosts.iter().map(|host| format!("https://{host}/")));
    let said = found(
        urls.as_str(),
        format!("{urls}: {} took the request, and sent no answer within {PATIENCE} seconds.", list(&addresses)),
    )
    .means(
        "Visitors wait in front of an empty tab. An application that has to be woken first may be slower than we wait.",
    )
    .fix_code(
        "See what the application does. Where it is idle, nginx may speak https to a port that speaks http: compare \
         proxy_pass.",
        "sudo systemctl status gunicorn --no-pager\nsudo journalctl -u gunicorn -n 50 --no-pager\n\
         sudo nginx -T 2>/dev/null | grep -n proxy_pass",
    )
    .prove(format!("curl -I --max-time {PATIENCE} https://{first}/"), "A status line");
    let said = waiting.iter().fold(said, |said, (host, address)| {
        said.evidence(format!("https://{host}/ at {address}"), "secure connection, no answer")
    });
    vec![said.into()]
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK};
    use crate::{Observations, fixture::healthy};

    /// The healthy site, with this in place of an answer at some entrances over https.
    fn without(why: &Unseen, which: impl Fn(&web::Corner) -> bool) -> Observations {
        let mut seen = healthy();
        let https = |it: &&mut web::Corner| it.scheme == domain::Scheme::Https;
        for corner in seen.web.corners.iter_mut().filter(https).filter(|it| which(it)) {
            corner.first = Saw::Unseen(why.clone());
        }
        seen
    }

    #[test]
    fn silence_behind_a_secure_connection_fires() {
        let subject = "failed https://example.com/ and https://www.example.com/";
        assert_eq!(said(CHECK, &without(&Unseen::TimedOut, |_| true)), [subject]);
    }

    #[cfg(feature = "probe")]
    #[test]
    fn the_time_said_is_the_time_waited() {
        assert_eq!(network::Limits::EXCHANGE.as_secs(), super::PATIENCE);
    }

    #[test]
    fn one_answer_is_an_answer() {
        let one = without(&Unseen::TimedOut, |it| it.address.is_ipv6());
        assert_eq!(said(CHECK, &one), ["passed example.com and www.example.com"]);
    }

    #[test]
    fn what_ended_early_or_never_began_is_another_matter() {
        assert!(said(CHECK, &without(&Unseen::Closed, |_| true)).is_empty());
        assert!(said(CHECK, &without(&Unseen::Deadline, |_| true)).is_empty());
        let mut silent = without(&Unseen::TimedOut, |_| true);
        silent.tls.endpoints.iter_mut().for_each(|it| it.handshake = None);
        assert!(said(CHECK, &silent).is_empty());
    }
}
