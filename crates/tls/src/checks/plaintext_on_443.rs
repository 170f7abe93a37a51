//! Does port 443 speak plain HTTP?

use findings::{Verdict, found};

use crate::{
    Endpoint, Fault, Observation,
    judging::{Answer, judge, no_port},
};

findings::check! {
    /// Port 443 answers in plain HTTP instead of an encrypted connection.
    ///
    /// ## Why it matters
    /// Browsers begin an https connection with a handshake. A server that answers it in plain text cannot be opened
    /// over https at all; the visitor sees a protocol error. In nginx this happens when a `listen 443` line lacks
    /// the word `ssl`.
    ///
    /// ## How to fix
    /// Write `listen 443 ssl;` and `listen [::]:443 ssl;` in the server block, test with `sudo nginx -t`, reload.
    CHECK: Check<Observation> = "plaintext-on-443",
        section: Ports, severity: Failed,
        title: "Port 443 speaks plain HTTP", healthy: "Port 443 is encrypted",
        source: "nginx documentation: listen … ssl", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = |endpoint: &Endpoint| match (endpoint.port.unseen(), endpoint.fault()) {
        (Some(why), _) => Answer::Unknown(no_port(why)),
        (None, Some(Fault::PlainHttp)) => Answer::Problem(()),
        (None, Some(Fault::Alert(_))) => Answer::Fine,
        (None, None) if endpoint.shaken().is_some() => Answer::Fine,
        // Neither plain HTTP nor TLS: tls-handshake-fails says what.
        (None, _) => Answer::Moot,
    };
    judge(
        seen,
        ask,
        |group| {
            let host = group.host();
            found(group.subject(), format!("Port 443 of {} answers the handshake in plain HTTP.", group.places()))
                .means("Browsers cannot open the site over https: they show a protocol error.")
                .fix_code(
                    "Add the word `ssl` to the listen lines of this server block, test with `sudo nginx -t` and reload \
                     nginx.",
                    format!(
                        "listen 443 ssl;\nlisten [::]:443 ssl;\nserver_name {names};\nssl_certificate \
                         {live}/fullchain.pem;\nssl_certificate_key {live}/privkey.pem;",
                        names = group.server_name(),
                        live = group.live()
                    ),
                )
                .prove(format!("curl -sI https://{host}/ | head -n 1"), "A line that begins with HTTP/.")
                .evidence("First bytes of the answer", "HTTP/")
        },
        |_| "Port 443 answers with an encrypted connection.".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{healthy, says, text, with_fault};

    #[test]
    fn plain_http_is_named_with_the_word_that_is_missing() {
        let seen = with_fault(Fault::PlainHttp);
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
        assert!(text(&CHECK, &seen).contains("listen 443 ssl;"));
    }

    #[test]
    fn encrypted_and_otherwise_broken_ports_are_not_plain() {
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
        assert_eq!(
            says(&CHECK, &with_fault(Fault::Alert("internal_error".into()))),
            [". example.com, www.example.com"]
        );
        assert!(says(&CHECK, &with_fault(Fault::Protocol("SSH".into()))).is_empty());
    }
}
