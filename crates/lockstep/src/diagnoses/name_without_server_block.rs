//! No server block names the host, so nginx answers with its default site over plain HTTP.

use domain::Scheme;
use findings::{Diagnosis, Evidence, Fix, Prove};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let symptom = ["default-site", "http-not-redirected"].into_iter().find_map(|id| symptoms.first(id))?;
    // A host that nobody has gets the very same page, and it is not the page of this site.
    let stranger = observed.web.stranger.as_ref()?;
    let default = stranger.first.seen().filter(|it| (200..300).contains(&it.status) && it.title.is_some())?;
    let https_shows_it = observed
        .web
        .trails
        .iter()
        .filter_map(web::Trail::answer)
        .any(|(url, response)| url.scheme() == Scheme::Https && response.title == default.title);
    let corner = observed.web.corners.iter().find(|corner| {
        let same = corner.first.seen().is_some_and(|it| it.status == default.status && it.title == default.title);
        corner.scheme == Scheme::Http && same
    })?;
    if https_shows_it {
        return None;
    }
    let host = &corner.host;
    let names = super::names(observed);
    let title = default.title.clone().unwrap_or_default();
    let mut explains = vec![symptom.key()];
    explains.extend(symptoms.keys(&["default-site", "http-not-redirected", "acme-path-swallowed"]));
    explains.sort();
    explains.dedup();
    Some(Diagnosis {
        id: "name-without-server-block".into(),
        cause: format!("No server block on port 80 names {host}, so nginx answers with its default site."),
        affects: format!("Visitors of http://{host}/ see \"{title}\", as they would under any other name."),
        fix: Fix {
            text: format!("Put {names} into the server_name of your site's block, see that its file is in sites-enabled, and reload nginx."),
            code: Some(format!("server {{\n    listen 80;\n    listen [::]:80;\n    server_name {names};\n    …\n}}")),
        },
        prove: Prove {
            command: format!("sudo nginx -T 2>/dev/null | grep -n 'server_name.*{host}'"),
            expect: "a line of your site's block".into(),
        },
        explains,
        evidence: vec![
            Evidence { label: format!("http://{host}/"), value: title.clone() },
            Evidence { label: stranger.url.to_string(), value: title },
        ],
        otherwise: "If the block is there and names it, nginx was not reloaded since: sudo nginx -t && sudo systemctl reload nginx.".into(),
    })
}

#[cfg(test)]
mod tests {
    use network::Saw;

    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{healthy, response},
    };

    fn titled(title: &str) -> web::Response {
        web::Response { title: Some(title.into()), ..response(200, None) }
    }

    /// Over http the names show one page, a name that nobody has another.
    fn showing(http: &str, stranger: &str) -> Observations {
        let mut seen = healthy();
        for (index, corner) in seen.web.corners.iter_mut().enumerate() {
            if corner.scheme == domain::Scheme::Http {
                corner.first = Saw::Seen(titled(http));
                corner.trail = Some(4 + index);
            }
        }
        let plain: Vec<web::Trail> = (0..seen.web.corners.len())
            .map(|index| {
                let corner = &seen.web.corners[index];
                let mut hop = seen.web.trails[0].hops[0].clone();
                hop.url = domain::HttpUrl::root(domain::Scheme::Http, &corner.host);
                web::Trail { from: hop.url.clone(), hops: vec![hop], end: web::End::Answer(Box::new(titled(http))) }
            })
            .collect();
        seen.web.trails.extend(plain);
        let url = domain::HttpUrl::parse("http://lockstep-0.invalid/").unwrap();
        let address = "9.9.9.9".parse().unwrap();
        seen.web.stranger = Some(Box::new(web::Deep { url, address, first: Saw::Seen(titled(stranger)) }));
        seen
    }

    #[test]
    fn the_page_that_any_name_gets_means_that_none_is_named() {
        let (ids, report) = causes(showing("Another site", "Another site"));
        assert_eq!(ids, ["name-without-server-block"]);
        assert!(report.diagnoses[0].fix.code.as_ref().unwrap().contains("server_name example.com www.example.com;"));
    }

    #[test]
    fn a_page_of_its_own_has_a_block_of_its_own() {
        assert!(causes(showing("The shop", "Another site")).0.is_empty());
        let mut own = showing("The shop", "The shop");
        for trail in &mut own.web.trails {
            trail.end = web::End::Answer(Box::new(titled("The shop")));
        }
        assert!(causes(own).0.is_empty(), "the site itself is the default");
    }
}
