//! One question asked of every endpoint, and equal answers said once: what most checks of this crate share.

use std::{cell::RefCell, collections::BTreeSet, net::IpAddr};

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
    /// The problem is there. Equal problems at several addresses of a host are one finding, and so are those of two
    /// hosts at the same addresses.
    Problem(P),
    /// It could not be looked at: a sentence that says why.
    Unknown(String),
}

/// The hosts and addresses that share a problem: every one of these hosts has it at every one of these addresses.
#[derive(Debug)]
pub(crate) struct Group<'o, P> {
    /// The hosts, in the order visited; at least one.
    pub(crate) hosts: Vec<&'o DomainName>,
    /// Where, in the order visited.
    pub(crate) addresses: Vec<IpAddr>,
    /// Whether that is every address of these hosts that could be looked at.
    pub(crate) everywhere: bool,
    /// The problem.
    pub(crate) problem: P,
}

impl<'o, P> Group<'o, P> {
    /// `example.com and www.example.com`, or `example.com at 203.0.113.7` when other addresses of it are different.
    pub(crate) fn subject(&self) -> String {
        if self.everywhere { self.names() } else { format!("{} at {}", self.names(), self.places()) }
    }

    /// `203.0.113.7 and 2001:db8::7`.
    pub(crate) fn places(&self) -> String {
        list(self.addresses.iter().map(IpAddr::to_string))
    }

