//! A configuration held against what was seen of the site from outside: where they differ, one of them is stale.

use crate::{Address, Config, Place, Server, config::in_front};

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
            ["In what you pasted, no server_name is shop.a.test. The certificate is for shop.a.test too."]
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
    fn wildcards_and_patterns_name_what_they_may() {
        let text = TEXT.replace("server_name a.test;", "server_name a.test .c.test *.d.test ~^e;");
        for name in ["c.test", "x.c.test", "x.d.test", "anything.test"] {
            let live = Live { certificate_names: vec![name.into()], ..agreed() };
            assert_eq!(told(&text, &live), [""; 0], "{name}");
        }
    }
}
