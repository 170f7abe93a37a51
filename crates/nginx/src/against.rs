//! A configuration held against what was seen of the site from outside: where they differ, one of them is stale.

use crate::{
    Address, Config, Place, Server,
    config::{in_front, lineage},
};

/// What was seen of one name from outside; `None` for what was not seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live {
    /// The name, in lower case.
    pub name: String,
    /// The names in the certificate, in lower case.
    pub certificate_names: Vec<String>,
    /// Does http redirect to https?
    pub redirects: Option<bool>,
    /// The value of Strict-Transport-Security on the first https answer; empty when there is none.
    pub hsts: Option<String>,
    /// Is HTTP/2 agreed on?
    pub http2: Option<bool>,
    /// The name has IPv6 addresses.
    pub ipv6: bool,
}

/// Something on which configuration and site differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the configuration says.
    pub config: String,
    /// What was seen.
    pub live: String,
    /// What follows, and which of them is stale.
    pub means: String,
    /// The line that says so.
    pub place: Option<Place>,
}

/// Holds them against each other. It speaks only of servers that have the name; nothing when there is none.
pub fn against(config: &Config<'_>, live: &Live) -> Vec<Difference> {
    let of_name: Vec<&Server> =
        config.servers().iter().filter(|server| server.hosts().any(|host| host == live.name)).collect();
    let mut found = Vec::new();
    let mut add = |server: Option<&Server>, config_says: String, seen: &str, means: &str| {
        let place = server.map(|server| config.files.locate(config.get(server.block).head_span()));
        found.push(Difference { config: config_says, live: seen.to_owned(), means: means.to_owned(), place });
    };
    let plain = of_name.iter().copied().find(|server| server.listens.iter().any(|it| !it.ssl && it.port == 80));
    let tls = of_name.iter().copied().find(|server| server.listens.iter().any(|it| it.ssl && it.port == 443));

    if let (Some(server), Some(redirects)) = (plain, live.redirects) {
        let says = server.redirect_for("http", &live.name).is_some_and(|redirect| {
            redirect.resolve("http", &live.name, None).is_some_and(|target| target.scheme == "https")
        });
        match (says, redirects) {
            (true, false) => add(
                Some(server),
                format!("http://{} is redirected to https.", live.name),
                "http answers without such a redirect.",
                STALE,
            ),
            (false, true) if !moves(config, server) => add(
                Some(server),
                format!("http://{} is not redirected to https.", live.name),
                "http redirects to https.",
                "The redirect comes from another server block, the application or a proxy in front; or this text is older than what runs.",
            ),
            _ => {}
        }
    }
    if let Some(server) = tls {
        let block = config.get(server.block);
        let hsts = block
            .added_headers()
            .into_iter()
            .find(|header| header.arg(0).eq_ignore_ascii_case("strict-transport-security"))
            .map(|header| header.arg(1).to_owned());
        match (&hsts, &live.hsts) {
            (Some(says), Some(seen)) if seen.is_empty() => {
                add(Some(server), format!("HSTS is \"{says}\"."), "No Strict-Transport-Security is sent.", STALE)
            }
            (Some(says), Some(seen)) if !says.contains('$') && !same(says, seen) => {
                add(Some(server), format!("HSTS is \"{says}\"."), &format!("\"{seen}\" is sent."), STALE);
            }
            _ => {}
        }
        let http2 = server.listens.iter().any(|it| it.ssl && it.http2)
            || block.scalar("http2").is_some_and(|directive| directive.arg_is(0, "on"));
        if http2 && live.http2 == Some(false) {
            add(Some(server), "HTTP/2 is on.".into(), "HTTP/2 is not agreed on.", STALE);
        }
        let over_ipv6 =
            server.listens.iter().any(|it| matches!(it.address, Address::Any6 | Address::V6(_) | Address::Host(_)));
        if live.ipv6 && !over_ipv6 {
            add(
                Some(server),
                "No listen takes IPv6.".into(),
                &format!("{} has IPv6 addresses.", live.name),
                "Visitors over IPv6 meet another server block, or nothing: add \"listen [::]:443 ssl;\".",
            );
        }
        if let Some((path, lineage)) = stale_certificate(config, server, live) {
            let other = config.servers().iter().find(|other| other.has_tls() && shows(config, other, live));
            let means = match other {
                Some(other) => format!(
                    "The server block on line {}, {}, has that certificate: it answers in place of this one, or did when nginx was last reloaded (sudo systemctl reload nginx).",
                    config.line(config.get(other.block).head_span()),
                    other.title(),
                ),
                None => format!(
                    "If certbot certificates lists {lineage} with its names, the site is stale: nginx was not reloaded (sudo systemctl reload nginx), or another server block or machine answers. Otherwise the path is."
                ),
            };
            let sent = live.certificate_names.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if live.certificate_names.len() > 3 { " and more" } else { "" };
            add(
                Some(server),
                format!("The certificate is {path}."),
                &format!("The certificate that is sent is for {sent}{more}, not for {lineage}."),
                &means,
            );
        }
        for name in live.certificate_names.iter().filter(|name| !name.starts_with("*.")) {
            if !config.servers().iter().any(|server| names(server, name)) {
                add(
                    Some(server),
                    format!("{}no server_name is {name}.", config.scope()),
                    &format!("The certificate is for {name} too."),
                    "Visitors of that name get the default server: add it to server_name.",
                );
            }
        }
    }
    found
}

