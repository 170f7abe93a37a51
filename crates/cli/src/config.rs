//! `lockstep.toml`: the domains of a project, what is expected of each, and how to look.

use std::{
    fmt, fs, io,
    marker::PhantomData,
    path::{Path, PathBuf},
    str::FromStr,
};

use domain::{Expect, Target};
use network::PathWanted;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use crate::{FailOn, Format, settings::FileSettings};

/// The file that is read where none is named.
pub const NAME: &str = "lockstep.toml";

/// What a file says. Paths in it are relative to its folder.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// What to write.
    pub format: Option<Format>,
    /// The least state that makes the exit code 1.
    pub fail_on: Option<FailOn>,
    /// The earlier report to compare with.
    pub baseline: Option<PathBuf>,
    /// The list of pages that have to answer.
    pub smoke: Option<PathBuf>,
    /// How to look.
    pub settings: FileSettings,
    /// The domains, in the file's order.
    #[serde(rename = "domain")]
    pub sites: Vec<Site>,
}

/// One domain, and what is asked about it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Site {
    name: Spanned<Name>,
    #[serde(default)]
    expect: Option<Expected>,
    /// The site is the visitor's own.
    #[serde(default)]
    pub mine: bool,
    /// Subdomains are looked at, too.
    #[serde(default)]
    pub subdomains: bool,
    /// Further pages are read, too.
    #[serde(default)]
    pub crawl: bool,
    #[serde(default)]
    paths: Vec<Text<PathWanted>>,
}

#[derive(Debug, Clone)]
struct Name(Target);

#[derive(Debug, Clone)]
struct Expected(Expect);

impl Site {
    /// A domain of which no file says anything.
    pub fn new(target: Target) -> Site {
        Site {
            name: Spanned::new(0..0, Name(target)),
            expect: None,
            mine: false,
            subdomains: false,
            crawl: false,
            paths: Vec::new(),
        }
    }

    /// What to look at, with where it should lead.
    pub fn target(&self) -> Target {
        let Name(target) = self.name.get_ref();
        Target { expect: self.expect.clone().map(|it| it.0), ..target.clone() }
    }

    /// Has it lead somewhere else.
    pub fn expect(&mut self, expect: Expect) {
        self.expect = Some(Expected(expect));
    }

    /// What is wanted of its paths.
    pub fn paths(&self) -> Vec<PathWanted> {
        self.paths.iter().map(|path| path.0.clone()).collect()
    }
}

