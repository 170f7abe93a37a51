//! The redirect on port 80 writes host and page without the slash between them.

use findings::{Diagnosis, Finding};

use super::Symptoms;
use crate::Observations;

/// How the checks of redirects and of the challenge path end their sentences about it.
const OF_PAGES: (&str, &str) = ("redirect-leads-nowhere", "the slash between host and page is missing.");
const OF_CHALLENGES: (&str, &str) = ("acme-path-blocked", "the slash behind the host is missing.");

pub(super) fn explain(_observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let told = |(id, end): (&'static str, &'static str)| symptoms.of(id).filter(move |it| it.seen.ends_with(end));
    let all: Vec<&Finding> = told(OF_PAGES).chain(told(OF_CHALLENGES)).collect();
    let page = told(OF_PAGES).next()?;
    let challenge = told(OF_CHALLENGES).next().is_some();
    Some(Diagnosis {
        id: "slash-left-out".into(),
        cause: "The redirect on port 80 leaves out the slash between host and page: only the front page gets through."
            .into(),
        affects: match challenge {
            true => format!("{} An authority that asks for its challenge is led there, too.", page.means),
            false => page.means.clone(),
        },
        fix: page.fix.clone()?,
        prove: page.prove.clone()?,
        explains: all.iter().map(|it| it.key()).collect(),
        evidence: page.evidence.clone(),
        otherwise:
            "If nginx has no such rule, the application builds the URL: join host and path by a function, not by hand."
                .into(),
    })
}

#[cfg(test)]
mod tests {
    use domain::{HttpUrl, Scheme};
    use network::Saw;

    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{healthy, response},
    };

    /// A page below the front page, asked for over http, leads there.
    fn leading(location: &str) -> Observations {
        let mut seen = healthy();
        let url = HttpUrl::root(Scheme::Http, &seen.target.name).with_path("/lockstep-1/a");
        let first = Saw::Seen(response(301, Some(location)));
        seen.web.deep = vec![web::Deep { url, address: "9.9.9.9".parse().unwrap(), first }];
        seen
    }

    #[test]
    fn a_page_and_the_challenge_that_are_looked_for_at_a_host_of_their_own_are_one_slip() {
        let mut seen = leading("https://example.comlockstep-1/a");
        let host = seen.target.name.clone();
        let glued = HttpUrl::root(Scheme::Https, &"example.com.well-known".parse().unwrap());
        let why = network::Unseen::Failed("the name does not lead to any address".into());
        let end = renewal::End::Unseen { url: glued, why };
        let address = "9.9.9.9".parse().unwrap();
        let challenge =
            renewal::Challenge { host, address, port: Saw::Seen(()), hops: Vec::new(), end, like_front: false };
        seen.renewal.challenges = vec![challenge];
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["slash-left-out"]);
        assert_eq!(report.diagnoses[0].explains.len(), 2, "{:?}", report.diagnoses[0].explains);
        assert!(report.diagnoses[0].affects.ends_with("is led there, too."));
    }

    #[test]
    fn a_page_that_keeps_its_slash_or_leads_to_another_site_is_none() {
        assert!(causes(leading("https://example.com/lockstep-1/a")).0.is_empty());
        assert!(causes(leading("https://example.netlockstep-1/a")).0.is_empty());
    }
}
