//! The text held against the live site.

use findings::State;
use nginx::{Config, Difference, Live, against};
use view::{
    components::glyph::{Shape, glyph},
    markup::Html,
};

use crate::{place::go, told::Told};

/// The differences, as HTML; nothing when `report` is not what a check answers.
pub(crate) fn compared(config: &Config<'_>, report: &str) -> Option<String> {
    let live = live(&Told::read(report)?)?;
    let mut html = Html::default();
    let known = config.servers().iter().any(|server| server.hosts().any(|host| host == live.name));
    let found = against(config, &live);
    if !known {
        said(&mut html, State::NotTested, &format!("No server in this text has the name {}.", live.name));
    } else if found.is_empty() {
        said(&mut html, State::Passed, "Nothing that was seen of the site differs from this text.");
    }
    if !found.is_empty() {
        html.of("ul", "differences", |html| found.iter().for_each(|it| difference(html, it)));
    }
    Some(html.done())
}

/// What a report says of the name itself, at all its addresses.
fn live(report: &Told) -> Option<Live> {
    let name = report.at(&["domain"]).text().to_ascii_lowercase();
    if name.is_empty() {
        return None;
    }
    let own = |it: &&Told| it.at(&["host"]).text() == name;
    let endpoints = || report.at(&["observed", "tls", "endpoints"]).items().iter().filter(own);
    let chains = report.at(&["observed", "tls", "chains"]).items();
    let mut certificate_names: Vec<String> = Vec::new();
    for endpoint in endpoints() {
        let chain = endpoint.at(&["handshake", "Ok", "chain"]).number();
        let leaf = chain.and_then(|at| chains.get(at as usize)?.at(&["certificates"]).items().first());
        for name in leaf.map_or(&[][..], |leaf| leaf.at(&["names"]).items()) {
            let name = name.text().to_ascii_lowercase();
            if !certificate_names.contains(&name) {
                certificate_names.push(name);
            }
        }
    }
    let first = |scheme: &str| {
        let corners = report.at(&["observed", "web", "corners"]).items();
        let mut seen = corners.iter().filter(own).filter(|it| it.at(&["scheme"]).text() == scheme);
        seen.find_map(|it| Some(it.at(&["first", "seen"])).filter(|seen| seen.at(&["status"]).number().is_some()))
    };
    let redirects = first("http").and_then(|seen| {
        let target = seen.at(&["location"]).text();
        match seen.at(&["status"]).number()? {
            _ if target.starts_with("https:") => Some(true),
            // Where it leads is not known; or nothing that nginx was told to do.
            300..400 | 500.. => None,
            _ => Some(false),
        }
    });
    Some(Live {
        certificate_names,
        redirects,
        hsts: first("https").map(|seen| seen.at(&["hsts"]).items().first().map_or("", Told::text).to_owned()),
        http2: endpoints().find_map(|it| match it.at(&["http2", "seen"]) {
            Told::Truth(agreed) => Some(*agreed),
            _ => None,
        }),
        ipv6: endpoints().any(|it| it.at(&["address"]).text().contains(':')),
        name,
    })
}

fn said(html: &mut Html, state: State, text: &str) {
    html.of("p", "left", |html| {
        glyph(html, Shape::Of(state));
        html.line("span", "", text);
    });
}

fn difference(html: &mut Html, it: &Difference) {
    html.of("li", "warning", |html| {
        glyph(html, Shape::Of(State::Warning));
        html.of("dl", "", |html| {
            for (label, text) in [("Text", &it.config), ("Site", &it.live), ("Means", &it.means)] {
                html.of("div", "line", |html| {
                    html.line("dt", "", label);
                    html.el("dd", &[], |html| {
                        html.prose("p", "", text);
                        if let Some(place) = it.place.as_ref().filter(|_| label == "Text") {
                            go(html, place, &it.config);
                        }
                    });
                });
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(domain: &str, observed: &str) -> Live {
        live(&Told::read(&format!("{{\"domain\":\"{domain}\",\"observed\":{observed}}}")).unwrap()).unwrap()
    }

    #[test]
    fn a_report_is_read() {
        let site = include_str!("../../../crates/view/tests/recordings/healthy-apex.json");
        let names = vec!["healthy-apex.test".to_owned(), "www.healthy-apex.test".to_owned()];
        let healthy = Live {
            name: "healthy-apex.test".into(),
            certificate_names: names,
            redirects: Some(true),
            hsts: Some("max-age=31536000".into()),
            http2: Some(true),
            ipv6: true,
        };
        assert_eq!(seen("healthy-apex.test", site), healthy);
        let site = include_str!("../../../crates/view/tests/recordings/missing-www.json");
        let bare = seen("missing-www.test", site);
        assert_eq!((bare.hsts.as_deref(), bare.ipv6), (Some(""), false), "{bare:?}");
        // Nothing answers there.
        let site = include_str!("../../../crates/view/tests/recordings/not-set-up.json");
        assert_eq!(seen("not-set-up.test", site), Live { name: "not-set-up.test".into(), ..Live::default() });
    }

    #[test]
    fn a_plain_answer_is_no_redirect_and_an_error_says_nothing() {
        let first = |seen: &str| {
            let corner = format!("{{\"host\":\"a.test\",\"scheme\":\"http\",\"first\":{{\"seen\":{seen}}}}}");
            super::tests::seen("a.test", &format!("{{\"web\":{{\"corners\":[{corner}]}}}}")).redirects
        };
        assert_eq!(first("{\"status\":200}"), Some(false));
        assert_eq!(first("{\"status\":301,\"location\":\"https://a.test/\"}"), Some(true));
        assert_eq!(first("{\"status\":302,\"location\":\"/login\"}"), None);
        assert_eq!(first("{\"status\":502}"), None);
        assert_eq!(first("null"), None);
    }

    #[test]
    fn every_address_counts() {
        let site = r#"{"tls":{"endpoints":[
            {"host":"www.a.test","address":"::1","handshake":{"Ok":{"chain":0}}},
            {"host":"a.test","address":"192.0.2.1","handshake":{"Err":"reset"},"http2":{"unseen":"x"}},
            {"host":"a.test","address":"192.0.2.2","handshake":{"Ok":{"chain":1}},"http2":{"seen":false}},
            {"host":"a.test","address":"192.0.2.3","handshake":{"Ok":{"chain":9}}}],
            "chains":[{"certificates":[{"names":["x.test"]}]},{"certificates":[{"names":["A.test"]},{"names":["ca.test"]}]}]}}"#;
        let live = seen("a.test", site);
        assert_eq!((live.certificate_names, live.http2, live.ipv6), (vec!["a.test".to_owned()], Some(false), false));
        assert_eq!(live.hsts, None);
    }

    #[test]
    fn what_is_no_report_is_not_compared() {
        let config = Config::read(&[], None, false);
        for text in ["", "[]", "{}", "{\"title\":\"Too many\"}"] {
            assert_eq!(compared(&config, text), None, "{text}");
        }
    }
}
