use findings::{Verdict, check, found, not_tested, pass};
use network::Saw;

use super::list;
use crate::{Observations, Wanted};

check! {
    /// A path of the site does not answer as you expect.
    ///
    /// ## Why it matters
    /// A front page can answer while a page behind it is broken. The paths are your own list, to be asked after every
    /// deployment, under the name on the page or with `lockstep check example.com --path /login=200 --path /about=Contact`.
    ///
    /// ## How to fix
    /// Look at what the application's log says about that request.
    CHECK: Check<Observations> = "path-not-as-expected",
        section: App, severity: Failed,
        title: "A path answers differently", healthy: "Paths answer as expected",
        source: "seed B22, A13", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let Some(exposed) = &seen.exposed else { return Vec::new() };
    let mut verdicts: Vec<Verdict> = Vec::new();
    let mut fine = Vec::new();
    for wanted in &exposed.paths {
        let url = wanted.url.as_str();
        let (status, has_text) = match &wanted.answer {
            Saw::Seen(answer) => *answer,
            Saw::Unseen(why) if why.is_about_the_site() => {
                verdicts.push(say(wanted, format!("{url} does not answer: {}.", why.clause())));
                continue;
            }
            Saw::Unseen(why) => {
                verdicts.push(not_tested(url, format!("It could not be asked for: {}.", why.clause())));
                continue;
            }
        };
        let status_fits = wanted.status.map_or((200..400).contains(&status), |it| it == status);
        match (&wanted.text, status_fits && has_text) {
            (_, true) => fine.push(url),
            (Some(text), false) if status_fits => {
                verdicts.push(say(wanted, format!("{url} answers {status}, without \"{text}\" in it.")));
            }
            (_, false) => {
                verdicts.push(say(wanted, format!("{url} answers {status}; you expect {}.", expected(wanted))))
            }
        }
    }
    if verdicts.is_empty() && !fine.is_empty() {
        verdicts.push(pass(list(&fine), format!("As you expect: {}.", list(&fine))));
    }
    verdicts
}

fn expected(wanted: &Wanted) -> String {
    wanted.status.map_or_else(|| "a page or a redirect".into(), |status| status.to_string())
}

fn say(wanted: &Wanted, fact: String) -> Verdict {
    let url = wanted.url.as_str();
    found(url, fact)
        .means("Visitors of this path do not get what you mean them to get.")
        .fix_code("See what the application says about this request.", "sudo journalctl -u gunicorn -n 50 --no-pager")
        .prove(format!("curl -I '{}'", url.replace('\'', "%27")), expected(wanted))
        .evidence("Wanted", wanted.text.clone().unwrap_or_else(|| expected(wanted)))
        .into()
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK};
    use crate::{Exposed, Observations, Wanted, fixture::healthy};

    fn with(status: Option<u16>, text: Option<&str>, answer: Saw<(u16, bool)>) -> Observations {
        let mut seen = healthy();
        let url = domain::HttpUrl::parse("https://example.com/login").unwrap();
        let wanted = Wanted { url, status, text: text.map(str::to_owned), answer };
        seen.exposed = Some(Exposed { paths: vec![wanted], ..Exposed::default() });
        seen
    }

    #[test]
    fn another_status_or_a_missing_text_fails() {
        for (status, text, answer) in
            [(Some(200), None, (302, true)), (None, None, (404, true)), (None, Some("Contact"), (200, false))]
        {
            assert_eq!(said(CHECK, &with(status, text, Saw::Seen(answer))), ["failed https://example.com/login"]);
        }
        assert_eq!(said(CHECK, &with(None, None, Saw::Unseen(Unseen::TimedOut))), ["failed https://example.com/login"]);
    }

    #[test]
    fn what_was_expected_passes_and_without_a_list_nothing_is_said() {
        for (status, text, answer) in
            [(Some(401), None, (401, true)), (None, None, (302, true)), (None, Some("Contact"), (200, true))]
        {
            assert_eq!(said(CHECK, &with(status, text, Saw::Seen(answer))), ["passed https://example.com/login"]);
        }
        assert_eq!(
            said(CHECK, &with(None, None, Saw::Unseen(Unseen::Deadline))),
            ["not tested https://example.com/login"]
        );
        assert!(said(CHECK, &healthy()).is_empty());
    }
}
