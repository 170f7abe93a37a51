//! Pages whose frame is a file and whose content is written here.

use view::markup::Html;

/// Each placeholder `[[name]]` is filled once, from the front: what is filled in is not looked at again. Values are HTML.
pub(crate) fn fill(shell: &str, values: &[(&str, String)]) -> String {
    let mut html = String::with_capacity(shell.len() + values.iter().map(|(_, text)| text.len()).sum::<usize>());
    let mut rest = shell;
    while let Some((before, after)) = rest.split_once("[[") {
        let (name, after) = after.split_once("]]").unwrap_or((after, ""));
        html.push_str(before);
        let text = values.iter().find(|(known, _)| *known == name);
        html.push_str(text.map_or("", |(_, text)| text));
        rest = after;
    }
    html.push_str(rest);
    html
}

/// A text where markup is expected.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = Html::default();
    html.text(text);
    html.done()
}
