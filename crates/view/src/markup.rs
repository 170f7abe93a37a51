//! HTML, written once for the page and the worker: tags are ours, everything else is escaped.
//!
//! Tags and attribute names are `&'static str`, texts and values are not: what a stranger's server said can only
//! come in as text. (The same components as Leptos views made the page twice as large: each element is a type of its
//! own there, and a report has nothing that changes.)

/// A piece of HTML being written.
#[derive(Debug, Default)]
pub struct Html(String);

/// The attributes of an element.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// The HTML written so far.
    pub fn done(self) -> String {
        self.0
    }

    /// An element and what is inside.
    pub fn el(&mut self, tag: &'static str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Html)) {
        self.open(tag, attributes);
        inside(self);
        self.close(tag);
    }

    /// An element of one class and what is inside.
    pub fn of(&mut self, tag: &'static str, class: &str, inside: impl FnOnce(&mut Html)) {
        self.el(tag, &[("class", class)], inside);
    }

    /// An element with text alone.
    #[inline(never)]
    pub fn line(&mut self, tag: &'static str, class: &str, text: &str) {
        let attributes = [("class", class)];
        self.open(tag, if class.is_empty() { &[] } else { &attributes });
        self.text(text);
        self.close(tag);
    }

    /// Text, escaped.
    pub fn text(&mut self, text: &str) {
        self.escaped(text);
    }

    /// A paragraph or a phrase in which what stands between two backticks is code.
    #[inline(never)]
    pub fn prose(&mut self, tag: &'static str, class: &str, text: &str) {
        let attributes = [("class", class)];
        self.open(tag, if class.is_empty() { &[] } else { &attributes });
        let even = text.bytes().filter(|byte| *byte == b'`').count() % 2 == 0;
        if even {
            for (at, part) in text.split('`').enumerate() {
                if at % 2 == 0 {
                    self.text(part);
                } else {
                    self.line("code", "", part);
                }
            }
        } else {
            self.text(text);
        }
        self.close(tag);
    }

    /// Our own markup, as it is.
    pub fn raw(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    /// A start tag. An attribute of the value [`YES`] is written without a value.
    #[inline(never)]
    pub fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            if *value != YES {
                self.0.push_str("=\"");
                self.escaped(value);
                self.0.push('"');
            }
        }
        self.0.push('>');
    }

    /// An end tag.
    #[inline(never)]
    pub fn close(&mut self, tag: &'static str) {
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
    }

    #[inline(never)]
    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\0' => self.0.push('\u{fffd}'),
                c => self.0.push(c),
            }
        }
    }
}

/// The value of an attribute that needs none, such as `open`.
pub const YES: &str = "\u{1}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_mark_code() {
        let prose = |text| {
            let mut html = Html::default();
            html.prose("p", "", text);
            html.done()
        };
        assert_eq!(prose("Run `a <b>` now."), "<p>Run <code>a &lt;b&gt;</code> now.</p>");
        assert_eq!(prose("One ` alone"), "<p>One ` alone</p>");
    }

    #[test]
    fn whatever_a_server_says_stays_text() {
        let hostile = "\"><script>alert(1)</script>&amp;' onload='x\0";
        let mut html = Html::default();
        html.el("p", &[("title", hostile), ("hidden", YES)], |html| html.text(hostile));
        let escaped = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#39; onload=&#39;x\u{fffd}";
        assert_eq!(html.done(), format!("<p title=\"{escaped}\" hidden>{escaped}</p>"));
    }
}
