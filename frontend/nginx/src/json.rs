//! JSON, written: a library for it would be a tenth of what the findings weigh.

/// A piece of JSON being written.
#[derive(Debug, Default)]
pub(crate) struct Json(String);

impl Json {
    /// The JSON written so far.
    pub(crate) fn done(self) -> String {
        self.0
    }

    /// `{…}`.
    pub(crate) fn object(&mut self, inside: impl FnOnce(&mut Json)) {
        self.nest('{', '}', inside);
    }

    /// `"name":` and a list.
    pub(crate) fn list(&mut self, name: &str, inside: impl FnOnce(&mut Json)) {
        self.name(name);
        self.nest('[', ']', inside);
    }

    /// A list inside a list.
    #[cfg(feature = "reading")]
    pub(crate) fn inner(&mut self, inside: impl FnOnce(&mut Json)) {
        self.nest('[', ']', inside);
    }

    /// `"name":"text"`.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.string(text);
    }

    /// `"name":1`.
    #[cfg(any(feature = "reading", feature = "reports"))]
    pub(crate) fn number(&mut self, name: &str, number: u32) {
        self.name(name);
        self.0.push_str(&number.to_string());
    }

    fn nest(&mut self, open: char, close: char, inside: impl FnOnce(&mut Json)) {
        self.comma();
        self.0.push(open);
        inside(self);
        self.0.push(close);
    }

    fn name(&mut self, name: &str) {
        self.comma();
        self.string(name);
        self.0.push(':');
    }

    fn comma(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with(['{', '[', ':']) {
            self.0.push(',');
        }
    }

    fn string(&mut self, text: &str) {
        self.0.push('"');
        for c in text.chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\0'..='\u{1f}' => {
                    self.0.push_str("\\u00");
                    for half in [u32::from(c) >> 4, u32::from(c) & 15] {
                        self.0.extend(char::from_digit(half, 16));
                    }
                }
                c => self.0.push(c),
            }
        }
        self.0.push('"');
    }
}

/// A replacement in one file, in UTF-16 units.
#[cfg(any(feature = "reading", feature = "reports"))]
pub(crate) fn replacement(json: &mut Json, file: u32, from: u32, to: u32, insert: &str) {
    json.object(|json| {
        json.number("file", file);
        json.number("from", from);
        json.number("to", to);
        json.text("insert", insert);
    });
}

#[cfg(all(test, feature = "reading"))]
mod tests {
    use super::*;

    #[test]
    fn it_is_json_whatever_stands_in_it() {
        let hostile = "\"\\\n\r\t\u{1}\u{1f}é🦀\u{2028}{[:,";
        let mut json = Json::default();
        json.object(|json| {
            json.text(hostile, hostile);
            json.text("comma", "{");
            json.number("n", 7);
            json.list("empty", |_| {});
            json.list("list", |json| {
                json.inner(|_| {});
                json.object(|json| json.text("a", "["));
                json.object(|_| {});
            });
        });
        let read: serde_json::Value = serde_json::from_str(&json.done()).unwrap();
        let expected =
            serde_json::json!({ hostile: hostile, "comma": "{", "n": 7, "empty": [], "list": [[], { "a": "[" }, {}] });
        assert_eq!(read, expected);
    }
}
