//! Does anything answer on port 443?

use findings::{Said, Verdict, found};
use network::Unseen;

use crate::{
    Endpoint, Observation,
    judging::{Answer, Group, judge, no_port},
};

findings::check! {
    /// Nothing answers on port 443, where browsers go for https.
    ///
    /// ## Why it matters
    /// A browser that is sent to an https address connects to port 443. If the connection is refused, no program
    /// listens there. If no answer comes at all, a firewall drops the packets on the way. If it is reset, something
    /// between the visitor and the web server cuts it. The first is mended in nginx, the second and third in a
    /// firewall.
    ///
    /// ## How to fix
    /// Refused: let nginx listen (`listen 443 ssl; listen [::]:443 ssl;`), test with `sudo nginx -t` and reload it.
    /// No answer: open TCP port 443 in the server's firewall and in the provider's.
    CHECK: Check<Observation> = "port-443-closed",
        section: Ports, severity: Failed,
        title: "Port 443 is closed", healthy: "Port 443 answers",
        source: "RFC 9110 §4.2.2: https is port 443", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = |endpoint: &Endpoint| match endpoint.port.unseen() {
        None => Answer::Fine,
        Some(why) if why.is_about_the_site() => Answer::Problem(why.clone()),
        Some(why) => Answer::Unknown(no_port(why)),
    };
    judge(seen, ask, said, |endpoints| match endpoints {
        [one] => format!("{} accepts connections.", one.address),
        all => format!("All {} entrances looked at accept connections.", all.len()),
    })
}

fn said(group: &Group<'_, Unseen>) -> Said {
    let (host, places) = (group.host(), group.places());
    let many = group.addresses.len() > 1;
    let verb = |one: &'static str, more: &'static str| if many { more } else { one };
    let who = if group.everywhere {
        "Nobody can open this site over https."
    } else {
        "Visitors whose browser picks this address wait or see an error; the other addresses answer."
    };
    let said = match &group.problem {
        Unseen::Refused => found(
            group.subject(),
            format!("{places} {} connections on port 443.", verb("refuses", "refuse")),
        )
        .means(format!("The server is up, but nothing listens there. {who}"))
        .fix_code(
            "Let nginx listen on port 443 for IPv4 and IPv6, test with `sudo nginx -t` and reload it. Without a \
             certificate yet, `sudo certbot --nginx` writes this block.",
            format!(
                "server {{\n    listen 443 ssl;\n    listen [::]:443 ssl;\n    server_name {names};\n    ssl_certificate \
                 {live}/fullchain.pem;\n    ssl_certificate_key {live}/privkey.pem;\n}}",
                names = group.server_name(),
                live = group.live()
            ),
        ),
        Unseen::Reset | Unseen::Closed => found(
            group.subject(),
            format!("{places} {} each connection on port 443 at once.", verb("cuts", "cut")),
        )
        .means(format!("Something between visitors and the web server ends the connection. {who}"))
        .fix("Look for a firewall, a proxy or a TCP forwarder in front of nginx that should let port 443 through."),
        Unseen::Unreachable => found(group.subject(), format!("The network says there is no way to {places}."))
            .means(format!("The address does not belong to a machine that is up. {who}"))
            .fix(format!("Start the server, or remove the DNS record of {} that names this address.", group.names())),
        _ => found(group.subject(), format!("No answer came from {places} on port 443."))
            .means(format!("A firewall most likely drops the packets, or no machine has this address. {who}"))
            .fix_code(
                "Open TCP port 443 in the server's firewall, and in the firewall or security group of your provider.",
                "sudo ufw allow 443/tcp",
            ),
    };
    said.prove(
        format!("openssl s_client -connect {} -servername {host} </dev/null 2>/dev/null | head -n 1", group.endpoint()),
        "A line that begins with CONNECTED.",
    )
    .evidence("Connection", group.problem.clause())
}

#[cfg(test)]
mod tests {
    use network::Saw;

    use super::*;
    use crate::sample::{says, text, with};

    fn closed(why: Unseen, which: impl Fn(&Endpoint) -> bool) -> Observation {
        with(|seen| {
            for endpoint in seen.endpoints.iter_mut().filter(|endpoint| which(endpoint)) {
                endpoint.port = Saw::Unseen(why.clone());
                endpoint.handshake = None;
            }
        })
    }

    #[test]
    fn refused_filtered_and_reset_are_told_apart() {
        for (why, word) in
            [(Unseen::Refused, "refuse connections"), (Unseen::TimedOut, "firewall"), (Unseen::Reset, "cut each")]
        {
            let seen = closed(why, |_| true);
            assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
            assert!(text(&CHECK, &seen).contains(word), "{word}");
        }
    }

    #[test]
    fn some_addresses_are_named() {
        let seen = closed(Unseen::TimedOut, |endpoint| endpoint.address.is_ipv6());
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com at 2001:db8::7"]);
        assert!(text(&CHECK, &seen).contains("[2001:db8::7]:443"));
    }

    #[test]
    fn what_is_our_own_limit_is_not_red() {
        for why in [Unseen::NoVantage, Unseen::PlatformCannot, Unseen::Deadline, Unseen::Failed("x".into())] {
            assert_eq!(says(&CHECK, &closed(why, |_| true)), ["? example.com, www.example.com"]);
        }
        let v6 = closed(Unseen::NoVantage, |endpoint| endpoint.address.is_ipv6());
        assert_eq!(says(&CHECK, &v6), [". example.com, www.example.com"]);
    }

    #[test]
    fn without_addresses_the_question_does_not_arise() {
        assert!(says(&CHECK, &with(|seen| seen.endpoints.clear())).is_empty());
    }
}
