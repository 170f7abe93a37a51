//! Text in text, looked for by one machine: the standard library's, made for long needles, is two kilobytes of what the
//! page loads. What is looked for here is short.

pub(crate) trait Search {
    /// Where `part` stands first.
    fn place(&self, part: &str) -> Option<usize>;

    /// Does `part` stand in it?
    fn has(&self, part: &str) -> bool;

    /// Everywhere that `part` stands; what overlaps counts once.
    fn places(&self, part: &str) -> Vec<usize>;

    /// What stands before the first `part`, and what after it.
    fn cut(&self, part: &str) -> Option<(&str, &str)>;

    /// With `new` wherever `old` stands.
    fn swapped(&self, old: &str, new: &str) -> String;

    /// With `new` where `old` stands first.
    fn swapped_once(&self, old: &str, new: &str) -> String;
}

impl Search for str {
    #[inline(never)]
    fn place(&self, part: &str) -> Option<usize> {
        let (bytes, part) = (self.as_bytes(), part.as_bytes());
        let first = part.first()?;
        let mut from = 0;
        loop {
            let rest = bytes.get(from..)?;
            let at = rest.iter().position(|byte| byte == first)?;
            if rest.get(at..)?.starts_with(part) {
                return Some(from + at);
            }
            from += at + 1;
        }
    }

    fn has(&self, part: &str) -> bool {
        self.place(part).is_some()
    }

    #[inline(never)]
    fn places(&self, part: &str) -> Vec<usize> {
        let mut places = Vec::new();
        let mut from = 0;
        while let Some(at) = self.get(from..).and_then(|rest| rest.place(part)) {
            places.push(from + at);
            from += at + part.len();
        }
        places
    }

    #[inline(never)]
    fn cut(&self, part: &str) -> Option<(&str, &str)> {
        let at = self.place(part)?;
        self.get(..at).zip(self.get(at + part.len()..))
    }

    #[inline(never)]
    fn swapped(&self, old: &str, new: &str) -> String {
        let mut out = String::new();
        let mut rest = self;
        while let Some((before, after)) = rest.cut(old) {
            out.push_str(before);
            out.push_str(new);
            rest = after;
        }
        out.push_str(rest);
        out
    }

    #[inline(never)]
    fn swapped_once(&self, old: &str, new: &str) -> String {
        self.cut(old).map_or_else(|| self.to_owned(), |(before, after)| [before, new, after].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn it_finds_as_the_standard_library_does(text in "[abé🦀]{0,12}", part in "[abé🦀]{1,3}") {
            proptest::prop_assert_eq!(text.place(&part), text.find(&part));
            proptest::prop_assert_eq!(text.has(&part), text.contains(&part));
            let places: Vec<usize> = text.match_indices(&part).map(|(at, _)| at).collect();
            proptest::prop_assert_eq!(text.places(&part), places);
            proptest::prop_assert_eq!(text.cut(&part), text.split_once(&part));
            proptest::prop_assert_eq!(text.swapped(&part, "x"), text.replace(&part, "x"));
            proptest::prop_assert_eq!(text.swapped_once(&part, "x"), text.replacen(&part, "x", 1));
        }
    }
}
