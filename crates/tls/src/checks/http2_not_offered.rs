//! Is HTTP/2 on offer?

use findings::{Verdict, found};
use network::Saw;

use crate::{
    Endpoint, Observation,
    judging::{Answer, judge},
};

findings::check! {
    /// The server does not offer HTTP/2.
    ///
    /// ## Why it matters
    /// With HTTP/2 browsers load many files over one connection, which is faster for visitors who are far away.
    /// Everything works without it.
    ///
    /// ## How to fix
    /// `listen 443 ssl http2;`, or `http2 on;` from nginx 1.25.1 on.
    CHECK: Check<Observation> = "http2-not-offered",
        section: Hardening, severity: Note,
        title: "HTTP/2 is not offered", healthy: "HTTP/2 is offered",
        source: "RFC 9113; nginx documentation: http2; seed A4", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = |endpoint: &Endpoint| match endpoint.http2 {
        Some(Saw::Seen(false)) => Answer::Problem(()),
        Some(Saw::Seen(true)) => Answer::Fine,
        Some(Saw::Unseen(_)) | None => Answer::Moot,
    };
    judge(
        seen,
        ask,
        |group| {
            found(group.subject(), format!("{} {} HTTP/1.1 only.", group.places(), group.verb("speaks")))
                .means("Nothing has to change. Pages with many files load faster over HTTP/2.")
                .fix_code(
                    "Add http2 to the listen lines, test with `sudo nginx -t` and reload nginx.",
                    "listen 443 ssl http2;\nlisten [::]:443 ssl http2;",
                )
                .prove(format!("curl -sI --http2 https://{}/ | head -n 1", group.host()), "HTTP/2 200")
        },
        |_| "Browsers and server agree on HTTP/2.".into(),
    )
}

#[cfg(test)]
mod tests {
    use network::Unseen;

    use super::*;
    use crate::sample::{healthy, says, with};

    fn all(http2: Option<Saw<bool>>) -> Observation {
        with(|seen| seen.endpoints.iter_mut().for_each(|endpoint| endpoint.http2 = http2.clone()))
    }

    #[test]
    fn without_http2_there_is_a_note_and_without_an_answer_none() {
        assert_eq!(says(&CHECK, &all(Some(Saw::Seen(false)))), ["! example.com and www.example.com"]);
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
        assert!(says(&CHECK, &all(None)).is_empty());
        assert!(says(&CHECK, &all(Some(Saw::Unseen(Unseen::Closed)))).is_empty());
    }
}
