//! The HSTS header is there, and browsers ignore it.

use domain::Scheme;
use findings::{Said, Verdict, found, pass};

use crate::{
    Corner, Observation, Response, hsts,
    words::{addresses, groups, hosts, short, subject},
};

findings::check! {
    /// The `Strict-Transport-Security` header breaks its own rules.
    ///
    /// ## Why it matters
    /// Browsers ignore a header that they cannot read, and of two headers they use only the first: the protection
    /// that was meant is not there, or not as meant.
    ///
    /// ## How to fix
    /// Send the header once, from one place (nginx or the application), with a number of seconds.
    CHECK: Check<Observation> = "hsts-invalid",
        section: Redirects, severity: Warning,
        title: "HSTS header is not valid", healthy: "HSTS header is valid",
        source: "RFC 6797 §6.1, §7.1, §8.1; seed A15", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let https = seen.corners.iter().filter(|corner| corner.scheme == Scheme::Https);
    let sent: Vec<(&Corner, &Response)> = https
        .filter_map(|corner| Some((corner, corner.first.seen().filter(|first| !first.hsts.is_empty())?)))
        .collect();
    let Some((_, first)) = sent.first() else { return Vec::new() };
    let wrong = groups(sent.iter().filter_map(|(corner, response)| Some((fault(response)?, (*corner, *response)))));
    if wrong.is_empty() {
        let value = first.hsts.first().map(|value| short(value)).unwrap_or_default();
        return vec![pass(subject(seen), format!("HTTPS answers carry {value}; browsers can read it."))];
    }
    let alone = wrong.len() == 1;
    wrong.iter().map(|(fault, members)| say(fault, members, alone).into()).collect()
}

/// What is wrong, as a sentence about "the header".
fn fault(response: &Response) -> Option<String> {
    match response.hsts.as_slice() {
        [] => None,
        [value] => hsts::parse(value).err().map(|error| format!("browsers ignore it because {}", error.clause())),
        // The first is all that browsers look at; a twin of it is untidy, but nothing is lost.
        [first, ..] => match hsts::parse(first) {
            Ok(_) => Some(format!("it is sent {} times, and browsers use only the first", response.hsts.len())),
            Err(error) => Some(format!(
                "it is sent {} times, and browsers ignore the first, the only one they look at, because {}",
                response.hsts.len(),
                error.clause()
            )),
        },
    }
}

fn say(fault: &str, members: &[(&Corner, &Response)], alone: bool) -> Said {
    let corners: Vec<&Corner> = members.iter().map(|(corner, _)| *corner).collect();
    let (names, places) = (hosts(&corners), addresses(&corners));
    let subject = if alone { names.clone() } else { format!("{names} at {places}") };
    let host = corners.first().map(|corner| corner.host.as_str()).unwrap_or_default();
    let said = found(subject, format!("The header of {names} at {places} is not as it should be: {fault}."))
        .means("Browsers do not remember to use HTTPS for this site in the way that was meant.")
        .fix_code(
            "Send the header once: remove it either from nginx or from the application (Flask-Talisman sends it too). \
             Start with a short time and raise it when everything is stable.",
            "add_header Strict-Transport-Security \"max-age=86400\" always;",
        )
        .prove(
            format!("curl -sI https://{host} | grep -i strict-transport-security"),
            "One line, with max-age and a number of seconds",
        );
    members
        .iter()
        .flat_map(|(corner, response)| response.hsts.iter().map(|value| (corner.subject(), value)))
        .fold(said, |said, (subject, value)| said.evidence(format!("Strict-Transport-Security of {subject}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const ONE: &str = "https example.com 203.0.113.7 200 | strict-transport-security: ";

    #[test]
    fn what_browsers_ignore_fires() {
        for (value, part) in [
            ("max-age=1y", "not a number of seconds"),
            ("includeSubDomains", "\"max-age\" is missing"),
            ("max-age=1; max-age=2", "appears more than once"),
            ("max-age=1 | strict-transport-security: max-age=1", "sent 2 times"),
        ] {
            let finding = fires(CHECK, &format!("{ONE}{value}"));
            assert!(finding.seen.contains(part), "{value}: {}", finding.seen);
        }
    }

    #[test]
    fn a_valid_header_passes_however_short() {
        passes(CHECK, &format!("{ONE}max-age=300"));
        passes(CHECK, &format!("{ONE}max-age=63072000; includeSubDomains; preload"));
    }

    #[test]
    fn without_a_header_or_over_http_the_question_does_not_arise() {
        is_silent(CHECK, "https example.com 203.0.113.7 200");
        is_silent(CHECK, "http example.com 203.0.113.7 200 | strict-transport-security: nonsense");
    }
}