const STALE: &str =
    "nginx was not reloaded after the change, or another server block or machine answers for this name.";

/// The certificate of certbot's that a server names, and the domain it is called after, when what is sent is another one.
/// Nothing when nothing was seen, or when a certificate may be called anything.
fn stale_certificate<'c>(config: &Config<'c>, server: &Server, live: &Live) -> Option<(String, String)> {
    let certificates = config.get(server.block).list("ssl_certificate");
    let path = certificates.first()?.arg(0).to_owned();
    let lineage = lineage(&path).filter(|lineage| lineage.contains('.'))?.to_ascii_lowercase();
    let seen = !live.certificate_names.is_empty() && !path.contains('$');
    (seen && !shows(config, server, live)).then_some((path, lineage))
}

/// Is a certificate of the server's, by the name of its folder, the one that was seen? One for `*.a.test` alone is called
/// a.test.
fn shows(config: &Config<'_>, server: &Server, live: &Live) -> bool {
    config.get(server.block).list("ssl_certificate").iter().any(|certificate| {
        let path = certificate.arg(0);
        lineage(path).map(str::to_ascii_lowercase).is_some_and(|lineage| {
            live.certificate_names.iter().any(|name| {
                let below = name.strip_prefix("*.");
                *name == lineage
                    || below == Some(&lineage)
                    || below.is_some_and(|below| lineage.split_once('.').is_some_and(|(_, rest)| rest == below))
            })
        })
    })
}

/// Does a server have the name, by a wildcard too? A pattern may have it: then it counts as named.
fn names(server: &Server, name: &str) -> bool {
    server.names.iter().any(|own| {
        let own = own.name.as_str();
        own == name
            || own.starts_with('~')
            || own.ends_with(".*")
            || own.strip_prefix('.') == Some(name)
            || in_front(own, name).is_some()
    })
}

/// Can anything in the server redirect, in a way that depends on the request?
fn moves(config: &Config<'_>, server: &Server) -> bool {
    config.get(server.block).descendants().any(|it| it.is("return") || it.is("rewrite") || it.is("proxy_pass"))
}

