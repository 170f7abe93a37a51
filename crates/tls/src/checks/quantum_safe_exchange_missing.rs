//! Would a recorded connection withstand quantum computers?

use findings::{Verdict, found, not_tested, pass};
use network::Saw;

use super::place;
use crate::Observation;

findings::check! {
    /// The server does not offer a key exchange that withstands quantum computers.
    ///
    /// ## Why it matters
    /// Today's browsers offer one beside the usual. Where the server takes it up, what is recorded today stays secret
    /// even if such computers are built one day. Nothing is unsafe now.
    ///
    /// ## How to fix
    /// OpenSSL 3.5 and later offer it by themselves, as nginx built with it does, unless `ssl_ecdh_curve` leaves it out.
    CHECK: Check<Observation> = "quantum-safe-exchange-missing",
        section: Hardening, severity: Note,
        title: "No quantum-safe key exchange", healthy: "Quantum-safe key exchange is offered",
        source: "draft-ietf-tls-ecdhe-mlkem: X25519MLKEM768", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some(closer) = &seen.closer else { return Vec::new() };
    let Some(hybrid) = &closer.hybrid else { return Vec::new() };
    let host = &closer.host;
    let verdict = match hybrid {
        Saw::Seen(true) => pass(place(closer), "Browsers and server agree on X25519MLKEM768."),
        Saw::Unseen(why) => not_tested(place(closer), format!("It was not seen: {}.", why.clause())),
        Saw::Seen(false) => found(
            place(closer),
            format!("{} does not know X25519MLKEM768, which browsers offer.", closer.address),
        )
        .means("Nothing has to change today. What is recorded now could be read if such computers are built one day.")
        .fix("It comes by itself with the next release of the system: OpenSSL 3.5 or later. Leave `ssl_ecdh_curve` unset.")
        .prove(
            format!("openssl s_client -connect {host}:443 -servername {host} -groups X25519MLKEM768 </dev/null 2>/dev/null | grep 'group'"),
            "Negotiated TLS1.3 group: X25519MLKEM768 (the command needs OpenSSL 3.5 itself)",
        )
        .into(),
    };
    vec![verdict]
}

#[cfg(test)]
mod tests {
    use network::Unseen;

    use super::*;
    use crate::sample::{healthy, says, with};

    #[test]
    fn without_it_there_is_a_note() {
        let hybrid = |hybrid| with(|seen| seen.closer.as_mut().unwrap().hybrid = hybrid);
        assert_eq!(says(&CHECK, &hybrid(Some(Saw::Seen(false)))), ["! example.com at 203.0.113.7"]);
        assert_eq!(says(&CHECK, &healthy()), [". example.com at 203.0.113.7"]);
        assert_eq!(says(&CHECK, &hybrid(Some(Saw::Unseen(Unseen::Deadline)))), ["? example.com at 203.0.113.7"]);
        assert!(says(&CHECK, &hybrid(None)).is_empty(), "TLS 1.2 has no such thing");
    }
}
