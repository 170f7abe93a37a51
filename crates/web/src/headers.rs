//! The headers by which a page tells browsers what not to do, each by its own grammar.

use domain::Scheme;
use findings::{Said, Verdict, pass};

use crate::{
    Observation, Response,
    content::is_own,
    finals::{self, Final},
    policy,
    words::{groups, list, short},
};

/// Pages with the same fault.
pub(crate) struct Faulty<'f> {
    /// Their URLs, for a sentence.
    pub(crate) urls: String,
    /// The first of them.
    pub(crate) url: String,
    /// What it answered.
    pub(crate) response: &'f Response,
    /// What is wrong; at least one clause.
    pub(crate) clauses: Vec<String>,
}

/// The pages that the site's own names answer with over https, each as its address gives it. Other answers than pages
/// need none of these headers.
pub(crate) fn pages(seen: &Observation) -> Vec<Final<'_>> {
    let mut pages = finals::of(seen);
    pages.retain(|end| {
        let html = end.response.header("content-type").is_none_or(|it| it.to_ascii_lowercase().contains("html"));
        let is_page = html && (200..300).contains(&end.response.status);
        is_page && end.url.scheme() == Scheme::Https && is_own(seen, &end.url) && finals::wall(end.response).is_none()
    });
    pages
}

/// Asks one question of the headers of every page: those with the same fault become one finding.
pub(crate) fn ask(
    seen: &Observation,
    healthy: &dyn Fn(&str) -> String,
    fault: &dyn Fn(&Response) -> Vec<String>,
    say: &dyn Fn(Faulty<'_>) -> Said,
) -> Vec<Verdict> {
    let pages = pages(seen);
    let urls = |pages: &[&Final<'_>]| list(pages.iter().map(|page| short(page.url.as_str())));
    let all = groups(pages.iter().map(|page| (fault(page.response), page)));
    let faulty = all.iter().filter(|(clauses, _)| !clauses.is_empty());
    let mut subjects: Vec<String> = Vec::new();
    let mut verdicts = Vec::new();
    for (clauses, pages) in faulty {
        let (Some(first), urls) = (pages.first(), urls(pages)) else { continue };
        let it = Faulty {
            urls: urls.clone(),
            url: first.url.to_string(),
            response: first.response,
            clauses: clauses.clone(),
        };
        let mut said = say(it);
        if subjects.contains(&said.subject) {
            said.subject = format!("{urls} at {}", list(pages.iter().filter_map(|page| page.address)));
        }
        subjects.push(said.subject.clone());
        verdicts.push(said.into());
    }
    if verdicts.is_empty() && !pages.is_empty() {
        let urls = urls(&pages.iter().collect::<Vec<_>>());
        verdicts.push(pass(urls.clone(), healthy(&urls)));
    }
    verdicts
}

impl Response {
    /// Every value of a header.
    pub(crate) fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A header that was sent, as far as browsers obey it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Obeyed {
    /// Not sent.
    Missing,
    /// Sent, and ignored: a clause that says why.
    Ignored(String),
    /// Obeyed.
    Yes,
}

/// `X-Content-Type-Options` (Fetch, "determine nosniff"): the first of its values counts.
pub(crate) fn nosniff(response: &Response) -> Obeyed {
    let Some(value) = response.header("x-content-type-options") else { return Obeyed::Missing };
    match value.split(',').next().unwrap_or_default().trim() {
        it if it.eq_ignore_ascii_case("nosniff") => Obeyed::Yes,
        it => Obeyed::Ignored(format!(
            "X-Content-Type-Options is \"{}\", and the only word it knows is nosniff",
            short(it)
        )),
    }
}

/// Whether other sites may frame the page: `frame-ancestors` of a policy, or `X-Frame-Options` where there is none (HTML,
/// "check a navigation response's adherence to X-Frame-Options").
pub(crate) fn framing(response: &Response) -> Obeyed {
    if policy::of(response).iter().any(|policy| policy.has("frame-ancestors")) {
        return Obeyed::Yes;
    }
    let mut options: Vec<String> = Vec::new();
    for it in response.values("x-frame-options").flat_map(|value| value.split(',')) {
        let it = it.trim().to_ascii_lowercase();
        if !it.is_empty() && !options.contains(&it) {
            options.push(it);
        }
    }
    let known = |it: &String| matches!(it.as_str(), "deny" | "sameorigin" | "allowall");
    match options.as_slice() {
        [] => Obeyed::Missing,
        [one] if known(one) => Obeyed::Yes,
        [one] if one.starts_with("allow-from") => {
            Obeyed::Ignored("X-Frame-Options says ALLOW-FROM, which browsers no longer read".into())
        }
        // Several that contradict each other close the page to all.
        several if several.len() > 1 && several.iter().any(known) => Obeyed::Yes,
        [one, ..] => {
            Obeyed::Ignored(format!("X-Frame-Options is \"{}\", and it knows DENY and SAMEORIGIN", short(one)))
        }
    }
}

/// The policy in force by `Referrer-Policy`: the last word that browsers know (W3C Referrer Policy §8.1).
pub(crate) fn referrer(response: &Response) -> Result<Option<&'static str>, String> {
    const KNOWN: [&str; 8] = [
        "no-referrer",
        "no-referrer-when-downgrade",
        "same-origin",
        "origin",
        "strict-origin",
        "origin-when-cross-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    ];
    let words: Vec<&str> = response
        .values("referrer-policy")
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    let known = |word: &&str| KNOWN.into_iter().find(|it| it.eq_ignore_ascii_case(word));
    match (words.iter().rev().find_map(known), words.first()) {
        (Some(known), _) => Ok(Some(known)),
        (None, Some(word)) => Err(format!("Referrer-Policy is \"{}\", which is none of its words", short(word))),
        (None, None) => Ok(None),
    }
}

/// `Permissions-Policy`, which is a dictionary of structured fields (RFC 9651 §3.2): one slip, and all of it is ignored.
pub(crate) fn permissions(response: &Response) -> Obeyed {
    let values: Vec<&str> = response.values("permissions-policy").collect();
    if values.is_empty() {
        return Obeyed::Missing;
    }
    // What was cut cannot be judged.
    let whole = values.join(", ");
    match dictionary(&whole) {
        Ok(()) => Obeyed::Yes,
        Err(_) if values.iter().any(|value| value.chars().count() >= policy::CUT) => Obeyed::Yes,
        Err(at) => Obeyed::Ignored(format!(
            "Permissions-Policy cannot be read from \"{}\" on; a rule looks like camera=() or camera=(self)",
            short(whole.get(at..).unwrap_or_default().trim())
        )),
    }
}

/// What isolates a page from others (HTML, "Cross-origin opener policies" and "Cross-origin embedder policies"; Fetch,
/// "Cross-Origin-Resource-Policy header"), each with the words that browsers know, in their spelling. Most pages have no
/// use for them, so that nothing is said where they are missing.
const ISOLATING: [(&str, &[&str]); 3] = [
    (
        "Cross-Origin-Opener-Policy",
        &["same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none"],
    ),
    ("Cross-Origin-Embedder-Policy", &["require-corp", "credentialless", "unsafe-none"]),
    ("Cross-Origin-Resource-Policy", &["same-origin", "same-site", "cross-origin"]),
];

/// What is sent of them and ignored: a clause each.
pub(crate) fn isolation(response: &Response) -> Vec<String> {
    let ignored = |(name, known): (&str, &[&str])| {
        let header = name.to_ascii_lowercase();
        let values: Vec<&str> = response.values(&header).map(str::trim).collect();
        let sent = values.join(", ");
        // A reporting endpoint may follow; of Cross-Origin-Resource-Policy nothing may.
        let word = match name {
            "Cross-Origin-Resource-Policy" => sent.as_str(),
            _ => sent.split(';').next().unwrap_or_default().trim_end(),
        };
        let fits = sent.is_empty() || known.contains(&word);
        (!fits).then(|| format!("{name} is \"{}\", and it knows {}", short(&sent), list(known)))
    };
    ISOLATING.into_iter().filter_map(ignored).collect()
}

/// Reads a dictionary whose values are items or inner lists; the error is where it ends to be one.
fn dictionary(text: &str) -> Result<(), usize> {
    let mut it = Reader { text, at: 0 };
    it.skip(" ");
    while !it.is_done() {
        it.key()?;
        if it.eat('=') {
            it.member()?;
        }
        it.parameters()?;
        it.skip(" \t");
        if it.is_done() {
            return Ok(());
        }
        it.expect(',')?;
        it.skip(" \t");
        if it.is_done() {
            return Err(it.at);
        }
    }
    Ok(())
}

struct Reader<'r> {
    text: &'r str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn is_done(&self) -> bool {
        self.rest().is_empty()
    }

    fn eat(&mut self, c: char) -> bool {
        let there = self.peek() == Some(c);
        self.at += if there { c.len_utf8() } else { 0 };
        there
    }

    fn expect(&mut self, c: char) -> Result<(), usize> {
        if self.eat(c) { Ok(()) } else { Err(self.at) }
    }

    fn skip(&mut self, blanks: &str) {
        self.at += self.rest().len() - self.rest().trim_start_matches(|c| blanks.contains(c)).len();
    }

    /// Takes what fits; at least one character.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> Result<(), usize> {
        let taken = self.rest().find(|c| !fits(c)).unwrap_or(self.rest().len());
        self.at += taken;
        if taken == 0 { Err(self.at) } else { Ok(()) }
    }

    fn key(&mut self) -> Result<(), usize> {
        if !self.peek().is_some_and(|c| c.is_ascii_lowercase() || c == '*') {
            return Err(self.at);
        }
        self.take(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.*".contains(c))
    }

    fn member(&mut self) -> Result<(), usize> {
        if !self.eat('(') {
            return self.item();
        }
        loop {
            self.skip(" ");
            if self.eat(')') {
                return Ok(());
            }
            self.item()?;
            self.parameters()?;
            if !matches!(self.peek(), Some(' ' | ')')) {
                return Err(self.at);
            }
        }
    }

    fn item(&mut self) -> Result<(), usize> {
        match self.peek() {
            Some('"') => self.string(),
            Some('?') => {
                self.at += 1;
                if self.eat('0') || self.eat('1') { Ok(()) } else { Err(self.at) }
            }
            Some(c) if c == '-' || c.is_ascii_digit() => {
                self.eat('-');
                self.take(|c| c.is_ascii_digit())?;
                if self.eat('.') { self.take(|c| c.is_ascii_digit()) } else { Ok(()) }
            }
            Some(c) if c == '*' || c.is_ascii_alphabetic() => {
                self.take(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/".contains(c))
            }
            _ => Err(self.at),
        }
    }

    fn string(&mut self) -> Result<(), usize> {
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped && !matches!(c, '"' | '\\') => return Err(self.at + at),
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    self.at += at + 1;
                    return Ok(());
                }
                c if !c.is_ascii() || c.is_ascii_control() => return Err(self.at + at),
                _ => {}
            }
        }
        Err(self.at)
    }

    fn parameters(&mut self) -> Result<(), usize> {
        while self.eat(';') {
            self.skip(" ");
            self.key()?;
            if self.eat('=') {
                self.item()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::case::observe;

    fn with(headers: &str) -> Response {
        let seen = observe(&format!("https example.com 203.0.113.7 200 | {headers}"));
        seen.corners[0].first.seen().unwrap().clone()
    }

    fn is_ignored(it: &Obeyed) -> bool {
        matches!(it, Obeyed::Ignored(_))
    }

    #[test]
    fn types_are_declared_by_one_word() {
        for value in ["nosniff", "NoSniff", "nosniff, nosniff", " nosniff "] {
            assert_eq!(nosniff(&with(&format!("x-content-type-options: {value}"))), Obeyed::Yes, "{value}");
        }
        for value in ["no-sniff", "none", "\"nosniff\"", "x, nosniff", ""] {
            assert!(is_ignored(&nosniff(&with(&format!("x-content-type-options: {value}")))), "{value}");
        }
        assert_eq!(nosniff(&with("")), Obeyed::Missing);
    }

    #[test]
    fn framing_is_limited_by_either_header() {
        for headers in [
            "x-frame-options: DENY",
            "x-frame-options: SameOrigin",
            "x-frame-options: sameorigin | x-frame-options: SAMEORIGIN",
            "x-frame-options: deny, nonsense",
            "content-security-policy: frame-ancestors 'self'",
            "x-frame-options: ALLOW-FROM https://a.example | content-security-policy: frame-ancestors https://a.example",
        ] {
            assert_eq!(framing(&with(headers)), Obeyed::Yes, "{headers}");
        }
        for headers in
            ["x-frame-options: ALLOW-FROM https://a.example", "x-frame-options: none", "x-frame-options: a, b"]
        {
            assert!(is_ignored(&framing(&with(headers))), "{headers}");
        }
        assert_eq!(framing(&with("content-security-policy: default-src 'self'")), Obeyed::Missing);
        // A policy that is only reported limits nothing.
        assert_eq!(framing(&with("content-security-policy-report-only: frame-ancestors 'none'")), Obeyed::Missing);
    }

    #[test]
    fn the_last_known_word_about_referrers_counts() {
        for (value, expected) in [
            ("no-referrer", Ok(Some("no-referrer"))),
            ("Unsafe-URL", Ok(Some("unsafe-url"))),
            ("no-referrer, strict-origin-when-cross-origin", Ok(Some("strict-origin-when-cross-origin"))),
            ("no-referrer, new-word", Ok(Some("no-referrer"))),
            ("", Ok(None)),
        ] {
            assert_eq!(referrer(&with(&format!("referrer-policy: {value}"))), expected, "{value}");
        }
        assert!(referrer(&with("referrer-policy: never, nowhere")).is_err());
        assert_eq!(referrer(&with("")), Ok(None));
    }

    #[test]
    fn permissions_are_a_dictionary() {
        for value in [
            "",
            "camera=()",
            "geolocation=(self), camera=()",
            "geolocation=(self \"https://a.example\"),microphone=*",
            "fullscreen=(self), picture-in-picture=*;report-to=main",
            "interest-cohort=()",
            "a, b=?1, c=1.5, d=-2;x",
            "camera=( )",
        ] {
            assert_eq!(dictionary(value), Ok(()), "{value}");
        }
        for value in [
            "geolocation 'none'; camera 'self'", // the header's predecessor
            "camera 'none'",
            "camera=(),",
            "camera=(self",
            "camera='none'",
            "Camera=()",
            "camera=(self https://a.example) b",
            "camera=(), , microphone=()",
            "camera=\"a",
            "camera=(\"a\"\"b\")",
        ] {
            assert!(dictionary(value).is_err(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_value_is_read(value in "[ -~é\t]{0,60}") {
            let _ = dictionary(&value);
            let response = with("");
            let headers = ["x-frame-options", "x-content-type-options", "referrer-policy", "permissions-policy"];
            let response = Response { headers: headers.map(|name| (name.to_owned(), value.clone())).to_vec(), ..response };
            let _ = (nosniff(&response), framing(&response), referrer(&response), permissions(&response));
        }

        #[test]
        fn what_is_written_by_the_grammar_is_read(
            rules in proptest::collection::vec(("[a-z][a-z-]{0,12}", proptest::collection::vec("self|src|\\*|\"https://[a-z]{1,9}\\.example\"", 0..3)), 1..4),
            blank in "[ \t]{0,2}",
        ) {
            let rules: Vec<String> = rules.iter().map(|(key, list)| format!("{key}=({})", list.join(" "))).collect();
            let text = rules.join(&format!("{blank},{blank}"));
            prop_assert_eq!(dictionary(&text), Ok(()));
            let broken = format!("{text}, x=(self");
            prop_assert!(dictionary(&broken).is_err());
        }
    }
}
