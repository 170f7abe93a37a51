//! One question asked of every endpoint, and the answers grouped by host: what most checks of this crate share.

use std::{collections::BTreeSet, net::IpAddr};

use domain::DomainName;
use findings::{Said, Verdict, not_tested, pass};
use network::Unseen;

use crate::{Certificate, Chain, Endpoint, Fault, Observation, Path};

/// What one endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer<P> {
    /// Looked at, and right.
    Fine,
    /// The question does not arise here, or another check answers it.
    Moot,
    /// The problem is there. Equal problems at several addresses of a host are one finding.
    Problem(P),
    /// It could not be looked at: a sentence that says why.
    Unknown(String),
}

/// The addresses of one host that share a problem.
#[derive(Debug)]
pub(crate) struct Group<'o, P> {
    /// The host.
    pub(crate) host: &'o DomainName,
    /// Where, in the order visited.
    pub(crate) addresses: Vec<IpAddr>,
    /// Whether that is every address of this host that could be looked at.
    pub(crate) everywhere: bool,
    /// The problem.
    pub(crate) problem: P,
}

impl<P> Group<'_, P> {
    /// `example.com`, or `example.com at 203.0.113.7` when other addresses of it are different.
    pub(crate) fn subject(&self) -> String {
        if self.everywhere { self.host.to_string() } else { format!("{} at {}", self.host, self.places()) }
    }

    /// `203.0.113.7 and 2001:db8::7`.
    pub(crate) fn places(&self) -> String {
        list(self.addresses.iter().map(IpAddr::to_string))
    }

    /// Where a command should connect: the name, or one address if only some are concerned.
    pub(crate) fn endpoint(&self) -> String {
        match self.addresses.first() {
            Some(IpAddr::V4(address)) if !self.everywhere => format!("{address}:443"),
            Some(IpAddr::V6(address)) if !self.everywhere => format!("[{address}]:443"),
            _ => format!("{}:443", self.host),
        }
    }

    /// A command that shows the certificate there, with these options of `openssl x509`.
    pub(crate) fn show_certificate(&self, options: &str) -> String {
        format!(
            "openssl s_client -connect {} -servername {} </dev/null 2>/dev/null | openssl x509 -noout {options}",
            self.endpoint(),
            self.host
        )
    }

    /// Where certbot keeps the certificate of this host, by its usual name.
    pub(crate) fn live(&self) -> String {
        format!("/etc/letsencrypt/live/{}", lineage(self.host))
    }
}

/// The name certbot usually gives the certificate of a host: the one without `www.`.
pub(crate) fn lineage(host: &DomainName) -> DomainName {
    host.without_www().unwrap_or_else(|| host.clone())
}

