//! The application writes its own URLs with http, because nobody told it that visitors come over https.

use domain::HttpUrl;
use findings::{Diagnosis, Evidence, Fix, Prove};
use web::{Page, Reference, Use};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let symptom = symptoms.first("page-names-itself-over-http")?;
    let page = observed.web.pages.iter().find(|page| own(page).next().is_some())?;
    if is_a_setting(&observed.web.pages) {
        return None;
    }
    // What is written with the page's own host is built like its URL; another host's is not.
    let is_built = |it: &&Reference| it.url.host() == page.url.host();
    let all_built = |of: fn(Use) -> bool| page.references.iter().filter(|it| of(it.r#use)).all(|it| is_built(&it));
    let mut ids = vec!["page-names-itself-over-http", "http-links-to-self"];
    if all_built(Use::is_active) {
        ids.push("mixed-active-content");
    }
    if all_built(|it| it == Use::Form) {
        ids.push("insecure-form");
    }
    let host_is_lost = symptoms.first("internal-urls-in-page").is_some();
    if host_is_lost {
        ids.push("internal-urls-in-page");
    }
    let name = page.url.host();
    let (lost, headers) = if host_is_lost {
        (
            "the scheme and the host that visitors use",
            "proxy_set_header Host $host;\nproxy_set_header X-Forwarded-Proto $scheme;",
        )
    } else {
        ("the scheme that visitors use", "proxy_set_header X-Forwarded-Proto $scheme;")
    };
    let shown = own(page).take(5).map(|it| Evidence { label: "URL in the page".into(), value: it.url.to_string() });
    Some(Diagnosis {
        id: "app-builds-http-urls".into(),
        cause: format!("The application behind {name} does not learn {lost}, and builds its URLs with http://."),
        affects:
            "The page itself answers over https; links, shared URLs and whatever else the application builds from \
                  the scheme (login redirects, e-mails) lead to http."
                .into(),
        fix: Fix {
            text:
                "Pass it on in the location that has proxy_pass, let Flask believe it, then reload nginx and restart \
                   Gunicorn."
                    .into(),
            code: Some(format!(
                "{headers}\n\n# Flask\nfrom werkzeug.middleware.proxy_fix import ProxyFix\n\
                 app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1)"
            )),
        },
        prove: Prove {
            command: format!("curl -s {} | grep -n 'http://{name}'", quoted(&page.url)),
            expect: "No line".into(),
        },
        explains: symptoms.keys(&ids),
        evidence: symptom.evidence.iter().cloned().chain(shown).take(6).collect(),
        otherwise: "If both are in place, the URL is written with http:// in a setting or a template: a site URL, \
                    SERVER_NAME with PREFERRED_URL_SCHEME, or a canonical link by hand."
            .into(),
    })
}

/// What a page says about its own URL, and its links, by http and with the host that it was asked by.
fn own(page: &Page) -> impl Iterator<Item = &Reference> {
    let is_own = |it: &&Reference| {
        matches!(it.r#use, Use::Base | Use::Canonical | Use::Social | Use::Link) && it.url.host() == page.url.host()
    };
    page.references.iter().filter(is_own)
}

/// Whether two names give the very same URL: then nothing was built from the request.
fn is_a_setting(pages: &[Page]) -> bool {
    let said: Vec<(&str, &HttpUrl)> = pages
        .iter()
        .filter_map(|page| {
            let it = page.references.iter().find(|it| matches!(it.r#use, Use::Base | Use::Canonical | Use::Social))?;
            Some((page.url.host(), &it.url))
        })
        .collect();
    said.iter().any(|(host, url)| said.iter().any(|(other, same)| host != other && url == same))
}

/// The URL as a shell word; a quote inside is percent-encoded, which means the same to a server.
fn quoted(url: &HttpUrl) -> String {
    format!("'{}'", url.as_str().replace('\'', "%27"))
}

#[cfg(test)]
mod tests {
    use domain::{HttpUrl, Scheme};
    use web::{Page, Reference, Use};

    use super::super::tests::causes;
    use crate::{Observations, fixture::healthy};

    /// A healthy site whose pages at these hosts name these http URLs.
    fn naming(pages: &[(&str, &[(Use, &str)])]) -> Observations {
        let mut seen = healthy();
        for (host, references) in pages {
            let references = references.iter().map(|(r#use, url)| Reference {
                r#use: *r#use,
                url: HttpUrl::parse(url).unwrap(),
                within: None,
                twin: None,
            });
            let url = HttpUrl::root(Scheme::Https, &host.parse().unwrap());
            let unread = Page::unread(url, None, network::Saw::Unseen(network::Unseen::Deadline));
            seen.web.pages.push(Page { html: true, whole: true, references: references.collect(), ..unread });
        }
        seen
    }

    const CANONICAL: (Use, &str) = (Use::Canonical, "http://example.com/");

    #[test]
    fn a_page_that_gives_its_own_url_by_http_does_not_know_better() {
        let (ids, report) = causes(naming(&[("example.com", &[CANONICAL])]));
        assert_eq!(ids, ["app-builds-http-urls"]);
        let diagnosis = &report.diagnoses[0];
        assert!(diagnosis.fix.code.as_ref().unwrap().contains("X-Forwarded-Proto $scheme"));
        assert_eq!(diagnosis.explains.len(), 1, "{:?}", diagnosis.explains);
    }

    #[test]
    fn what_is_built_the_same_way_folds_beneath() {
        let style = (Use::Style, "http://example.com/static/a.css");
        let inside = (Use::Image, "http://127.0.0.1:8000/static/a.png");
        let (_, report) = causes(naming(&[("example.com", &[CANONICAL, style, inside])]));
        let explains = report.diagnoses[0].explains.join(" ");
        for id in ["mixed-active-content", "internal-urls-in-page"] {
            assert!(explains.contains(id), "{explains}");
        }
        assert!(report.diagnoses[0].fix.code.as_ref().unwrap().contains("Host $host"));
        // Another site's script has a cause of its own.
        let foreign = (Use::Script, "http://cdn.example.net/a.js");
        let (_, report) = causes(naming(&[("example.com", &[CANONICAL, style, foreign])]));
        assert!(!report.diagnoses[0].explains.join(" ").contains("mixed-active-content"));
    }

    #[test]
    fn without_its_own_url_there_is_nothing_to_explain() {
        assert!(causes(naming(&[("example.com", &[(Use::Script, "http://example.com/a.js")])])).0.is_empty());
        assert!(causes(naming(&[("example.com", &[(Use::Link, "http://example.com/a")])])).0.is_empty());
        assert!(causes(naming(&[("example.com", &[])])).0.is_empty());
    }

    #[test]
    fn the_same_url_at_both_names_is_a_setting() {
        let at_both: &[(Use, &str)] = &[CANONICAL];
        let (ids, report) = causes(naming(&[("example.com", at_both), ("www.example.com", at_both)]));
        assert!(ids.is_empty());
        assert!(
            report.findings.iter().any(|it| it.id == "page-names-itself-over-http" && it.state > findings::State::Note)
        );
    }
}
