//! What is asked beyond the findings: URLs, the redirect map, a new configuration.

use nginx::{Config, Patterns};

use crate::{
    ask::{Ask, Kind},
    compared::compared,
    explained::explained,
    generator::generated,
    json::Json,
    map::map,
};

/// Answers as JSON; nothing to a question of another kind.
pub(crate) fn answer(ask: &Ask, patterns: &dyn Patterns) -> Option<String> {
    let config = || Config::read(&ask.sources(), ask.options.version, ask.options.everything);
    let mut json = Json::default();
    match &ask.kind {
        Kind::Route(url) => json.object(|json| json.text("html", &explained(&config(), url, patterns))),
        Kind::Map => json.object(|json| json.text("html", &map(&config(), patterns))),
        Kind::Against(report) => json.object(|json| match compared(&config(), report) {
            Some(html) => json.text("html", &html),
            None => json.text("trouble", "The check of the site answered with something that is no report."),
        }),
        Kind::Generate(form) => {
            let (text, unusable) = generated(form, ask.options.version);
            json.object(|json| {
                json.text("text", &text);
                json.list("unusable", |json| {
                    for it in &unusable {
                        json.object(|json| {
                            json.text("field", &it.field);
                            json.text("text", &it.text);
                        });
                    }
                });
            });
        }
        _ => return None,
    }
    Some(json.done())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(question: &[&str]) -> serde_json::Value {
        let answer = answer(&Ask::read(&question.join("\0")).unwrap(), &nginx::Fancy::default()).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    const TEXT: &str = "server {\n    listen 80;\n    server_name a.test;\n    location ~ ^/<b>(x)$ { return 204; }\n    location / { return 301 https://b.test$request_uri; }\n}\nserver {\n    listen 443 ssl;\n    server_name b.test;\n    return 301 https://b.test/;\n}\n";

    #[test]
    fn a_url_is_explained_with_its_lines() {
        let said = asked(&["route", "http://a.test/y?z", "1.22", "everything", "", TEXT]);
        let html = said["html"].as_str().unwrap();
        assert!(html.contains("301: the browser is sent to https://b.test/y?z"), "{html}");
        assert!(html.contains("data-line=\"5\"") && !html.contains("<b>("), "{html}");
        assert!(asked(&["route", "ftp://a", "", "", "", TEXT])["html"].as_str().unwrap().contains("class=\"wrong\""));
    }

    #[test]
    fn the_map_shows_a_circle() {
        let said = asked(&["map", "", "1.22", "everything", "", TEXT]);
        let html = said["html"].as_str().unwrap();
        assert!(html.contains("http://a.test") && html.contains("a circle without end"), "{html}");
        let (drawing, list) = html.split_once("</svg>").unwrap();
        assert!(drawing.starts_with("<svg class=\"graph\"") && drawing.contains("class=\"failed\""), "{drawing}");
        assert!(list.contains("<figure>"), "{list}");
    }

    #[test]
    fn the_live_site_is_held_against_the_text() {
        let report = r#"{"domain":"b.test","observed":{"tls":{"endpoints":[{"host":"b.test","address":"192.0.2.1",
            "handshake":{"Ok":{"chain":0}}}],"chains":[{"certificates":[{"names":["b.test","shop.b.test"]}]}]}}}"#;
        let html = asked(&["against", report, "1.22", "everything", "", TEXT])["html"].as_str().unwrap().to_owned();
        assert!(html.contains("shop.b.test") && !html.contains("HSTS"), "{html}");
        let report = r#"{"domain":"x.test"}"#;
        let html = asked(&["against", report, "", "", "", TEXT])["html"].as_str().unwrap().to_owned();
        assert!(html.contains("No server in this text has the name x.test"), "{html}");
        assert!(asked(&["against", "<html>", "", "", "", TEXT])["trouble"].as_str().unwrap().contains("no report"));
    }

    #[test]
    fn a_form_becomes_a_configuration_or_says_why_not() {
        let form = "example.com\n\napex\n127.0.0.1:8000\nyes\n\n\n\n10\nyes\nyes\n/var/www/letsencrypt\n";
        let text = asked(&["generate", form, "1.24", ""])["text"].as_str().unwrap().to_owned();
        assert!(text.contains("server_name example.com;") && text.contains("listen [::]:443 ssl"), "{text}");
        let said = asked(&["generate", &form.replace("example.com", "a; b"), "", ""]);
        assert_eq!((said["text"].as_str(), said["unusable"][0]["field"].as_str()), (Some(""), Some("domain")));
    }
}
