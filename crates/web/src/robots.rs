//! What a site lets robots read (RFC 9309).

use std::cell::Cell;

/// What a rule is matched by, in lower case: the product token of our `User-Agent`.
const OURS: &str = "lockstep";

/// The most bytes of robots.txt that are read (RFC 9309 §2.5 asks for 500 KiB at least).
pub(crate) const LIMIT: usize = 512 * 1024;

/// The most rules kept; a site with more is not read at all.
const RULES: usize = 5_000;

/// The most bytes compared for one check. Patterns of stars can make a short file a long task.
const WORK: usize = 20_000_000;

/// The rules that apply to us.
#[derive(Debug, Clone)]
pub(crate) struct Robots {
    rules: Vec<Rule>,
    /// What is left of [`WORK`]; nothing is allowed any more when it is gone.
    left: Cell<usize>,
}

#[derive(Debug, Clone)]
struct Rule {
    allow: bool,
    /// Normalised; `*` and a `$` at the end are special.
    pattern: Vec<u8>,
}

impl Robots {
    /// Nothing is forbidden: there is no such file.
    pub(crate) fn absent() -> Robots {
        Robots { rules: Vec::new(), left: Cell::new(WORK) }
    }

    /// Everything is forbidden: whether there is such a file could not be learned (RFC 9309 §2.3.1.4).
    pub(crate) fn unreachable() -> Robots {
        Robots { left: Cell::new(0), ..Robots::absent() }
    }

    /// Reads the file. Groups for us count alone where there are any, those for everybody otherwise; several groups for
    /// the same robot are one.
    pub(crate) fn read(text: &[u8]) -> Robots {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let text = String::from_utf8_lossy(text.get(..LIMIT).unwrap_or(text));
        let (mut ours, mut everybodys) = (Vec::new(), Vec::new());
        let (mut named, mut count) = (false, 0);
        // Whom the group is for: us, everybody; and whether its first rule was read, so that the next name opens
        // another.
        let (mut for_us, mut for_all, mut begun) = (false, false, true);
        for line in text.split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim(), value.trim());
            if key.eq_ignore_ascii_case("user-agent") {
                if begun {
                    (for_us, for_all, begun) = (false, false, false);
                }
                // What stands after the product token, a version for instance, says nothing.
                let token = value.split(|c: char| !c.is_ascii_alphabetic() && !"-_*".contains(c)).next();
                for_us |= token.is_some_and(|it| it.eq_ignore_ascii_case(OURS));
                for_all |= token == Some("*");
                named |= for_us;
                continue;
            }
            let allow = key.eq_ignore_ascii_case("allow");
            if !allow && !key.eq_ignore_ascii_case("disallow") {
                continue;
            }
            begun = true;
            // An empty one forbids nothing.
            if value.is_empty() || !(for_us || for_all) {
                continue;
            }
            count += 1;
            if count > RULES {
                return Robots::unreachable();
            }
            let rule = Rule { allow, pattern: normal(value.as_bytes()) };
            if for_us {
                ours.push(rule.clone());
            }
            if for_all {
                everybodys.push(rule);
            }
        }
        Robots { rules: if named { ours } else { everybodys }, left: Cell::new(WORK) }
    }

    /// Whether a path with its query may be asked for: the longest pattern that matches decides, and of two equally long
    /// ones the one that allows (RFC 9309 §2.2.2).
    pub(crate) fn allows(&self, path: &str) -> bool {
        let path = normal(path.as_bytes());
        let mut best: Option<(usize, bool)> = None;
        for rule in &self.rules {
            let work = if rule.pattern.contains(&b'*') { rule.pattern.len().saturating_mul(path.len()) } else { 1 };
            self.left.set(self.left.get().saturating_sub(work));
            if self.left.get() == 0 {
                return false;
            }
            let found = (rule.pattern.len(), rule.allow);
            if best.is_none_or(|best| found > best) && matches(&rule.pattern, &path) {
                best = Some(found);
            }
        }
        self.left.get() > 0 && best.is_none_or(|(_, allow)| allow)
    }
}

