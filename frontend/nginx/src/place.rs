//! A place in the text, in words and as a button that leads there.

use nginx::Place;
use view::markup::Html;

/// `site.conf, line 3 (line 20 of the paste)`.
pub(crate) fn place(place: &Place) -> String {
    let line = format!("line {}", place.line);
    let file = place.path.rsplit('/').next().unwrap_or_default();
    let whole = if file.is_empty() { line } else { format!("{file}, {line}") };
    if place.source.is_some() && place.pasted_line != place.line {
        format!("{whole} ({} of the paste)", place.pasted_line)
    } else {
        whole
    }
}

/// The button that leads to a place in the text.
pub(crate) fn go(html: &mut Html, to: &Place, of: &str) {
    let Some(source) = to.source else { return };
    let (file, line, column) = (source.to_string(), to.pasted_line.to_string(), to.column.to_string());
    let name = ["Go to ", &place(to), ": ", of].concat();
    html.el(
        "button",
        &[
            ("type", "button"),
            ("class", "go"),
            ("data-file", &file),
            ("data-line", &line),
            ("data-column", &column),
            ("aria-label", &name),
        ],
        |html| html.text(&["Go to ", &place(to)].concat()),
    );
}