impl Config {
    /// Reads the file that is named, or [`NAME`] in the working directory where there is one; `none` reads nothing. The
    /// path that was read comes with it.
    ///
    /// # Errors
    /// The file that cannot be read, or what is wrong in it: file, line and reason.
    pub fn find(named: Option<&Path>) -> Result<Option<(PathBuf, Config)>, String> {
        let named = match named {
            Some(path) if path == Path::new("none") => return Ok(None),
            _ => named.filter(|path| !path.as_os_str().is_empty()),
        };
        let path = named.unwrap_or(Path::new(NAME));
        match fs::read_to_string(path) {
            Ok(text) => Config::read(&text, path).map(|config| Some((path.to_owned(), config))),
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(None),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// Reads the text of a file at `path`.
    ///
    /// # Errors
    /// What is wrong in it: file, line and reason, and the nearest word that is known.
    pub fn read(text: &str, path: &Path) -> Result<Config, String> {
        let place = |at: usize| {
            let before = text.get(..at).unwrap_or(text);
            format!("{}, line {}", path.display(), before.matches('\n').count() + 1)
        };
        let mut config: Config = toml::from_str(text).map_err(|error| match error.span() {
            Some(span) => format!("{}: {}", place(span.start), reason(error.message())),
            None => format!("{}: {}", path.display(), reason(error.message())),
        })?;
        for (index, site) in config.sites.iter().enumerate() {
            let Name(target) = site.name.get_ref();
            let same = |other: &&Site| other.name.get_ref().0.name == target.name;
            if config.sites.iter().take(index).any(|other| same(&other)) {
                return Err(format!("{}: {} is there twice", place(site.name.span().start), target.name));
            }
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let files = [&mut config.baseline, &mut config.smoke, &mut config.settings.trust];
        for file in files.into_iter().flatten() {
            *file = folder.join(&file);
        }
        Ok(config)
    }

    /// What the file says of a domain.
    pub fn site(&self, target: &Target) -> Option<&Site> {
        self.sites.iter().find(|site| site.name.get_ref().0.name == target.name)
    }
}

/// A parser's message in our words and in one line, and "did you mean" where a word is nearly one that is known.
fn reason(message: &str) -> String {
    // What stands in a file is no command to the terminal.
    let escaped = |sign: char| if sign.is_control() { sign.escape_default().to_string() } else { sign.into() };
    let message: String = message.trim().lines().collect::<Vec<_>>().join("; ").chars().map(escaped).collect();
    let Some((what, rest)) =
        ["unknown field `", "unknown variant `"].iter().find_map(|start| Some((*start, message.strip_prefix(start)?)))
    else {
        return message;
    };
    let (word, known) = rest.rsplit_once("`, expected ").unwrap_or((rest.trim_end_matches('`'), ""));
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let mut text = match what {
        "unknown field `" => format!("there is no key \"{word}\" here"),
        _ => format!("\"{word}\" is not known here"),
    };
    match nginx::directives::nearest(word, &known) {
        Some(near) => text.push_str(&format!("; did you mean \"{near}\"?")),
        None => text.push_str(&format!("; known are {}", known.join(", "))),
    }
    text
}

/// A value that is written as text, as it is after a flag.
#[derive(Debug, Clone)]
pub(crate) struct Text<T>(pub(crate) T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Text<T>, D::Error> {
        understood(from, |text| text.parse().map_err(|error: T::Err| error.to_string())).map(Text)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Name, D::Error> {
        understood(from, |text| Target::parse(text, None).map_err(|error| error.to_string())).map(Name)
    }
}

impl<'de> Deserialize<'de> for Expected {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Expected, D::Error> {
        understood(from, |text| Expect::parse(text).map_err(|error| error.to_string())).map(Expected)
    }
}

/// Reads a text while the parser still knows where it stands: a complaint gets the line.
fn understood<'de, T, D: Deserializer<'de>>(
    from: D,
    understand: impl Fn(&str) -> Result<T, String>,
) -> Result<T, D::Error> {
    struct Reader<T, F>(F, PhantomData<T>);

    impl<T, F: Fn(&str) -> Result<T, String>> de::Visitor<'_> for Reader<T, F> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text in quotes")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            (self.0)(text).map_err(|why| {
                let quoted = format!("{text:?}");
                E::custom(if why.contains(text) { why } else { format!("{quoted}: {why}") })
            })
        }
    }