/// The same directives, however they are spaced and cased.
fn same(a: &str, b: &str) -> bool {
    let parts = |text: &str| {
        let mut parts: Vec<String> = text.split(';').map(|part| part.trim().to_ascii_lowercase()).collect();
        parts.retain(|part| !part.is_empty());
        crate::order::sort(&mut parts);
        parts
    };
    parts(a) == parts(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    const TEXT: &str = "server {\n    listen 80;\n    server_name a.test www.a.test;\n    return 301 https://a.test$request_uri;\n}\nserver {\n    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n    server_name a.test;\n    add_header Strict-Transport-Security \"max-age=31536000; includeSubDomains\" always;\n}\n";

    fn agreed() -> Live {
        Live {
            name: "a.test".into(),
            certificate_names: vec!["a.test".into(), "www.a.test".into(), "*.b.test".into()],
            redirects: Some(true),
            hsts: Some("includesubdomains;max-age=31536000".into()),
            http2: Some(true),
            ipv6: true,
        }
    }

    fn told(text: &str, live: &Live) -> Vec<String> {
        let config = Config::read(&[Source { name: "", text }], None, false);
        against(&config, live).into_iter().map(|it| format!("{} {}", it.config, it.live)).collect()
    }

    #[test]
    fn what_agrees_is_not_told() {
        assert_eq!(told(TEXT, &agreed()), [""; 0]);
        assert_eq!(told(TEXT, &Live { name: "other.test".into(), ..agreed() }), [""; 0], "another site");
        assert_eq!(told(TEXT, &Live { name: "a.test".into(), ..Live::default() }), [""; 0], "nothing was seen");
    }

    #[test]
    fn each_difference_is_told_once() {
        let live = Live { redirects: Some(false), ..agreed() };
        assert_eq!(told(TEXT, &live), ["http://a.test is redirected to https. http answers without such a redirect."]);
        let live = Live { hsts: Some(String::new()), ..agreed() };
        assert_eq!(
            told(TEXT, &live),
            ["HSTS is \"max-age=31536000; includeSubDomains\". No Strict-Transport-Security is sent."]
        );
        let live = Live { hsts: Some("max-age=300".into()), ..agreed() };
        assert!(told(TEXT, &live)[0].contains("\"max-age=300\" is sent"));
        let live = Live { http2: Some(false), ..agreed() };
        assert_eq!(told(TEXT, &live), ["HTTP/2 is on. HTTP/2 is not agreed on."]);
        let live = Live { certificate_names: vec!["shop.a.test".into()], ..agreed() };
        assert_eq!(
            told(TEXT, &live),
            ["In what you pasted: no server_name is shop.a.test. The certificate is for shop.a.test too."]
        );
        let text = TEXT
            .replace("    listen [::]:443 ssl http2;\n", "")
            .replace("    return 301 https://a.test$request_uri;\n", "");
        assert_eq!(
            told(&text, &agreed()),
            [
                "http://a.test is not redirected to https. http redirects to https.",
                "No listen takes IPv6. a.test has IPv6 addresses."
            ]
        );
    }

    #[test]
    fn a_certificate_of_another_lineage_says_which_is_stale() {
        let with = |path: &str| TEXT.replace("    add_header", &format!("    ssl_certificate {path};\n    add_header"));
        let told = |text: &str, names: &[&str]| {
            let live = Live { certificate_names: names.iter().map(ToString::to_string).collect(), ..agreed() };
            let config = Config::read(&[Source { name: "", text }], None, false);
            against(&config, &live).into_iter().map(|it| [it.config, it.live, it.means]).collect::<Vec<_>>()
        };
        let text = with("/etc/letsencrypt/live/a.test-0001/fullchain.pem");
        let [found] = <[_; 1]>::try_from(told(&text, &["*.b.test"])).unwrap();
        assert_eq!(found[0], "The certificate is /etc/letsencrypt/live/a.test-0001/fullchain.pem.");
        assert_eq!(found[1], "The certificate that is sent is for *.b.test, not for a.test.");
        assert!(found[2].contains("nginx was not reloaded") && found[2].contains("another server block"), "{found:?}");
        // Another server block of the text has what is sent.
        let two = format!(
            "{text}server {{\n    listen 443 ssl;\n    server_name x.b.test;\n    ssl_certificate /etc/letsencrypt/live/b.test/fullchain.pem;\n}}\n"
        );
        let [found] = <[_; 1]>::try_from(told(&two, &["*.b.test"])).unwrap();
        assert!(found[2].starts_with("The server block on line 13, x.b.test, has that certificate"), "{found:?}");
        // The name itself, by a wildcard, and the wildcard that is called after its domain.
        for names in [&["a.test"][..], &["*.test"], &["*.a.test"]] {
            assert_eq!(told(&text, names), [[""; 3]; 0], "{names:?}");
        }
        // A lineage that is called after no domain, a path of its own, one that the request decides, and nothing seen.
        for path in
            ["/etc/letsencrypt/live/shop/fullchain.pem", "/etc/ssl/a.pem", "/etc/letsencrypt/live/$host/fullchain.pem"]
        {
            assert_eq!(told(&with(path), &["*.b.test"]), [[""; 3]; 0], "{path}");
        }
        assert_eq!(told(&text, &[]), [[""; 3]; 0]);
    }

    #[test]
    fn wildcards_and_patterns_name_what_they_may() {
        let text = TEXT.replace("server_name a.test;", "server_name a.test .c.test *.d.test ~^e;");
        for name in ["c.test", "x.c.test", "x.d.test", "anything.test"] {
            let live = Live { certificate_names: vec![name.into()], ..agreed() };
            assert_eq!(told(&text, &live), [""; 0], "{name}");
        }
    }
}
