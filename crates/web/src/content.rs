//! The pages that were read, and how a check of their content asks about all of them at once.

use std::net::IpAddr;

use domain::HttpUrl;
use findings::{Said, Verdict, not_tested, pass};
use network::{Saw, Unseen};

use crate::{
    Observation, Page, Reference, Use,
    observation::NO_ADDRESS,
    words::{groups, list, names, quoted, short, verb},
};

/// Pages with the same fault.
pub(crate) struct Faulty<'f, 'o> {
    /// Their URLs, for a sentence.
    pub(crate) urls: String,
    /// The first of them.
    pub(crate) page: &'o Page,
    /// What is wrong in the first; at least one.
    pub(crate) references: &'f [&'o Reference],
}

impl Faulty<'_, '_> {
    /// `a script and 2 stylesheets`.
    pub(crate) fn what(&self) -> String {
        let kinds = groups(self.references.iter().map(|it| (it.r#use, ())));
        let mut counted: Vec<String> = kinds.iter().map(|(r#use, them)| count(*r#use, them.len())).collect();
        match counted.pop() {
            Some(last) if counted.is_empty() => last,
            Some(last) => format!("{} and {last}", counted.join(", ")),
            None => String::new(),
        }
    }

    /// The verb that fits the URLs.
    pub(crate) fn verb<'v>(&self, one: &'v str, several: &'v str) -> &'v str {
        verb(&self.urls, one, several)
    }

    /// The URLs that are wrong.
    pub(crate) fn targets(&self) -> String {
        list(self.references.iter().map(|it| short(it.url.as_str())))
    }

    /// Adds what is wrong as evidence.
    pub(crate) fn evidence(&self, said: Said) -> Said {
        self.references.iter().take(10).fold(said, |said, it| {
            let within = it.within.as_ref().map(|at| format!(" (in {at})")).unwrap_or_default();
            let twin = match &it.twin {
                Some(Saw::Seen(status)) => format!("; over https: status {status}"),
                Some(Saw::Unseen(why)) => format!("; over https: {}", why.clause()),
                None => String::new(),
            };
            said.evidence(label(it.r#use), format!("{}{within}{twin}", it.url))
        })
    }

    /// The command that lists what is left.
    pub(crate) fn search(&self) -> String {
        format!("curl -s {} | grep -n 'http://'", quoted(self.page.url.as_str()))
    }
}

/// Asks one question of the pages that were read: those with the same fault become one finding.
pub(crate) fn ask<'o>(
    seen: &'o Observation,
    healthy: impl Fn(&str) -> String,
    fault: impl Fn(&'o Page) -> Vec<&'o Reference>,
    say: impl Fn(&Faulty<'_, 'o>) -> Said,
) -> Vec<Verdict> {
    // Compiled once for every question.
    sort_out(seen, &healthy, &fault, &say)
}

fn sort_out<'o>(
    seen: &'o Observation,
    healthy: &dyn Fn(&str) -> String,
    fault: &dyn Fn(&'o Page) -> Vec<&'o Reference>,
    say: &dyn Fn(&Faulty<'_, 'o>) -> Said,
) -> Vec<Verdict> {
    let read: Vec<&Page> = seen.pages.iter().filter(|page| page.html).collect();
    if read.is_empty() {
        // Other answers than pages (an API's) have nothing to read.
        let unseen = seen.pages.iter().find_map(|page| Some((page, page.answer.unseen()?)));
        let why = |(page, why): (&Page, &Unseen)| {
            not_tested(page.url.as_str(), format!("The page could not be read: {}.", why.clause()))
        };
        return unseen.map(why).into_iter().collect();
    }
    // An application builds its URLs with the name it was asked by: that is one fault, not two.
    let key = |references: &[&Reference]| -> Vec<(Use, String)> {
        let place = |url: &HttpUrl| if is_own(seen, url) { url.path().to_owned() } else { url.to_string() };
        references.iter().map(|it| (it.r#use, place(&it.url))).collect()
    };
    let faulty = groups(read.iter().map(|page| (fault(page), *page)).map(|it| (key(&it.0), it)));
    let mut verdicts = Vec::new();
    let mut fine: Vec<&Page> = Vec::new();
    for (_, pages) in &faulty {
        let urls = list(pages.iter().map(|(_, page)| short(page.url.as_str())));
        match pages.first() {
            Some((references, page)) if !references.is_empty() => {
                verdicts.push(say(&Faulty { urls, page, references }).into());
            }
            _ => fine.extend(pages.iter().map(|(_, page)| *page)),
        }
    }
    if verdicts.is_empty() {
        let urls = list(fine.iter().map(|page| short(page.url.as_str())));
        let cut = if fine.iter().all(|page| page.whole) { "" } else { " Only its first part was read." };
        verdicts.push(pass(urls.clone(), format!("{}{cut}", healthy(&urls))));
    }
    verdicts
}

/// Whether the same URL is known not to answer over https. A refusal (401, 403, 429) can be meant for programs.
pub(crate) fn has_no_twin(reference: &Reference) -> bool {
    match &reference.twin {
        Some(Saw::Seen(status)) => matches!(status, 404 | 410 | 500..),
        Some(Saw::Unseen(Unseen::Failed(why))) => why == NO_ADDRESS,
        Some(Saw::Unseen(why)) => why.is_about_the_site(),
        None => false,
    }
}

/// Whether a URL leads to the visitor's own machine or into a private network.
pub(crate) fn is_internal(url: &HttpUrl) -> bool {
    let host = url.host();
    match url.address() {
        Some(address) => !domain::is_global(address),
        None => {
            !host.contains('.') || [".localhost", ".local", ".internal", ".lan"].iter().any(|end| host.ends_with(end))
        }
    }
}

/// Whether a URL leads to the visitor's own machine, which browsers trust (W3C Secure Contexts §3.1).
pub(crate) fn is_loopback(url: &HttpUrl) -> bool {
    let host = url.host();
    url.address().is_some_and(|address: IpAddr| address.is_loopback())
        || host == "localhost"
        || host.ends_with(".localhost")
}

/// Whether a URL is one of the site's own names.
pub(crate) fn is_own(seen: &Observation, url: &HttpUrl) -> bool {
    names(seen).iter().any(|name| name.as_str() == url.host())
}

fn label(r#use: Use) -> &'static str {
    match r#use {
        Use::Base => "Base URL",
        Use::Call => "Request in a script",
        Use::Canonical => "Canonical URL",
        Use::Font => "Font",
        Use::Form => "Form target",
        Use::Frame => "Frame",
        Use::Image => "Image",
        Use::ImageSet => "Image in srcset",
        Use::Link => "Link",
        Use::Manifest => "Manifest",
        Use::Media => "Media",
        Use::Plugin => "Embedded object",
        Use::Script => "Script",
        Use::Social => "og:url",
        Use::Style => "Stylesheet",
    }
}

fn count(r#use: Use, many: usize) -> String {
    let (one, several) = match r#use {
        Use::Base => ("its base URL", "base URLs"),
        Use::Call => ("a request in a script", "requests in scripts"),
        Use::Canonical => ("its canonical URL", "canonical URLs"),
        Use::Font => ("a font", "fonts"),
        Use::Form => ("a form target", "form targets"),
        Use::Frame => ("a frame", "frames"),
        Use::Image => ("an image", "images"),
        Use::ImageSet => ("an image in srcset", "images in srcset"),
        Use::Link => ("a link", "links"),
        Use::Manifest => ("a manifest", "manifests"),
        Use::Media => ("a sound or film", "sounds or films"),
        Use::Plugin => ("an embedded object", "embedded objects"),
        Use::Script => ("a script", "scripts"),
        Use::Social => ("its og:url", "og:urls"),
        Use::Style => ("a stylesheet", "stylesheets"),
    };
    if many == 1 { one.to_owned() } else { format!("{many} {several}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> HttpUrl {
        HttpUrl::parse(text).unwrap()
    }

    #[test]
    fn inside_and_outside_are_told_apart() {
        for inside in [
            "http://127.0.0.1:8000/a",
            "http://localhost/",
            "http://web:8000/",
            "http://10.1.2.3/",
            "http://[::1]/",
            "http://nas.local/",
        ] {
            assert!(is_internal(&url(inside)), "{inside}");
        }
        for outside in ["http://example.com/", "http://9.9.9.9/", "http://localhost.example.com/"] {
            assert!(!is_internal(&url(outside)), "{outside}");
        }
        assert!(is_loopback(&url("http://app.localhost:3000/")) && !is_loopback(&url("http://10.1.2.3/")));
    }
}
