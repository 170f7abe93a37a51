//! JSON, read: the check's own report, of which a few fields are wanted. A library for it would be a tenth of the module.

/// A value. What is not wanted of it, such as a fraction, is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// `null`, and what is not there.
    Nothing,
    /// `true` or `false`.
    Truth(bool),
    /// A number without sign and fraction.
    Number(u32),
    /// A string.
    Text(String),
    /// `[…]`.
    List(Vec<Told>),
    /// `{…}`, in its order.
    Object(Vec<(String, Told)>),
}

/// Lists and objects in each other; a report has a dozen.
const DEEPEST: u32 = 60;

impl Told {
    /// Reads a text; nothing when it is not JSON.
    pub(crate) fn read(text: &str) -> Option<Told> {
        let mut reader = Reader { rest: text };
        let value = reader.value(DEEPEST)?;
        reader.next_is("").filter(|()| reader.rest.is_empty()).map(|()| value)
    }

    /// A field, or a field of a field: `["tls", "endpoints"]`.
    pub(crate) fn at(&self, path: &[&str]) -> &Told {
        path.iter().fold(self, |value, name| match value {
            Told::Object(fields) => fields.iter().find(|(own, _)| own == name).map_or(&Told::Nothing, |(_, it)| it),
            _ => &Told::Nothing,
        })
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Told] {
        match self {
            Told::List(items) => items,
            _ => &[],
        }
    }

    /// The text; empty for anything else.
    pub(crate) fn text(&self) -> &str {
        match self {
            Told::Text(text) => text,
            _ => "",
        }
    }

    /// The number.
    pub(crate) fn number(&self) -> Option<u32> {
        match self {
            Told::Number(number) => Some(*number),
            _ => None,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self, deeper: u32) -> Option<Told> {
        let deeper = deeper.checked_sub(1)?;
        if self.next_is("{").is_some() {
            let mut fields = Vec::new();
            self.several("}", |reader| {
                reader.next_is("\"")?;
                let name = reader.string()?;
                reader.next_is(":")?;
                fields.push((name, reader.value(deeper)?));
                Some(())
            })?;
            return Some(Told::Object(fields));
        }
        if self.next_is("[").is_some() {
            let mut items = Vec::new();
            self.several("]", |reader| {
                items.push(reader.value(deeper)?);
                Some(())
            })?;
            return Some(Told::List(items));
        }
        if self.next_is("\"").is_some() {
            return self.string().map(Told::Text);
        }
        let end = self.rest.find([',', '}', ']', ' ', '\n', '\r', '\t']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "null" => Some(Told::Nothing),
            "true" => Some(Told::Truth(true)),
            "false" => Some(Told::Truth(false)),
            _ if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                Some(word.parse().map_or(Told::Nothing, Told::Number))
            }
            _ => None,
        }
    }

    /// What stands between the signs of a list or an object, to its end.
    fn several(&mut self, end: &str, mut one: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.next_is(end).is_some() {
            return Some(());
        }
        loop {
            one(self)?;
            if self.next_is(end).is_some() {
                return Some(());
            }
            self.next_is(",")?;
        }
    }

    /// Takes white space and then the sign, if that comes next.
    fn next_is(&mut self, sign: &str) -> Option<()> {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
        self.rest = self.rest.strip_prefix(sign)?;
        Some(())
    }

    /// A string, after its first quote.
    fn string(&mut self) -> Option<String> {
        let mut out = String::new();
        loop {
            let at = self.rest.find(['"', '\\'])?;
            let (plain, rest) = self.rest.split_at(at);
            out.push_str(plain);
            let mut rest = rest.chars();
            if rest.next() == Some('"') {
                self.rest = rest.as_str();
                return Some(out);
            }
            let sign = rest.next()?;
            self.rest = rest.as_str();
            out.push(match sign {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' | 'f' => ' ',
                'u' => {
                    let code = u32::from_str_radix(self.rest.get(..4)?, 16).ok()?;
                    self.rest = self.rest.get(4..)?;
                    // Halves of what lies beyond are wanted nowhere.
                    char::from_u32(code).unwrap_or('\u{fffd}')
                }
                sign => sign,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As another reader has it.
    fn same(ours: &Told, theirs: &serde_json::Value) -> bool {
        use serde_json::Value;
        match (ours, theirs) {
            (Told::Nothing, Value::Null) => true,
            (Told::Truth(ours), Value::Bool(theirs)) => ours == theirs,
            (Told::Number(ours), Value::Number(theirs)) => theirs.as_u64() == Some(u64::from(*ours)),
            (Told::Nothing, Value::Number(theirs)) => theirs.as_u64().is_none_or(|number| number > u64::from(u32::MAX)),
            (Told::Text(ours), Value::String(theirs)) => ours == theirs,
            (Told::List(ours), Value::Array(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
            }
            (Told::Object(ours), Value::Object(theirs)) => {
                ours.len() == theirs.len()
                    && ours.iter().all(|(name, ours)| theirs.get(name).is_some_and(|theirs| same(ours, theirs)))
            }
            _ => false,
        }
    }

    #[test]
    fn it_reads_what_another_reader_reads() {
        for text in [
            include_str!("../../../crates/view/tests/recordings/healthy-apex.json"),
            include_str!("../../../crates/view/tests/recordings/not-set-up.json"),
            " { \"a\\n\\\"\\\\\\/\\u00e9\" : [ ] , \"b\":{ } ,\"c\":[-1, 2.5, 1e3, 4294967296, 7 ,true,false,null,\"\"]}\n",
        ] {
            assert!(same(&Told::read(text).unwrap(), &serde_json::from_str(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_has_no_value() {
        let deep = "[".repeat(100_000);
        for text in
            ["", " ", "{", "[1,", "[1 2]", "{\"a\"}", "{a:1}", "\"", "\"\\", "\"\\u12", "nul", "1]", "[1]]", &deep]
        {
            assert_eq!(Told::read(text), None, "{text:.40}");
        }
        assert_eq!(Told::read("[1]").unwrap().at(&["a", "b"]), &Told::Nothing);
    }
}