/// Asks every endpoint. Each problem is one finding per host; hosts without one share a pass that `fine` words; a host
/// of which nothing could be seen is not tested. Nothing at all where the question arises nowhere.
pub(crate) fn judge<'o, P: PartialEq>(
    seen: &'o Observation,
    ask: impl Fn(&'o Endpoint) -> Answer<P>,
    found: impl Fn(&Group<'o, P>) -> Said,
    fine: impl Fn(&[&'o Endpoint]) -> String,
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let (mut healthy_hosts, mut healthy, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
    let mut unknown: Vec<(BTreeSet<String>, Vec<&DomainName>)> = Vec::new();
    for host in hosts(seen) {
        let mut groups: Vec<Group<'o, P>> = Vec::new();
        let (mut fine_here, mut unknown_here) = (Vec::new(), Vec::new());
        for endpoint in seen.endpoints.iter().filter(|endpoint| endpoint.host == *host) {
            match ask(endpoint) {
                Answer::Fine => fine_here.push(endpoint),
                Answer::Moot => {}
                Answer::Unknown(why) => unknown_here.push((endpoint.address, why)),
                Answer::Problem(problem) => match groups.iter_mut().find(|group| group.problem == problem) {
                    Some(group) => group.addresses.push(endpoint.address),
                    None => groups.push(Group { host, addresses: vec![endpoint.address], everywhere: true, problem }),
                },
            }
        }
        let alone = groups.len() == 1 && fine_here.is_empty();
        for group in &mut groups {
            group.everywhere = alone;
        }
        verdicts.extend(groups.iter().map(|group| Verdict::Found(found(group))));
        if !groups.is_empty() {
            continue;
        }
        if fine_here.is_empty() {
            let why: BTreeSet<String> = unknown_here.into_iter().map(|(_, why)| why).collect();
            match unknown.iter_mut().find(|(known, _)| *known == why) {
                _ if why.is_empty() => {}
                Some((_, hosts)) => hosts.push(host),
                None => unknown.push((why, vec![host])),
            }
            continue;
        }
        healthy_hosts.push(host);
        healthy.extend(fine_here);
        gaps.extend(unknown_here.into_iter().map(|(address, _)| format!("{host} at {address}")));
    }
    if !healthy.is_empty() {
        let mut said = fine(&healthy);
        if !gaps.is_empty() {
            said = format!("{said} Not seen: {}.", list(gaps));
        }
        verdicts.push(pass(names(&healthy_hosts), said));
    }
    for (why, hosts) in unknown {
        verdicts.push(not_tested(names(&hosts), why.into_iter().collect::<Vec<_>>().join(" ")));
    }
    verdicts
}

/// Asks about the certificate that each endpoint shows; where none was shown or it could not be read, says so.
pub(crate) fn of_certificate<'o, P>(
    seen: &'o Observation,
    ask: impl Fn(&'o Endpoint, &'o Chain, &'o Certificate) -> Answer<P>,
) -> impl Fn(&'o Endpoint) -> Answer<P> {
    move |endpoint| match endpoint.chain(seen) {
        Some(Chain { path: Path::Unreadable { .. }, .. }) => {
            Answer::Unknown("The certificate could not be read.".into())
        }
        Some(chain) => match chain.leaf() {
            Some(leaf) => ask(endpoint, chain, leaf),
            None => Answer::Unknown(no_certificate(endpoint)),
        },
        None => Answer::Unknown(no_certificate(endpoint)),
    }
}

/// The hosts, in the order visited, each once.
pub(crate) fn hosts(seen: &Observation) -> Vec<&DomainName> {
    let mut hosts: Vec<&DomainName> = Vec::new();
    for endpoint in &seen.endpoints {
        if !hosts.contains(&&endpoint.host) {
            hosts.push(&endpoint.host);
        }
    }
    hosts
}

/// Why an endpoint's port could not be looked at, as a sentence.
pub(crate) fn no_port(why: &Unseen) -> String {
    if why.is_about_the_site() {
        "Nothing answered on port 443.".into()
    } else {
        format!("Port 443 was not looked at: {}.", why.clause())
    }
}

/// Why an endpoint showed no certificate, as a sentence.
fn no_certificate(endpoint: &Endpoint) -> String {
    if let Some(why) = endpoint.port.unseen() {
        return no_port(why);
    }
    match endpoint.fault() {
        Some(Fault::PlainHttp) => "Port 443 answers in plain HTTP, which has no certificate.".into(),
        Some(Fault::Unseen(why)) if !why.is_about_the_site() => format!("No certificate was seen: {}.", why.clause()),
        _ => "No secure connection came about, so no certificate was shown.".into(),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: impl IntoIterator<Item = String>) -> String {
    let mut items: Vec<String> = items.into_iter().collect();
    match (items.pop(), items.is_empty()) {
        (Some(last), false) => format!("{} and {last}", items.join(", ")),
        (Some(only), true) => only,
        (None, _) => String::new(),
    }
}

/// The first names of a certificate, for a sentence: `example.com, www.example.com and 3 more`.
pub(crate) fn covered(certificate: &Certificate) -> String {
    const SHOWN: usize = 4;
    let more = certificate.names.len().saturating_sub(SHOWN);
    let names = certificate.names.iter().take(SHOWN).cloned();
    match more {
        0 => list(names),
        _ => format!("{} and {more} more", names.collect::<Vec<_>>().join(", ")),
    }
}

/// A length of time in words: whole days, hours under two days, minutes under two hours.
pub(crate) fn span(seconds: i64) -> String {
    let seconds = seconds.abs();
    let (count, unit) = match seconds {
        0..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

fn names(hosts: &[&DomainName]) -> String {
    hosts.iter().map(|host| host.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn by_address(problem_at: &'static [&'static str]) -> impl Fn(&Endpoint) -> Answer<u8> {
        move |endpoint| match problem_at.contains(&endpoint.address.to_string().as_str()) {
            true => Answer::Problem(1),
            false => Answer::Fine,
        }
    }

    fn verdicts(ask: impl Fn(&Endpoint) -> Answer<u8>) -> Vec<(char, String)> {
        let seen = sample::healthy();
        judge(&seen, ask, |group| findings::found(group.subject(), group.places()), |_| "Fine.".into())
            .into_iter()
            .map(|verdict| match verdict {
                Verdict::Found(said) => ('!', said.subject),
                Verdict::NotTested(said) => ('?', said.subject),
                Verdict::Pass(said) => ('.', said.subject),
            })
            .collect()
    }

    #[test]
    fn one_problem_at_every_address_is_one_finding_per_host() {
        assert_eq!(
            verdicts(by_address(&["203.0.113.7", "2001:db8::7"])),
            [('!', "example.com".into()), ('!', "www.example.com".into())]
        );
        assert_eq!(
            verdicts(by_address(&["2001:db8::7"])),
            [('!', "example.com at 2001:db8::7".into()), ('!', "www.example.com at 2001:db8::7".into())]
        );
        assert_eq!(verdicts(by_address(&[])), [('.', "example.com, www.example.com".into())]);
    }

    #[test]
    fn what_was_not_seen_is_never_a_pass() {
        let unknown = |_: &Endpoint| Answer::Unknown("Nothing answered.".into());
        assert_eq!(verdicts(unknown), [('?', "example.com, www.example.com".into())]);
        assert_eq!(verdicts(|_| Answer::Moot), []);
        let half = |endpoint: &Endpoint| match endpoint.host.as_str() {
            "example.com" => Answer::Fine,
            _ => Answer::Unknown("Nothing answered.".into()),
        };
        assert_eq!(verdicts(half), [('.', "example.com".into()), ('?', "www.example.com".into())]);
    }

    #[test]
    fn words() {
        assert_eq!(list(["a".to_owned(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!((span(60), span(-7_200), span(172_800)), ("1 minute".into(), "2 hours".into(), "2 days".into()));
    }
}