    /// `shows` of one address, `show` of several: for verbs that only lose an s.
    pub(crate) fn verb(&self, one: &'static str) -> &'static str {
        if self.addresses.len() > 1 { one.strip_suffix('s').unwrap_or(one) } else { one }
    }

    /// `example.com and www.example.com`, for a sentence.
    pub(crate) fn names(&self) -> String {
        list(self.hosts.iter().map(ToString::to_string))
    }

    /// `example.com www.example.com`, as in `server_name`.
    pub(crate) fn server_name(&self) -> String {
        self.hosts.iter().map(|host| host.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// `-d example.com -d www.example.com`, as certbot takes them.
    pub(crate) fn certbot_names(&self) -> String {
        self.hosts.iter().map(|host| format!("-d {host}")).collect::<Vec<_>>().join(" ")
    }

    /// The host that a command names: the first.
    pub(crate) fn host(&self) -> &'o str {
        self.hosts.first().map_or("", |host| host.as_str())
    }

    /// Where a command should connect: the name, or one address if only some are concerned.
    pub(crate) fn endpoint(&self) -> String {
        match self.addresses.first() {
            Some(IpAddr::V4(address)) if !self.everywhere => format!("{address}:443"),
            Some(IpAddr::V6(address)) if !self.everywhere => format!("[{address}]:443"),
            _ => format!("{}:443", self.host()),
        }
    }

    /// A command that shows the certificate there, with these options of `openssl x509`.
    pub(crate) fn show_certificate(&self, options: &str) -> String {
        format!(
            "openssl s_client -connect {} -servername {} </dev/null 2>/dev/null | openssl x509 -noout {options}",
            self.endpoint(),
            self.host()
        )
    }

    /// Where certbot keeps the certificate of these hosts, by its usual name.
    pub(crate) fn live(&self) -> String {
        format!(
            "/etc/letsencrypt/live/{}",
            self.hosts.first().map(|host| lineage(host).to_string()).unwrap_or_default()
        )
    }

    /// Whether it is the same problem, in the same places.
    fn is_like(&self, other: &Group<'o, P>) -> bool
    where
        P: PartialEq,
    {
        (&self.problem, &self.addresses, self.everywhere) == (&other.problem, &other.addresses, other.everywhere)
    }
}

/// The name certbot usually gives the certificate of a host: the one without `www.`.
pub(crate) fn lineage(host: &DomainName) -> DomainName {
    host.without_www().unwrap_or_else(|| host.clone())
}

/// Asks every endpoint. Each problem is one finding per host, and one for both hosts where it is the same at the same
/// addresses; hosts without one share a pass that `fine` words; a host of which nothing could be seen is not tested.
/// Nothing at all where the question arises nowhere.
pub(crate) fn judge<'o, P: PartialEq + Clone>(
    seen: &'o Observation,
    ask: impl Fn(&'o Endpoint) -> Answer<P>,
    found: impl Fn(&Group<'o, P>) -> Said,
    fine: impl Fn(&[&'o Endpoint]) -> String,
) -> Vec<Verdict> {
    // What does not depend on the kind of problem is compiled once, for problems that are numbers.
    let problems: RefCell<Vec<P>> = RefCell::default();
    let numbered = |endpoint| match ask(endpoint) {
        Answer::Fine => Answer::Fine,
        Answer::Moot => Answer::Moot,
        Answer::Unknown(why) => Answer::Unknown(why),
        Answer::Problem(problem) => {
            let mut problems = problems.borrow_mut();
            let known = problems.iter().position(|known| *known == problem);
            Answer::Problem(known.unwrap_or_else(|| {
                problems.push(problem);
                problems.len() - 1
            }))
        }
    };
    let told = |group: Group<'o, usize>| {
        let problem = problems.borrow().get(group.problem).cloned()?;
        let Group { hosts, addresses, everywhere, .. } = group;
        Some(found(&Group { hosts, addresses, everywhere, problem }))
    };
    settle(seen, &numbered, &told, &fine)
}

fn settle<'o>(
    seen: &'o Observation,
    ask: &dyn Fn(&'o Endpoint) -> Answer<usize>,
    found: &dyn Fn(Group<'o, usize>) -> Option<Said>,
    fine: &dyn Fn(&[&'o Endpoint]) -> String,
) -> Vec<Verdict> {
    let answers: Vec<Answer<usize>> = seen.endpoints.iter().map(ask).collect();
    let (together, rest) = arrange(seen, answers, fine);
    let mut verdicts: Vec<Verdict> = together.into_iter().filter_map(found).map(Verdict::Found).collect();
    verdicts.extend(rest);
    verdicts
}

/// The groups that share a problem, and what is to be said of the rest.
fn arrange<'o>(
    seen: &'o Observation,
    answers: Vec<Answer<usize>>,
    fine: &dyn Fn(&[&'o Endpoint]) -> String,
) -> (Vec<Group<'o, usize>>, Vec<Verdict>) {
    let mut together: Vec<Group<'o, usize>> = Vec::new();
    let (mut healthy_hosts, mut healthy, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
    let mut unknown: Vec<(BTreeSet<String>, Vec<&DomainName>)> = Vec::new();
    for host in hosts(seen) {
        let mut groups: Vec<Group<'o, usize>> = Vec::new();
        let (mut fine_here, mut unknown_here) = (Vec::new(), Vec::new());
        let of_host = seen.endpoints.iter().zip(&answers).filter(|(endpoint, _)| endpoint.host == *host);
        for (endpoint, answer) in of_host {
            match answer {
                Answer::Fine => fine_here.push(endpoint),
                Answer::Moot => {}
                Answer::Unknown(why) => unknown_here.push((endpoint.address, why.clone())),
                Answer::Problem(problem) => match groups.iter_mut().find(|group| group.problem == *problem) {
                    Some(group) => group.addresses.push(endpoint.address),
                    None => groups.push(Group {
                        hosts: vec![host],
                        addresses: vec![endpoint.address],
                        everywhere: true,
                        problem: *problem,
                    }),
                },
            }
        }
        let alone = groups.len() == 1 && fine_here.is_empty();
        let troubled = !groups.is_empty();
        for mut group in groups {
            group.everywhere = alone;
            match together.iter_mut().find(|known| known.is_like(&group)) {
                Some(known) => known.hosts.extend(group.hosts),
                None => together.push(group),
            }
        }
        if troubled {
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
    let mut verdicts: Vec<Verdict> = Vec::new();
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
    (together, verdicts)
}

/// Verdicts of one host each, where those that say the same become one.
pub(crate) fn together(verdicts: Vec<Verdict>) -> Vec<Verdict> {
    let mut once: Vec<(Verdict, Vec<String>)> = Vec::new();
    for mut verdict in verdicts {
        let (Verdict::Found(said) | Verdict::NotTested(said) | Verdict::Pass(said)) = &mut verdict;
        let host = std::mem::take(&mut said.subject);
        match once.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, hosts)) => hosts.push(host),
            None => once.push((verdict, vec![host])),
        }
    }
    let named = once.into_iter().map(|(mut verdict, hosts)| {
        let (Verdict::Found(said) | Verdict::NotTested(said) | Verdict::Pass(said)) = &mut verdict;
        said.subject = list(hosts);
        verdict
    });
    named.collect()
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
    fn the_same_problem_at_both_names_is_said_once() {
        assert_eq!(
            verdicts(by_address(&["203.0.113.7", "2001:db8::7"])),
            [('!', "example.com and www.example.com".into())]
        );
        assert_eq!(
            verdicts(by_address(&["2001:db8::7"])),
            [('!', "example.com and www.example.com at 2001:db8::7".into())]
        );
        assert_eq!(verdicts(by_address(&[])), [('.', "example.com, www.example.com".into())]);
    }

    #[test]
    fn what_differs_between_the_names_is_said_apart() {
        let problem = |endpoint: &Endpoint| Answer::Problem(u8::from(endpoint.host.as_str() == "example.com"));
        assert_eq!(verdicts(problem), [('!', "example.com".into()), ('!', "www.example.com".into())]);
        // The same problem, but www has another address that is fine.
        let place = |endpoint: &Endpoint| match (endpoint.host.as_str(), endpoint.address.is_ipv4()) {
            ("www.example.com", true) => Answer::Fine,
            _ => Answer::Problem(1),
        };
        assert_eq!(verdicts(place), [('!', "example.com".into()), ('!', "www.example.com at 2001:db8::7".into())]);
        let one = |endpoint: &Endpoint| match endpoint.host.as_str() {
            "example.com" => Answer::Fine,
            _ => Answer::Problem(1),
        };
        assert_eq!(verdicts(one), [('!', "www.example.com".into()), ('.', "example.com".into())]);
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
        let hosts: Vec<DomainName> = ["www.example.com", "example.com"].map(|host| host.parse().unwrap()).into();
        let group = Group { hosts: hosts.iter().collect(), addresses: vec![], everywhere: true, problem: () };
        assert_eq!(group.server_name(), "www.example.com example.com");
        assert_eq!(group.certbot_names(), "-d www.example.com -d example.com");
        assert_eq!((group.host(), group.live().as_str()), ("www.example.com", "/etc/letsencrypt/live/example.com"));
        assert_eq!(list(["a".to_owned(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!((span(60), span(-7_200), span(172_800)), ("1 minute".into(), "2 hours".into(), "2 days".into()));
    }
}