/// Whether the path starts as the pattern says. A `*` is anything, a `$` at the end is the end.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, to_the_end) = match pattern.split_last() {
        Some((b'$', start)) => (start, true),
        _ => (pattern, false),
    };
    let mut parts = pattern.split(|byte| *byte == b'*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return !to_the_end || rest.is_empty() };
    // What stands between two stars is taken at its first place: that leaves the most for what follows.
    for part in parts.filter(|part| !part.is_empty()) {
        let Some(at) = rest.windows(part.len()).position(|window| window == part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    match to_the_end {
        true => rest.ends_with(last),
        false => last.is_empty() || rest.windows(last.len()).any(|window| window == last),
    }
}

/// As both sides are compared (RFC 9309 §2.2.2): bytes outside ASCII as `%XX`, letters, digits and `-._~` without it.
fn normal(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let encoded = match (byte, after) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        match encoded {
            Some(byte) => {
                rest = after.get(2..).unwrap_or_default();
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    out.push(byte);
                } else {
                    out.extend(format!("%{byte:02X}").bytes());
                }
            }
            None if byte.is_ascii() => out.push(byte),
            None => out.extend(format!("%{byte:02X}").bytes()),
        }
    }
    out
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allows(rules: &str, path: &str) -> bool {
        Robots::read(format!("User-agent: *\n{rules}").as_bytes()).allows(path)
    }

    #[test]
    fn the_longest_pattern_decides_and_of_equals_the_one_that_allows() {
        // RFC 9309 §5.2.
        let rules = "Disallow: /example/page/disallowed.gif\nAllow: /example/page/";
        assert!(!allows(rules, "/example/page/disallowed.gif"));
        assert!(allows(rules, "/example/page/x"));
        assert!(allows("Disallow: /p\nAllow: /p", "/page"));
        assert!(allows("Allow: /page\nDisallow: /*.htm", "/page"));
        assert!(!allows("Allow: /page\nDisallow: /*.htm", "/page.htm"));
        assert!(!allows("Allow: /$\nDisallow: /", "/x") && allows("Allow: /$\nDisallow: /", "/"));
    }

    #[test]
    fn stars_and_ends() {
        for (pattern, path, is) in [
            ("/fish", "/fish.html", true),
            ("/fish", "/Fish", false),
            ("/fish/", "/fish", false),
            ("/*.php", "/a/b.php?c", true),
            ("/*.php$", "/a/b.php?c", false),
            ("/*.php$", "/a.php/b.php", true),
            ("/a*b*c", "/a-b-b-c-x", true),
            ("/a*b*c$", "/abc/abx", false),
            ("*", "/", true),
            ("/a**b", "/axb", true),
            ("/a$b", "/a$b", true),
            ("/a$b", "/a", false),
            ("/a*a$", "/a", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), path.as_bytes()), is, "{pattern} {path}");
        }
    }

    #[test]
    fn our_own_group_counts_alone() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: Other\nUser-Agent: LockStep/1\nDisallow: /private # x\n\
                    \nUser-agent: lockstep\nDisallow: /secret\n";
        let robots = Robots::read(text.as_bytes());
        assert!(robots.allows("/") && !robots.allows("/private") && !robots.allows("/secret"));
        let others = Robots::read(b"User-agent: Other\nDisallow: /\n\nUser-agent: lockstepper\nDisallow: /");
        assert!(others.allows("/"));
        let both = Robots::read(b"\xef\xbb\xbfUser-agent: a\r\nuser-agent: *\r\nSitemap: x\r\nDISALLOW: /x\r\n");
        assert!(!both.allows("/x") && both.allows("/y"));
        let empty = Robots::read(b"User-agent: lockstep\nDisallow:\n\nUser-agent: *\nDisallow: /");
        assert!(empty.allows("/x"));
    }

    #[test]
    fn writing_does_not_matter() {
        assert!(!allows("Disallow: /caf\u{e9}", "/caf%C3%A9/menu"));
        assert!(!allows("Disallow: /caf%c3%a9", "/caf%C3%A9"));
        assert!(!allows("Disallow: /%7Ejoe", "/~joe"));
        assert!(allows("Disallow: /a%2Fb", "/a/b"), "an encoded slash is no slash");
    }

    #[test]
    fn without_a_file_all_is_allowed_and_without_an_answer_nothing() {
        assert!(Robots::absent().allows("/x"));
        assert!(!Robots::unreachable().allows("/x"));
        assert!(Robots::read(b"<html>no robots here</html>").allows("/x"));
    }

    #[test]
    fn a_file_made_to_be_slow_forbids_all() {
        let pattern = format!("/{}b", "*a".repeat(2_000));
        let text = format!("User-agent: *\n{}", format!("Disallow: {pattern}\n").repeat(100));
        assert!(!Robots::read(text.as_bytes()).allows(&format!("/{}", "a".repeat(8_000))));
        let many = format!("User-agent: *\n{}", "Disallow: /x\n".repeat(RULES + 1));
        assert!(!Robots::read(many.as_bytes()).allows("/"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in proptest::collection::vec(any::<u8>(), 0..400), path in "/[a-z*$%?/]{0,30}") {
            Robots::read(&text).allows(&path);
        }

        #[test]
        fn a_pattern_without_stars_is_a_beginning(path in "/[a-z/]{0,20}", length in 0_usize..20) {
            let pattern = &path.as_bytes()[..length.min(path.len())];
            prop_assert!(matches(pattern, path.as_bytes()));
        }
    }
}