    from.deserialize_str(Reader(understand, PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        Config::read(text, Path::new("deploy/lockstep.toml"))
    }

    #[test]
    fn a_file_says_what_to_look_at_and_how() {
        let config = read(
            r#"
            format = "junit"
            fail-on = "warning"
            baseline = "before.json"

            [settings]
            deadline = 40
            trust = "root.pem"

            [[domain]]
            name = "https://Example.com/"
            expect = "203.0.113.7, 2001:db8::7"
            paths = ["/health=200", "/about=Contact us"]
            crawl = true

            [[domain]]
            name = "shop.example.org"
            "#,
        )
        .unwrap();
        assert_eq!((config.format, config.fail_on), (Some(Format::Junit), Some(FailOn::Warning)));
        assert_eq!(config.baseline.as_deref(), Some(Path::new("deploy/before.json")));
        assert_eq!(config.settings.trust.as_deref(), Some(Path::new("deploy/root.pem")));
        let [first, second] = config.sites.as_slice() else { panic!("{config:?}") };
        let target = first.target();
        assert_eq!(target.name.as_str(), "example.com");
        assert!(matches!(target.expect, Some(Expect::Addresses(all)) if all.len() == 2));
        assert_eq!((first.paths().len(), first.crawl, first.mine), (2, true, false));
        assert_eq!((second.paths().len(), second.crawl, second.target().expect), (0, false, None));
        let other = |name| config.site(&Target::parse(name, None).unwrap()).is_some();
        assert!(other("EXAMPLE.com") && !other("www.example.com"));
    }

    #[test]
    fn the_documented_file_is_read() {
        let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ci.md")).unwrap();
        let text = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        assert_eq!(read(text).unwrap().sites.len(), 2);
    }

    #[test]
    fn an_empty_file_says_nothing() {
        let config = read("# later\n").unwrap();
        assert!(config.sites.is_empty() && config.format.is_none());
    }

    #[test]
    fn what_is_not_understood_is_said_with_file_and_line() {
        for (text, line, said) in [
            ("formt = \"json\"", 1, "there is no key \"formt\" here; did you mean \"format\"?"),
            ("\n[setings]\ndeadline = 3", 2, "did you mean \"settings\"?"),
            ("[settings]\n\ndedline = 3", 3, "did you mean \"deadline\"?"),
            ("[settings]\nresolver = []", 2, "did you mean \"resolvers\"?"),
            ("[[domain]]\nname = \"a.test\"\nxyz = 1", 3, "known are name, expect, mine, subdomains, crawl, paths"),
            ("[[domain]]\nname = \"a.test\"\npath = [\"/\"]", 3, "did you mean \"paths\"?"),
            ("format = \"junitt\"", 1, "\"junitt\" is not known here; did you mean \"junit\"?"),
            ("fail-on = \"note\"", 1, "\"note\" is not known here; known are failed, warning"),
            ("[[domain]]\nname = \"a.test\"\ncrawl = \"yes\"", 3, "expected a boolean"),
            ("[[domain]]\nname = \"a.test\"\npaths = \"/login\"", 3, "expected a sequence"),
            ("[[domain]]\nname = \"a.test\"\npaths = [\n\"/login\",\n\"login\",\n]", 5, "\"login\" is not a path"),
            ("[[domain]]\nname = 7", 2, "expected a text in quotes"),
            ("[[domain]]\nname = \"192.0.2.1\"", 2, "\"192.0.2.1\" is an address"),
            ("[[domain]]\nname = \"\"", 2, "Type a domain name"),
            ("[[domain]]\ncrawl = true", 1, "missing field `name`"),
            ("[[domain]]\nname = \"a.test\"\nexpect = \"a b\"", 3, "neither an address"),
            ("[[domain]]\nname = \"a.test\"\n[[domain]]\nname = \"A.test\"", 4, "a.test is there twice"),
            ("[domain]\nname = \"a.test\"", 1, "expected a sequence"),
            ("[settings]\ndeadline = 0", 2, "from 1 to 120"),
            ("[settings]\ndeadline = -5", 2, "from 1 to 120"),
            ("[settings]\nallow = [\"10.0.0.0/33\"]", 2, "\"10.0.0.0/33\""),
            ("[settings]\ncrtsh = \"crt.sh\"", 2, "a URL such as https://crt.sh, or none"),
            ("[settings]\nipv6 = \"maybe\"", 2, "known are auto, yes, no"),
            ("format = \"json\"\nformat = \"text\"", 2, "duplicate key"),
            ("\"a\\u001b[31mb\\nc\" = 1", 1, "there is no key \"a\\u{1b}[31mb"),
            ("[[domain]]\nname = \"a\\u001b]0;x\\u0007.test\"", 2, "\\u{1b}]0;x"),
            ("format = ", 1, ""),
            ("format = \"json\u{0}\"", 1, ""),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(&format!("deploy/lockstep.toml, line {line}: ")), "{text}\n{error}");
            assert!(error.contains(said), "{text}\n{error}");
            assert!(!error.contains(char::is_control), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_named_has_to_be_there() {
        assert!(Config::find(Some(Path::new("none"))).unwrap().is_none());
        for name in ["no-such.toml", NAME] {
            assert!(Config::find(Some(Path::new(name))).unwrap_err().starts_with(&format!("{name}: ")));
        }
        assert!(Config::find(None).unwrap().is_none(), "there is none beside the crate");
        assert!(Config::find(Some(Path::new(""))).unwrap().is_none(), "an empty variable is none");
    }
}
